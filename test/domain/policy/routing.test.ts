import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  chooseProvider,
  hasSubstitute,
  restOfAll,
  type RoutingQuestion,
} from '../../../src/domain/policy/routing.ts';
import { steady } from '../../support/spec.ts';

const now = 1_000_000;
const of = (provider: string, weight = 1) => ({ provider, weight });
const route = { tiers: [[of('sendgrid', 3), of('ses', 1)], [of('mailgun')], [of('smtp')]] };
const resting =
  (rests: Readonly<Record<string, number>>) =>
  (provider: string): number | undefined =>
    rests[provider];

const choice = (changes: Partial<RoutingQuestion> = {}) =>
  chooseProvider({ route, tried: [], restsUntil: () => undefined, now, random: 0, ...changes });
const used = (provider: string) => ({ kind: 'use', provider });

describe('a message goes', () => {
  test('to the first tier, by weight', () => {
    expect(choice({ random: 0 })).toEqual(used('sendgrid'));
    expect(choice({ random: 0.7499 })).toEqual(used('sendgrid'));
    expect(choice({ random: 0.75 })).toEqual(used('ses'));
    expect(choice({ random: 0.9999 })).toEqual(used('ses'));
  });

  test('to the others of its tier while one rests, and to the next tier while all do', () => {
    const sendgrid = now + 1;
    expect(choice({ restsUntil: resting({ sendgrid }) })).toEqual(used('ses'));
    const all = resting({ sendgrid, ses: now + 1 });
    expect(choice({ restsUntil: all })).toEqual(used('mailgun'));
  });

  test('to a provider again from the moment on until which it rested', () => {
    expect(choice({ restsUntil: resting({ sendgrid: now }) })).toEqual(used('sendgrid'));
  });

  test('to the provider that its template prefers, unless that rests or has failed it', () => {
    const preferred = 'smtp';
    expect(choice({ preferred })).toEqual(used('smtp'));
    expect(choice({ preferred, restsUntil: resting({ smtp: now + 1 }) })).toEqual(used('sendgrid'));
    expect(choice({ preferred, tried: [{ provider: 'smtp' }] })).toEqual(used('sendgrid'));
  });

  test('as if nothing were preferred when the route lacks what is', () => {
    expect(choice({ preferred: 'twilio' })).toEqual(used('sendgrid'));
  });
});

describe('a message that a provider did not take goes', () => {
  const tried = [{ provider: 'sendgrid' }];

  test('to one that has failed it less often, tier by tier', () => {
    expect(choice({ tried })).toEqual(used('ses'));
    const three = ['sendgrid', 'ses', 'mailgun'].map((provider) => ({ provider }));
    expect(choice({ tried: three })).toEqual(used('smtp'));
    const all = [...three, { provider: 'smtp' }];
    expect(choice({ tried: all })).toEqual(used('sendgrid'));
    expect(choice({ tried: [...all, { provider: 'sendgrid' }] })).toEqual(used('ses'));
  });

  test('not back to it before it said', () => {
    const only = { tiers: [[of('sendgrid')]] };
    const asked = [{ provider: 'sendgrid', restsUntil: now + 5 }];
    expect(choice({ route: only, tried: asked })).toEqual({ kind: 'wait', until: now + 5 });
    expect(choice({ route: only, tried: asked, now: now + 5 })).toEqual(used('sendgrid'));
  });

  test('at once while somebody is left who has not failed it and can be called', () => {
    const question = { route, tried, restsUntil: () => undefined, now };
    expect(hasSubstitute(question)).toBe(true);
    const alone = { tiers: [[of('sendgrid')]] };
    expect(hasSubstitute({ ...question, route: alone })).toBe(false);
    const others = resting({ ses: now + 1, mailgun: now + 1, smtp: now + 1 });
    expect(hasSubstitute({ ...question, restsUntil: others })).toBe(false);
  });
});

describe('nobody', () => {
  test('is called while all rest; the first of them says until when', () => {
    const restsUntil = resting({
      sendgrid: now + 9,
      ses: now + 4,
      mailgun: now + 7,
      smtp: now + 8,
    });
    expect(choice({ restsUntil })).toEqual({ kind: 'wait', until: now + 4 });
  });

  test('takes what has no route', () => {
    expect(choice({ route: { tiers: [] } })).toEqual({ kind: 'none' });
  });

  test('holds back a retry unless every provider asked for a pause', () => {
    const one = [{ provider: 'sendgrid', restsUntil: now + 60 }];
    expect(restOfAll({ route, tried: one })).toBeUndefined();
    const all = ['ses', 'mailgun', 'smtp'].map((provider) => ({ provider, restsUntil: now + 30 }));
    expect(restOfAll({ route, tried: [...one, ...all] })).toBe(now + 30);
  });
});

test('weights share the messages out as they say', () => {
  const counts = { sendgrid: 0, ses: 0 };
  for (let n = 0; n < 10_000; n += 1) {
    const chosen = choice({ random: n / 10_000 });
    if (chosen.kind === 'use') counts[chosen.provider as keyof typeof counts] += 1;
  }
  expect(counts).toEqual({ sendgrid: 7_500, ses: 2_500 });
});

test('whoever is chosen can be called, and has failed it no more often than anybody who can', () => {
  const names = ['sendgrid', 'ses', 'mailgun', 'smtp'];
  const rests = fc.dictionary(
    fc.constantFrom(...names),
    fc.integer({ min: now - 5, max: now + 5 }),
  );
  const failures = fc.array(fc.constantFrom(...names), { maxLength: 9 });
  const randoms = fc.double({ min: 0, max: 1 - 2 ** -53, noNaN: true });
  fc.assert(
    fc.property(rests, failures, randoms, (rest, failed, random) => {
      const tried = failed.map((provider) => ({ provider }));
      const chosen = choice({ tried, restsUntil: resting(rest), random });
      const free = names.filter((name) => (rest[name] ?? 0) <= now);
      const times = (name: string) => failed.filter((one) => one === name).length;
      if (chosen.kind === 'use') {
        expect(free).toContain(chosen.provider);
        expect(times(chosen.provider)).toBe(Math.min(...free.map(times)));
      } else {
        expect(free).toEqual([]);
      }
    }),
    steady,
  );
});
