/** gRPC frames of the frequent answers. Field numbers as in the client's generated classes. */
import { asBuffer, idOf, type StoredEvent } from './record.ts';
import { createWriter, type Writer } from './wire.ts';

/** What a reader gets: the event, and the link that led to it. */
export interface ResolvedEvent {
  /** Absent when the link's target is gone. */
  readonly event: StoredEvent | undefined;
  readonly link: StoredEvent | undefined;
}

export interface EventFraming {
  /** Readers of $all get the position, readers of a stream don't. */
  readonly withPosition: boolean;
  readonly structuredIds: boolean;
}

const EMPTY = Buffer.alloc(0);

/** The record as stored carries its id as text; some clients ask for two integers. */
function withStructuredId(record: Uint8Array): Buffer {
  const hex = idOf(record).replaceAll('-', '');
  const writer = createWriter(64);
  writer.message(1, () => {
    writer.message(1, () => {
      for (const field of [1, 2]) {
        const half = BigInt(`0x${hex.slice((field - 1) * 16, field * 16)}`);
        writer.raw(encodeBigVarint(field, half));
      }
    });
  });
  return Buffer.concat([writer.take(), asBuffer(record).subarray(40)]);
}

function encodeBigVarint(field: number, value: bigint): Buffer {
  const bytes = [field * 8];
  let rest = value;
  while (rest >= 128n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}

/**
 * Writes `ReadResp { event }` of Streams or, with `retries`, of PersistentSubscriptions.
 * @param retries how often the event was delivered before.
 */
export function putEvent(
  writer: Writer,
  resolved: ResolvedEvent,
  framing: EventFraming,
  retries?: number,
): void {
  const position = (resolved.link ?? resolved.event)?.position ?? 0;
  const bytesOf = (event: StoredEvent): Uint8Array =>
    framing.structuredIds ? withStructuredId(event.record) : event.record;
  writer.frame(() => {
    writer.message(1, () => {
      if (resolved.event) writer.bytes(1, bytesOf(resolved.event));
      if (resolved.link) writer.bytes(2, bytesOf(resolved.link));
      if (framing.withPosition) writer.varint(3, position);
      else writer.bytes(4, EMPTY);
      if (retries !== undefined) writer.varint(5, retries);
    });
  });
}

/** `ReadResp { confirmation }`, which has field 2 in both services. */
export function putConfirmation(writer: Writer, subscriptionId: string): void {
  writer.frame(() => writer.message(2, () => writer.text(1, subscriptionId)));
}

export function putCheckpoint(writer: Writer, position: number): void {
  writer.frame(() =>
    writer.message(3, () => {
      writer.varint(1, position);
      writer.varint(2, position);
    }),
  );
}

const putStream = (writer: Writer, field: number, stream: string): void =>
  writer.message(field, () => writer.text(3, stream));

export function putStreamNotFound(writer: Writer, stream: string): void {
  writer.frame(() => writer.message(4, () => putStream(writer, 1, stream)));
}

export function putCaughtUp(writer: Writer): void {
  writer.frame(() => writer.bytes(8, EMPTY));
}

const putPosition = (writer: Writer, field: number, position: number): void =>
  writer.message(field, () => {
    writer.varint(1, position);
    writer.varint(2, position);
  });

export function putFellBehind(writer: Writer): void {
  writer.frame(() => writer.bytes(9, EMPTY));
}

/** `AppendResp`, success. */
export function appendSuccess(revision: number, position: number): Buffer {
  const writer = createWriter(64);
  writer.frame(() =>
    writer.message(1, () => {
      writer.varint(1, revision);
      putPosition(writer, 3, position);
    }),
  );
  return writer.take();
}

/** Expectations as fields of a message: a revision, or one of three empty messages. */
function putExpected(
  writer: Writer,
  expected: number,
  fields: {
    readonly revision: number;
    readonly any: number;
    readonly exists: number;
    readonly none: number;
  },
): void {
  if (expected >= 0) writer.varint(fields.revision, expected);
  else if (expected === -4) writer.bytes(fields.exists, EMPTY);
  else if (expected === -1) writer.bytes(fields.none, EMPTY);
  else writer.bytes(fields.any, EMPTY);
}

/** `AppendResp`, wrong expected version. */
export function appendConflict(expected: number, current: number): Buffer {
  const writer = createWriter(64);
  writer.frame(() =>
    writer.message(2, () => {
      if (current >= 0) writer.varint(6, current);
      else writer.bytes(7, EMPTY);
      putExpected(writer, expected, { revision: 8, any: 9, exists: 10, none: 11 });
    }),
  );
  return writer.take();
}

/** `DeleteResp` and `TombstoneResp`. */
export function deleteSuccess(position: number): Buffer {
  const writer = createWriter(32);
  writer.frame(() => putPosition(writer, 1, position));
  return writer.take();
}

/** `BatchAppendResp`, success. */
export function putBatchSuccess(
  writer: Writer,
  correlation: Uint8Array,
  stream: string,
  revision: number,
  position: number,
): void {
  writer.frame(() => {
    writer.bytes(1, correlation);
    writer.message(3, () => {
      writer.varint(1, revision);
      putPosition(writer, 3, position);
    });
    putStream(writer, 4, stream);
  });
}

/** Why a batch append was refused; the names are message types of the protocol. */
export type BatchRefusal =
  | { readonly type: 'WrongExpectedVersion'; readonly expected: number; readonly current: number }
  | { readonly type: 'StreamDeleted' }
  | { readonly type: 'Timeout' }
  | { readonly type: 'MaximumAppendSizeExceeded'; readonly limit: number }
  | { readonly type: 'Unknown' };

/** `BatchAppendResp`, error: a google.rpc.Status with one Any. */
export function putBatchRefusal(
  writer: Writer,
  correlation: Uint8Array,
  stream: string,
  refusal: BatchRefusal,
  code: number,
  text: string,
): void {
  writer.frame(() => {
    writer.bytes(1, correlation);
    writer.message(2, () => {
      writer.varint(1, code);
      writer.text(2, text);
      writer.message(3, () => {
        writer.text(1, `type.googleapis.com/event_store.client.${refusal.type}`);
        writer.message(2, () => putRefusal(writer, refusal, stream));
      });
    });
    putStream(writer, 4, stream);
  });
}

function putRefusal(writer: Writer, refusal: BatchRefusal, stream: string): void {
  switch (refusal.type) {
    case 'WrongExpectedVersion':
      if (refusal.current >= 0) writer.varint(1, refusal.current);
      else writer.bytes(2, EMPTY);
      putExpected(writer, refusal.expected, { revision: 3, any: 4, exists: 5, none: 6 });
      break;
    case 'StreamDeleted':
      putStream(writer, 1, stream);
      break;
    case 'MaximumAppendSizeExceeded':
      writer.varint(1, refusal.limit);
      break;
    case 'Timeout':
    case 'Unknown':
      break;
  }
}

/** One gRPC frame around an encoded message. */
export function frameOf(message: Uint8Array): Buffer {
  const out = Buffer.allocUnsafe(5 + message.length);
  out[0] = 0;
  out.writeUInt32BE(message.length, 1);
  out.set(message, 5);
  return out;
}
