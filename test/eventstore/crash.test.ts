import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import {
  EventStoreDBClient,
  NO_STREAM,
  START,
  eventTypeFilter,
  persistentSubscriptionToAllSettingsFromDefaults,
  type JSONEventData,
} from '@eventstore/db-client';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  collect,
  counted,
  eventually,
  series,
  temporaryDirectory,
  unique,
  type Counted,
} from './support.ts';

const SCRIPT = fileURLToPath(new URL('./crash-server.ts', import.meta.url));

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
const running = new Set<Child>();

beforeAll(async () => {
  directory = await temporaryDirectory();
});
afterAll(async () => {
  for (const child of running) await child.kill();
  await directory.remove();
});

interface Child {
  readonly client: EventStoreDBClient;
  /** kill -9, and wait until the process is gone. */
  kill(): Promise<void>;
}

async function start(name: string): Promise<Child> {
  const child: ChildProcess = spawn(
    process.execPath,
    ['--no-warnings', SCRIPT, `${directory.path}/${name}`],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const exited = once(child, 'exit');
  const [url] = (await Promise.race([
    once(child.stdout as NonNullable<typeof child.stdout>, 'data'),
    exited,
  ])) as [Buffer];
  const client = EventStoreDBClient.connectionString(String(url).trim());
  const handle: Child = {
    client,
    async kill() {
      running.delete(handle);
      child.kill('SIGKILL');
      await exited;
      await client.dispose();
    },
  };
  running.add(handle);
  return handle;
}

interface Write {
  readonly stream: string;
  readonly events: readonly JSONEventData<Counted>[];
}

/** Appends to new and shared streams, 64 at a time, until the server is gone. */
async function writeUntilKilled(
  child: Child,
  round: number,
  killAfter: number,
): Promise<{ acknowledged: Write[]; pending: Write[] }> {
  const acknowledged: Write[] = [];
  const pending: Write[] = [];
  let killing: Promise<void> | undefined;
  let n = 0;
  const next = (): Write => {
    n += 1;
    const shared = n % 3 === 0;
    return {
      stream: shared ? `shared-${n % 7}` : unique(`round${round}`),
      events: n % 10 === 0 ? series(5) : [counted(n)],
    };
  };
  const writer = async (): Promise<void> => {
    while (killing === undefined) {
      const write = next();
      try {
        await child.client.appendToStream(write.stream, [...write.events]);
      } catch {
        pending.push(write);
        return;
      }
      acknowledged.push(write);
      if (acknowledged.length === killAfter) killing = child.kill();
    }
  };
  await Promise.all(Array.from({ length: 64 }, writer));
  await killing;
  return { acknowledged, pending };
}

test('every acknowledged event survives kill -9, once and in order', async () => {
  const writes: Write[] = [];
  for (const [round, killAfter] of [500, 100, 1].entries()) {
    const child = await start('appends');
    const { acknowledged, pending } = await writeUntilKilled(child, round, killAfter);
    expect(pending.length).toBeGreaterThan(0);
    const again = await start('appends');
    // What wasn't acknowledged may or may not be stored; a repeat with the same ids settles it.
    await Promise.all(
      pending.map(({ stream, events }) => again.client.appendToStream(stream, [...events])),
    );
    writes.push(...acknowledged, ...pending);
    await again.kill();
  }

  const { client } = await start('appends');
  const stored = await collect(client.readAll({ maxCount: 1_000_000 }));
  const ids = stored.map(({ event }) => event?.id ?? '');
  const expected = writes.flatMap(({ events }) => events.map(({ id }) => id));
  expect(new Set(ids).size).toBe(ids.length);
  expect(expected.filter((id) => !ids.includes(id))).toEqual([]);
  const known = new Set(expected);
  const user = stored.filter(({ event }) => event?.type === 'Counted');
  expect(user.filter(({ event }) => !known.has(event?.id ?? ''))).toEqual([]);

  const positions = stored.map(({ event }) => event?.position.commit ?? 0n);
  expect(positions).toEqual(positions.toSorted((a, b) => (a < b ? -1 : 1)));
  const heads = new Map<string, bigint>();
  for (const { event } of user) {
    if (!event) continue;
    expect(event.revision).toBe((heads.get(event.streamId) ?? -1n) + 1n);
    heads.set(event.streamId, event.revision);
  }
  for (const stream of [...heads.keys()].filter((name) => name.startsWith('shared-'))) {
    const events = await collect(client.readStream(stream));
    expect(events.at(-1)?.event?.revision).toBe(heads.get(stream));
  }
});

test('an append that was repeated after kill -9 with its exact revision is stored once', async () => {
  const child = await start('exact');
  const events = series(3);
  const stream = unique('exact');
  await child.client.appendToStream(stream, events, { expectedRevision: NO_STREAM });
  await child.kill();
  const { client } = await start('exact');
  const again = await client.appendToStream(stream, events, { expectedRevision: NO_STREAM });
  expect(again.nextExpectedRevision).toBe(2n);
  expect(await collect(client.readStream(stream))).toHaveLength(3);
});

test('after kill -9 a persistent subscription delivers everything that was not acknowledged', async () => {
  const child = await start('persistent');
  const type = unique('Ps');
  const total = 400;
  await child.client.createPersistentSubscriptionToAll(
    'group',
    persistentSubscriptionToAllSettingsFromDefaults({
      startFrom: START,
      checkPointAfter: 10,
      checkPointLowerBound: 1,
      checkPointUpperBound: 20,
    }),
    { filter: eventTypeFilter({ prefixes: [type] }) },
  );
  await child.client.appendToStream(unique('ps'), series(total, type));
  const acknowledged = new Set<number>();
  const first = child.client.subscribeToPersistentSubscriptionToAll('group', { bufferSize: 50 });
  for await (const event of first) {
    const { n } = event.event?.data as { readonly n: number };
    // Every seventh is left alone: no checkpoint may pass it.
    if (n % 7 === 3) continue;
    await first.ack(event);
    acknowledged.add(n);
    if (acknowledged.size === 150) break;
  }
  await child.kill();

  const { client } = await start('persistent');
  const delivered = new Set<number>();
  const second = client.subscribeToPersistentSubscriptionToAll('group', { bufferSize: 50 });
  second.on('data', (event) => {
    delivered.add((event.event?.data as { readonly n: number }).n);
    void second.ack(event);
  });
  await eventually(async () => {
    const { stats } = await client.getPersistentSubscriptionToAllInfo('group');
    return delivered.has(total - 1) && stats.outstandingMessagesCount === 0;
  });
  await second.unsubscribe();
  const all = Array.from({ length: total }, (_, n) => n);
  expect(all.filter((n) => !acknowledged.has(n) && !delivered.has(n))).toEqual([]);
});
