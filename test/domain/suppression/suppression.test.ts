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
    expect(strongest(state)).toEqual({
      reason: 'hard bounce',
      scope: 'all',
      because: 'suppression-5f1d@1',
    });
    expect(strongest(fold(suppression, []))).toBeUndefined();
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
