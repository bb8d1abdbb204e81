import { describe, expect, test } from '@jest/globals';
import { eligibility, type EligibilityQuestion } from '../../../src/domain/policy/eligibility.ts';
import type { RegisteredUser } from '../../../src/domain/user/state.ts';
import { categories, channels } from '../../../src/domain/vocabulary.ts';
import { type Answer, type Case, oracle } from './oracle.ts';
import { ada, asking, yes } from './people.ts';

/** A zone without any change of clocks: nine hours ahead of UTC. */
const timezone = 'Asia/Tokyo';
const hourMs = 3_600_000;
/** Midnight of a Monday there. */
const monday = Date.parse('2027-03-01T00:00:00+09:00');

const plain: Case = {
  category: 'marketing',
  channel: 'sms',
  region: 'JP',
  consent: 'yes',
  suppression: 'none',
  hour: 12,
  weekday: 2,
  erased: false,
  stop: false,
  unsubscribed: 'no',
  preference: 'absent',
  kind: 'ordinary',
  expiresIn: undefined,
  quietAtNight: true,
};

const every = {
  category: categories,
  channel: channels,
  region: ['JP', 'DE', 'GB', 'CA', 'US-TX', 'US-FL'],
  consent: ['none', 'yes', 'yes for long', 'no', 'run out'],
  suppression: ['none', 'marketing', 'all'],
  hour: Array.from({ length: 24 }, (_, hour) => hour),
  weekday: [1, 6, 7],
  erased: [false, true],
  stop: [false, true],
  unsubscribed: ['no', 'all', 'channel', 'category'],
  preference: ['absent', 'off', 'off, topic on', 'on, topic off', 'topic on, here off'],
  kind: ['ordinary', 'required', 'code'],
  expiresIn: [undefined, 0, 2, 11],
  quietAtNight: [true, false],
} as const satisfies { readonly [F in keyof Case]: readonly Case[F][] };

/** Every combination of the values of some fields; the others as in `plain`. */
function* casesOver(fields: readonly (keyof Case)[]): Generator<Case> {
  const [field, ...rest] = fields;
  if (field === undefined) {
    yield plain;
    return;
  }
  for (const one of casesOver(rest))
    for (const value of every[field]) yield { ...one, [field]: value };
}

const iso = (at: number) => new Date(at).toISOString();

const questionOf = (c: Case): EligibilityQuestion => {
  const now = monday + ((c.weekday - 1) * 24 + c.hour) * hourMs;
  const key = `${c.category}:${c.channel}`;
  const preferences: Record<Case['preference'], RegisteredUser['preferences']> = {
    absent: {},
    off: { [key]: false },
    'off, topic on': { [key]: false, 'topic:offer': true },
    'on, topic off': { [key]: true, 'topic:offer': false },
    'topic on, here off': { 'topic:offer': true, [`topic:offer:${c.channel}`]: false },
  };
  const consents: Record<Case['consent'], RegisteredUser['consents']> = {
    none: {},
    yes: { [key]: yes },
    'yes for long': { [key]: { ...yes, expiresAt: iso(now + 1) } },
    no: { [key]: { ...yes, given: false } },
    'run out': { [key]: { ...yes, expiresAt: iso(now) } },
  };
  const unsubscribed: Record<Case['unsubscribed'], RegisteredUser['unsubscribed']> = {
    no: { channels: [], categories: [] },
    all: { all: true, channels: [], categories: [] },
    channel: { channels: [c.channel], categories: [] },
    category: { channels: [], categories: [c.category] },
  };
  const user: RegisteredUser = {
    ...ada,
    profile: { ...ada.profile, timezone, attributes: { region: c.region } },
    ...(c.erased && { erased: true as const }),
    preferences: preferences[c.preference],
    consents: consents[c.consent],
    unsubscribed: unsubscribed[c.unsubscribed],
    stopped: c.stop ? [c.channel] : [],
    ...(c.quietAtNight && {
      quietHours: { windows: [{ days: [1, 2, 3, 4, 5, 6, 7], from: '22:00', to: '07:00' }] },
    }),
  };
  const message = {
    category: c.category,
    channel: c.channel,
    ...(c.kind === 'required' && { required: true }),
    ...(c.kind === 'code' && { purpose: 'oneTimeCode' as const }),
  };
  return asking(user, message, {
    at: iso(now),
    ...(c.expiresIn === undefined ? {} : { expiresAt: iso(now + c.expiresIn * hourMs) }),
    ...(c.suppression === 'none'
      ? {}
      : { suppressed: { scope: c.suppression, reason: 'manual', evidence: 's@0' } }),
  });
};

const answerOf = (question: EligibilityQuestion): Answer => {
  const verdict = eligibility(question);
  switch (verdict.kind) {
    case 'allow':
      return { does: 'go' };
    case 'refuse':
      return { does: 'refuse', by: verdict.ruleId };
    case 'expire':
      return { does: 'expire' };
    case 'defer': {
      const hours = (Date.parse(verdict.until) - Date.parse(question.at)) / hourMs;
      return { does: 'wait', hours, by: verdict.ruleId };
    }
  }
};

const differences = (fields: readonly (keyof Case)[]) => {
  let count = 0;
  const wrong: unknown[] = [];
  for (const one of casesOver(fields)) {
    count += 1;
    const [is, ought] = [answerOf(questionOf(one)), oracle(one)];
    if (JSON.stringify(is) !== JSON.stringify(ought)) wrong.push({ one, is, ought });
  }
  return { count, wrong: wrong.slice(0, 3) };
};

describe('the policy says what the list says', () => {
  test('for each category, channel, place, consent, suppression and hour (facts L29)', () => {
    const fields = ['category', 'channel', 'region', 'consent', 'suppression', 'hour'] as const;
    expect(differences(fields)).toEqual({ count: 25_920, wrong: [] });
  });

  test('whatever else the user said, and whatever the message is', () => {
    const said = ['erased', 'stop', 'unsubscribed', 'preference', 'kind', 'suppression'] as const;
    const fields = ['category', 'channel', 'consent', ...said] as const;
    expect(differences(fields)).toEqual({ count: 43_200, wrong: [] });
  });

  test('when it expires before or after it may be sent', () => {
    const fields = ['category', 'channel', 'hour', 'kind', 'expiresIn', 'quietAtNight'] as const;
    expect(differences(fields)).toEqual({ count: 6_912, wrong: [] });
  });

  test('at every hour of working days and Sundays in every place', () => {
    const fields = ['category', 'channel', 'region', 'hour', 'weekday', 'quietAtNight'] as const;
    expect(differences(fields)).toEqual({ count: 10_368, wrong: [] });
  });
});
