import type { Logger } from 'pino';
import { notifications } from '../commands/aggregates.ts';
import type { CommandContext, Execute, Executed } from '../commands/execute.ts';
import type { NotificationCommand } from '../domain/notification/commands.ts';
import type { NotificationEvent } from '../domain/notification/events.ts';
import type { NotificationState } from '../domain/notification/state.ts';
import { resolveDoubt } from '../domain/policy/doubt.ts';
import type { PolicyRules } from '../domain/policy/rules.ts';
import { nextAttemptAt } from '../domain/policy/retry.ts';
import { deferred } from '../domain/policy/verdict.ts';
import type { TemplateContent } from '../domain/template/content.ts';
import type { RegisteredUser } from '../domain/user/state.ts';
import type { Channel } from '../domain/vocabulary.ts';
import { failureOf } from '../eventstore/failure.ts';
import type { GuardedProvider } from './breaker.ts';
import { compose, type Links, type Request, type Sender } from './compose.ts';
import type { Outcome } from './providers/provider.ts';
import { recordOf } from './records.ts';
import { asHold, type Hold, holdFor } from './holds.ts';
import type { Limits } from './limits.ts';
import type { Recipient } from './recipients.ts';
import { contentHash, type Renderer } from './render.ts';

export interface AttemptPorts {
  readonly execute: Execute;
  readonly renderer: Renderer;
  readonly links: Links;
  readonly sender: Sender;
  /** Keys the hash of the content. */
  readonly secret: string;
  readonly logger: Logger;
  provider(channel: Channel): GuardedProvider;
  findContent(template: string, version: number): Promise<TemplateContent | undefined>;
  readonly rules: PolicyRules;
  readonly limits: Limits;
  /** Told when a provider calls device tokens dead. */
  removeDeadTokens(
    userId: string,
    tokens: readonly string[],
    context: CommandContext,
  ): Promise<void>;
  /** Milliseconds since the epoch. */
  now(): number;
  /** In [0, 1). */
  random(): number;
  newId(): string;
  /** How long an attempt is ours; longer than any provider's timeout. */
  readonly leaseMs: number;
  /** How long news is waited for after an outcome that can't be known (facts D8: 120 s). */
  readonly settleMs: number;
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
  readonly hint?: { readonly state: NotificationState; readonly revision: number };
}

/**
 * One attempt: every rule again, the claim, the call, its outcome. Whoever appends `DispatchStarted`
 * first calls the provider; nobody else does.
 */
export type Attempt = (candidate: Candidate) => Promise<void>;

export const createAttempt = (ports: AttemptPorts): Attempt => {
  const iso = (milliseconds: number) => new Date(milliseconds).toISOString();

  return async ({ request, requestedAt, correlationId, causationId, recipient, hint }) => {
    const { notificationId, channel, category, expiresAt } = request;
    const guarded = ports.provider(channel);
    const { provider } = guarded;
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
    const instead = async (hold: Hold) => {
      await run(hold.type === 'DeferDispatch' ? [hold] : [hold, giveUp], hint);
    };
    const user = recipient?.user;
    const hold = holdFor({ request, recipient, content, rules: ports.rules, at });
    if (hold || !user) {
      if (hold) await instead(hold);
      return;
    }
    const openUntil = guarded.openUntil(now);
    if (openUntil !== undefined) {
      const until = iso(openUntil + ports.random() * 1_000);
      await run([{ type: 'DeferDispatch', until, reason: 'provider unavailable' }], hint);
      return;
    }
    const { userId } = request;
    const leave = await ports.limits.leave({ userId, channel, category, provider: provider.name });
    if (leave.kind === 'later') {
      const over = asHold(deferred(leave.ruling, 'rate limit', leave.until, expiresAt), expiresAt);
      if (over) await instead(over);
      return;
    }

    const start: NotificationCommand = {
      type: 'StartDispatch',
      claimId: ports.newId(),
      provider: provider.name,
      leaseUntil: iso(now + ports.leaseMs),
      repeatIsSafe: provider.repeat === 'safe',
      at,
    };
    const call = async (attempt: number) => {
      const prepared = prepare(ports, { request, user, content, attempt });
      const { outcome, hash } =
        'failure' in prepared
          ? { outcome: prepared.failure, hash: '' }
          : { outcome: await guarded.send(prepared.message), hash: prepared.hash };
      if (outcome.kind === 'deferred' || outcome.kind === 'rejected') await leave.giveBack();
      return { outcome, hash };
    };
    const record = (outcome: Outcome, hash: string, attempt: number, forgiven: number) =>
      recordOf(outcome, {
        attempt,
        provider: provider.name,
        contentHash: hash,
        resolution: resolveDoubt(category, provider.repeat),
        settleAt: iso(ports.now() + (provider.repeat === 'safe' ? 0 : ports.settleMs)),
        retryAt: (retryAfterMs) => {
          const next = nextAttemptAt({
            attempt: attempt - forgiven,
            category,
            now: ports.now(),
            requestedAt: Date.parse(request.scheduledAt ?? iso(requestedAt)),
            ...(expiresAt === undefined ? {} : { expiresAt: Date.parse(expiresAt) }),
            ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
            random: ports.random(),
          });
          return next === undefined ? undefined : iso(next);
        },
      });

    if (provider.repeat === 'safe' && hint && hint.state.status !== 'none') {
      // A call that does nothing when repeated may come before its claim: one append tells of both.
      const attempt = hint.state.attempts + 1;
      const { outcome, hash } = await call(attempt);
      await run([start, record(outcome, hash, attempt, hint.state.forgiven)], hint);
      return;
    }

    const { events, state } = await run([start], hint);
    if (events.length === 0 || state.status !== 'sending') {
      await leave.giveBack();
      return;
    }
    const { outcome, hash } = await call(state.attempt);
    await run([record(outcome, hash, state.attempt, state.forgiven)]);
    const dead = 'deadTokens' in outcome ? (outcome.deadTokens ?? []) : [];
    if (dead.length > 0) await ports.removeDeadTokens(request.userId, dead, context);
  };
};

const prepare = (
  ports: AttemptPorts,
  {
    request,
    user,
    content,
    attempt,
  }: {
    readonly request: Request;
    readonly user: RegisteredUser;
    readonly content: TemplateContent | undefined;
    readonly attempt: number;
  },
) => {
  const { template: name, templateVersion: version, channel, userId, category } = request;
  try {
    if (!content) throw new Error(`there is no version ${version} of template ${name}`);
    const { postalAddress } = content;
    const variables = {
      ...request.variables,
      ...(postalAddress === undefined ? {} : { postalAddress }),
      userName: user.profile.name ?? '',
      // Signed only for the templates that use it.
      get unsubscribeUrl() {
        return ports.links.unsubscribe(userId, channel, category);
      },
    };
    const parts = ports.renderer.render(
      { name, version, content },
      channel,
      variables,
      user.profile,
    );
    const message = compose(request, attempt, user, parts, ports);
    return { message, hash: contentHash(parts, ports.secret) };
  } catch (error) {
    // Handlebars names variables in its errors, never their values.
    const about = { template: name, version, channel, reason: failureOf(error) };
    ports.logger.error(about, 'rendering failed');
    const failure: Outcome = {
      kind: 'rejected',
      code: 'RENDERING_FAILED',
      detail: 'the template could not be rendered',
      scope: 'message',
    };
    return { failure };
  }
};
