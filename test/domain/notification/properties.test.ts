import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fold } from '../../../src/domain/decider.ts';
import { notification } from '../../../src/domain/notification/notification.ts';
import { notificationCommands, notificationEvents } from '../../support/arbitraries.ts';
import { afterCommands, isRepeatable } from '../../support/repeat.ts';
import { steady } from '../../support/spec.ts';

test('the same command again, whatever came before, yields nothing or a refusal', () => {
  fc.assert(
    fc.property(
      fc.array(notificationCommands, { maxLength: 12 }),
      notificationCommands,
      (past, command) => isRepeatable(notification, afterCommands(notification, past), command),
    ),
    { ...steady, numRuns: 2_000 },
  );
});

test('no sequence of events breaks the fold; only a request makes a notification', () => {
  fc.assert(
    fc.property(fc.array(notificationEvents, { maxLength: 30 }), (events) => {
      const state = fold(notification, events);
      const requests = events.some(({ type }) => type === 'NotificationRequested');
      expect(state.status === 'none').toBe(!requests);
    }),
    steady,
  );
});

test('what commands lead to has one winner per attempt and counts attempts from one', () => {
  fc.assert(
    fc.property(fc.array(notificationCommands, { maxLength: 25 }), (commands) => {
      const state = afterCommands(notification, commands);
      if (state.status === 'none') return;
      expect(new Set(state.sent).size).toBe(state.sent.length);
      expect(state.sent.every((attempt) => attempt >= 1 && attempt <= state.attempts)).toBe(true);
      expect(state.forgiven).toBeLessThanOrEqual(state.attempts);
    }),
    { ...steady, numRuns: 1_000 },
  );
});
