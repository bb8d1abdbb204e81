/** The streams of one HTTP/2 connection: which are open, and what becomes of their frames. */
import { createBudget } from './budget.ts';
import {
  ConnectionError,
  MAX_WINDOW,
  Reason,
  resetFrame,
  windowUpdateFrame,
  type ReasonCode,
} from './frames.ts';
import type { HeaderBlock } from './header-reader.ts';
import type { Outbox } from './outbox.ts';
import { requestHeaders, type RequestHeaders } from './request.ts';
import type { PeerSettings } from './settings.ts';
import {
  openStream,
  type OpenStream,
  type ServerStream,
  type StreamHandler,
  type StreamHost,
} from './stream.ts';

/** Is called with every request; may answer at once. */
export type OnRequest = (stream: ServerStream, headers: RequestHeaders) => StreamHandler;

export interface Streams {
  /** Number of the last stream that was opened. */
  last(): number;
  headers(block: HeaderBlock): void;
  /** @param counted bytes that the frame takes of the stream's window, padding included. */
  data(id: number, content: Buffer, counted: number, endStream: boolean): void;
  windowUpdate(id: number, increment: number): void;
  reset(id: number): void;
  /** Each stream takes so much more, or less, since the peer changed its settings. */
  widen(difference: number): void;
  cancelAll(): void;
  /** The connection is gone. */
  dropAll(): void;
}

/** What a client may send of one stream before it hears from us, in bytes. */
export const STREAM_WINDOW = 1 << 20;
const MOST_STREAMS = 10_000;
/** Streams that ended here first, whose last frames may still be on their way. */
const REMEMBERED = 1_000;

export function createStreams(outbox: Outbox, peer: PeerSettings, onRequest: OnRequest): Streams {
  const streams = new Map<number, OpenStream>();
  const endedHere = new Set<number>();
  // Clients cancel reads and subscriptions freely; only loopback reaches this port.
  const isFlooded = createBudget(1_000_000, 100_000);
  let last = 0;

  const remove = (open: OpenStream): void => {
    if (!streams.delete(open.stream.id)) return;
    open.drop();
    outbox.forget(open.outgoing);
    // Not at once: the handler may be what ended the stream, and it may not even be known yet.
    queueMicrotask(() => open.handler?.closed());
  };
  const rememberEnded = (id: number): void => {
    endedHere.add(id);
    if (endedHere.size <= REMEMBERED) return;
    const [oldest] = endedHere;
    if (oldest !== undefined) endedHere.delete(oldest);
  };
  const removeEndedHere = (open: OpenStream): void => {
    rememberEnded(open.stream.id);
    remove(open);
  };
  const host: StreamHost = {
    outbox,
    takeTableChange() {
      const changed = peer.tableChanged;
      peer.tableChanged = false;
      return changed;
    },
    localEnded(open) {
      if (open.remoteEnded) {
        remove(open);
        return;
      }
      // Asks the client to send no more of a request that was answered.
      outbox.control(resetFrame(open.stream.id, Reason.none));
      removeEndedHere(open);
    },
    resetHere: removeEndedHere,
  };

  const refuse = (id: number, code: ReasonCode): void => outbox.control(resetFrame(id, code));
  /** The stream, if it is open; throws when it never was. */
  const find = (id: number): OpenStream | undefined => {
    if (id > last || id % 2 === 0) {
      throw new ConnectionError(Reason.protocol, `Stream ${id} was never opened.`);
    }
    return streams.get(id);
  };
  const endRemote = (open: OpenStream): void => {
    open.remoteEnded = true;
    open.handler?.end();
  };
  const begin = ({ stream: id, headers, endStream }: HeaderBlock): void => {
    if (id % 2 === 0) throw new ConnectionError(Reason.protocol, 'A client opens odd streams.');
    last = id;
    const request = requestHeaders(headers);
    if (request === undefined || streams.size >= MOST_STREAMS) {
      refuse(id, request === undefined ? Reason.protocol : Reason.refusedStream);
      if (isFlooded()) throw new ConnectionError(Reason.enhanceYourCalm, 'Too many bad requests.');
      rememberEnded(id);
      return;
    }
    const open = openStream(id, peer.initialWindow, STREAM_WINDOW, host);
    streams.set(id, open);
    open.handler = onRequest(open.stream, request);
    if (endStream) endRemote(open);
  };

  return {
    last: () => last,
    headers(block) {
      if (block.stream > last) {
        begin(block);
        return;
      }
      const open = find(block.stream);
      if (open === undefined) {
        if (endedHere.has(block.stream)) return;
        throw new ConnectionError(Reason.streamClosed, `Stream ${block.stream} is closed.`);
      }
      // Trailers of a request, which say nothing in gRPC.
      if (open.remoteEnded) open.stream.reset(Reason.streamClosed);
      else if (!block.endStream) open.stream.reset(Reason.protocol);
      else endRemote(open);
    },
    data(id, content, counted, endStream) {
      const open = find(id);
      if (open === undefined) {
        if (!endedHere.has(id)) refuse(id, Reason.streamClosed);
        return;
      }
      if (open.remoteEnded) {
        open.stream.reset(Reason.streamClosed);
        return;
      }
      open.receivable -= counted;
      if (open.receivable < 0) {
        open.stream.reset(Reason.flowControl);
        return;
      }
      if (content.length > 0) open.handler?.data(content);
      if (endStream) endRemote(open);
      else if (open.receivable < STREAM_WINDOW / 2 && streams.has(id)) {
        outbox.control(windowUpdateFrame(id, STREAM_WINDOW - open.receivable));
        open.receivable = STREAM_WINDOW;
      }
    },
    windowUpdate(id, increment) {
      const open = find(id);
      if (open === undefined) return;
      open.outgoing.window += increment;
      if (increment === 0) open.stream.reset(Reason.protocol);
      else if (open.outgoing.window > MAX_WINDOW) open.stream.reset(Reason.flowControl);
      else if (open.outgoing.queued > 0) outbox.send(open.outgoing);
    },
    reset(id) {
      const open = find(id);
      if (isFlooded()) throw new ConnectionError(Reason.enhanceYourCalm, 'Too many resets.');
      if (open !== undefined) remove(open);
    },
    widen(difference) {
      if (difference === 0) return;
      for (const { outgoing } of [...streams.values()]) {
        outgoing.window += difference;
        if (outgoing.window > MAX_WINDOW) {
          throw new ConnectionError(Reason.flowControl, 'The window of a stream is too large.');
        }
        if (outgoing.queued > 0 && difference > 0) outbox.send(outgoing);
      }
    },
    cancelAll() {
      for (const open of [...streams.values()]) open.stream.reset(Reason.cancel);
    },
    dropAll() {
      for (const open of [...streams.values()]) remove(open);
    },
  };
}
