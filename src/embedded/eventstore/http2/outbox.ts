/**
 * What a connection sends: frames gather until the present turn's work is done and leave in one write;
 * data waits for the peer's windows, and for a socket that has too much to send already.
 */
import type { Socket } from 'node:net';
import {
  ConnectionError,
  DEFAULT_FRAME_SIZE,
  DEFAULT_WINDOW,
  Frame,
  frameHeader,
  MAX_WINDOW,
  Reason,
} from './frames.ts';

/** Data that one stream sends. */
export interface Outgoing {
  readonly id: number;
  /** What the peer still takes of this stream, in bytes; below zero after it lowered its window. */
  window: number;
  readonly queue: Buffer[];
  /** Bytes in `queue`. */
  queued: number;
  /** All of the queue has been sent. */
  sent(): void;
}

export interface Outbox {
  /** Of the peer, in bytes. */
  maxFrameSize: number;
  /** Sends a frame before all data that waits. */
  control(frame: Buffer): void;
  /** Sends what the windows allow; the rest goes when they open. */
  send(stream: Outgoing): void;
  forget(stream: Outgoing): void;
  /** The peer takes so many more bytes of the whole connection. */
  open(increment: number): void;
  /** Writes what has gathered. */
  flush(): void;
  /** Bytes that the socket didn't take yet. */
  readonly unsent: () => number;
}

/** Up to this length it is cheaper to copy frames together than to hand them over one by one. */
const COPIED = 64 * 1024;

export function createOutbox(socket: Socket): Outbox {
  let window = DEFAULT_WINDOW;
  let frames: Buffer[] = [];
  let size = 0;
  let scheduled = false;
  let congested = false;
  /** Streams whose data waits, in the order in which they will send. */
  const waiting = new Set<Outgoing>();

  const flush = (): void => {
    scheduled = false;
    if (frames.length === 0) return;
    const taken = frames;
    const total = size;
    frames = [];
    size = 0;
    if (socket.destroyed || !socket.writable) return;
    const [first] = taken;
    if (first !== undefined && (taken.length === 1 || total <= COPIED)) {
      congested = !socket.write(taken.length === 1 ? first : Buffer.concat(taken, total));
      return;
    }
    socket.cork();
    for (const frame of taken) congested = !socket.write(frame);
    socket.uncork();
  };
  const schedule = (): void => {
    if (scheduled) return;
    scheduled = true;
    queueMicrotask(flush);
  };
  const control = (frame: Buffer): void => {
    frames.push(frame);
    size += frame.length;
    schedule();
  };

  /** One frame of data; false when there is none to send or no room for it. */
  const sendOne = (stream: Outgoing): boolean => {
    const room = Math.min(stream.window, window, outbox.maxFrameSize);
    const [first] = stream.queue;
    if (first === undefined || room <= 0 || congested) return false;
    const part = first.length <= room ? first : first.subarray(0, room);
    if (part === first) stream.queue.shift();
    else stream.queue[0] = first.subarray(room);
    stream.queued -= part.length;
    stream.window -= part.length;
    window -= part.length;
    control(frameHeader(part.length, Frame.data, 0, stream.id));
    control(part);
    return true;
  };
  const send = (stream: Outgoing): void => {
    while (sendOne(stream));
    if (stream.queue.length > 0) {
      waiting.add(stream);
      return;
    }
    waiting.delete(stream);
    stream.sent();
  };
  /** Everybody in turn, one frame each, so that a long answer doesn't hold up the short ones. */
  const sendWaiting = (): void => {
    let moved = true;
    while (moved) {
      moved = false;
      for (const stream of [...waiting]) {
        if (window <= 0 || congested) return;
        if (!waiting.has(stream) || !sendOne(stream)) continue;
        moved = true;
        waiting.delete(stream);
        if (stream.queue.length > 0) waiting.add(stream);
        else stream.sent();
      }
    }
  };
  socket.on('drain', () => {
    congested = false;
    sendWaiting();
  });

  const outbox: Outbox = {
    maxFrameSize: DEFAULT_FRAME_SIZE,
    control,
    send,
    forget: (stream) => waiting.delete(stream),
    open(increment) {
      window += increment;
      if (window > MAX_WINDOW) {
        throw new ConnectionError(Reason.flowControl, 'The window of the connection is too large.');
      }
      sendWaiting();
    },
    flush,
    unsent: () => size + socket.writableLength,
  };
  return outbox;
}
