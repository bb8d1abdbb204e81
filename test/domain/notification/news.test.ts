import { describe, expect, test } from '@jest/globals';
import { fold } from '../../../src/domain/decider.ts';
import type { NotificationCommand } from '../../../src/domain/notification/commands.ts';
import { notification } from '../../../src/domain/notification/notification.ts';
import type { KnownState } from '../../../src/domain/notification/state.ts';
import { permutationsOf } from '../../support/permutations.ts';
import * as the from './vocabulary.ts';

const { requested, started } = the;

const after = (commands: readonly NotificationCommand[]): KnownState => {
  const attempt = fold(notification, [requested, started]);
  const state = commands.reduce(
    (before, command) => fold(notification, notification.decide(command, before), before),
    attempt,
  );
  if (state.status === 'none') throw new Error('it was requested');
  return state;
};

const proofs = [
  the.recordSent,
  the.recordDelivered,
  the.recordOpened,
  the.recordClicked,
  the.recordComplained,
] as const;

describe('news of a message', () => {
  test('comes to the same in every order, also when each comes twice', () => {
    const expected = after(proofs);
    expect(expected).toMatchObject({
      status: 'sent',
      sent: [1],
      news: { delivered: true, opened: true, clicked: true, complained: true },
    });
    for (const order of permutationsOf(proofs)) {
      expect(after(order)).toEqual(expected);
      expect(after([...order, ...order])).toEqual(expected);
    }
  });

  test('of a bounce is kept in every order; a delivery that is told after it is not', () => {
    const all = [the.recordSent, the.recordDelivered, the.recordOpened, the.recordBounced] as const;
    for (const order of permutationsOf(all)) {
      const { status, news, sent } = after(order);
      const deliveredFirst = order.indexOf(all[1]) < order.indexOf(all[3]);
      expect({ status, news, sent }).toEqual({
        status: 'sent',
        sent: [1],
        news: { bounced: true, opened: true, ...(deliveredFirst ? { delivered: true } : {}) },
      });
    }
  });

  test('folds to the same flags in whatever order it was recorded', () => {
    const events = [the.sent, the.delivered, the.opened, the.clicked, the.bounced] as const;
    const expected = fold(notification, [requested, started, ...events]);
    for (const order of permutationsOf(events)) {
      expect(fold(notification, [requested, started, ...order])).toEqual(expected);
    }
  });

  test('names the provider of the attempt, whoever told it', () => {
    the
      .given(requested, started)
      .when({ ...the.recordOpened, source: 'device', providerEventId: 'd-1' })
      .then({
        ...the.opened,
        data: { ...the.opened.data, source: 'device', providerEventId: 'd-1' },
      });
  });

  test('before the outcome was recorded keeps the outcome recordable', () => {
    the.given(requested, started, the.delivered).when(the.recordSent).then(the.sent);
  });

  test('after it was given up brings it back to sent, and it is not requeued', () => {
    the
      .given(...the.givenUp, the.delivered)
      .when(the.requeue)
      .thenRefused('NOT_DEAD_LETTERED', 'id');
  });

  test('of something that was never handed to a provider is refused', () => {
    the.given(requested).when(the.recordDelivered).thenRefused('NOT_YET_SENT', 'id');
    the.given().when(the.recordDelivered).thenRefused('UNKNOWN_NOTIFICATION', 'id');
  });
});
