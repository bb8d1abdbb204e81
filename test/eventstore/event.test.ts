import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { comparePositions, cursorOf, positionOf } from '../../src/eventstore/event.ts';
import { steady } from '../support/spec.ts';

const position = fc.record({
  commit: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
  prepare: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
});

describe('a cursor', () => {
  test('is a position and back, exactly, and fit for an URL', () => {
    fc.assert(
      fc.property(position, (place) => {
        const cursor = cursorOf(place);
        expect(cursor).toMatch(/^[\w-]+$/);
        expect(positionOf(cursor)).toEqual(place);
      }),
      steady,
    );
  });

  test.each([
    '',
    'x',
    '1:2',
    cursorOf({ commit: 1n, prepare: 2n }).slice(1),
    'MTo',
    '%%%',
    'LTE6Mg',
  ])('is not %j', (text) => {
    expect(positionOf(text)).toBeUndefined();
  });

  test('is not just any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const place = positionOf(text);
        if (place) expect(place.commit).toBeGreaterThanOrEqual(0n);
      }),
      steady,
    );
  });
});

test('positions are ordered by commit, then by prepare', () => {
  fc.assert(
    fc.property(position, position, (a, b) => {
      const order = comparePositions(a, b);
      expect(order + comparePositions(b, a)).toBe(0);
      if (a.commit < b.commit) expect(order).toBe(-1);
      if (a.commit === b.commit && a.prepare < b.prepare) expect(order).toBe(-1);
      expect(comparePositions(a, a)).toBe(0);
    }),
    steady,
  );
  const near = { commit: 5n, prepare: 1n };
  expect(comparePositions(near, { commit: 5n, prepare: 2n })).toBe(-1);
});
