import { matches, type UserFacts } from '../domain/segment/matches.ts';
import type { Rule } from '../domain/segment/rule.ts';
import type { RegisteredUser } from '../domain/user/state.ts';
import type { Collection, Filter } from '../readmodels/database.ts';
import type { LastNotifiedDocument } from './lastNotified.ts';
import { asksForLastNotified, filterOf } from './ruleFilter.ts';
import { afterMembers, memberId, type SegmentMemberDocument } from './segments.ts';
import type { UserDocument } from './users.ts';

/** Users by what is known of them now. */
export type Readers =
  | { readonly kind: 'all' }
  | { readonly kind: 'static'; readonly segment: string }
  | { readonly kind: 'rule'; readonly rule: Rule };

export interface ReaderPage {
  /** By id, ascending; the state where it was at hand. */
  readonly readers: readonly { readonly userId: string; readonly user?: RegisteredUser }[];
  /** The next page begins after it; absent for an empty page. */
  readonly cursor?: string;
  readonly isLast: boolean;
}

export interface AudienceQueries {
  /** Reads about `size` users after a cursor; a rule may leave few of them. */
  page(readers: Readers, after: string | undefined, size: number, now: Date): Promise<ReaderPage>;
  count(readers: Readers, now: Date): Promise<number>;
}

export interface AudienceCollections {
  readonly users: Collection<UserDocument>;
  readonly members: Collection<SegmentMemberDocument>;
  readonly lastNotified: Collection<LastNotifiedDocument>;
}

const scanSize = 1_000;

export const audienceQueries = (collections: AudienceCollections): AudienceQueries => {
  const { users, members, lastNotified } = collections;

  const membersPage = async (segment: string, after: string | undefined, size: number) => {
    const range = { $gt: memberId(segment, after ?? ''), $lt: afterMembers(segment) };
    const found = await members.find({ _id: range }).sort({ _id: 1 }).limit(size).toArray();
    const cursor = found.at(-1)?.userId;
    return {
      readers: found.map(({ userId }) => ({ userId })),
      ...(cursor === undefined ? {} : { cursor }),
      isLast: found.length < size,
    };
  };

  const exactly = async (found: readonly UserDocument[], rule: Rule, now: Date) => {
    const ids = found.map(({ _id }) => _id);
    const sent = await lastNotified.find({ _id: { $in: ids } }).toArray();
    const at = new Map(sent.map((document) => [document._id, document.at]));
    return found.filter((user) => matches(rule, factsOf(user, at.get(user._id)), iso(now)));
  };

  const usersPage = async (
    rule: Rule | undefined,
    after: string | undefined,
    size: number,
    now: Date,
  ): Promise<ReaderPage> => {
    const conditions: Filter<UserDocument>[] = [notErased];
    if (after !== undefined) conditions.push({ _id: { $gt: after } });
    if (rule) conditions.push(filterOf(rule, iso(now)));
    const found = await users.find({ $and: conditions }).sort({ _id: 1 }).limit(size).toArray();
    const kept = rule && asksForLastNotified(rule) ? await exactly(found, rule, now) : found;
    const cursor = found.at(-1)?._id;
    return {
      readers: kept.map(({ _id: userId, state }) => ({ userId, user: state })),
      ...(cursor === undefined ? {} : { cursor }),
      isLast: found.length < size,
    };
  };

  const page: AudienceQueries['page'] = (readers, after, size, now) =>
    readers.kind === 'static'
      ? membersPage(readers.segment, after, size)
      : usersPage(readers.kind === 'rule' ? readers.rule : undefined, after, size, now);

  return {
    page,
    count: async (readers, now) => {
      if (readers.kind === 'static') {
        const range = { $gt: memberId(readers.segment, ''), $lt: afterMembers(readers.segment) };
        return members.countDocuments({ _id: range });
      }
      if (readers.kind === 'all') return users.countDocuments(notErased);
      const { rule } = readers;
      if (!asksForLastNotified(rule)) {
        return users.countDocuments({ $and: [notErased, filterOf(rule, iso(now))] });
      }
      let count = 0;
      let after: string | undefined;
      for (;;) {
        const { readers: found, cursor, isLast } = await page(readers, after, scanSize, now);
        count += found.length;
        if (isLast) return count;
        after = cursor;
      }
    },
  };
};

const notErased = { 'state.erased': { $ne: true } } as Filter<UserDocument>;

const iso = (date: Date): string => date.toISOString();

const factsOf = ({ state, registeredAt }: UserDocument, notified: Date | undefined): UserFacts => {
  const { locale, timezone, attributes = {} } = state.profile;
  return {
    locale,
    timezone,
    attributes,
    registeredAt: iso(registeredAt),
    ...(notified ? { lastNotifiedAt: iso(notified) } : {}),
  };
};
