import { beforeAll, describe, expect, test } from '@jest/globals';
import { quietUntil } from '../../../src/domain/policy/hours.ts';
import { instantOf, isLocalTime } from '../../../src/domain/policy/localTime.ts';
import { allTransitions, offsetOf, type Transition, zones } from './zones.ts';

const minute = 60_000;
const hour = 60 * minute;
const week = [1, 2, 3, 4, 5, 6, 7];

let transitions: readonly Transition[];
beforeAll(() => {
  transitions = allTransitions();
});

/** What the clock on the wall shows, as a moment of UTC. */
const wallAt = ({ at, before, after }: Transition, moment: number): number =>
  moment + (moment < at ? before : after);

const hhmm = (wall: number): string => new Date(wall).toISOString().slice(11, 16);
const isoDay = (wall: number): number => new Date(wall).getUTCDay() || 7;

interface Window {
  readonly days: readonly number[];
  readonly from: string;
  readonly to: string;
}

/** The plain reading: what does the clock on the wall show? */
const isQuiet = ({ days, from, to }: Window, wall: number): boolean => {
  const time = hhmm(wall);
  if (from < to) return days.includes(isoDay(wall)) && from <= time && time < to;
  const tonight = days.includes(isoDay(wall)) && from <= time;
  const sinceYesterday = days.includes(isoDay(wall - 24 * hour)) && time < to;
  return tonight || sinceYesterday;
};

/** Minute by minute, until the clock on the wall shows a minute that isn't quiet. */
const endByHand = (window: Window, transition: Transition, from: number): number => {
  let at = from;
  while (isQuiet(window, wallAt(transition, at))) at = Math.floor(at / minute) * minute + minute;
  return at;
};

test('the zones change their clocks often enough for this to mean something', () => {
  expect(zones.length).toBeGreaterThan(400);
  expect(transitions.length).toBeGreaterThan(1_500);
  expect(new Set(transitions.map(({ zone }) => zone)).size).toBeGreaterThan(100);
});

describe('quiet hours end when the clock on the wall says so, at every change of clocks', () => {
  const windows: readonly (readonly [string, Window])[] = [
    ['a night', { days: week, from: '22:00', to: '07:00' }],
    ['a night of one weekday', { days: [6], from: '23:30', to: '02:15' }],
    ['an hour that may be missing or come twice', { days: week, from: '01:30', to: '02:30' }],
    ['until one that may be missing', { days: [7], from: '00:15', to: '02:00' }],
    ['from one midnight to the next', { days: [6], from: '00:00', to: '00:00' }],
  ];
  test.each(windows)('%s', (_name, window) => {
    const wrong: unknown[] = [];
    for (const [index, transition] of transitions.entries()) {
      // Three moments of ten at each change, so that together the zones meet all of them often.
      const moments = [-5, -2, -1.01, -0.5, 0, 0.25, 0.9, 1, 2.5, 5];
      for (const hours of moments.filter((_, nth) => (nth + index) % 3 === 0)) {
        const now = transition.at + Math.round(hours * hour);
        const is = quietUntil({ windows: [window] }, 'sms', transition.zone, now);
        const ought = endByHand(window, transition, now);
        if (is !== ought) wrong.push({ ...transition, now, is, ought });
      }
    }
    expect(wrong).toEqual([]);
  });

  test('to the millisecond: half-open at both ends', () => {
    const quiet = { windows: [{ days: week, from: '22:00', to: '07:00' }] };
    const until = (at: string) =>
      new Date(quietUntil(quiet, 'push', 'Europe/Oslo', Date.parse(at))).toISOString();
    const end = '2027-03-02T06:00:00.000Z';
    expect(until('2027-03-01T20:59:59.999Z')).toBe('2027-03-01T20:59:59.999Z');
    expect(until('2027-03-01T21:00:00.000Z')).toBe(end);
    expect(until('2027-03-02T05:59:59.999Z')).toBe(end);
    expect(until(end)).toBe(end);
  });

  test('windows that touch or overlap are one', () => {
    const windows = [
      { days: [1], from: '20:00', to: '00:00' },
      { days: [2], from: '00:00', to: '08:00' },
      { days: [2], from: '07:00', to: '09:30' },
    ];
    const at = Date.parse('2027-03-01T20:00:00.000Z');
    const until = quietUntil({ windows }, 'email', 'Europe/Oslo', at);
    expect(new Date(until).toISOString()).toBe('2027-03-02T08:30:00.000Z');
  });

  test('a week without a pause is looked at again after it', () => {
    const always = { windows: [{ days: week, from: '00:00', to: '00:00' }] };
    const now = Date.parse('2027-03-01T20:00:00.000Z');
    const until = quietUntil(always, 'sms', 'America/New_York', now);
    expect(until - now).toBeGreaterThan(7 * 24 * hour);
    expect(until - now).toBeLessThan(10 * 24 * hour);
  });
});

describe('a local time is the moment at which clocks there show it, at every change of clocks', () => {
  test('the first of two, and after the gap for one that is left out', () => {
    const wrong: unknown[] = [];
    let [gaps, repeats] = [0, 0];
    for (const transition of transitions) {
      const { zone, at, before, after } = transition;
      const shift = after - before;
      for (const minutes of [-60, -1, 0, 29, 30, 59, 60]) {
        const wall = at + before + minutes * minute;
        const localTime = new Date(wall).toISOString().slice(0, 16);
        const isGap = shift > 0 && wall >= at + before && wall < at + after;
        const isTwice = shift < 0 && wall >= at + after && wall < at + before;
        gaps += isGap ? 1 : 0;
        repeats += isTwice ? 1 : 0;
        // Before the change, in the gap and at its first pass the old offset tells.
        const first = wall - before < at || isGap;
        const ought = new Date(wall - (first ? before : after)).toISOString();
        const is = instantOf(localTime, zone);
        if (is !== ought) wrong.push({ zone, localTime, is, ought });
      }
    }
    expect(wrong).toEqual([]);
    expect(Math.min(gaps, repeats)).toBeGreaterThan(1_000);
  });

  test('in every zone on a day without any change', () => {
    for (const zone of zones) {
      const at = Date.parse(instantOf('2026-12-24T09:00', zone));
      expect([zone, new Date(at + offsetOf(zone, at)).toISOString()]).toEqual([
        zone,
        '2026-12-24T09:00:00.000Z',
      ]);
    }
  });

  test.each([
    ['2026-12-24T09:00', true],
    ['2026-12-24T09:00:30', true],
    ['2026-02-29T09:00', false],
    ['2026-12-24T24:00', false],
    ['2026-12-24T09:00Z', false],
    ['2026-12-24', false],
    ['tomorrow', false],
  ])('%s is a local time: %s', (text, is) => {
    expect(isLocalTime(text)).toBe(is);
  });
});
