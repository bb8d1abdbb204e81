import { notifications } from '../commands/aggregates.ts';
import type { CommandContext, Execute, Executed } from '../commands/execute.ts';
import type { NotificationCommand } from '../domain/notification/commands.ts';
import type { NotificationEvent } from '../domain/notification/events.ts';
import type { NotificationState } from '../domain/notification/state.ts';
import { hasSubstitute, type Route } from '../domain/policy/routing.ts';
import { deferred } from '../domain/policy/verdict.ts';
import { preferredProvider, type TemplateContent } from '../domain/template/content.ts';
import { type CallPorts, callProvider } from './call.ts';
import { choose, triedIn } from './choice.ts';
import type { Request } from './compose.ts';
import type { Providers } from './providers/providers.ts';
import { isInfrastructureFault } from './records.ts';
import { asHold, type Hold, holdFor } from './holds.ts';
import type { Limits } from './limits.ts';
import type { FindRecipients, Recipient } from './recipients.ts';
import type { RetryBudget } from './retryBudget.ts';

export interface AttemptPorts extends CallPorts {
  readonly execute: Execute;
  readonly providers: Providers;
  readonly findRecipients: FindRecipients;
  findContent(template: string, version: number): Promise<TemplateContent | undefined>;
  readonly limits: Limits;
  readonly budget: RetryBudget;
  /** Told when a provider calls device tokens dead. */
  removeDeadTokens(
    userId: string,
    tokens: readonly string[],
    context: CommandContext,
  ): Promise<void>;
  newId(): string;
  /** How long an attempt is ours; longer than any provider's timeout. */
  readonly leaseMs: number;
}

/** A notification that waits to be sent, with what is known of it. */
export interface Candidate {
  readonly request: Request;
  /** Milliseconds since the epoch. */
  readonly requestedAt: number;
  readonly correlationId: string;
  /** The event that makes it a candidate. */
  readonly causationId: string;
  readonly recipient: Recipient | undefined;
  readonly hint: { readonly state: NotificationState; readonly revision: number };
}

/**
 * One attempt: every rule again, the claim, the call, its outcome. Whoever appends `DispatchStarted`
 * first calls the provider; nobody else does. What a provider certainly did not take for a reason of its own
 * goes to the next one at once.
 */
export type Attempt = (candidate: Candidate) => Promise<void>;

export const createAttempt = (ports: AttemptPorts): Attempt => {
  const attempt: Attempt = async (candidate) => {
    const next = await attemptOnce(ports, candidate);
    if (!next) return;
    const [recipient] = await ports.findRecipients([candidate.request]);
    await attempt({ ...candidate, recipient, hint: next });
  };
  return attempt;
};

/** About so long a repeat waits for which there is no budget. */
const overBudgetMs = 10_000;

const iso = (milliseconds: number) => new Date(milliseconds).toISOString();

/** Resolves with what is known then when another provider is to be called at once. */
const attemptOnce = async (
  ports: AttemptPorts,
  candidate: Candidate,
): Promise<Candidate['hint'] | undefined> => {
  const { request, requestedAt, correlationId, causationId, recipient, hint } = candidate;
  const { notificationId, channel, category, expiresAt, userId } = request;
  const context = { actor: 'dispatcher', correlationId, causationId };
  const run = (
    commands: readonly NotificationCommand[],
    known?: typeof hint,
  ): Promise<Executed<NotificationState, NotificationEvent>> =>
    ports.execute(notifications, notificationId, commands, context, known ? { hint: known } : {});

  const now = ports.now();
  const at = iso(now);
  // Of what may have been sent before nobody can say that it never will be: an operator is to look.
  const giveUp = { type: 'GiveUp', at } as const;
  const content = await ports.findContent(request.template, request.templateVersion);
  const instead = async (hold: Hold): Promise<undefined> => {
    await run(hold.type === 'DeferDispatch' ? [hold] : [hold, giveUp], hint);
  };
  const user = recipient?.user;
  const hold = holdFor({ request, recipient, content, rules: ports.rules, at });
  if (hold) return instead(hold);
  if (!user) return undefined;

  const route = ports.providers.routeFor(channel, user);
  const preferred = content && preferredProvider(content, channel);
  const { state } = hint;
  // Only somebody new is worth a second message.
  if (state.status === 'sent' && !hasSubstitute(substituteFor(ports, route, state)))
    return undefined;
  const chosen = await choose(ports.providers, {
    route,
    preferred,
    state,
    now,
    random: ports.random(),
  });
  if ('kind' in chosen) {
    if (chosen.kind === 'none') return instead({ type: 'SuppressNotification', refusal: unserved });
    const until = iso(chosen.until + ports.random() * 1_000);
    return instead({ type: 'DeferDispatch', until, reason: 'provider unavailable' });
  }
  const { provider } = chosen;
  const isRepeat = triedIn(state).some((one) => one.provider === provider.name);
  if (isRepeat && !ports.budget.again(provider.name)) {
    const until = iso(now + overBudgetMs * (0.5 + ports.random()));
    return instead({ type: 'DeferDispatch', until, reason: 'provider unavailable' });
  }
  if (!isRepeat) ports.budget.first(provider.name);
  const leave = await ports.limits.leave({ userId, channel, category, provider: provider.name });
  if (leave.kind === 'later') {
    const over = asHold(deferred(leave.ruling, 'rate limit', leave.until, expiresAt), expiresAt);
    return over && instead(over);
  }

  const start: NotificationCommand = {
    type: 'StartDispatch',
    claimId: ports.newId(),
    provider: provider.name,
    leaseUntil: iso(now + ports.leaseMs),
    repeatIsSafe: provider.repeat === 'safe',
    at,
  };
  const call = { request, requestedAt, user, content, route, chosen, leave };

  if (provider.repeat === 'safe' && state.status !== 'none') {
    // A call that does nothing when repeated may come before its claim: one append tells of both.
    const { record } = await callProvider(ports, call, state.attempts + 1, state);
    await run([start, record], hint);
    return undefined;
  }

  const claimed = await run([start], hint);
  if (claimed.events.length === 0 || claimed.state.status !== 'sending') {
    await leave.giveBack();
    return undefined;
  }
  const { outcome, record } = await callProvider(ports, call, claimed.state.attempt, claimed.state);
  const recorded = await run([record]);
  const dead = 'deadTokens' in outcome ? (outcome.deadTokens ?? []) : [];
  if (dead.length > 0) await ports.removeDeadTokens(userId, dead, context);
  const { state: after, revision } = recorded;
  const goesOn =
    isInfrastructureFault(outcome) &&
    after.status === 'retrying' &&
    after.nextAttemptAt <= iso(ports.now());
  return goesOn ? { state: after, revision } : undefined;
};

const substituteFor = (
  { providers, now }: Pick<AttemptPorts, 'providers' | 'now'>,
  route: Route,
  state: NotificationState,
) => ({
  route,
  tried: triedIn(state),
  restsUntil: (name: string) => providers.restsUntil(name),
  now: now(),
});

const unserved = {
  ruleId: 'no-provider',
  reason: 'no provider reaches any device of the user',
} as const;
