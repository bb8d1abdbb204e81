import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fold } from '../../../src/domain/decider.ts';
import {
  strongest,
  suppression,
  suppressionReasons,
} from '../../../src/domain/suppression/suppression.ts';
import type { SuppressionCommand } from '../../../src/domain/suppression/suppression.ts';
import { example } from '../../support/examples.ts';
import { afterCommands, isRepeatable } from '../../support/repeat.ts';
import { specFor, steady } from '../../support/spec.ts';

const given = specFor(suppression);
const bounced = example('AddressSuppressed');
const complained = example('AddressSuppressed', { reason: 'complaint', scope: 'marketing' });
const lifted = example('SuppressionLifted');
const suppress = { type: 'SuppressAddress', ...bounced.data } as const;
const { why, by } = lifted.data;

describe('an address whose mailbox is full', () => {
  const bounce = (notificationId: string, when: string) =>
    example('AddressSoftBounced', { notificationId, when });
  const record = (notificationId: string, when: string) =>
    ({ type: 'RecordSoftBounce', ...bounce(notificationId, when).data }) as const;
  const one = bounce('n1', '2027-03-01T09:00:00.000Z');
  const two = bounce('n2', '2027-03-02T09:00:00.000Z');
  const paused = example('AddressPaused', { notificationId: 'n3' });

  test('is paused for 72 hours by the third message that bounces within 72 hours', () => {
    const third = bounce('n3', '2027-03-04T08:59:59.999Z');
    const until = '2027-03-07T08:59:59.999Z';
    given(one)
      .when({ type: 'RecordSoftBounce', ...two.data })
      .then(two);
    given(one, two)
      .when({ type: 'RecordSoftBounce', ...third.data })
      .then(third, example('AddressPaused', { notificationId: 'n3', until }));
    given(one, two)
      .when(record('n3', '2027-03-04T09:00:00.000Z'))
      .then(bounce('n3', '2027-03-04T09:00:00.000Z'));
  });

  test('counts each message once', () => {
    given(one).when(record('n1', '2027-03-02T09:00:00.000Z')).thenNothing();
  });

  test('is told nothing new while the pause lasts, and counts anew after it', () => {
    given(one, two, paused).when(record('n4', '2027-03-04T08:00:00.000Z')).thenNothing();
    given(one, two, paused)
      .when(record('n4', '2027-03-04T09:00:00.000Z'))
      .then(bounce('n4', '2027-03-04T09:00:00.000Z'));
  });

  test('is paused until then, and what forbids for good comes before the pause', () => {
    const state = fold(suppression, [one, two, paused]);
    expect(strongest(state, '2027-03-04T08:59:59.999Z')).toMatchObject({
      reason: 'soft bounces',
      scope: 'all',
      until: '2027-03-04T09:00:00.000Z',
    });
    expect(strongest(state, '2027-03-04T09:00:00.000Z')).toBeUndefined();
    const both = fold(suppression, [paused, bounced]);
    expect(strongest(both, '2027-03-02T09:00:00.000Z')?.reason).toBe('hard bounce');
  });

  test('is written to again when the pause is lifted', () => {
    given(one, two, paused)
      .when({ type: 'LiftSuppression', why, by })
      .then(example('SuppressionLifted', { reasons: ['soft bounces'] }));
  });
});

describe('an address', () => {
  test('is suppressed once for each reason', () => {
    given().when(suppress).then(bounced);
    given(bounced).when(suppress).thenNothing();
    given(bounced)
      .when({ type: 'SuppressAddress', ...complained.data })
      .then(complained);
  });

  test('that lacked marketing only may come to get nothing, not the other way round', () => {
    const wider = { ...complained.data, scope: 'all' } as const;
    given(complained)
      .when({ type: 'SuppressAddress', ...wider })
      .then({ type: 'AddressSuppressed', data: wider });
    given({ type: 'AddressSuppressed', data: wider })
      .when({ type: 'SuppressAddress', ...complained.data })
      .thenNothing();
  });

  test('is written to again when all its reasons, or those that are named, are lifted', () => {
    given(bounced, complained)
      .when({ type: 'LiftSuppression', why, by })
      .then(example('SuppressionLifted', { reasons: ['hard bounce', 'complaint'] }));
    given(bounced, complained)
      .when({ type: 'LiftSuppression', reasons: ['hard bounce', 'stop'], why, by })
      .then(lifted);
    given(bounced, lifted).when({ type: 'LiftSuppression', why, by }).thenNothing();
  });

  test('is judged by what forbids most, and the event that did it is known', () => {
    const refOf = (index: number) => `suppression-5f1d@${index}`;
    const state = fold(suppression, [complained, bounced], undefined, refOf);
    const at = '2027-03-01T09:00:00.000Z';
    expect(strongest(state, at)).toEqual({
      reason: 'hard bounce',
      scope: 'all',
      because: 'suppression-5f1d@1',
    });
    expect(strongest(fold(suppression, []), at)).toBeUndefined();
  });
});

test('the same command again, whatever came before, yields nothing', () => {
  const reason = fc.constantFrom(...suppressionReasons);
  const commands = fc.oneof(
    fc.record({
      type: fc.constant('SuppressAddress'),
      channel: fc.constant('email'),
      scope: fc.constantFrom('all', 'marketing'),
      reason,
      source: fc.constant('sendgrid'),
    }),
    fc.record({
      type: fc.constant('LiftSuppression'),
      reasons: fc.option(fc.array(reason), { nil: undefined }),
      why: fc.constant('w'),
      by: fc.constant('b'),
    }),
  ) as fc.Arbitrary<SuppressionCommand>;
  fc.assert(
    fc.property(fc.array(commands, { maxLength: 8 }), commands, (past, command) =>
      isRepeatable(suppression, afterCommands(suppression, past), command),
    ),
    steady,
  );
});
