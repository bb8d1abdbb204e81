/** What zones do, as the runtime's own tables tell it: without the program and without its library. */

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

const formats = new Map<string, Intl.DateTimeFormat>();

/** What the zone's clocks are ahead of UTC at a moment, in milliseconds. */
export const offsetOf = (zone: string, at: number): number => {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(zone, format);
  }
  const parts = Object.fromEntries(
    format.formatToParts(at).map(({ type, value }) => [type, Number(value)]),
  ) as Readonly<Record<string, number>>;
  const { year = 0, month = 0, day: date = 0, hour: h = 0, minute: m = 0, second: s = 0 } = parts;
  return Date.UTC(year, month - 1, date, h, m, s) - Math.floor(at / 1_000) * 1_000;
};

export interface Transition {
  readonly zone: string;
  /** The first moment with the offset `after`. */
  readonly at: number;
  readonly before: number;
  readonly after: number;
}

/** Every change of clocks of a zone between two moments; no zone changes them twice in three days. */
export const transitionsOf = (zone: string, from: number, until: number): readonly Transition[] => {
  const found: Transition[] = [];
  let before = offsetOf(zone, from);
  for (let at = from; at < until; at += 3 * day) {
    const after = offsetOf(zone, at + 3 * day);
    if (after === before) continue;
    let [low, high] = [at, at + 3 * day];
    while (high - low > minute) {
      const middle = low + Math.floor((high - low) / 2 / minute) * minute;
      if (offsetOf(zone, middle) === before) low = middle;
      else high = middle;
    }
    found.push({ zone, at: high, before, after });
    before = after;
  }
  return found;
};

/** Every zone that the runtime knows. */
export const zones: readonly string[] = Intl.supportedValuesOf('timeZone');

/** Every change of clocks anywhere from 2025 to 2030. */
export const allTransitions = (): readonly Transition[] =>
  zones.flatMap((zone) => transitionsOf(zone, Date.UTC(2025, 0, 1), Date.UTC(2031, 0, 1)));
