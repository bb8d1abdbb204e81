/**
 * The server's side of one HTTP/2 connection (RFC 9113), made for gRPC: all frames of a chunk are read
 * in one go, and all answers of a turn leave in one write. No push, no priorities.
 */
import type { Socket } from 'node:net';
import { createBudget } from './budget.ts';
import {
  ConnectionError,
  DEFAULT_WINDOW,
  Flag,
  Frame,
  goAwayFrame,
  MAX_WINDOW,
  pingAck,
  Reason,
  SETTINGS_ACK,
  settingsFrame,
  Setting,
  windowUpdateFrame,
  type ReasonCode,
} from './frames.ts';
import { createHeaderReader, MAX_HEADER_LIST, type HeaderBlock } from './header-reader.ts';
import { createOutbox } from './outbox.ts';
import { createFrameReader } from './frame-reader.ts';
import { applySettings, createPeerSettings } from './settings.ts';
import { createStreams, STREAM_WINDOW, type OnRequest } from './streams.ts';

export interface Session {
  /** Ends every stream with CANCEL and the connection with GOAWAY. */
  close(): void;
}

/** What the client may send on all streams together before it hears from us, in bytes. */
const CONNECTION_WINDOW = 8 << 20;
/** Bytes that may wait for a client which sends and doesn't read. */
const MOST_UNSENT = 256 << 20;
/** How long a client that broke the protocol may take to read why, in milliseconds. */
const FAREWELL_MS = 1_000;

const GREETING = Buffer.concat([
  settingsFrame({
    [Setting.maxConcurrentStreams]: 10_000,
    [Setting.initialWindowSize]: STREAM_WINDOW,
    [Setting.maxHeaderListSize]: MAX_HEADER_LIST,
  }),
  windowUpdateFrame(0, CONNECTION_WINDOW - DEFAULT_WINDOW),
]);

/** Serves a connection whose first bytes have not been read yet, until it is closed. */
export function serveHttp2(socket: Socket, onRequest: OnRequest): Session {
  const outbox = createOutbox(socket);
  const peer = createPeerSettings();
  const headerReader = createHeaderReader();
  const streams = createStreams(outbox, peer, onRequest);
  /** Frames that make work and ask for nothing. */
  const isFlooded = createBudget(10_000, 1_000);
  let receivable = CONNECTION_WINDOW;
  let greeted = false;
  let over = false;

  const end = (code: ReasonCode, text?: string): void => {
    if (over) return;
    over = true;
    outbox.control(goAwayFrame(streams.last(), code, text));
    outbox.flush();
    streams.dropAll();
    socket.end();
    socket.resume();
    setTimeout(() => socket.destroy(), FAREWELL_MS).unref();
  };
  const demand = (holds: boolean, code: ReasonCode, text: string): void => {
    if (!holds) throw new ConnectionError(code, text);
  };
  const demandCalm = (): void =>
    demand(!isFlooded(), Reason.enhanceYourCalm, 'Too many frames that ask for nothing.');

  const takeData = (stream: number, flags: number, payload: Buffer): void => {
    receivable -= payload.length;
    demand(receivable >= 0, Reason.flowControl, 'More data than the connection takes.');
    if (receivable < CONNECTION_WINDOW / 2) {
      outbox.control(windowUpdateFrame(0, CONNECTION_WINDOW - receivable));
      receivable = CONNECTION_WINDOW;
    }
    const endStream = (flags & Flag.endStream) !== 0;
    let content = payload;
    if ((flags & Flag.padded) !== 0) {
      const padding = payload[0] ?? 0;
      demand(padding < payload.length, Reason.protocol, 'A DATA frame is all padding.');
      content = payload.subarray(1, payload.length - padding);
    }
    if (content.length === 0 && !endStream) demandCalm();
    streams.data(stream, content, payload.length, endStream);
  };
  const takeBlock = (block: HeaderBlock | undefined): void => {
    if (block !== undefined) streams.headers(block);
  };
  const takeSettings = (flags: number, payload: Buffer): void => {
    demandCalm();
    if ((flags & Flag.ack) !== 0) {
      demand(payload.length === 0, Reason.frameSize, 'An acknowledgement carries settings.');
      return;
    }
    const before = peer.initialWindow;
    applySettings(peer, payload);
    outbox.maxFrameSize = peer.maxFrameSize;
    outbox.control(SETTINGS_ACK);
    streams.widen(peer.initialWindow - before);
  };
  const takeWindowUpdate = (stream: number, payload: Buffer): void => {
    demand(payload.length === 4, Reason.frameSize, 'A WINDOW_UPDATE frame has four bytes.');
    const increment = payload.readUInt32BE(0) & MAX_WINDOW;
    if (stream !== 0) {
      streams.windowUpdate(stream, increment);
      return;
    }
    demand(increment > 0, Reason.protocol, 'A window can not be opened by nothing.');
    outbox.open(increment);
  };

  const take = (type: number, flags: number, stream: number, payload: Buffer): void => {
    demand(greeted || type === Frame.settings, Reason.protocol, 'SETTINGS come first.');
    demand(
      !headerReader.isOpen() || type === Frame.continuation,
      Reason.protocol,
      'A header block was interrupted.',
    );
    const ofConnection = type === Frame.settings || type === Frame.ping || type === Frame.goAway;
    if (type <= Frame.continuation && type !== Frame.windowUpdate) {
      demand(
        ofConnection === (stream === 0),
        Reason.protocol,
        `Frame ${type} on stream ${stream}.`,
      );
    }
    switch (type) {
      case Frame.data:
        takeData(stream, flags, payload);
        break;
      case Frame.headers:
        takeBlock(headerReader.headers(stream, flags, payload));
        break;
      case Frame.continuation:
        takeBlock(headerReader.continuation(stream, flags, payload));
        break;
      case Frame.resetStream:
        demand(payload.length === 4, Reason.frameSize, 'A RST_STREAM frame has four bytes.');
        streams.reset(stream);
        break;
      case Frame.settings:
        greeted = true;
        takeSettings(flags, payload);
        break;
      case Frame.ping:
        demand(payload.length === 8, Reason.frameSize, 'A PING frame has eight bytes.');
        demandCalm();
        if ((flags & Flag.ack) === 0) outbox.control(pingAck(payload));
        break;
      case Frame.windowUpdate:
        takeWindowUpdate(stream, payload);
        break;
      case Frame.goAway:
        demand(payload.length >= 8, Reason.frameSize, 'A GOAWAY frame has eight bytes or more.');
        break;
      case Frame.pushPromise:
        throw new ConnectionError(Reason.protocol, 'A client can not push.');
      default:
        // Priorities, and frames of extensions.
        demandCalm();
    }
  };

  const read = createFrameReader((type, flags, stream, payload) => {
    take(type, flags, stream, payload);
    return !over;
  });
  socket.on('data', (chunk: Buffer) => {
    if (over) return;
    try {
      read(chunk);
      demand(outbox.unsent() < MOST_UNSENT, Reason.enhanceYourCalm, 'Answers are not read.');
    } catch (error) {
      if (error instanceof ConnectionError) end(error.code, error.message);
      else end(Reason.internal);
    }
    outbox.flush();
  });
  socket.on('close', () => {
    over = true;
    streams.dropAll();
  });
  outbox.control(GREETING);

  return {
    close() {
      if (!over) streams.cancelAll();
      end(Reason.none);
    },
  };
}
