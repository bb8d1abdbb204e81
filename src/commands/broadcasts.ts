import { createHmac } from 'node:crypto';
import { v5 } from 'uuid';
import type { BroadcastCommand, KnownBroadcast } from '../domain/broadcast/broadcast.ts';
import type { Audience, BroadcastRequest, RecipientRefusal } from '../domain/broadcast/events.ts';
import { DomainError } from '../domain/errors.ts';
import { checkIdentifier } from '../domain/identifiers.ts';
import type { Channel, Priority, Variables } from '../domain/vocabulary.ts';
import { broadcasts } from './aggregates.ts';
import type { CommandContext, Execute } from './execute.ts';
import type { LoadState } from './executor.ts';
import type { Line } from './lines.ts';
import type { Lists, UploadedList } from './lists.ts';
import { checkKey, checkTimes, templateFor, variableRefusal } from './requestChecks.ts';
import type { RequestPorts } from './requestNotifications.ts';

/** One template to everybody in an audience over one channel. */
export interface BroadcastInput {
  readonly title?: string;
  readonly channel: Channel;
  readonly template: string;
  /** Those of all recipients; the rows of a list may have more of their own. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** The template version's own when absent. */
  readonly priority?: Priority;
  /** ISO 8601 with offset; the audience is evaluated then. */
  readonly scheduledAt?: string;
  /** Instead, a time on the clock of each user's zone. */
  readonly localTime?: string;
  readonly expiresAt?: string;
  /** Names the broadcast for ever. */
  readonly idempotencyKey?: string;
  readonly clientId: string;
}

export interface BroadcastAsked {
  readonly broadcastId: string;
  /** The key was used before; nothing is new. */
  readonly duplicate: boolean;
  /** Of an uploaded list. */
  readonly rows?: number;
  readonly refusals: readonly RecipientRefusal[];
  readonly cursor?: string;
}

export interface BroadcastChanged {
  readonly broadcastId: string;
  readonly status: KnownBroadcast['status'];
  readonly cursor?: string;
}

/** The write API of broadcasts. Every function may be repeated; a repeat changes nothing. */
export interface BroadcastCommands {
  /** @throws DomainError for the template, its variables, the schedule; UNKNOWN_SEGMENT, UNKNOWN_LIST */
  request(
    input: BroadcastInput & { readonly audience: Audience },
    context: CommandContext,
  ): Promise<BroadcastAsked>;
  /** To the users of an NDJSON upload. @throws DomainError also what an upload is refused for */
  upload(
    input: BroadcastInput,
    lines: AsyncIterable<Line>,
    context: CommandContext,
  ): Promise<BroadcastAsked>;
  /** @throws DomainError UNKNOWN_BROADCAST, BROADCAST_ENDED */
  pause(id: string, why: string, context: CommandContext): Promise<BroadcastChanged>;
  resume(id: string, context: CommandContext): Promise<BroadcastChanged>;
  /** Also cancels what was asked for and is not sent yet. @throws DomainError UNKNOWN_BROADCAST */
  cancel(id: string, why: string, context: CommandContext): Promise<BroadcastChanged>;
}

export interface BroadcastPorts extends Pick<RequestPorts, 'findTemplate' | 'now' | 'secret'> {
  readonly execute: Execute;
  readonly load: LoadState;
  readonly lists: Lists;
  segmentExists(name: string): Promise<boolean>;
  newId(): string;
}

const idNamespace = '9a4f6f5e-0d8e-4c53-8f0e-3a2b7b1c6d20';
const longestTitle = 200;

export const createBroadcastCommands = (ports: BroadcastPorts): BroadcastCommands => {
  const prepare = async (input: BroadcastInput, audience: Audience['kind']) => {
    const now = ports.now();
    const times = checkTimes(input, now);
    checkKey(input.idempotencyKey);
    checkTitle(input.title);
    const { content, version } = await templateFor(input, ports);
    const refusal = variableRefusal(content, input.variables);
    // What all lack, each row of a list may have.
    if (refusal && !(audience === 'list' && refusal.code === 'MISSING_VARIABLE')) throw refusal;
    const { channel, template, variables, title, clientId, idempotencyKey: key } = input;
    const id = key === undefined ? ports.newId() : v5(JSON.stringify([clientId, key]), idNamespace);
    const data = {
      broadcastId: id,
      ...(title === undefined ? {} : { title }),
      channel,
      template,
      templateVersion: version,
      category: content.category,
      priority: input.priority ?? content.priority,
      variables: variables as Variables,
      ...times,
      requestedBy: clientId,
    };
    const { templateVersion: _, broadcastId: __, ...asked } = data;
    return { id, data, asked };
  };

  const ask = async (
    request: BroadcastRequest,
    list: Omit<UploadedList, 'digest'> | undefined,
    context: CommandContext,
  ): Promise<BroadcastAsked> => {
    const { broadcastId } = request;
    const refusals = list?.refusals ?? [];
    const command = { type: 'RequestBroadcast', request, refusals } as const;
    const { events, cursor } = await ports.execute(broadcasts, broadcastId, [command], context, {
      hint: { state: { status: 'none' }, revision: -1 },
    });
    return {
      broadcastId,
      duplicate: events.length === 0,
      refusals,
      ...(list ? { rows: list.rows } : {}),
      ...(cursor === undefined ? {} : { cursor }),
    };
  };

  const change = async (id: string, command: BroadcastCommand, context: CommandContext) => {
    const { state, cursor } = await ports.execute(broadcasts, id, [command], context);
    const status = state.status === 'none' ? 'open' : state.status;
    return { broadcastId: id, status, ...(cursor === undefined ? {} : { cursor }) };
  };

  const fingerprint = (asked: object, audience: unknown): string => {
    const text = JSON.stringify([sorted(asked), audience]);
    return createHmac('sha256', ports.secret).update(text).digest('base64url').slice(0, 22);
  };

  return {
    request: async ({ audience, ...input }, context) => {
      const { data, asked } = await prepare(input, audience.kind);
      const list = await checkAudience(audience, ports);
      const about = { audience, fingerprint: fingerprint(asked, audience) };
      return ask({ ...data, ...about }, list, context);
    },
    upload: async (input, lines, context) => {
      const { id, data, asked } = await prepare(input, 'list');
      const known: { state: { status: string } } = await ports.load(broadcasts, id);
      // An upload that comes again is only compared.
      const store = known.state.status === 'none';
      const list = await ports.lists.upload(lines, context, store);
      const audience = { kind: 'list', listId: list.listId } as const;
      const about = { audience, fingerprint: fingerprint(asked, list.digest) };
      return ask({ ...data, ...about }, list, context);
    },
    pause: (id, why, context) =>
      change(id, { type: 'PauseBroadcast', by: context.actor, why }, context),
    resume: (id, context) => change(id, { type: 'ResumeBroadcast', by: context.actor }, context),
    cancel: (id, why, context) =>
      change(id, { type: 'CancelBroadcast', by: context.actor, why }, context),
  };
};

/** The same whatever the order of the fields. */
const sorted = (value: object): readonly unknown[] =>
  Object.entries(value as Readonly<Record<string, unknown>>)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, field]) => [name, typeof field === 'object' && field ? sorted(field) : field]);

const checkTitle = (title: string | undefined): void => {
  if (title === undefined || (title.length >= 1 && title.length <= longestTitle)) return;
  const message = `title must have 1 to ${longestTitle} characters`;
  throw new DomainError('BAD_INPUT', message, 'title');
};

/** @returns the list, for an audience that is one */
const checkAudience = async (
  audience: Audience,
  ports: Pick<BroadcastPorts, 'segmentExists' | 'lists'>,
): Promise<Omit<UploadedList, 'digest'> | undefined> => {
  switch (audience.kind) {
    case 'all':
      return undefined;
    case 'segment': {
      const { segment } = audience;
      checkIdentifier(segment, 'audience.segment');
      if (await ports.segmentExists(segment)) return undefined;
      const message = `there is no segment ${JSON.stringify(segment)}`;
      throw new DomainError('UNKNOWN_SEGMENT', message, 'audience.segment');
    }
    case 'list': {
      checkIdentifier(audience.listId, 'audience.listId');
      const list = await ports.lists.closing(audience.listId);
      if (list) return list;
      const message = 'there is no such list, or its upload was not finished';
      throw new DomainError('UNKNOWN_LIST', message, 'audience.listId');
    }
  }
};
