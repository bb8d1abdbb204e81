/** HTTP/2's frames (RFC 9113, sections 4, 6 and 7). */

/** What every client sends first. */
export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

export const FRAME_HEADER = 9;

export const Frame = {
  data: 0,
  headers: 1,
  priority: 2,
  resetStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const Flag = { ack: 1, endStream: 1, endHeaders: 4, padded: 8, priority: 32 } as const;

export const Setting = {
  headerTableSize: 1,
  enablePush: 2,
  maxConcurrentStreams: 3,
  initialWindowSize: 4,
  maxFrameSize: 5,
  maxHeaderListSize: 6,
} as const;

/** Why a stream or a connection ends. */
export const Reason = {
  none: 0,
  protocol: 1,
  internal: 2,
  flowControl: 3,
  streamClosed: 5,
  frameSize: 6,
  refusedStream: 7,
  cancel: 8,
  compression: 9,
  enhanceYourCalm: 11,
} as const;

export type ReasonCode = (typeof Reason)[keyof typeof Reason];

/** Ends the connection with a GOAWAY of that code. */
export class ConnectionError extends Error {
  readonly code: ReasonCode;
  constructor(code: ReasonCode, message: string) {
    super(message);
    this.code = code;
  }
}

export const MAX_WINDOW = 0x7fff_ffff;
/** Of both sides, until SETTINGS say otherwise. */
export const DEFAULT_WINDOW = 65_535;
export const DEFAULT_FRAME_SIZE = 16_384;
export const MAX_FRAME_SIZE = 0xff_ffff;

/** A frame of which only the payload's length is known: its header. */
export function frameHeader(length: number, type: number, flags: number, stream: number): Buffer {
  const out = Buffer.allocUnsafe(FRAME_HEADER);
  putFrameHeader(out, length, type, flags, stream);
  return out;
}

function putFrameHeader(
  out: Buffer,
  length: number,
  type: number,
  flags: number,
  stream: number,
): void {
  out[0] = length >>> 16;
  out[1] = length >>> 8;
  out[2] = length;
  out[3] = type;
  out[4] = flags;
  out[5] = stream >>> 24;
  out[6] = stream >>> 16;
  out[7] = stream >>> 8;
  out[8] = stream;
}

export function frame(type: number, flags: number, stream: number, payload: Uint8Array): Buffer {
  const out = Buffer.allocUnsafe(FRAME_HEADER + payload.length);
  putFrameHeader(out, payload.length, type, flags, stream);
  out.set(payload, FRAME_HEADER);
  return out;
}

function numbers(...values: number[]): Buffer {
  const out = Buffer.allocUnsafe(values.length * 4);
  for (const [index, value] of values.entries()) out.writeUInt32BE(value, index * 4);
  return out;
}

export const resetFrame = (stream: number, code: ReasonCode): Buffer =>
  frame(Frame.resetStream, 0, stream, numbers(code));

export const goAwayFrame = (lastStream: number, code: ReasonCode, text = ''): Buffer =>
  frame(Frame.goAway, 0, 0, Buffer.concat([numbers(lastStream, code), Buffer.from(text)]));

export const windowUpdateFrame = (stream: number, increment: number): Buffer =>
  frame(Frame.windowUpdate, 0, stream, numbers(increment));

export const SETTINGS_ACK = frame(Frame.settings, Flag.ack, 0, Buffer.alloc(0));

export const pingAck = (payload: Uint8Array): Buffer => frame(Frame.ping, Flag.ack, 0, payload);

export function settingsFrame(settings: Readonly<Record<number, number>>): Buffer {
  const entries = Object.entries(settings);
  const payload = Buffer.allocUnsafe(entries.length * 6);
  for (const [index, [id, value]] of entries.entries()) {
    payload.writeUInt16BE(Number(id), index * 6);
    payload.writeUInt32BE(value, index * 6 + 2);
  }
  return frame(Frame.settings, 0, 0, payload);
}

/** A header block as HEADERS and, where it is longer than a frame may be, CONTINUATION. */
export function headerFrames(
  stream: number,
  block: Buffer,
  endStream: boolean,
  maxFrameSize: number,
): Buffer[] {
  const frames: Buffer[] = [];
  let at = 0;
  do {
    const part = block.subarray(at, at + maxFrameSize);
    at += part.length;
    const last = at >= block.length ? Flag.endHeaders : 0;
    const first = frames.length === 0;
    frames.push(
      frame(
        first ? Frame.headers : Frame.continuation,
        last | (first && endStream ? Flag.endStream : 0),
        stream,
        part,
      ),
    );
  } while (at < block.length);
  return frames;
}
