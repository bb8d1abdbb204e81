import { Arg, Ctx, ID, Int, Mutation, Query, Resolver } from 'type-graphql';
import type { CommandContext } from '../../commands/execute.ts';
import type { SegmentChanged, SegmentCommands } from '../../commands/segments.ts';
import { DomainError } from '../../domain/errors.ts';
import { parseRule } from '../../domain/segment/rule.ts';
import type { Readers } from '../../projections/audience.ts';
import type { SegmentDocument } from '../../projections/segments.ts';
import { checkFirst, type Connection, connectionOf, keyOfCursor } from '../connection.ts';
import { type ApiContext, commandContext } from '../context.ts';
import { given } from '../given.ts';
import { allow } from '../principal.ts';
import {
  DefineSegmentInput,
  Segment,
  SegmentChange,
  SegmentConnection,
  SegmentPreview,
  SegmentRuleInput,
} from './types.ts';

@Resolver()
export class SegmentResolver {
  @Query(() => Segment, { nullable: true, description: 'Roles: service.' })
  async segment(
    @Arg('name', () => String) name: string,
    @Ctx() context: ApiContext,
  ): Promise<Segment | null> {
    allow(context.identity, 'service');
    const found = await context.ports.segments.byName(name);
    return found ? segmentOf(found) : null;
  }

  @Query(() => SegmentConnection, { description: 'By name, at most 100 a page. Roles: service.' })
  async segments(
    @Arg('first', () => Int, { defaultValue: 20 }) first: number,
    @Arg('after', () => String, { nullable: true }) after: string | null | undefined,
    @Ctx() context: ApiContext,
  ): Promise<Connection<Segment>> {
    allow(context.identity, 'service');
    const [afterName] = after ? keyOfCursor(after, 1) : [];
    const page = await context.ports.segments.page(checkFirst(first), afterName);
    return connectionOf(page, segmentOf, ({ _id }) => [_id]);
  }

  @Query(() => SegmentPreview, {
    description:
      'Whom a segment, or a rule that is not defined yet, holds now; `sample` is 0 to 100. Roles: service.',
  })
  async previewSegment(
    @Arg('name', () => String, { nullable: true }) name: string | null | undefined,
    @Arg('rule', () => SegmentRuleInput, { nullable: true }) rule: SegmentRuleInput | null,
    @Arg('sample', () => Int, { defaultValue: 10 }) sample: number,
    @Ctx() context: ApiContext,
  ): Promise<SegmentPreview> {
    allow(context.identity, 'service');
    if (sample < 0 || sample > 100) {
      throw new DomainError('BAD_INPUT', 'sample must be 0 to 100', 'sample');
    }
    const { audience, now } = context.ports;
    const readers = await readersOf(name, rule, context);
    const [count, first] = await Promise.all([
      audience.count(readers, now()),
      sample === 0 ? [] : sampleOf(readers, sample, context),
    ]);
    return { count, sample: first };
  }

  @Mutation(() => SegmentChange, {
    description:
      'Defines a rule or an empty list; defined again, its rule or description is changed. Roles: service.',
  })
  defineSegment(
    @Arg('input', () => DefineSegmentInput) { name, rule, description }: DefineSegmentInput,
    @Ctx() context: ApiContext,
  ): Promise<SegmentChange> {
    const definition = {
      kind: rule ? ('rule' as const) : ('static' as const),
      ...(rule ? { rule: plain(rule) } : {}),
      ...given({ description }),
    };
    return change(context, (commands, by) => commands.define(name, definition, by));
  }

  @Mutation(() => SegmentChange, {
    description: 'To a list, 1 to 5,000 users a call; who is there stays. Roles: service.',
  })
  addSegmentMembers(
    @Arg('name', () => String) name: string,
    @Arg('userIds', () => [ID]) userIds: readonly string[],
    @Ctx() context: ApiContext,
  ): Promise<SegmentChange> {
    return change(context, (commands, by) => commands.add(name, userIds, by));
  }

  @Mutation(() => SegmentChange, {
    description: 'From a list, 1 to 5,000 users a call. Roles: service.',
  })
  removeSegmentMembers(
    @Arg('name', () => String) name: string,
    @Arg('userIds', () => [ID]) userIds: readonly string[],
    @Ctx() context: ApiContext,
  ): Promise<SegmentChange> {
    return change(context, (commands, by) => commands.remove(name, userIds, by));
  }
}

const change = async (
  context: ApiContext,
  command: (commands: SegmentCommands, by: CommandContext) => Promise<SegmentChanged>,
): Promise<SegmentChange> => {
  const principal = allow(context.identity, 'service');
  const changed = await command(context.ports.segmentCommands, commandContext(principal, context));
  const { name, segment, cursor } = changed;
  const { definition, count } = segment;
  return {
    segment: segmentOf({ ...definition, _id: name, members: count }),
    ...(cursor === undefined ? {} : { cursor }),
  };
};

const segmentOf = (
  found: Pick<SegmentDocument, '_id' | 'kind' | 'rule' | 'description' | 'members'> &
    Partial<SegmentDocument>,
): Segment => {
  const { _id: name, v: _, members, ...rest } = found;
  return { name, ...rest, ...(rest.kind === 'static' ? { members } : {}) };
};

const readersOf = async (
  name: string | null | undefined,
  rule: SegmentRuleInput | null,
  { ports }: ApiContext,
): Promise<Readers> => {
  if (rule && !name) return { kind: 'rule', rule: parseRule(plain(rule)) };
  if (!name || rule) throw new DomainError('BAD_INPUT', 'give a name or a rule', 'name');
  const found = await ports.segments.byName(name);
  if (!found) throw new DomainError('UNKNOWN_SEGMENT', 'there is no such segment', 'name');
  return found.rule ? { kind: 'rule', rule: found.rule } : { kind: 'static', segment: name };
};

/** A rule may leave few of a page: a sample looks at a few pages, not at everybody. */
const sampleOf = async (
  readers: Readers,
  size: number,
  { ports }: ApiContext,
): Promise<readonly string[]> => {
  const ids: string[] = [];
  let after: string | undefined;
  for (let pages = 0; pages < 10 && ids.length < size; pages += 1) {
    const page = await ports.audience.page(readers, after, Math.max(size, 100), ports.now());
    ids.push(...page.readers.map(({ userId }) => userId));
    if (page.isLast) break;
    after = page.cursor;
  }
  return ids.slice(0, size);
};

/** The rule as the domain reads it: what was not given is not there. */
const plain = (rule: SegmentRuleInput): unknown => {
  const { all, any, not, ...condition } = given(rule);
  return {
    ...(all ? { all: all.map(plain) } : {}),
    ...(any ? { any: any.map(plain) } : {}),
    ...(not ? { not: plain(not) } : {}),
    ...condition,
  };
};
