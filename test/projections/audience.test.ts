import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { matches } from '../../src/domain/segment/matches.ts';
import { operators, parseRule, type Rule } from '../../src/domain/segment/rule.ts';
import {
  type AudienceCollections,
  type AudienceQueries,
  audienceQueries,
  type Readers,
} from '../../src/projections/audience.ts';
import { memberId } from '../../src/projections/segments.ts';
import { openDatabase } from '../support/embedded.ts';
import { refusalOf, steady } from '../support/spec.ts';

const now = new Date('2027-03-01T12:00:00.000Z');
const day = 24 * 3_600_000;
const before = (days: number) => new Date(now.getTime() - days * day);

const locales = ['de-DE', 'de-AT', 'nb-NO'];
const timezones = ['Europe/Oslo', 'Asia/Tokyo'];
const plans = ['gold', 'silver', undefined];
const logins = [0, 5, 12.5, undefined];

/** Every user is another combination of what a rule can ask for. */
const people = Array.from({ length: 120 }, (_, n) => {
  const plan = plans[n % 3];
  const count = logins[n % 4];
  const attributes = {
    ...(plan === undefined ? {} : { plan }),
    ...(count === undefined ? {} : { logins: count }),
    ...(n % 5 === 0 ? { beta: n % 2 === 0 } : {}),
  };
  return {
    _id: `u${String(n).padStart(3, '0')}`,
    locale: locales[n % 3] ?? '',
    timezone: timezones[n % 2] ?? '',
    attributes,
    registeredAt: before(n),
    notifiedAt: n % 3 === 0 ? before(n / 2) : undefined,
  };
});

let database: Awaited<ReturnType<typeof openDatabase>>;
let audience: AudienceQueries;
beforeAll(async () => {
  database = await openDatabase();
  const of = (name: string) => database.database.collection<never>(name);
  const collections = {
    users: of('users'),
    members: of('members'),
    lastNotified: of('last_notified'),
  } as unknown as AudienceCollections;
  const documents = people.map(({ _id, locale, timezone, attributes, registeredAt }) => {
    const profile = { locale, timezone, attributes };
    return { _id, v: 0, state: { status: 'registered', profile }, registeredAt };
  });
  await collections.users.insertMany(documents as never);
  await collections.lastNotified.insertMany(
    people.flatMap(({ _id, notifiedAt }) => (notifiedAt ? [{ _id, v: 1, at: notifiedAt }] : [])),
  );
  await collections.members.insertMany(
    ['vip', 'vip-x', 'vip.x', 'vip0'].flatMap((segment) =>
      ['a', 'b', 'c'].map((user) => {
        const userId = `${segment}-${user}`;
        return { _id: memberId(segment, userId), v: 0, userId };
      }),
    ),
  );
  audience = audienceQueries(collections);
});
afterAll(() => database.close());

/** All of an audience, a few at a time, as a broadcast reads it. */
const readAll = async (readers: Readers, size: number): Promise<readonly string[]> => {
  const found: string[] = [];
  let after: string | undefined;
  for (;;) {
    const page = await audience.page(readers, after, size, now);
    found.push(...page.readers.map(({ userId }) => userId));
    if (page.isLast) return found;
    after = page.cursor;
  }
};

const value = fc.constantFrom<unknown>(
  'de-DE',
  'de',
  'Asia/Tokyo',
  'gold',
  5,
  true,
  false,
  '-P30D',
  '2027-01-20T00:00:00Z',
  ['gold', 'de-DE'],
  [5, 12.5],
);
const condition = fc
  .record({
    field: fc.constantFrom(
      'locale',
      'timezone',
      'registeredAt',
      'lastNotifiedAt',
      'attributes.plan',
      'attributes.logins',
      'attributes.beta',
    ),
    op: fc.constantFrom(...operators),
    value,
  })
  .filter((input) => isRule(input));
const isRule = (input: unknown): boolean => {
  try {
    parseRule(input);
    return true;
  } catch {
    return false;
  }
};
const { rule } = fc.letrec<{ rule: unknown; part: unknown }>((tie) => ({
  rule: fc.oneof({ maxDepth: 3 }, condition, tie('part')),
  part: fc.oneof(
    fc.record({ all: fc.array(tie('rule'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ any: fc.array(tie('rule'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ not: tie('rule') }),
  ),
}));

const holdsFor = (asked: Rule): readonly string[] =>
  people
    .filter(({ notifiedAt, registeredAt, ...rest }) =>
      matches(
        asked,
        {
          ...rest,
          attributes: rest.attributes,
          registeredAt: registeredAt.toISOString(),
          ...(notifiedAt ? { lastNotifiedAt: notifiedAt.toISOString() } : {}),
        },
        now.toISOString(),
      ),
    )
    .map(({ _id }) => _id);

test('whatever a rule says, the read model holds whom the rule holds, and counts them', async () => {
  await fc.assert(
    fc.asyncProperty(rule, fc.integer({ min: 1, max: 50 }), async (input, size) => {
      fc.pre(isRule(input));
      const readers = { kind: 'rule', rule: parseRule(input) } as const;
      const expected = holdsFor(readers.rule);
      expect(await readAll(readers, size)).toEqual(expected);
      expect(await audience.count(readers, now)).toBe(expected.length);
    }),
    { ...steady, numRuns: 150 },
  );
}, 60_000);

describe('an audience is read in pages, in a fixed order:', () => {
  test.each([1, 7, 120, 500])('everybody, %d at a time', async (size) => {
    const all = { kind: 'all' } as const;
    expect(await readAll(all, size)).toEqual(people.map(({ _id }) => _id));
    expect(await audience.count(all, now)).toBe(people.length);
  });

  test.each(['vip', 'vip-x', 'vip.x', 'vip0'])('the list %s, and no other', async (segment) => {
    const readers = { kind: 'static', segment } as const;
    expect(await readAll(readers, 2)).toEqual(['a', 'b', 'c'].map((user) => `${segment}-${user}`));
    expect(await audience.count(readers, now)).toBe(3);
  });
});

test('a rule that is no rule is refused before it is asked', () => {
  expect(refusalOf(() => parseRule({ field: '$where', op: 'eq', value: 1 })).code).toBe(
    'BAD_INPUT',
  );
});
