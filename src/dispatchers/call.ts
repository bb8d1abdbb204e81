import type { NotificationCommand } from '../domain/notification/commands.ts';
import type { NotificationState } from '../domain/notification/state.ts';
import { resolveDoubt } from '../domain/policy/doubt.ts';
import { nextAttemptAt } from '../domain/policy/retry.ts';
import { hasSubstitute, restOfAll, type Route, untried } from '../domain/policy/routing.ts';
import type { TemplateContent } from '../domain/template/content.ts';
import type { RegisteredUser } from '../domain/user/state.ts';
import type { Channel } from '../domain/vocabulary.ts';
import type { CallableProvider } from './breaker.ts';
import { triedIn } from './choice.ts';
import type { Request } from './compose.ts';
import type { Leave } from './limits.ts';
import { prepare, type PreparePorts } from './prepare.ts';
import type { Outcome } from './providers/provider.ts';
import type { Providers } from './providers/providers.ts';
import { recordOf, type Retry } from './records.ts';

export interface CallPorts extends PreparePorts {
  readonly providers: Pick<Providers, 'restsUntil'>;
  /** Told how long after the moment at which it was to be sent a provider took a message. */
  accepted(channel: Channel, milliseconds: number): void;
  /** In [0, 1). */
  random(): number;
  /** How long news is waited for after an outcome that can't be known (facts D8: 120 s). */
  readonly settleMs: number;
}

/** What is sent to whom, by whom. */
export interface Call {
  readonly request: Request;
  /** Milliseconds since the epoch. */
  readonly requestedAt: number;
  readonly user: RegisteredUser;
  readonly content: TemplateContent | undefined;
  readonly route: Route;
  readonly chosen: CallableProvider;
  readonly leave: Extract<Leave, { kind: 'go' }>;
}

/** What came of a call, and the command that records it. */
export interface Called {
  readonly outcome: Outcome;
  readonly record: NotificationCommand;
}

/** Calls the chosen provider once. What can't be rendered comes to a rejection without a call. */
export const callProvider = async (
  ports: CallPorts,
  call: Call,
  number: number,
  state: NotificationState,
): Promise<Called> => {
  const { request, user, content, route, chosen, leave } = call;
  const { channel, category } = request;
  const { name, repeat } = chosen.provider;
  const prepared = prepare(ports, { request, user, content, attempt: number, provider: name });
  const outcome = 'failure' in prepared ? prepared.failure : await chosen.send(prepared.message);
  if (outcome.kind === 'deferred' || outcome.kind === 'rejected') await leave.giveBack();
  if (outcome.kind === 'accepted') ports.accepted(channel, ports.now() - toBeSentAt(call));
  const record = recordOf(outcome, {
    attempt: number,
    provider: name,
    contentHash: 'hash' in prepared ? prepared.hash : '',
    resolution: resolveDoubt(category, repeat),
    settleAt: iso(ports.now() + (repeat === 'safe' ? 0 : ports.settleMs)),
    receiptDueAt: receiptDueAt(route, state, name, ports.now()),
    retry: () => retryAfter(ports, call, outcome, state),
  });
  return { outcome, record };
};

const iso = (milliseconds: number) => new Date(milliseconds).toISOString();

const toBeSentAt = ({
  request: { scheduledAt },
  requestedAt,
}: Pick<Call, 'request' | 'requestedAt'>): number =>
  scheduledAt === undefined ? requestedAt : Date.parse(scheduledAt);

/** Nobody waits for a receipt where nobody is left to send it once more. */
const receiptDueAt = (
  route: Route,
  state: NotificationState,
  provider: string,
  now: number,
): string | undefined => {
  const { receiptWithinMs } = route;
  if (receiptWithinMs === undefined) return undefined;
  const others = untried({ route, tried: [...triedIn(state), { provider }] });
  return others.length > 0 ? iso(now + receiptWithinMs) : undefined;
};

/** When an infrastructure fault is followed by another attempt: at once where another provider can be called. */
const retryAfter = (
  ports: Pick<CallPorts, 'providers' | 'now' | 'random'>,
  call: Call,
  outcome: Outcome,
  state: NotificationState,
): Retry => {
  if (state.status === 'none') return {};
  const { request, route, content } = call;
  const provider = call.chosen.provider.name;
  const now = ports.now();
  const asked = outcome.kind === 'deferred' ? outcome.retryAfterMs : undefined;
  const rest = asked === undefined ? {} : { restsUntil: now + asked };
  const tried = [...triedIn(state), { provider, ...rest }];
  const restsUntil = (name: string) => ports.providers.restsUntil(name);
  const all = restOfAll({ route, tried });
  const next = nextAttemptAt({
    attempt: state.attempts - state.forgiven,
    category: request.category,
    ...(content?.purpose === undefined ? {} : { purpose: content.purpose }),
    now,
    requestedAt: toBeSentAt(call),
    ...(request.expiresAt === undefined ? {} : { expiresAt: Date.parse(request.expiresAt) }),
    substitute: hasSubstitute({ route, tried, restsUntil, now }),
    ...(all === undefined ? {} : { retryAfterMs: all - now }),
    random: ports.random(),
  });
  return {
    ...(next === undefined ? {} : { nextAttemptAt: iso(next) }),
    ...(rest.restsUntil === undefined ? {} : { providerRestsUntil: iso(rest.restsUntil) }),
  };
};
