import { describe, expect, test } from '@jest/globals';
import { defaultRules } from '../../../src/domain/policy/rules.ts';
import { trackingOf, type TrackingQuestion } from '../../../src/domain/policy/tracking.ts';
import type { Consent } from '../../../src/domain/user/events.ts';
import { ada, yes } from './people.ts';

const both = { opens: true, clicks: true };
const nothing = { opens: false, clicks: false };

/** A reader who lives there, or of whom nobody knows where. */
const living = (region?: string, timezone = 'UTC', consent?: Partial<Consent>) => ({
  profile: {
    ...ada.profile,
    timezone,
    ...(region === undefined ? {} : { attributes: { region } }),
  },
  consents: consent ? { 'marketing:email': { ...yes, ...consent } } : {},
});

const asked = (
  user: TrackingQuestion['user'],
  changes: Partial<TrackingQuestion> = {},
): ReturnType<typeof trackingOf> =>
  trackingOf({
    content: { category: 'marketing', tracking: both },
    user,
    rules: defaultRules,
    providerTells: false,
    at: '2027-03-01T11:00:00.000Z',
    ...changes,
  });

const american = living('US-NY');
const german = living('DE');

describe('an email tells of its reading', () => {
  test('what its template asks for', () => {
    expect(asked(american)).toEqual(both);
    const opens = { opens: true, clicks: false };
    expect(asked(american, { content: { category: 'marketing', tracking: opens } })).toEqual(opens);
  });

  test.each(['US', 'US-NY', 'US-TX', 'JP', undefined])('to readers in %s', (region) => {
    expect(asked(living(region))).toEqual(both);
  });

  test.each(['DE', 'gb', 'FR', 'NO', 'IE', 'CA'])(
    'to readers in %s only with a consent that says so',
    (region) => {
      expect(asked(living(region, 'UTC', { tracking: true }))).toEqual(both);
      expect(asked(living(region))).toEqual(nothing);
      expect(asked(living(region, 'UTC', {}))).toEqual(nothing);
    },
  );

  test('to readers whose place nobody told only with a consent, when their clocks are in Europe', () => {
    expect(asked(living(undefined, 'Europe/Berlin'))).toEqual(nothing);
    expect(asked(living(undefined, 'Europe/Berlin', { tracking: true }))).toEqual(both);
    expect(asked(living('US', 'Europe/Berlin'))).toEqual(both);
  });
});

describe('an email tells nothing of its reading', () => {
  test('unless its template asks for it', () => {
    expect(asked(american, { content: { category: 'marketing' } })).toEqual(nothing);
  });

  test('when its provider tells it', () => {
    expect(asked(american, { providerTells: true })).toEqual(nothing);
  });

  test.each(['security', 'oneTimeCode'] as const)('when it can not wait (%s)', (purpose) => {
    const content = { category: 'system', purpose, tracking: both } as const;
    expect(asked(american, { content })).toEqual(nothing);
  });

  test('when the consent was taken back, is over, is for other messages or excludes it', () => {
    const over = { tracking: true, expiresAt: '2027-03-01T11:00:00.000Z' };
    expect(asked(living('DE', 'UTC', over))).toEqual(nothing);
    expect(asked(living('US', 'UTC', { given: false, tracking: true }))).toEqual(nothing);
    expect(asked(living('US', 'UTC', { tracking: false }))).toEqual(nothing);
    const content = { category: 'transactional', tracking: both } as const;
    expect(asked(living('DE', 'UTC', { tracking: true }), { content })).toEqual(nothing);
  });

  test('where the rules of the operator do not say that it may', () => {
    const rules = {
      ...defaultRules,
      jurisdictions: [{ regions: ['*'], consentFor: [], marketingHours: [] }],
    };
    expect(asked(american, { rules })).toEqual(nothing);
    expect(asked(german, { rules })).toEqual(nothing);
  });
});
