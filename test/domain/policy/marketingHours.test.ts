import { describe, expect, test } from '@jest/globals';
import { marketingOpensAt } from '../../../src/domain/policy/hours.ts';
import { defaultRules, jurisdictionOf } from '../../../src/domain/policy/rules.ts';
import { offsetOf } from './zones.ts';

const minute = 60_000;
const isOpen = (region: string | undefined, zones: readonly string[], at: number): boolean =>
  marketingOpensAt(jurisdictionOf(defaultRules, region), 'sms', zones, at) === at;

/** `TX` and so on: the hours of Monday to Saturday and of Sunday. */
const hours: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
  JP: [
    [9, 20],
    [12, 20],
  ],
  'US-FL': [
    [8, 20],
    [8, 20],
  ],
  'US-CT': [
    [9, 20],
    [9, 20],
  ],
  'US-TX': [
    [9, 21],
    [12, 21],
  ],
};

describe('marketing over SMS is let through in the legal hours (facts L21, L23)', () => {
  test.each(Object.entries(hours))(
    '%s: a week in two zones, minute by minute or quarter by quarter',
    (region, [days, sunday]) => {
      const wrong: unknown[] = [];
      const step = region === 'JP' ? minute : 15 * minute;
      for (const zone of ['America/Chicago', 'Asia/Kathmandu']) {
        // A week in which clocks are put forward in Chicago.
        const start = Date.UTC(2027, 2, 8);
        for (let at = start; at < start + 7 * 24 * 60 * minute; at += step) {
          const wall = new Date(at + offsetOf(zone, at));
          const [from, to] = (wall.getUTCDay() === 0 ? sunday : days) ?? [0, 0];
          const ought = wall.getUTCHours() >= from && wall.getUTCHours() < to;
          if (isOpen(region, [zone], at) !== ought) wrong.push({ zone, at });
        }
      }
      expect(wrong).toEqual([]);
    },
  );

  test('to the second at the edges', () => {
    const at = (time: string) =>
      isOpen(undefined, ['America/New_York'], Date.parse(`${time}-05:00`));
    expect(at('2027-03-01T08:59:59.999')).toBe(false);
    expect(at('2027-03-01T09:00:00.000')).toBe(true);
    expect(at('2027-03-01T19:59:59.999')).toBe(true);
    expect(at('2027-03-01T20:00:00.000')).toBe(false);
  });
});

test('where the zone is not known, it must be open in each that it can be (facts L22)', () => {
  const zones = ['New_York', 'Chicago', 'Denver', 'Phoenix', 'Los_Angeles'].map(
    (city) => `America/${city}`,
  );
  const eastern = (time: string) => Date.parse(`2027-03-01T${time}-05:00`);
  expect(isOpen(undefined, zones, eastern('11:59:59'))).toBe(false);
  expect(isOpen(undefined, zones, eastern('12:00:00'))).toBe(true);
  expect(isOpen(undefined, zones, eastern('19:59:59'))).toBe(true);
  expect(isOpen(undefined, zones, eastern('20:00:00'))).toBe(false);
  const opens = marketingOpensAt(
    jurisdictionOf(defaultRules, undefined),
    'sms',
    zones,
    eastern('20:00:00'),
  );
  expect(new Date(opens).toISOString()).toBe('2027-03-02T17:00:00.000Z');
});
