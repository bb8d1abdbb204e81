import { describe, expect, test } from '@jest/globals';
import type { DomainEventType } from '../../src/domain/events.ts';
import type { Recorded } from '../../src/eventstore/event.ts';
import { broadcastRefusalsProjection } from '../../src/projections/broadcastRefusals.ts';
import { type BroadcastDocument, broadcastsProjection } from '../../src/projections/broadcasts.ts';
import { dueProjection } from '../../src/projections/due.ts';
import { example, examples } from '../support/examples.ts';

interface Step {
  readonly type: DomainEventType;
  readonly data: object;
}

/** Events as the log has them, one after the other. */
const recorded = (...events: readonly Step[]): readonly Recorded[] =>
  events.map(
    ({ type, data }, index) =>
      ({
        type,
        data,
        id: `e${index}`,
        stream: type.startsWith('Broadcast') ? 'broadcast-spring' : 'notification-n1',
        revision: index,
        position: { commit: BigInt(index + 1), prepare: BigInt(index + 1) },
        metadata: { occurredAt: `2027-03-01T09:00:0${index % 10}.000Z` },
      }) as unknown as Recorded,
  );

const foldOf = (events: readonly Recorded[]): BroadcastDocument | null => {
  let document: BroadcastDocument | null = null;
  for (const event of events) {
    for (const id of broadcastsProjection.idsOf(event)) {
      document = broadcastsProjection.apply(document, event, id);
    }
  }
  return document;
};

const requested = example('BroadcastRequested');
const takenUp = example('BroadcastTakenUp');
const page = example('BroadcastPageExpanded');

describe('the read model of a broadcast', () => {
  test('counts pages, refusals by code, and what became of its notifications', () => {
    const events = recorded(
      requested,
      example('BroadcastLinesRefused'),
      takenUp,
      page,
      example('NotificationSent'),
      example('NotificationSent'),
      example('NotificationDelivered'),
      example('BroadcastCompleted'),
    );
    expect(foldOf(events)).toMatchObject({
      _id: 'spring',
      v: 8,
      status: 'completed',
      hasWork: false,
      recipients: 3,
      pages: 1,
      accepted: 1,
      suppressed: 1,
      refused: 2,
      refusedByCode: { BAD_INPUT: 1, NO_ADDRESS: 1 },
      sent: 2,
      delivered: 1,
    });
  });

  test('has work while it is open and until what waits of it is cancelled', () => {
    const work = (...more: readonly Step[]) => foldOf(recorded(requested, ...more))?.hasWork;
    const cancelled = example('BroadcastCancelled');
    expect(work()).toBe(true);
    expect(work(example('BroadcastPaused'))).toBe(false);
    expect(work(example('BroadcastPaused'), example('BroadcastResumed'))).toBe(true);
    expect(work(example('BroadcastCompleted'))).toBe(false);
    expect(work(example('BroadcastCompleted'), cancelled)).toBe(true);
    expect(work(cancelled, example('BroadcastCancellationFinished'))).toBe(false);
  });

  test('holds no variables', () => {
    expect(JSON.stringify(foldOf(recorded(requested)))).not.toContain('orderId');
  });

  test('does not look at notifications of no broadcast', () => {
    const { broadcastId: _, ...alone } = examples.NotificationSent;
    const [event] = recorded({ type: 'NotificationSent', data: alone });
    expect(event && broadcastsProjection.idsOf(event)).toEqual([]);
  });
});

test('every refusal is a document of its own, in the order of the log', () => {
  const refusal = { userId: 'eve', code: 'NO_ADDRESS', reason: 'no address' } as const;
  const [event] = recorded(
    example('BroadcastPageExpanded', { refusals: [refusal, { ...refusal, userId: 'zoe' }] }),
  );
  if (!event) throw new Error('no event');
  const ids = broadcastRefusalsProjection.idsOf(event);
  const found = ids.map((id) => broadcastRefusalsProjection.apply(null, event, id));
  expect(found.map((document) => document?.userId)).toEqual(['eve', 'zoe']);
  expect([...ids].sort()).toEqual(ids);
  expect(broadcastRefusalsProjection.apply(found[0] ?? null, event, ids[0] ?? '')).toEqual(
    found[0],
  );
});

test('what waits of a broadcast says so', () => {
  const [event] = recorded(example('NotificationDeferred'));
  if (!event) throw new Error('no event');
  expect(dueProjection.apply(null, event, 'n1')).toMatchObject({ broadcastId: 'spring' });
});
