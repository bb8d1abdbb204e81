/**
 * The law as a list: the first line that fits says what happens. Written from the facts, without the
 * program: it knows hours of a local clock that never changes and nothing of instants or zones.
 */
export interface Case {
  readonly category: 'transactional' | 'marketing' | 'system';
  readonly channel: 'email' | 'sms' | 'push' | 'in_app';
  readonly region: string;
  readonly consent: 'none' | 'yes' | 'yes for long' | 'no' | 'run out';
  readonly suppression: 'none' | 'marketing' | 'all';
  /** 0 to 23, and the weekday: 1 is Monday. */
  readonly hour: number;
  readonly weekday: number;
  readonly erased: boolean;
  readonly stop: boolean;
  readonly unsubscribed: 'no' | 'all' | 'channel' | 'category';
  readonly preference: 'absent' | 'off' | 'off, topic on' | 'on, topic off' | 'topic on, here off';
  readonly kind: 'ordinary' | 'required' | 'code';
  /** Hours from now, if it expires. */
  readonly expiresIn: number | undefined;
  readonly quietAtNight: boolean;
}

const optInPlaces = ['DE', 'GB', 'CA'];

const hoursOpen = (region: string, weekday: number): readonly [number, number] => {
  if (region === 'US-FL') return [8, 20];
  if (region === 'US-TX') return weekday === 7 ? [12, 21] : [9, 21];
  return weekday === 7 ? [12, 20] : [9, 20];
};

const mayRingAt = (c: Case, hour: number, weekday: number): boolean => {
  if (c.kind === 'code' || c.channel === 'in_app') return true;
  if (c.quietAtNight && (hour >= 22 || hour < 7)) return false;
  if (c.category !== 'marketing' || c.channel === 'email') return true;
  const [opens, closes] = hoursOpen(c.region, weekday);
  return hour >= opens && hour < closes;
};

/** Hours to wait; every case is at the full hour. */
const waitOf = (c: Case): number => {
  for (let wait = 0; ; wait += 1) {
    const day = Math.floor((c.hour + wait) / 24);
    if (mayRingAt(c, (c.hour + wait) % 24, ((c.weekday - 1 + day) % 7) + 1)) return wait;
  }
};

export type Answer =
  | { readonly does: 'go' }
  | { readonly does: 'refuse'; readonly by: string }
  | { readonly does: 'wait'; readonly hours: number; readonly by: string }
  | { readonly does: 'expire' };

const list: readonly (readonly [(c: Case) => boolean, (c: Case) => Answer])[] = [
  [(c) => c.erased, () => no('erased')],
  [(c) => c.suppression === 'all', () => no('address-suppressed')],
  [
    (c) => c.suppression === 'marketing' && c.category === 'marketing',
    () => no('address-suppressed'),
  ],
  [(c) => c.stop, () => no('channel-stopped')],
  [(c) => c.unsubscribed !== 'no' && c.kind === 'ordinary', () => no('unsubscribed')],
  [(c) => c.preference === 'off' && c.kind !== 'required', () => no('opted-out')],
  [(c) => c.preference === 'on, topic off' && c.kind !== 'required', () => no('opted-out')],
  [(c) => c.preference === 'topic on, here off' && c.kind !== 'required', () => no('opted-out')],
  [(c) => c.consent === 'no', () => no('consent-withdrawn')],
  [(c) => asksForConsent(c) && c.consent === 'none', () => no('no-consent')],
  [(c) => asksForConsent(c) && c.consent === 'run out', () => no('consent-expired')],
  [(c) => c.expiresIn !== undefined && c.expiresIn <= 0, () => ({ does: 'expire' })],
  [(c) => waitOf(c) === 0, () => ({ does: 'go' })],
  [(c) => c.expiresIn !== undefined && c.expiresIn <= waitOf(c), () => ({ does: 'expire' })],
  [
    (c) => c.quietAtNight && (c.hour >= 22 || c.hour < 7),
    (c) => ({ does: 'wait', hours: waitOf(c), by: 'quiet-hours' }),
  ],
  [() => true, (c) => ({ does: 'wait', hours: waitOf(c), by: 'marketing-hours' })],
];

const no = (by: string): Answer => ({ does: 'refuse', by });

const asksForConsent = ({ category, channel, region }: Case): boolean =>
  category === 'marketing' &&
  (channel === 'sms' || (channel === 'email' && optInPlaces.includes(region)));

export const oracle = (c: Case): Answer => {
  for (const [fits, answer] of list) if (fits(c)) return answer(c);
  throw new Error('the last line fits everything');
};
