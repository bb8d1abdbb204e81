import { randomUUID } from 'node:crypto';
import { jsonEvent, type JSONEventData, type JSONEventType } from '@eventstore/db-client';
import { propose } from '../../src/embedded/eventstore/store/internal-events.ts';
import { openStore } from '../../src/embedded/eventstore/store/store.ts';

/** Data and metadata as long as those of a `NotificationRequested`. */
const body = (n: number) => ({ n, userId: `user-${n % 10_000}`, text: 'x'.repeat(200) });
const metadata = { $correlationId: '00000000-0000-4000-8000-000000000000', actor: 'a'.repeat(40) };

type Filling = JSONEventType<'Measured', ReturnType<typeof body>, typeof metadata>;

export const eventOf = (n: number): JSONEventData<Filling> =>
  jsonEvent<Filling>({ type: 'Measured', data: body(n), metadata });

const PER_TRANSACTION = 2_000;
const PER_STREAM = 10;

/**
 * Writes `count` such events into a new store, without a server.
 *
 * @returns a thousand of them as they are stored
 */
export const fill = async (dataDir: string, count: number): Promise<readonly Uint8Array[]> => {
  const store = openStore(dataDir);
  try {
    const json = JSON.stringify(metadata);
    let stream = '';
    for (let n = 0; n < count;) {
      await store.commits.transact(() => {
        for (const end = Math.min(count, n + PER_TRANSACTION); n < end; n += 1) {
          const event = propose('Measured', 'application/json', JSON.stringify(body(n)), json);
          if (n % PER_STREAM === 0) stream = `filling-${randomUUID()}`;
          store.appender.append({ stream, expected: (n % PER_STREAM) - 1 }, [event]);
        }
      });
    }
    return store.reads.all(count - 1_000, 1_000, false).events.map(({ record }) => record);
  } finally {
    store.close();
  }
};
