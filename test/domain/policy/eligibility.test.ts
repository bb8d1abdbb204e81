import { describe, expect, test } from '@jest/globals';
import { resolveDoubt } from '../../../src/domain/policy/doubt.ts';
import {
  eligibility,
  type MessageKind,
  permission,
} from '../../../src/domain/policy/eligibility.ts';
import { defaultRules } from '../../../src/domain/policy/rules.ts';
import { deferred } from '../../../src/domain/policy/verdict.ts';
import { categories, channels } from '../../../src/domain/vocabulary.ts';
import { ada, asking, yes } from './people.ts';

const night = '2027-03-01T22:30:00.000Z';
const quietHours = { windows: [{ days: [1, 2, 3, 4, 5, 6, 7], from: '22:00', to: '07:00' }] };

describe('a message may be sent', () => {
  test('over every channel to a user who has every address, gave consent and forbade nothing', () => {
    const consents = { 'marketing:sms': yes };
    for (const channel of channels) {
      for (const category of categories) {
        expect(eligibility(asking({ consents }, { channel, category }))).toEqual({ kind: 'allow' });
      }
    }
  });

  test('over the other channels and in the other categories when one is forbidden', () => {
    const preferences = { 'marketing:email': false };
    for (const other of [{ category: 'system' }, { channel: 'push' }] as const) {
      expect(eligibility(asking({ preferences }, other))).toEqual({ kind: 'allow' });
    }
  });

  test('of a topic that the user wants in a category that the user does not want', () => {
    const preferences = { 'marketing:email': false, 'topic:offer': true };
    expect(eligibility(asking({ preferences }))).toEqual({ kind: 'allow' });
  });

  test('that is required, whatever the user switched off or unsubscribed from', () => {
    const user = {
      preferences: { 'system:email': false, 'topic:offer:email': false },
      unsubscribed: { all: true, channels: ['email'], categories: ['system'] },
    } as const;
    const message = { category: 'system', required: true } as const;
    expect(eligibility(asking(user, message))).toEqual({ kind: 'allow' });
  });

  test('with a one-time code at night, to a user who unsubscribed from everything', () => {
    const user = { quietHours, unsubscribed: { all: true, channels: [], categories: [] } } as const;
    const code = { category: 'system', purpose: 'oneTimeCode' } as const;
    expect(eligibility(asking(user, code, { at: night }))).toEqual({ kind: 'allow' });
  });
});

describe('a message is refused, with the event that forbids it', () => {
  test.each([
    ['to a user who was erased', { erased: true }, {}, 'erased', 'erased'],
    ['after STOP', { stopped: ['email'] }, {}, 'channel-stopped', 'stopped:email'],
    [
      'after STOP, a one-time code as well',
      { stopped: ['email'] },
      { category: 'system', purpose: 'oneTimeCode', required: true },
      'channel-stopped',
      'stopped:email',
    ],
    [
      'to a user who unsubscribed from everything',
      { unsubscribed: { all: true, channels: [], categories: [] } },
      {},
      'unsubscribed',
      'unsubscribed:all',
    ],
    [
      'to a user who unsubscribed from the channel',
      { unsubscribed: { channels: ['email'], categories: [] } },
      { category: 'transactional' },
      'unsubscribed',
      'unsubscribed:email',
    ],
    [
      'to a user who unsubscribed from the category',
      { unsubscribed: { channels: [], categories: ['marketing'] } },
      {},
      'unsubscribed',
      'unsubscribed:marketing',
    ],
    [
      'in a category that the user switched off',
      { preferences: { 'marketing:email': false } },
      {},
      'opted-out',
      'preference:marketing:email',
    ],
    [
      'of a topic that the user switched off',
      { preferences: { 'marketing:email': true, 'topic:offer': false } },
      {},
      'opted-out',
      'preference:topic:offer',
    ],
    [
      'of a topic that the user switched off on this channel',
      { preferences: { 'topic:offer': true, 'topic:offer:email': false } },
      {},
      'opted-out',
      'preference:topic:offer:email',
    ],
    [
      'after a consent was withdrawn, also where none is needed',
      { consents: { 'marketing:email': { ...yes, given: false } } },
      {},
      'consent-withdrawn',
      'consent:marketing:email',
    ],
    [
      'after the consent has run out',
      { consents: { 'marketing:sms': { ...yes, expiresAt: '2027-03-01T11:00:00.000Z' } } },
      { channel: 'sms' },
      'consent-expired',
      'consent:marketing:sms',
    ],
  ] as const)('%s', (_when, user, message, ruleId, fact) => {
    const because = { [fact]: 'user-ada@7' };
    expect(eligibility(asking({ ...user, because }, message))).toMatchObject({
      kind: 'refuse',
      ruleId,
      evidence: 'user-ada@7',
    });
  });

  test('to a user who does not exist', () => {
    const answer = { kind: 'refuse', ruleId: 'user-unknown' };
    expect(eligibility({ ...asking(), user: undefined })).toMatchObject(answer);
  });

  test('when there is nowhere to send it', () => {
    const { timezone, locale } = ada.profile;
    const nowhere = { profile: { timezone, locale }, addresses: [], devices: [] };
    for (const channel of ['email', 'sms', 'push'] as const) {
      expect(eligibility(asking(nowhere, { channel, category: 'transactional' }))).toMatchObject({
        kind: 'refuse',
        ruleId: 'no-address',
      });
    }
  });

  test('without a consent, where the law of the place asks for one', () => {
    const inRegion = (region: string) =>
      eligibility(asking({ profile: { ...ada.profile, attributes: { region } } }));
    const refused = { kind: 'refuse', ruleId: 'no-consent' };
    expect(eligibility(asking({}, { channel: 'sms' }))).toMatchObject(refused);
    expect(eligibility(asking())).toEqual({ kind: 'allow' });
    expect(inRegion('DE')).toMatchObject(refused);
    expect(inRegion('ca')).toMatchObject(refused);
    expect(inRegion('US-TX')).toEqual({ kind: 'allow' });
  });

  test('to a suppressed address: all of it, or marketing only', () => {
    const suppressed = {
      scope: 'marketing',
      reason: 'complaint',
      evidence: 'suppression-x@0',
    } as const;
    const refused = { ruleId: 'address-suppressed', evidence: 'suppression-x@0' };
    const system = { category: 'system' } as const;
    expect(eligibility(asking({}, {}, { suppressed }))).toMatchObject(refused);
    expect(eligibility(asking({}, system, { suppressed }))).toEqual({ kind: 'allow' });
    expect(
      eligibility(asking({}, system, { suppressed: { ...suppressed, scope: 'all' } })),
    ).toMatchObject(refused);
  });
});

test('to a paused address nothing is sent that can wait, until the pause is over', () => {
  const { until, ...suppressed } = {
    scope: 'all',
    reason: 'soft bounces',
    evidence: 'suppression-x@3',
    until: '2027-03-04T09:00:00.000Z',
  } as const;
  const ask = (at: string, message: Partial<MessageKind> = {}) =>
    eligibility(asking({}, message, { suppressed: { ...suppressed, until }, at }));
  expect(ask('2027-03-04T08:59:59.999Z')).toMatchObject({
    kind: 'refuse',
    ruleId: 'address-paused',
    evidence: 'suppression-x@3',
  });
  expect(ask('2027-03-04T08:59:59.999Z', { purpose: 'security' })).toEqual({ kind: 'allow' });
  expect(ask(until)).toEqual({ kind: 'allow' });
});

describe('a message waits', () => {
  test('for the end of the quiet hours of the user', () => {
    const because = { quietHours: 'user-ada@3' };
    const message = { category: 'transactional' } as const;
    expect(eligibility(asking({ quietHours, because }, message, { at: night }))).toEqual({
      kind: 'defer',
      until: '2027-03-02T06:00:00.000Z',
      as: 'quiet hours',
      ruleId: 'quiet-hours',
      reason: 'the user has quiet hours',
      evidence: 'user-ada@3',
    });
  });

  test('for the hours in which the law lets marketing through', () => {
    const verdict = eligibility(asking({}, { channel: 'push' }, { at: night }));
    expect(verdict).toMatchObject({
      kind: 'defer',
      ruleId: 'marketing-hours',
      until: '2027-03-02T08:00:00.000Z',
    });
  });

  test('for a moment that is in neither', () => {
    const late = { windows: [{ days: [2], from: '09:00', to: '12:30' }] };
    const verdict = eligibility(asking({ quietHours: late }, { channel: 'push' }, { at: night }));
    expect(verdict).toMatchObject({ kind: 'defer', until: '2027-03-02T11:30:00.000Z' });
  });

  test('nowhere for an inbox, which makes no sound', () => {
    const question = asking({ quietHours }, { channel: 'in_app' }, { at: night });
    expect(eligibility(question)).toEqual({ kind: 'allow' });
  });

  test('at no hour, as far as can be told of a message for later', () => {
    expect(permission(asking({ quietHours }, {}, { at: night }))).toEqual({ kind: 'allow' });
  });
});

describe('a message expires', () => {
  test('at its moment, and not a millisecond before', () => {
    const expiresAt = '2027-03-01T11:00:00.000Z';
    expect(eligibility(asking({}, {}, { expiresAt }))).toMatchObject({ kind: 'expire' });
    const at = '2027-03-01T10:59:59.999Z';
    expect(eligibility(asking({}, {}, { expiresAt, at }))).toEqual({ kind: 'allow' });
  });

  test('at once when it would have to wait until after its moment', () => {
    const expiresAt = '2027-03-02T06:00:00.000Z';
    const message = { category: 'transactional' } as const;
    const question = asking({ quietHours }, message, { expiresAt, at: night });
    expect(eligibility(question)).toMatchObject({ kind: 'expire', ruleId: 'quiet-hours' });
    const until = Date.parse(expiresAt);
    const limit = { ruleId: 'rate-limit', reason: 'enough' };
    expect(deferred(limit, 'rate limit', until, expiresAt)).toMatchObject({ kind: 'expire' });
    expect(deferred(limit, 'rate limit', until - 1, expiresAt)).toMatchObject({
      kind: 'defer',
      as: 'rate limit',
    });
  });
});

test('a jurisdiction with dated hours follows the latest that holds', () => {
  const open = (from: string) => [{ days: [1, 2, 3, 4, 5, 6, 7], from, to: '20:00' }];
  const hours = (since: string, from: string) => ({
    since,
    channels: ['push'] as const,
    open: open(from),
  });
  const marketingHours = [hours('2027-06-01', '11:00'), hours('2027-01-01', '09:00')];
  const rules = {
    ...defaultRules,
    jurisdictions: [{ regions: ['*'], consentFor: [], marketingHours }],
  };
  const at = (day: string) =>
    eligibility(asking({}, { channel: 'push' }, { rules, at: `${day}T04:00:00.000Z` }));
  expect(at('2026-12-31')).toEqual({ kind: 'allow' });
  expect(at('2027-05-31')).toMatchObject({ until: '2027-05-31T07:00:00.000Z' });
  expect(at('2027-06-01')).toMatchObject({ until: '2027-06-01T09:00:00.000Z' });
});

describe('when nobody knows whether the provider accepted', () => {
  test.each([
    ['system', 'unsafe', 'resend'],
    ['transactional', 'unsafe', 'resend'],
    ['marketing', 'unsafe', 'give up'],
    ['marketing', 'merged', 'resend'],
    ['marketing', 'safe', 'resend'],
    ['system', 'safe', 'resend'],
  ] as const)('a %s message where a repeat is %s: %s', (category, repeat, resolution) => {
    expect(resolveDoubt(category, repeat)).toBe(resolution);
  });
});
