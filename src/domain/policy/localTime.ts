import { Temporal } from '@js-temporal/polyfill';
import type { Instant } from '../vocabulary.ts';

/** A date and a time of day on whatever clock hangs where the reader is: `2026-12-24T09:00`. */
export type LocalTime = string;

const shape = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$/;

/** Whether the text names a date and a time of day, without a zone. */
export const isLocalTime = (text: string): boolean => {
  if (!shape.test(text)) return false;
  try {
    Temporal.PlainDateTime.from(text, { overflow: 'reject' });
    return true;
  } catch {
    return false;
  }
};

/** Milliseconds since the epoch as events write them. */
export const instantAt = (milliseconds: number): Instant =>
  Temporal.Instant.fromEpochMilliseconds(milliseconds).toString({ fractionalSecondDigits: 3 });

/**
 * The moment at which clocks of the zone show that time. A time that is left out when clocks are put
 * forward comes as much later; of a time that comes twice, the first (facts L24, D26).
 *
 * @param zone IANA time zone
 */
export const instantOf = (localTime: LocalTime, zone: string): Instant =>
  instantAt(
    Temporal.PlainDateTime.from(localTime).toZonedDateTime(zone, { disambiguation: 'compatible' })
      .epochMilliseconds,
  );
