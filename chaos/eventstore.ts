import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { type AllStreamResolvedEvent, EventStoreDBClient, START } from '@eventstore/db-client';
import { verifyEventStore } from '../src/embedded/eventstore/index.ts';
import { chance } from '../src/sandbox/chance.ts';
import { type EventStoreProcess, startEventStoreProcess } from '../tools/eventStoreProcess.ts';
import { type Consumer, openConsumer } from './eventstore/consumer.ts';
import { CHAOS_TYPE, type Ledger, type Place, openLedger, placeOf } from './eventstore/ledger.ts';
import { openWriters } from './eventstore/writers.ts';
import type { ChaosOptions, ChaosScenario } from './scenario.ts';

/** Appends under way at once. */
const WRITERS = 64;
/** A kill comes at a random moment of so many milliseconds after the first append. */
const KILL_WITHIN = [30, 1_200] as const;
const DELIVERY_DEADLINE_MS = 60_000;

const isOurs = ({ event }: AllStreamResolvedEvent): boolean => event?.type === CHAOS_TYPE;

const readBehind = async (client: EventStoreDBClient, position: bigint): Promise<Place[]> => {
  const fromPosition = position === 0n ? START : { commit: position, prepare: position };
  const places: Place[] = [];
  for await (const resolved of client.readAll({ fromPosition, maxCount: 10_000_000 })) {
    if (!isOurs(resolved) || resolved.event === undefined) continue;
    const place = placeOf(resolved.event);
    if (place.position > position) places.push(place);
  }
  return places;
};

/** What a subscriber to `$all` is shown while the writers write. */
const follow = (client: EventStoreDBClient, position: bigint): Place[] => {
  const fromPosition = position === 0n ? START : { commit: position, prepare: position };
  const shown: Place[] = [];
  const subscription = client.subscribeToAll({ fromPosition });
  subscription.on('error', () => undefined);
  subscription.on('data', (resolved) => {
    if (isOurs(resolved) && resolved.event) shown.push(placeOf(resolved.event));
  });
  return shown;
};

/** Whatever a subscriber was shown is there, in that order, and nothing has come between. */
const compareShown = (shown: readonly Place[], behind: readonly Place[], ledger: Ledger): void => {
  const differs = shown.findIndex(({ id }, index) => id !== behind[index]?.id);
  if (differs < 0) return;
  ledger.problem(`a subscriber to $all was shown another event at ${shown[differs]?.position}`);
};

interface Run {
  readonly ledger: Ledger;
  readonly consumer: Consumer;
  readonly writers: ReturnType<typeof openWriters>;
  shown: readonly Place[];
  inDoubt: number;
}

/** Reads what the last round left, and holds it against what its clients were told. */
const check = async (run: Run, client: EventStoreDBClient): Promise<void> => {
  const behind = await readBehind(client, run.ledger.head());
  compareShown(run.shown, behind, run.ledger);
  for (const place of behind) run.ledger.read(place);
  await run.consumer.checkCheckpoint(client);
};

/** One life of the server: check what is there, write, die. */
const live = async (run: Run, server: EventStoreProcess, milliseconds: number): Promise<void> => {
  const client = EventStoreDBClient.connectionString(server.url);
  await check(run, client);
  const shown = follow(client, run.ledger.head());
  run.consumer.consume(client);
  let over = false as boolean;
  const writing = run.writers.map((writer) => writer.run(client, () => over));
  await after(milliseconds);
  await server.end('SIGKILL');
  over = true;
  // Writers whose append was open end with its failure.
  await Promise.all(writing);
  run.inDoubt += run.writers.filter((writer) => writer.inDoubt()).length;
  run.shown = shown;
  await client.dispose();
};

/** The last life: what is in doubt is settled, everything is delivered, the log reads as before. */
const settle = async (run: Run, server: EventStoreProcess): Promise<void> => {
  const client = EventStoreDBClient.connectionString(server.url);
  const { ledger, consumer } = run;
  await check(run, client);
  await Promise.all(run.writers.map((writer) => writer.run(client, () => true)));
  run.shown = [];
  await check(run, client);
  consumer.consume(client);
  const deadline = performance.now() + DELIVERY_DEADLINE_MS;
  while (consumer.delivered() < ledger.log.length && performance.now() < deadline) await after(20);
  if (consumer.delivered() < ledger.log.length) {
    ledger.problem(`${ledger.log.length - consumer.delivered()} events were never delivered`);
  }
  await consumer.checkCheckpoint(client);
  const again = await readBehind(client, 0n);
  compareShown(ledger.log, again, ledger);
  if (again.length !== ledger.log.length) ledger.problem('$all is longer when it is read again');
  await server.end('SIGTERM');
  await client.dispose();
};

const torment = async (
  { kills, minutes, seed }: ChaosOptions,
  dataDir: string,
  say: (line: string) => void,
) => {
  const ledger = openLedger();
  const consumer = openConsumer(seed, ledger);
  const run: Run = {
    ledger,
    consumer,
    writers: openWriters(WRITERS, ledger),
    shown: [],
    inDoubt: 0,
  };
  const end = performance.now() + minutes * 60_000;
  const [soonest, latest] = KILL_WITHIN;
  let killed = 0;
  for (; killed < kills && performance.now() < end; killed += 1) {
    const server = await startEventStoreProcess(dataDir);
    if (killed === 0) {
      const client = EventStoreDBClient.connectionString(server.url);
      await consumer.create(client);
      await client.dispose();
    }
    await live(run, server, soonest + chance(seed, killed) * (latest - soonest));
    say(`kill ${killed + 1}: ${ledger.accepted()} accepted, ${run.inDoubt} in doubt so far`);
  }
  await settle(run, await startEventStoreProcess(dataDir));
  for (const problem of verifyEventStore(dataDir).problems) ledger.problem(problem);
  return {
    kills: killed,
    accepted: ledger.accepted(),
    inDoubt: run.inDoubt,
    checked: ledger.log.length,
    delivered: consumer.delivered(),
    inFlight: WRITERS,
    ...ledger.verdict(),
  };
};

export const scenario: ChaosScenario = {
  description:
    'the embedded event store: kill -9 under 64 writers, one subscriber and one consumer group',
  async run(options, say) {
    const folder = await mkdtemp(join(tmpdir(), 'tidings-chaos-'));
    try {
      return await torment(options, join(folder, 'store'), say);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};
