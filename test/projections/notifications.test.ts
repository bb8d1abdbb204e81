import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { DomainEvent } from '../../src/domain/events.ts';
import { cursorOf, type Recorded } from '../../src/eventstore/event.ts';
import {
  type NotificationDocument,
  notificationsProjection,
  statusAfter,
} from '../../src/projections/notifications.ts';
import { example, without } from '../support/examples.ts';
import { history } from '../support/log.ts';
import { permutationsOf } from '../support/permutations.ts';
import { steady } from '../support/spec.ts';
import { logs } from './lives.ts';

const fold = (events: readonly Recorded[]): NotificationDocument | null =>
  events.reduce<NotificationDocument | null>(
    (document, event) => notificationsProjection.apply(document, event, 'n1'),
    null,
  );
const after = (...events: readonly DomainEvent[]): NotificationDocument => {
  const document = fold(history('notification-n1', ...events));
  if (!document) throw new Error('there is no document');
  return document;
};

const requested = example('NotificationRequested');
const started = example('DispatchStarted');
const sent = example('NotificationSent');

describe('the status of a notification', () => {
  test.each([
    ['PENDING', [requested]],
    ['SCHEDULED', [requested, example('NotificationDeferred', { reason: 'scheduled' })]],
    ['DEFERRED', [requested, example('NotificationDeferred', { reason: 'quiet hours' })]],
    ['SENDING', [requested, started]],
    ['SENT', [requested, started, sent]],
    ['FAILED', [requested, started, example('NotificationFailed')]],
    ['SENDING', [requested, started, example('DispatchOutcomeUnknown')]],
    ['DELIVERED', [requested, started, sent, example('NotificationDelivered')]],
    ['DELIVERED', [requested, started, example('NotificationOpened'), sent]],
    ['BOUNCED', [requested, started, sent, example('NotificationBounced')]],
    ['SUPPRESSED', [requested, example('NotificationSuppressed')]],
    ['CANCELLED', [requested, example('NotificationCancelled')]],
    ['EXPIRED', [requested, example('NotificationExpired')]],
    [
      'DEAD_LETTERED',
      [
        requested,
        started,
        without(example('NotificationFailed'), 'nextAttemptAt'),
        example('NotificationDeadLettered'),
      ],
    ],
    ['PENDING', [requested, example('NotificationDeadLettered'), example('NotificationRequeued')]],
  ] as const)('is %s', (status, events) => {
    expect(after(...events).status).toBe(status);
  });

  test('and every moment are the same in whatever order the news came', () => {
    const news = [
      sent,
      example('NotificationDelivered'),
      example('NotificationOpened', { when: '2027-03-01T09:06:00.000Z' }),
      example('NotificationClicked', { when: '2027-03-01T09:07:00.000Z' }),
      example('NotificationBounced', { when: '2027-03-01T09:08:00.000Z' }),
    ];
    const story = ({ timeline: _, cursor: __, sentAt: ___, ...rest }: NotificationDocument) => rest;
    const expected = story(after(requested, started, ...news));
    expect(expected.status).toBe('BOUNCED');
    for (const order of permutationsOf(news)) {
      expect(story(after(requested, started, ...order))).toEqual(expected);
    }
  });

  test('never goes back once the provider has proved something', () => {
    const proof = { SENT: 1, DELIVERED: 2, BOUNCED: 3 } as Readonly<Record<string, number>>;
    fc.assert(
      fc.property(logs, (log) => {
        const documents = new Map<string, NotificationDocument | null>();
        for (const event of log) {
          const before = documents.get(event.stream) ?? null;
          const document = notificationsProjection.apply(before, event, 'n');
          documents.set(event.stream, document);
          if (!before || !document) continue;
          const [was, is] = [proof[before.status] ?? 0, proof[document.status] ?? 0];
          expect(is).toBeGreaterThanOrEqual(was);
          expect(statusAfter(before.status, event)).toBe(document.status);
        }
      }),
      { ...steady, numRuns: 200 },
    );
  });
});

describe('the document of a notification', () => {
  test('holds what was asked for, without variables and without fingerprint', () => {
    const document = after(requested);
    expect(document).toMatchObject({
      _id: 'n1',
      v: 0,
      userId: 'ada',
      templateVersion: 3,
      priority: 'high',
      requestedBy: 'shop',
      broadcastId: 'spring',
      scheduledAt: new Date('2027-03-01T09:00:00.000Z'),
      expiresAt: new Date('2027-03-02T09:00:00.000Z'),
      attempts: 0,
      inDoubt: false,
    });
    expect(Object.keys(document)).not.toContain('variables');
    expect(Object.keys(document)).not.toContain('fingerprint');
  });

  test('tells the whole story, each entry with its cursor', () => {
    const events = history('notification-n1', requested, started, sent);
    const document = fold(events);
    expect(document?.timeline.map(({ type }) => type)).toEqual(events.map(({ type }) => type));
    expect(document?.timeline.map(({ cursor }) => cursor)).toEqual(
      events.map(({ position }) => cursorOf(position)),
    );
    expect(document?.cursor).toBe(document?.timeline.at(-1)?.cursor);
  });

  test('keeps no personal field in its story', () => {
    const document = after(
      requested,
      started,
      example('NotificationClicked'),
      example('NotificationCancelled'),
    );
    expect(JSON.stringify(document.timeline)).not.toMatch(/https:|the order was cancelled/);
  });

  test('takes the moment of news from its source, and of our own acts from the log', () => {
    const document = after(requested, started, sent, example('NotificationDelivered'));
    expect(document.deliveredAt).toEqual(new Date('2027-03-01T09:05:00.000Z'));
    expect(document.sentAt).toEqual(new Date('2027-03-01T09:00:02.000Z'));
  });

  test.each([
    'NotificationSent',
    'NotificationDelivered',
    'NotificationOpened',
    'NotificationClicked',
    'NotificationBounced',
    'NotificationComplained',
  ] as const)('is in doubt until a %s settles it', (type) => {
    const doubtful = [requested, started, example('DispatchOutcomeUnknown')] as const;
    expect(after(...doubtful).inDoubt).toBe(true);
    expect(after(...doubtful, example(type)).inDoubt).toBe(false);
  });

  test('is not made by news about nothing', () => {
    expect(fold(history('notification-n1', sent))).toBeNull();
  });
});
