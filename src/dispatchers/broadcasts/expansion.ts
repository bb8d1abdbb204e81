import { broadcasts } from '../../commands/aggregates.ts';
import type { CommandContext, Execute } from '../../commands/execute.ts';
import type { LoadState } from '../../commands/executor.ts';
import type { RequestNotifications, RequestResult } from '../../commands/requestNotifications.ts';
import type { BroadcastState, KnownBroadcast } from '../../domain/broadcast/broadcast.ts';
import type { RecipientRefusal } from '../../domain/broadcast/events.ts';
import { DomainError } from '../../domain/errors.ts';
import type { RegisteredUser } from '../../domain/user/state.ts';
import type { Recipient, RecipientPage, Recipients } from './recipients.ts';
import type { Window } from './window.ts';

export interface ExpansionPorts {
  readonly execute: Execute;
  readonly load: LoadState;
  readonly recipients: Recipients;
  readonly window: Window;
  /** Asks for notifications to users, of whom some are known already. */
  request(known: ReadonlyMap<string, RegisteredUser>): RequestNotifications;
  /** Whether the read model shows it as open: a cheap look while there is no room. */
  isOpen(broadcastId: string): Promise<boolean>;
  /** Cancels what was asked for and is not sent; `since` is the cursor of the last page, if any. */
  cancelUnsent(
    broadcastId: string,
    since: string | undefined,
    context: CommandContext,
    signal: AbortSignal,
  ): Promise<number>;
  now(): Date;
}

const pageSize = 500;

/**
 * Expands one broadcast for as long as it is open and the signal says so: reads a page of recipients,
 * asks for their notifications, then records how far it came. Whoever dies in between leaves a page that
 * is asked for again, and whose ids are the same.
 */
export const createExpansion = (ports: ExpansionPorts) => {
  interface Term {
    readonly broadcastId: string;
    readonly holder: string;
    readonly signal: AbortSignal;
    readonly context: CommandContext;
  }
  interface Known {
    readonly state: BroadcastState;
    readonly revision: number;
  }

  /** @returns what was asked for, with the cursor that it reached */
  const ask = async (
    term: Term,
    { request }: KnownBroadcast,
    page: RecipientPage,
  ): Promise<{ readonly results: readonly RequestResult[]; readonly cursor?: string }> => {
    const { broadcastId, signal } = term;
    const { channel, template, templateVersion, variables, priority } = request;
    const { localTime, expiresAt } = request;
    const { recipients } = page;
    const users = recipients.flatMap(({ userId, user }) => (user ? [[userId, user] as const] : []));
    const own = new Map(recipients.map((one) => [one.userId, one.variables]));
    const hasOwn = request.audience.kind === 'list';
    const send = ports.request(new Map(users));
    const results: RequestResult[] = [];
    while (results.length < recipients.length) {
      const wanted = recipients.length - results.length;
      const room = await ports.window.room(wanted, signal, () => ports.isOpen(broadcastId));
      if (room === 0) break;
      const chunk = recipients.slice(results.length, results.length + room);
      const answers = await send(
        {
          userIds: chunk.map(({ userId }) => userId),
          keyNames: 'list',
          channel,
          template,
          variables,
          priority,
          ...(localTime === undefined ? {} : { localTime }),
          ...(expiresAt === undefined ? {} : { expiresAt }),
          clientId: request.requestedBy,
          broadcast: {
            id: broadcastId,
            templateVersion,
            ...(hasOwn ? { variablesOf: (userId: string) => own.get(userId) } : {}),
          },
        },
        term.context,
      ).catch(refusedFor(chunk));
      results.push(...answers);
    }
    const isWhole = results.length === recipients.length;
    const cursor = isWhole ? page.cursor : recipients[results.length - 1]?.cursor;
    return { results, ...(cursor === undefined ? {} : { cursor }) };
  };

  const isOver = ({ request: { expiresAt } }: KnownBroadcast): boolean =>
    expiresAt !== undefined && expiresAt <= ports.now().toISOString();

  /** One page, or what is left of it when the broadcast is stopped meanwhile. */
  const advance = async (term: Term, known: Known & { readonly state: KnownBroadcast }) => {
    const { broadcastId, holder, context } = term;
    const { state } = known;
    const run = (command: Parameters<typeof broadcasts.decider.decide>[0]) =>
      ports.execute(broadcasts, broadcastId, [command], context, { hint: known });
    if (isOver(state)) return run({ type: 'ExpireBroadcast', at: ports.now().toISOString() });
    const page = await ports.recipients.page(state.request.audience, state.cursor, pageSize);
    const { results, cursor } = await ask(term, state, page);
    const isWhole = results.length === page.recipients.length;
    return run({
      type: 'RecordPage',
      holder,
      ...(state.cursor === undefined ? {} : { after: state.cursor }),
      ...(cursor === undefined ? {} : { cursor }),
      accepted: results.filter(({ kind }) => kind === 'accepted').length,
      suppressed: results.filter(({ kind }) => kind === 'suppressed').length,
      refusals: refusalsOf(results, page.recipients),
      isLast: page.isLast && isWhole,
    });
  };

  const isAborted = (signal: AbortSignal): boolean => signal.aborted;

  /** @throws Error when a store doesn't answer; another term continues */
  const expand = async (
    broadcastId: string,
    holder: string,
    signal: AbortSignal,
  ): Promise<void> => {
    let known: Known = await ports.load(broadcasts, broadcastId);
    if (known.state.status === 'none') return;
    const { audience } = known.state.request;
    const context = { actor: 'broadcaster', correlationId: broadcastId };
    const term = { broadcastId, holder, signal, context };
    let since: string | undefined;
    if (known.state.status === 'open') {
      const recipients = await ports.recipients.count(audience);
      const takeUp = { type: 'TakeUpBroadcast', holder, recipients } as const;
      known = await ports.execute(broadcasts, broadcastId, [takeUp], context, { hint: known });
    }
    while (known.state.status === 'open' && !isAborted(signal)) {
      const next = await advance(term, { ...known, state: known.state }).catch(lostToAnother);
      if (!next) return;
      since = next.cursor ?? since;
      known = next;
    }
    if (known.state.status !== 'cancelled' || known.state.finished || isAborted(signal)) return;
    const cancelled = await ports.cancelUnsent(broadcastId, since, context, signal);
    if (isAborted(signal)) return;
    const finish = { type: 'FinishCancellation', cancelled } as const;
    await ports.execute(broadcasts, broadcastId, [finish], context, { hint: known });
  };

  return expand;
};

/** What is wrong with all of them at the time is each one's refusal; trouble is not. */
const refusedFor =
  (chunk: readonly Recipient[]) =>
  (error: unknown): readonly RequestResult[] => {
    if (!(error instanceof DomainError) || error.code === 'UNAVAILABLE') throw error;
    const { code, message, field } = error;
    const why = { code, message, ...(field === undefined ? {} : { field }) };
    return chunk.map(({ userId }) => ({ kind: 'refused', userId, ...why }));
  };

/** Another process took it up meanwhile, and continues. */
const lostToAnother = (error: unknown): undefined => {
  if (error instanceof DomainError && error.code === 'CONFLICT') return undefined;
  throw error;
};

const refusalsOf = (
  results: readonly RequestResult[],
  recipients: readonly Recipient[],
): readonly RecipientRefusal[] =>
  results.flatMap((result, index): readonly RecipientRefusal[] => {
    if (result.kind !== 'refused') return [];
    const { userId, code, field, message } = result;
    const line = recipients[index]?.line;
    return [
      {
        userId,
        code,
        ...(field === undefined ? {} : { field }),
        ...(line === undefined ? {} : { line }),
        reason: message,
      },
    ];
  });
