import { DomainError } from '../domain/errors.ts';
import type { Consent, QuietHours } from '../domain/user/events.ts';

const bad = (field: string, what: string): DomainError =>
  new DomainError('BAD_INPUT', `${field} ${what}`, field);

const clock = /^([01]\d|2[0-3]):[0-5]\d$/;
const mostWindows = 14;

/** @throws DomainError BAD_INPUT naming the field */
export const checkQuietHours = ({ windows }: QuietHours): void => {
  if (windows.length > mostWindows) throw bad('windows', `may be at most ${mostWindows}`);
  for (const [index, { days, from, to }] of windows.entries()) {
    const field = `windows.${index}`;
    const distinct = new Set(days).size === days.length;
    if (
      days.length === 0 ||
      !distinct ||
      !days.every((day) => Number.isInteger(day) && day >= 1 && day <= 7)
    ) {
      throw bad(`${field}.days`, 'must be different days from 1 (Monday) to 7 (Sunday)');
    }
    if (!clock.test(from)) throw bad(`${field}.from`, 'must be a time of the day, HH:mm');
    if (!clock.test(to)) throw bad(`${field}.to`, 'must be a time of the day, HH:mm');
  }
};

const longestWording = 4_096;

/** @throws DomainError BAD_INPUT naming the field */
export const checkConsent = ({ wording, source, at, evidence = '', expiresAt }: Consent): void => {
  if (wording.trim() === '' || wording.length > longestWording) {
    throw bad('wording', `must have 1 to ${longestWording} characters: the words agreed to`);
  }
  if (source.trim() === '' || source.length > 128) {
    throw bad('source', 'must have 1 to 128 characters: where it was said');
  }
  if (evidence.length > longestWording) {
    throw bad('evidence', `may have at most ${longestWording} characters`);
  }
  if (expiresAt !== undefined && expiresAt <= at) throw bad('expiresAt', 'must be after at');
};
