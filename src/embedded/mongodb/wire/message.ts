import { Doc } from '../bson/document.ts';
import { headroom } from '../bson/encode.ts';
import { invalidBson } from '../bson/validate.ts';
import { toRequest } from '../commands/request.ts';
import type { Request } from '../commands/request.ts';
import { crc32c } from './crc32c.ts';

const opcodes = { reply: 1, query: 2004, msg: 2013 } as const;
const flags = { checksum: 1, moreToCome: 2, exhaust: 1 << 16 } as const;

/** A request with what its answer needs. */
export interface Message {
  readonly request: Request;
  readonly requestId: number;
  /** Whether it came as OP_QUERY, and is answered by OP_REPLY. */
  readonly legacy: boolean;
  /** Whether the client wants no answer. */
  readonly silent: boolean;
}

/** A message that can't be read: the connection is closed, as MongoDB does. */
export class WireError extends Error {}

/** Reads one whole message. */
export function parseMessage(bytes: Buffer): Message {
  const requestId = bytes.readInt32LE(4);
  const opcode = bytes.readInt32LE(12);
  if (opcode === opcodes.msg) return parseMsg(bytes, requestId);
  if (opcode === opcodes.query) return parseQuery(bytes, requestId);
  throw new WireError(`the opcode ${opcode} is not supported by the embedded server`);
}

function parseMsg(bytes: Buffer, requestId: number): Message {
  if (bytes.length < 26) throw new WireError('an OP_MSG is too short');
  const bits = bytes.readUInt32LE(16);
  if ((bits & 0xffff & ~(flags.checksum | flags.moreToCome)) !== 0) {
    throw new WireError('an OP_MSG has unknown required flags');
  }
  let end = bytes.length;
  if (bits & flags.checksum) {
    end -= 4;
    if (crc32c(bytes.subarray(0, end)) !== bytes.readUInt32LE(end)) {
      throw new WireError('an OP_MSG has a wrong checksum');
    }
  }
  let body: Doc | undefined;
  const sequences = new Map<string, readonly Doc[]>();
  let at = 20;
  while (at < end) {
    const kind = bytes[at++];
    if (kind === 0 && !body) {
      body = document(bytes, at, end);
      at += bytes.readInt32LE(at);
    } else if (kind === 1) {
      at = sequence(bytes, at, end, sequences);
    } else throw new WireError('an OP_MSG has a section that makes no sense');
  }
  if (!body) throw new WireError('an OP_MSG has no body');
  const silent = (bits & flags.moreToCome) !== 0;
  return { request: toRequest(body, sequences), requestId, legacy: false, silent };
}

function sequence(
  bytes: Buffer,
  start: number,
  limit: number,
  into: Map<string, readonly Doc[]>,
): number {
  if (start + 5 > limit) throw new WireError('a document sequence is cut off');
  const end = start + bytes.readInt32LE(start);
  const nameEnd = bytes.indexOf(0, start + 4);
  if (end > limit || nameEnd < 0 || nameEnd >= end) {
    throw new WireError('a document sequence has a wrong length');
  }
  const docs: Doc[] = [];
  let at = nameEnd + 1;
  while (at < end) {
    docs.push(document(bytes, at, end));
    at += bytes.readInt32LE(at);
  }
  into.set(bytes.toString('utf8', start + 4, nameEnd), docs);
  return end;
}

function document(bytes: Buffer, at: number, limit: number): Doc {
  const reason = invalidBson(bytes, at, limit);
  if (reason !== undefined) throw new WireError(`invalid BSON: ${reason}`);
  return Doc.at(bytes, at);
}

/** Drivers greet with OP_QUERY on `admin.$cmd` before they know that OP_MSG is spoken. */
function parseQuery(bytes: Buffer, requestId: number): Message {
  const nameEnd = bytes.indexOf(0, 20);
  const name = bytes.toString('utf8', 20, nameEnd);
  if (!name.endsWith('.$cmd')) throw new WireError('OP_QUERY is supported for hello only');
  const body = document(bytes, nameEnd + 9, bytes.length);
  const request = toRequest(body, new Map());
  return {
    request: { ...request, db: name.slice(0, -5) },
    requestId,
    legacy: true,
    silent: false,
  };
}

let lastId = 0;

/** The bytes of an answer, written into what `encodeReply` made. */
export function replyBytes(message: Pick<Message, 'requestId' | 'legacy'>, reply: Buffer): Buffer {
  lastId = (lastId + 1) & 0x7fff_ffff;
  const head = message.legacy ? 36 : 21;
  const bytes = reply.subarray(headroom - head);
  bytes.fill(0, 0, head);
  bytes.writeInt32LE(bytes.length, 0);
  bytes.writeInt32LE(lastId, 4);
  bytes.writeInt32LE(message.requestId, 8);
  bytes.writeInt32LE(message.legacy ? opcodes.reply : opcodes.msg, 12);
  if (message.legacy) {
    bytes.writeInt32LE(8, 16);
    bytes.writeInt32LE(1, 32);
  }
  return bytes;
}
