import { Temporal } from '@js-temporal/polyfill';

/** Some hours of some weekdays, in local time. */
export interface WeeklyWindow {
  /** ISO weekdays on which it starts: 1 is Monday, 7 is Sunday. */
  readonly days: readonly number[];
  /** `HH:mm`; the window holds from this minute on. */
  readonly from: string;
  /** `HH:mm`; the window holds until before this minute. Not after `from`: it ends on the next day. */
  readonly to: string;
}

/** Minutes of the local week, from Monday 00:00: half-open ranges, ascending, none of them touching. */
export type WeekMinutes = readonly (readonly [from: number, to: number])[];

const minuteMs = 60_000;
const dayMinutes = 1_440;
const weekMinutes = 7 * dayMinutes;

const minuteOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));

/** The minutes that any of the windows covers. */
export const minutesOf = (windows: readonly WeeklyWindow[]): WeekMinutes => {
  const ranges = windows.flatMap(({ days, from, to }) => {
    const start = minuteOf(from);
    const length = minuteOf(to) - start;
    return days.flatMap((day): WeekMinutes => {
      const first = (day - 1) * dayMinutes + start;
      const last = first + (length > 0 ? length : length + dayMinutes);
      const wraps = last > weekMinutes;
      return wraps
        ? [
            [first, weekMinutes],
            [0, last - weekMinutes],
          ]
        : [[first, last]];
    });
  });
  const merged: (readonly [number, number])[] = [];
  for (const [from, to] of ranges.sort(([a], [b]) => a - b)) {
    const last = merged.at(-1);
    if (last && from <= last[1]) merged[merged.length - 1] = [last[0], Math.max(last[1], to)];
    else merged.push([from, to]);
  }
  return merged;
};

/** The minutes of the week that are in none of the ranges. */
export const otherMinutes = (ranges: WeekMinutes): WeekMinutes => {
  const starts = [0, ...ranges.map(([, to]) => to)];
  const ends = [...ranges.map(([from]) => from), weekMinutes];
  return starts
    .map((from, index) => [from, ends[index] ?? weekMinutes] as const)
    .filter(([from, to]) => from < to);
};

/** Longer than any week: what is never outside is looked at again then. */
const horizonMs = 8 * dayMinutes * minuteMs;

/**
 * The first moment from `now` on at which the clock on the wall shows a minute outside of the ranges;
 * `now` itself when it does already. Exact where clocks are put forward or back: the clock on the wall
 * decides, whichever pass of an hour that comes twice it is.
 *
 * @param now milliseconds since the epoch
 * @param zone IANA time zone
 */
export const firstOutside = (ranges: WeekMinutes, zone: string, now: number): number => {
  let at = now;
  while (ranges.length > 0 && at < now + horizonMs) {
    const offset = offsetAt(at, zone);
    const wall = at + offset;
    const minute = weekMinuteOf(wall);
    const range = ranges.find(([from, to]) => from <= minute && minute < to);
    if (!range) return at;
    // A day at a time, so that no change of the clock and its return are stepped over together.
    const minutes = Math.min(range[1] - minute, dayMinutes);
    const next = at - modulo(wall, minuteMs) + minutes * minuteMs;
    at = offsetAt(next, zone) === offset ? next : changeBetween(at, next, zone);
  }
  return at;
};

const dayMs = dayMinutes * minuteMs;
const daysKept = 2_000;
const steadyDays = new Map<string, number | undefined>();

/**
 * What the zone's clocks are ahead of UTC, in milliseconds. Of days without a change the answer is kept:
 * asking the tables costs more than all the rest, and most questions are about today.
 */
const offsetAt = (at: number, zone: string): number => {
  const day = Math.floor(at / dayMs);
  const key = `${day} ${zone}`;
  if (!steadyDays.has(key)) {
    if (steadyDays.size === daysKept) steadyDays.clear();
    const offset = offsetByTables(day * dayMs, zone);
    const isSteady = offset === offsetByTables((day + 1) * dayMs, zone);
    steadyDays.set(key, isSteady ? offset : undefined);
  }
  return steadyDays.get(key) ?? offsetByTables(at, zone);
};

const offsetByTables = (at: number, zone: string): number =>
  Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).offsetNanoseconds / 1e6;

/** The moment after `from`, at most `to`, at which the clocks of the zone are changed. */
const changeBetween = (from: number, to: number, zone: string): number => {
  const before = offsetAt(from, zone);
  let [low, high] = [from, to];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle, zone) === before) low = middle;
    else high = middle;
  }
  return high;
};

const modulo = (value: number, by: number): number => ((value % by) + by) % by;

/** The epoch began on a Thursday. */
const weekMinuteOf = (wall: number): number =>
  modulo(Math.floor(wall / minuteMs) + 3 * dayMinutes, weekMinutes);
