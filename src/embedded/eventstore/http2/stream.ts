/** One request and its answer on an HTTP/2 connection. */
import { encodeHeaders, TABLE_EMPTIED, type Header } from './hpack.ts';
import { headerFrames, Reason, resetFrame, type ReasonCode } from './frames.ts';
import type { Outbox, Outgoing } from './outbox.ts';

/** What the server does with a request. Nothing is called after `closed`. */
export interface StreamHandler {
  data(bytes: Buffer): void;
  /** The client has sent everything. */
  end(): void;
  /** What was written before has been sent; more may be written. */
  drained(): void;
  /** The stream is over, for whatever reason. */
  closed(): void;
}

export interface ServerStream {
  readonly id: number;
  /** Whether nothing more can be sent. */
  readonly closed: () => boolean;
  readonly headersSent: () => boolean;
  /** Sends response headers; to be called once, before the first `write`. */
  respond(block: Buffer): void;
  /** False means: wait for `drained` before the next. */
  write(bytes: Buffer): boolean;
  /** Ends the answer, with trailers once all data has been sent; without data they are its headers. */
  end(trailers: readonly Header[]): void;
  reset(code: ReasonCode): void;
}

/** A stream as its connection sees it. */
export interface OpenStream {
  readonly stream: ServerStream;
  readonly outgoing: Outgoing;
  handler: StreamHandler | undefined;
  /** Nothing more is sent; what waits is dropped. */
  drop(): void;
  /** What the client may still send, in bytes. */
  receivable: number;
  remoteEnded: boolean;
}

/** What a stream needs of its connection. */
export interface StreamHost {
  readonly outbox: Outbox;
  /** Whether the next header block has to say that the peer's table is empty; asked once per block. */
  takeTableChange(): boolean;
  /** The stream sends nothing more. */
  localEnded(stream: OpenStream): void;
  /** The stream was reset from here. */
  resetHere(stream: OpenStream): void;
}

/** So much may wait for the client before `write` asks for a pause. */
const HIGH_WATER = 64 * 1024;
/** A client that takes nothing of an answer as long as this is given up. */
const MOST_QUEUED = 64 * 1024 * 1024;

export function openStream(
  id: number,
  sendWindow: number,
  receivable: number,
  host: StreamHost,
): OpenStream {
  let closed = false;
  let headersSent = false;
  let paused = false;
  let trailers: readonly Header[] | undefined;

  const putHeaders = (block: Buffer, endStream: boolean): void => {
    const whole = host.takeTableChange() ? Buffer.concat([TABLE_EMPTIED, block]) : block;
    for (const frame of headerFrames(id, whole, endStream, host.outbox.maxFrameSize)) {
      host.outbox.control(frame);
    }
  };
  const outgoing: Outgoing = {
    id,
    window: sendWindow,
    queue: [],
    queued: 0,
    sent() {
      if (trailers !== undefined) {
        putHeaders(encodeHeaders(trailers), true);
        host.localEnded(open);
      } else if (paused) {
        paused = false;
        open.handler?.drained();
      }
    },
  };
  const stream: ServerStream = {
    id,
    closed: () => closed,
    headersSent: () => headersSent,
    respond(block) {
      headersSent = true;
      putHeaders(block, false);
    },
    write(bytes) {
      if (closed || bytes.length === 0) return true;
      outgoing.queue.push(bytes);
      outgoing.queued += bytes.length;
      host.outbox.send(outgoing);
      if (outgoing.queued > MOST_QUEUED) stream.reset(Reason.enhanceYourCalm);
      paused = outgoing.queued > HIGH_WATER;
      return !paused;
    },
    end(last) {
      if (closed) return;
      closed = true;
      trailers = last;
      if (outgoing.queued === 0) outgoing.sent();
    },
    reset(code) {
      open.drop();
      host.outbox.control(resetFrame(id, code));
      host.resetHere(open);
    },
  };
  const open: OpenStream = {
    stream,
    outgoing,
    handler: undefined,
    drop() {
      closed = true;
      trailers = undefined;
      outgoing.queue.length = 0;
      outgoing.queued = 0;
    },
    receivable,
    remoteEnded: false,
  };
  return open;
}
