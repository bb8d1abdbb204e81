import { Arr, Doc } from '../bson/document.ts';
import { Int32, UtcDate } from '../bson/values.ts';
import type { Value } from '../bson/values.ts';

/** The largest message, as in MongoDB. */
export const maxMessageBytes = 48_000_000;

/** The name of the one-member replica set this server says it is. */
export const setName = 'embedded';

/** What `hello` needs to know of the connection. */
export interface Peer {
  readonly connection: number;
  /** `host:port` under which the client reached us. */
  readonly address: string;
}

/** `hello`, or `isMaster` when `legacy`. A one-member replica set, so that drivers retry writes. */
export function hello(peer: Peer, legacy: boolean): Doc {
  const fields: [string, Value][] = [
    ['helloOk', true],
    [legacy ? 'ismaster' : 'isWritablePrimary', true],
    ['secondary', false],
    ['setName', setName],
    ['setVersion', new Int32(1)],
    ['hosts', Arr.of([peer.address])],
    ['primary', peer.address],
    ['me', peer.address],
    ['maxBsonObjectSize', new Int32(16 * 1024 * 1024)],
    ['maxMessageSizeBytes', new Int32(maxMessageBytes)],
    ['maxWriteBatchSize', new Int32(100_000)],
    ['localTime', new UtcDate(Date.now())],
    ['logicalSessionTimeoutMinutes', new Int32(30)],
    ['connectionId', new Int32(peer.connection)],
    ['minWireVersion', new Int32(0)],
    ['maxWireVersion', new Int32(25)],
    ['readOnly', false],
    ['ok', 1],
  ];
  return Doc.of(fields);
}

/** `buildInfo`. The version is that of the wire protocol spoken. */
export function buildInfo(): Doc {
  return Doc.of([
    ['version', '8.0.0'],
    ['gitVersion', 'tidings-embedded'],
    ['modules', Arr.of(['tidings-embedded'])],
    ['versionArray', Arr.of([8, 0, 0, 0].map((part) => new Int32(part)))],
    ['storageEngines', Arr.of(['sqlite'])],
    ['maxBsonObjectSize', new Int32(16 * 1024 * 1024)],
    ['ok', 1],
  ]);
}
