import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import type { Candidate } from '../../src/dispatchers/attempt.ts';
import { guard } from '../../src/dispatchers/breaker.ts';
import { createInApp } from '../../src/dispatchers/providers/inapp.ts';
import { createLanes } from '../../src/dispatchers/lanes.ts';
import type { DueNotification } from '../../src/dispatchers/scheduler.ts';
import { createSlowPath } from '../../src/dispatchers/slowPath.ts';
import type { RawEvent, Recorded } from '../../src/eventstore/event.ts';
import { type DueDocument, dueProjection } from '../../src/projections/due.ts';
import { example } from '../support/examples.ts';
import { createTestCodec } from '../support/keys.ts';

const { codec } = createTestCodec();
const stream = 'notification-n1';
const metadata = {
  $correlationId: 'correlation',
  $causationId: 'correlation',
  actor: 'client:shop',
  subject: 'ada',
  occurredAt: '2027-03-01T09:00:00.000Z',
};

/** The stream of a notification that was put off, as the log holds it. */
const stored = async (): Promise<readonly RawEvent[]> => {
  const events = [example('NotificationRequested'), example('NotificationDeferred')];
  const encoded = await codec.encode(
    stream,
    events.map((event, index) => ({ ...event, id: `event-${index}` })),
    metadata,
  );
  return encoded.map((event, revision) => ({
    ...event,
    stream,
    revision,
    position: { commit: BigInt(revision), prepare: BigInt(revision) },
  }));
};

/** What the scheduler finds of it, as the projector makes it: personal fields stay encrypted. */
const listed = async (raw: readonly RawEvent[]): Promise<DueDocument> => {
  const events: readonly Recorded[] = await codec.decode(raw, () => false);
  const due = events.reduce<DueDocument | null>(
    (document, event) => dueProjection.apply(document, event, 'n1'),
    null,
  );
  if (!due) throw new Error('it does not wait');
  return due;
};

/** Takes it up; tells what was attempted and which streams were read. */
const takeUp = async (due: DueNotification, log: readonly RawEvent[]) => {
  const attempted: Candidate[] = [];
  const read: string[] = [];
  const provider = guard(createInApp(), Date.now);
  const slowPath = createSlowPath({
    codec,
    log: {
      readStream: (name) => {
        read.push(name);
        return Promise.resolve(log);
      },
    },
    lanes: createLanes(1),
    providers: { find: () => Promise.resolve(provider) },
    execute: () => Promise.reject(new Error('nothing is to be appended')),
    attempt: (candidate) => {
      attempted.push(candidate);
      return Promise.resolve();
    },
    findRecipients: (messages) => Promise.resolve(messages.map(() => ({ user: undefined }))),
    logger: pino({ level: 'silent' }),
    settleMs: 1_000,
    now: () => Date.parse('2027-03-01T10:00:01.000Z'),
  });
  await slowPath.takeUp([due]);
  return { attempted, read };
};

test('what is due is attempted without a look at its stream', async () => {
  const raw = await stored();
  const due = await listed(raw);
  const { attempted, read } = await takeUp(due, raw);
  expect(read).toEqual([]);
  expect(attempted).toMatchObject([
    {
      request: example('NotificationRequested').data,
      requestedAt: Date.parse('2027-03-01T09:00:00.000Z'),
      correlationId: 'correlation',
      causationId: 'event-0',
      hint: { revision: 1, state: { status: 'waiting', until: '2027-03-01T10:00:00.000Z' } },
    },
  ]);
});

test('the list of what is due holds variables only as the log does: encrypted', async () => {
  const due = await listed(await stored());
  expect(due.request).toContain('"$enc":1');
  expect(JSON.stringify(due)).not.toContain('A-17');
});

test('what the list knows only by its id is read from its stream', async () => {
  const raw = await stored();
  const { attempted, read } = await takeUp({ _id: 'n1', v: 1 }, raw);
  expect(read).toEqual([stream]);
  const [fromStream] = attempted;
  const [fromList] = (await takeUp(await listed(raw), raw)).attempted;
  expect(fromStream).toEqual(fromList);
});
