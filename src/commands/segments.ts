import { DomainError } from '../domain/errors.ts';
import { checkIdentifier } from '../domain/identifiers.ts';
import { parseRule } from '../domain/segment/rule.ts';
import type { Definition, SegmentCommand, SegmentState } from '../domain/segment/segment.ts';
import { segments } from './aggregates.ts';
import type { CommandContext, Execute } from './execute.ts';

/** A segment as it is after the command, with the cursor to follow from. */
export interface SegmentChanged {
  readonly name: string;
  readonly segment: Exclude<SegmentState, { status: 'none' }>;
  readonly cursor?: string;
}

/** A definition as it comes in. */
export interface SegmentInput {
  readonly kind: 'static' | 'rule';
  readonly rule?: unknown;
  readonly description?: string;
}

/** The write API of segments. Every function may be repeated; a repeat changes nothing. */
export interface SegmentCommands {
  /** Also changes one that is there. @throws DomainError BAD_INPUT, SEGMENT_EXISTS */
  define(name: string, input: SegmentInput, context: CommandContext): Promise<SegmentChanged>;
  /** To a static list, at most 5,000 a call. @throws DomainError UNKNOWN_SEGMENT, BAD_INPUT */
  add(name: string, userIds: readonly string[], context: CommandContext): Promise<SegmentChanged>;
  remove(
    name: string,
    userIds: readonly string[],
    context: CommandContext,
  ): Promise<SegmentChanged>;
}

const mostPerCall = 5_000;
const longestDescription = 1_000;

export const createSegmentCommands = (execute: Execute): SegmentCommands => {
  const change = async (name: string, command: SegmentCommand, context: CommandContext) => {
    checkIdentifier(name, 'name');
    const { state, cursor } = await execute(segments, name, [command], context);
    if (state.status === 'none') {
      throw new DomainError('UNKNOWN_SEGMENT', 'there is no such segment', 'name');
    }
    return { name, segment: state, ...(cursor === undefined ? {} : { cursor }) };
  };
  return {
    define: (name, input, context) =>
      change(name, { type: 'DefineSegment', name, definition: definitionOf(input) }, context),
    add: async (name, userIds, context) => {
      checkMembers(userIds);
      return change(name, { type: 'AddMembers', userIds }, context);
    },
    remove: async (name, userIds, context) => {
      checkMembers(userIds);
      return change(name, { type: 'RemoveMembers', userIds }, context);
    },
  };
};

/** @throws DomainError BAD_INPUT naming the part that is wrong */
export const definitionOf = ({ kind, rule, description }: SegmentInput): Definition => {
  if (description !== undefined && description.length > longestDescription) {
    const message = `description must have at most ${longestDescription} characters`;
    throw new DomainError('BAD_INPUT', message, 'description');
  }
  const about = description === undefined ? {} : { description };
  if (kind === 'rule') return { kind, rule: parseRule(rule), ...about };
  if (rule !== undefined) {
    throw new DomainError('BAD_INPUT', 'a static list has no rule', 'rule');
  }
  return { kind, ...about };
};

const checkMembers = (userIds: readonly string[]): void => {
  if (userIds.length === 0 || userIds.length > mostPerCall) {
    throw new DomainError('BAD_INPUT', `name 1 to ${mostPerCall} users a call`, 'userIds');
  }
  for (const [index, userId] of userIds.entries()) checkIdentifier(userId, `userIds.${index}`);
};
