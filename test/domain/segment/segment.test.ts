import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fold } from '../../../src/domain/decider.ts';
import { segment } from '../../../src/domain/segment/segment.ts';
import { segmentCommands, segmentEvents } from '../../support/arbitraries.ts';
import { example } from '../../support/examples.ts';
import { afterCommands, isRepeatable } from '../../support/repeat.ts';
import { specFor, steady } from '../../support/spec.ts';

const given = specFor(segment);
const rule = example('SegmentDefined');
const { name, ...ruleDefinition } = rule.data;
const list = { type: 'SegmentDefined', data: { name: 'vips', kind: 'static' } } as const;
const added = example('SegmentMembersAdded');
const add = (...userIds: string[]) => ({ type: 'AddMembers', userIds }) as const;
const remove = (...userIds: string[]) => ({ type: 'RemoveMembers', userIds }) as const;

describe('a segment', () => {
  test('is defined once, and changed by defining it again', () => {
    const define = { type: 'DefineSegment', name, definition: ruleDefinition } as const;
    given().when(define).then(rule);
    given(rule).when(define).thenNothing();
    const changed = example('SegmentChanged');
    given(rule)
      .when({ ...define, definition: changed.data })
      .then(changed);
  });

  test('stays of its kind', () => {
    given(rule)
      .when({ type: 'DefineSegment', name, definition: { kind: 'static' } })
      .thenRefused('SEGMENT_EXISTS', 'kind');
  });

  test('that nobody defined has no members', () => {
    given().when(add('ada')).thenRefused('UNKNOWN_SEGMENT', 'name');
  });

  test('by rule keeps no list', () => {
    given(rule).when(add('ada')).thenRefused('BAD_INPUT', 'name');
  });
});

describe('a static list', () => {
  test('records only who is new, and nobody twice', () => {
    given(list)
      .when(add('ada', 'bob', 'ada'))
      .then(added);
    given(list, added)
      .when(add('bob', 'eve'))
      .then(example('SegmentMembersAdded', { userIds: ['eve'] }));
    given(list, added).when(add('ada')).thenNothing();
  });

  test('removes only who is there', () => {
    given(list, added).when(remove('bob', 'eve')).then(example('SegmentMembersRemoved'));
    given(list).when(remove('bob')).thenNothing();
  });

  test('holds at most 250,000 users', () => {
    const many = Array.from({ length: 250_000 }, (_, n) => `u${n}`);
    given(list, example('SegmentMembersAdded', { userIds: many }))
      .when(add('one-more'))
      .thenRefused('BAD_INPUT', 'userIds');
  });
});

test('the same command again, whatever came before, yields nothing or a refusal', () => {
  fc.assert(
    fc.property(fc.array(segmentCommands, { maxLength: 10 }), segmentCommands, (past, command) =>
      isRepeatable(segment, afterCommands(segment, past), command),
    ),
    { ...steady, numRuns: 1_000 },
  );
});

test('whatever is added and removed, the count is the number of members', () => {
  fc.assert(
    fc.property(fc.array(segmentEvents, { maxLength: 20 }), (events) => {
      const state = fold(segment, events);
      if (state.status === 'none') return;
      const members = [...state.members.values()].reduce((sum, { size }) => sum + size, 0);
      expect(state.count).toBe(members);
    }),
    steady,
  );
});
