import type { QuietHours } from '../user/events.ts';
import type { Channel } from '../vocabulary.ts';
import { instantAt } from './localTime.ts';
import type { Jurisdiction } from './rules.ts';
import { firstOutside, minutesOf, otherMinutes } from './week.ts';

/** Channels that make a sound where the reader is; an inbox doesn't. */
const audible: readonly Channel[] = ['email', 'sms', 'push'];

/**
 * The end of the quiet hours that `now` is in; `now` itself outside of them. Both in milliseconds since
 * the epoch; windows are half-open and read from the clock on the wall (facts L23, L24).
 */
export const quietUntil = (
  { windows }: QuietHours,
  channel: Channel,
  zone: string,
  now: number,
): number => (audible.includes(channel) ? firstOutside(minutesOf(windows), zone, now) : now);

/**
 * When the law lets marketing reach the reader: `now`, or the next opening. With more than one zone in
 * which the reader may be, it has to be open in all of them (facts L22).
 */
export const marketingOpensAt = (
  { marketingHours }: Jurisdiction,
  channel: Channel,
  zones: readonly string[],
  now: number,
): number => {
  const today = instantAt(now).slice(0, 10);
  const hours = marketingHours
    .filter((one) => one.since <= today && one.channels.includes(channel))
    .reduce<(typeof marketingHours)[number] | undefined>(
      (latest, one) => (latest && latest.since >= one.since ? latest : one),
      undefined,
    );
  if (!hours) return now;
  const closed = otherMinutes(minutesOf(hours.open));
  return settled(now, (at) =>
    zones.reduce((latest, zone) => firstOutside(closed, zone, latest), at),
  );
};

/** Where a step that only moves forward comes to rest, within a year of weeks. */
export const settled = (from: number, step: (at: number) => number): number => {
  let at = from;
  for (let round = 0; round < 53; round += 1) {
    const next = step(at);
    if (next === at) return at;
    at = next;
  }
  return at;
};
