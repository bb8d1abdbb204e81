import type { Decider, Event } from '../decider.ts';
import { DomainError } from '../errors.ts';
import type { SchemasOf } from '../schema.ts';
import type { Rule } from './rule.ts';

export const segmentStream = (name: string): string => `segment-${name}`;

/** A list that somebody keeps, or a rule that is evaluated when it is used. */
export interface Definition {
  readonly kind: 'static' | 'rule';
  /** Of the kind `rule`. */
  readonly rule?: Rule;
  readonly description?: string;
}

export type SegmentEvent =
  | Event<'SegmentDefined', Definition & { readonly name: string }>
  | Event<'SegmentChanged', Definition>
  | Event<'SegmentMembersAdded', { readonly userIds: readonly string[] }>
  | Event<'SegmentMembersRemoved', { readonly userIds: readonly string[] }>;

const definition = { kind: 'none', rule: 'none', description: 'none' } as const;

export const segmentSchemas: SchemasOf<SegmentEvent> = {
  SegmentDefined: { version: 1, fields: { name: 'identifier', ...definition } },
  SegmentChanged: { version: 1, fields: definition },
  SegmentMembersAdded: { version: 1, fields: { userIds: 'identifier' } },
  SegmentMembersRemoved: { version: 1, fields: { userIds: 'identifier' } },
};

/**
 * Members by the end of their id: an event copies the shelves that it changes and no others, so that
 * folding a long list stays cheap.
 */
export type Members = ReadonlyMap<string, ReadonlySet<string>>;

export type SegmentState =
  | { readonly status: 'none' }
  | {
      readonly status: 'defined';
      readonly definition: Definition;
      readonly members: Members;
      readonly count: number;
    };

const shelfOf = (userId: string): string => userId.slice(-2);

const isMember = (members: Members, userId: string): boolean =>
  members.get(shelfOf(userId))?.has(userId) ?? false;

const withMembers = (members: Members, userIds: readonly string[], present: boolean): Members => {
  const shelves = new Map(members);
  const fresh = new Map<string, Set<string>>();
  for (const userId of userIds) {
    const name = shelfOf(userId);
    const shelf = fresh.get(name) ?? new Set(shelves.get(name));
    if (present) shelf.add(userId);
    else shelf.delete(userId);
    fresh.set(name, shelf);
    shelves.set(name, shelf);
  }
  return shelves;
};

const evolve = (state: SegmentState, event: SegmentEvent): SegmentState => {
  if (event.type === 'SegmentDefined') {
    const { name: _, ...defined } = event.data;
    return { status: 'defined', definition: defined, members: new Map(), count: 0 };
  }
  if (state.status === 'none') return state;
  switch (event.type) {
    case 'SegmentChanged':
      return { ...state, definition: event.data };
    case 'SegmentMembersAdded':
    case 'SegmentMembersRemoved': {
      const { userIds } = event.data;
      const present = event.type === 'SegmentMembersAdded';
      const changed = new Set(userIds.filter((id) => isMember(state.members, id) !== present));
      const count = state.count + (present ? changed.size : -changed.size);
      return { ...state, members: withMembers(state.members, [...changed], present), count };
    }
    default:
      return state;
  }
};

export type SegmentCommand =
  /** Also changes the rule or the description of one that is there. */
  | { readonly type: 'DefineSegment'; readonly name: string; readonly definition: Definition }
  | { readonly type: 'AddMembers'; readonly userIds: readonly string[] }
  | { readonly type: 'RemoveMembers'; readonly userIds: readonly string[] };

/** Of one static list; larger audiences are rules or uploaded lists. */
const mostMembers = 250_000;

const decide = (command: SegmentCommand, state: SegmentState): readonly SegmentEvent[] => {
  if (command.type === 'DefineSegment') {
    const { name, definition: wanted } = command;
    if (state.status === 'none') {
      return [{ type: 'SegmentDefined', data: { name, ...wanted } }];
    }
    if (state.definition.kind !== wanted.kind) {
      throw new DomainError('SEGMENT_EXISTS', `the segment is of the other kind`, 'kind');
    }
    return sameDefinition(state.definition, wanted)
      ? []
      : [{ type: 'SegmentChanged', data: wanted }];
  }
  if (state.status === 'none') {
    throw new DomainError('UNKNOWN_SEGMENT', 'there is no such segment', 'name');
  }
  if (state.definition.kind !== 'static') {
    throw new DomainError('BAD_INPUT', "a rule's members can't be added or removed", 'name');
  }
  const present = command.type === 'AddMembers';
  const changed = [...new Set(command.userIds)].filter(
    (userId) => isMember(state.members, userId) !== present,
  );
  if (changed.length === 0) return [];
  if (!present) return [{ type: 'SegmentMembersRemoved', data: { userIds: changed } }];
  if (state.count + changed.length > mostMembers) {
    throw new DomainError('BAD_INPUT', `a list holds at most ${mostMembers} users`, 'userIds');
  }
  return [{ type: 'SegmentMembersAdded', data: { userIds: changed } }];
};

/** Rules are compared as `parseRule` writes them: their fields are always in the same order. */
const sameDefinition = (a: Definition, b: Definition): boolean =>
  a.description === b.description && JSON.stringify(a.rule) === JSON.stringify(b.rule);

/** A named audience. */
export const segment: Decider<SegmentState, SegmentCommand, SegmentEvent> = {
  initialState: { status: 'none' },
  decide,
  evolve,
};
