import type { DoubtResolution } from '../notification/events.ts';
import type { Category } from '../vocabulary.ts';

/** What a second call for the same notification does to the recipient, by provider. */
export type Repeat = 'safe' | 'merged' | 'unsafe';

/**
 * What to do when nobody can know whether the provider accepted (facts D8): where a repeat is harmless,
 * send again; a second copy of a system or transactional message is better than none; a marketing
 * message is never risked twice.
 */
export const resolveDoubt = (category: Category, repeat: Repeat): DoubtResolution =>
  repeat !== 'unsafe' || category !== 'marketing' ? 'resend' : 'give up';
