/** The Read method of PersistentSubscriptions: options first, then acks and nacks. */
import { invalidArgument } from '../errors.ts';
import { readStreamName, readUuid } from '../requests.ts';
import type { Call, CallHandler, Route } from '../transport.ts';
import { visit } from '../wire.ts';
import type { Consumer } from './consumer.ts';
import type { Group, NackAction } from './group.ts';
import type { Groups } from './groups.ts';

/** By their numbers in the protocol; "unknown" is treated as a retry. */
const ACTIONS: readonly NackAction[] = ['retry', 'park', 'retry', 'skip', 'stop'];

interface Connection {
  readonly group: Group;
  readonly consumer: Consumer;
}

export const consumeRoute =
  (groups: Groups): Route =>
  (call): CallHandler => {
    let connection: Connection | undefined;
    return {
      message(bytes) {
        visit(bytes, 0, bytes.length, (field, _value, start, end) => {
          if (field === 1) connection ??= connect(groups, call, bytes, start, end);
          else if (connection === undefined) throw invalidArgument('Options have to come first.');
          else if (field === 2) acknowledge(connection, bytes, start, end);
          else if (field === 3) refuse(connection, bytes, start, end);
        });
      },
      end: () => call.finish(),
      closed() {
        if (connection) connection.group.disconnect(connection.consumer);
      },
    };
  };

function connect(
  groups: Groups,
  call: Call,
  bytes: Buffer,
  start: number,
  end: number,
): Connection {
  let stream = '';
  let name = '';
  let capacity = 0;
  let structuredIds = true;
  visit(bytes, start, end, (field, value, from, to) => {
    if (field === 1) stream = readStreamName(bytes, from, to);
    else if (field === 5) stream = '$all';
    else if (field === 2) name = bytes.toString('utf8', from, to);
    else if (field === 3) capacity = value;
    else if (field === 4) {
      visit(bytes, from, to, (kind) => {
        structuredIds = kind === 1;
      });
    }
  });
  if (capacity < 1) throw invalidArgument('The buffer size must be positive.');
  const group = groups.get(stream, name);
  return { group, consumer: group.connect(call, capacity, structuredIds) };
}

function acknowledge(
  { group, consumer }: Connection,
  bytes: Buffer,
  start: number,
  end: number,
): void {
  const ids: string[] = [];
  visit(bytes, start, end, (field, _value, from, to) => {
    if (field === 2) ids.push(readUuid(bytes, from, to));
  });
  group.ack(consumer, ids);
}

function refuse({ group, consumer }: Connection, bytes: Buffer, start: number, end: number): void {
  const ids: string[] = [];
  let action: NackAction = 'retry';
  let reason = '';
  visit(bytes, start, end, (field, value, from, to) => {
    if (field === 2) ids.push(readUuid(bytes, from, to));
    else if (field === 3) action = ACTIONS[value] ?? 'retry';
    else if (field === 4) reason = bytes.toString('utf8', from, to);
  });
  group.nack(consumer, ids, action, reason);
}
