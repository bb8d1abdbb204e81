/**
 * The conformance suite runs against the server at TIDINGS_TEST_EVENTSTORE_URL, or starts an
 * embedded one. Tests share a server, so every name they use is their own.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  EventStoreDBClient,
  jsonEvent,
  type AllStreamResolvedEvent,
  type JSONEventData,
  type JSONEventType,
  type ResolvedEvent,
} from '@eventstore/db-client';
import { startEmbeddedEventStore } from '../../src/embedded/eventstore/index.ts';

/** The event of these tests: a type and a number. */
export type Counted = JSONEventType<string, { readonly n: number }>;

export interface TestServer {
  readonly url: string;
  /** A client of its own; disposed of when the server is closed. */
  client(parameters?: string): EventStoreDBClient;
  close(): Promise<void>;
}

/** @param only `embedded` for tests of what a real EventStoreDB does differently. */
export async function openServer(only?: 'embedded'): Promise<TestServer> {
  const given = only === undefined ? process.env['TIDINGS_TEST_EVENTSTORE_URL'] : undefined;
  const directory = given === undefined ? await temporaryDirectory() : undefined;
  const embedded = directory && (await startEmbeddedEventStore({ dataDir: directory.path }));
  const url = embedded?.url ?? given ?? '';
  const clients: EventStoreDBClient[] = [];
  return {
    url,
    client(parameters = '') {
      const client = EventStoreDBClient.connectionString(`${url}${parameters}`);
      clients.push(client);
      return client;
    },
    async close() {
      await Promise.all(clients.map((client) => client.dispose()));
      await embedded?.close();
      await directory?.remove();
    },
  };
}

export async function temporaryDirectory(): Promise<{
  readonly path: string;
  remove(): Promise<void>;
}> {
  const path = await mkdtemp(join(tmpdir(), 'tidings-eventstore-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** A name that no other test uses. */
export const unique = (prefix: string): string => `${prefix}-${randomUUID()}`;

export const counted = (n: number, type = 'Counted', id?: string): JSONEventData<Counted> =>
  jsonEvent<Counted>({ type, data: { n }, ...(id === undefined ? {} : { id }) });

/** `count` events, numbered from `first`. */
export const series = (count: number, type = 'Counted', first = 0): JSONEventData<Counted>[] =>
  Array.from({ length: count }, (_, index) => counted(first + index, type));

export async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** The first `count` items; leaves the iteration, which ends a subscription. */
export async function take<Item>(items: AsyncIterable<Item>, count: number): Promise<Item[]> {
  const taken: Item[] = [];
  if (count === 0) return taken;
  for await (const item of items) {
    taken.push(item);
    if (taken.length === count) break;
  }
  return taken;
}

/** The numbers that the events carry. */
export const numbers = (
  events: readonly (ResolvedEvent<Counted> | AllStreamResolvedEvent)[],
): unknown[] => events.map(({ event }) => (event?.data as { readonly n: number } | undefined)?.n);

/** Resolves with the first defined, true value; rejects after ten seconds. */
export async function eventually<Value>(
  read: () => Promise<Value | undefined | false> | Value | undefined | false,
): Promise<Value> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const value = await read();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > deadline) throw new Error(`It didn't happen within 10 s: ${read.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Resolves when the emitter says so; rejects on its error. */
export const emitted = (emitter: NodeJS.EventEmitter, name: string): Promise<void> =>
  new Promise((resolve, reject) => {
    emitter.once(name, () => resolve());
    emitter.once('error', reject);
  });
