import { hostname } from 'node:os';
import { Doc } from '../bson/document.ts';
import { Int32, UtcDate } from '../bson/values.ts';
import type { Value } from '../bson/values.ts';

/** What the server counts about itself. */
export interface Counters {
  count(command: string): void;
  connections: number;
  connectionsCreated: number;
  readonly operations: ReadonlyMap<string, number>;
  readonly startedAt: number;
}

const kinds = new Map([
  ['insert', 'insert'],
  ['find', 'query'],
  ['update', 'update'],
  ['findAndModify', 'update'],
  ['delete', 'delete'],
  ['getMore', 'getmore'],
]);

/** Counters at zero. */
export function createCounters(): Counters {
  const operations = new Map(
    ['insert', 'query', 'update', 'delete', 'getmore', 'command'].map((kind) => [kind, 0]),
  );
  return {
    operations,
    connections: 0,
    connectionsCreated: 0,
    startedAt: Date.now(),
    count: (command) => {
      const kind = kinds.get(command) ?? 'command';
      operations.set(kind, (operations.get(kind) ?? 0) + 1);
    },
  };
}

/** `serverStatus`, as far as this server has something to tell. */
export function serverStatus(counters: Counters): Doc {
  const uptime = Date.now() - counters.startedAt;
  const memory = process.memoryUsage();
  const counts = [...counters.operations].map(([kind, count]): [string, Value] => [
    kind,
    BigInt(count),
  ]);
  return Doc.of([
    ['host', hostname()],
    ['version', '8.0.0'],
    ['process', 'tidings-embedded'],
    ['pid', BigInt(process.pid)],
    ['uptime', uptime / 1000],
    ['uptimeMillis', BigInt(uptime)],
    ['localTime', new UtcDate(Date.now())],
    [
      'connections',
      Doc.of([
        ['current', new Int32(counters.connections)],
        ['totalCreated', new Int32(counters.connectionsCreated)],
      ]),
    ],
    ['opcounters', Doc.of(counts)],
    ['mem', Doc.of([['resident', new Int32(Math.round(memory.rss / 1024 / 1024))]])],
    [
      'storageEngine',
      Doc.of([
        ['name', 'sqlite'],
        ['persistent', true],
      ]),
    ],
    ['ok', 1],
  ]);
}
