import { describe, expect, test } from '@jest/globals';
import { example, without } from '../../support/examples.ts';
import * as the from './vocabulary.ts';

const { given, noon } = the;
const tonight = '2027-03-01T22:00:00.000Z';
const tomorrow = '2027-03-02T05:00:00.000Z';

/** Asked for 22:00 on the reader's clock, which an hour ahead of UTC is 21:00. */
const local = example('NotificationRequested', {
  localTime: '2027-03-01T22:00',
  scheduledAt: '2027-03-01T21:00:00.000Z',
});
const waiting = the.scheduledUntil('2027-03-01T21:00:00.000Z');
const reschedule = { type: 'RescheduleNotification', until: tonight } as const;

describe('a notification for a local time', () => {
  test('waits for its moment in the zone of its reader', () => {
    given()
      .when({ ...the.request, request: local.data })
      .then(local, waiting);
  });

  test('waits for another moment after the reader has moved, once', () => {
    given(local, waiting).when(reschedule).then(the.scheduledUntil(tonight));
    given(local, waiting, the.scheduledUntil(tonight)).when(reschedule).thenNothing();
  });

  test('is left alone once something else holds it up, or it is under way', () => {
    given(local, waiting, the.deferred).when(reschedule).thenNothing();
    given(local, waiting, the.started).when(reschedule).thenNothing();
    given(local, waiting, the.cancelled).when(reschedule).thenNothing();
  });

  test('is cancelled while it waits', () => {
    given(local, waiting).when(the.cancel).then(the.cancelled);
  });
});

test('a notification for an instant stays there, wherever its reader moves', () => {
  const instant = without(local, 'localTime');
  given(instant, waiting).when(reschedule).thenNothing();
});

describe('a request that a rule makes wait', () => {
  const now = without(local, 'localTime', 'scheduledAt');
  const { channel, template, category, broadcastId = '' } = now.data;
  const about = { channel, template, category, broadcastId };
  const deferral = {
    until: tomorrow,
    reason: 'quiet hours',
    ruleId: 'quiet-hours',
    evidence: 'user-ada@3',
  } as const;

  test('is recorded together with its deferral, the rule and the evidence', () => {
    given()
      .when({ ...the.request, request: now.data, deferral })
      .then(now, { type: 'NotificationDeferred', data: { ...about, ...deferral } });
  });

  test('is recorded together with its expiry when it is good for less than that', () => {
    const expiry = { ruleId: 'quiet-hours', reason: 'the user has quiet hours' };
    const { expiresAt = '' } = now.data;
    given()
      .when({ ...the.request, request: now.data, expiry })
      .then(now, { type: 'NotificationExpired', data: { ...about, expiresAt, ...expiry } });
  });

  test('waits for its schedule first: the rule is asked again then', () => {
    const later = without(local, 'localTime');
    given()
      .when({ ...the.request, request: later.data, deferral })
      .then(later, waiting);
  });

  test('uses no attempt: the first one comes after the wait', () => {
    const at = tomorrow;
    const [started] = given(now, { type: 'NotificationDeferred', data: { ...about, ...deferral } })
      .when({ ...the.start, at })
      .decided();
    expect(started?.data).toMatchObject({ attempt: 1 });
    given(now, { type: 'NotificationDeferred', data: { ...about, ...deferral } })
      .when({ ...the.start, at: noon })
      .thenNothing();
  });
});
