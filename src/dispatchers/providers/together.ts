import type { CallableProvider } from '../breaker.ts';
import type { Outcome, Provider } from './provider.ts';

/**
 * Several providers of push as one: each sends to the devices that it reaches. Accepted if one of them
 * accepted, since a repeat would reach those devices again; else the least certain of what they said. The ids
 * of all who accepted are kept, by their names: `apns=… fcm=…`.
 */
export const together = (name: string, members: readonly CallableProvider[]): CallableProvider => {
  const provider: Provider = {
    name,
    channel: 'push',
    repeat: members.every((member) => member.provider.repeat === 'safe') ? 'safe' : 'merged',
    timeoutMs: Math.max(...members.map((member) => member.provider.timeoutMs)),
    send: async (message) =>
      combined(
        await Promise.all(
          members.map(async (member) => named(member.provider.name, await member.send(message))),
        ),
      ),
    // Its members are closed by themselves.
    close: () => Promise.resolve(),
  };
  return {
    provider,
    restsUntil: (now) => {
      const rests = members.map((member) => member.restsUntil(now));
      return rests.includes(undefined) ? undefined : Math.min(...rests.map((rest) => rest ?? now));
    },
    reserve: (now) => members.forEach((member) => member.reserve(now)),
    send: (message) => provider.send(message),
  };
};

const named = (name: string, outcome: Outcome): Outcome =>
  outcome.kind === 'accepted'
    ? { ...outcome, providerMessageId: `${name}=${outcome.providerMessageId}` }
    : outcome;

const combined = (outcomes: readonly Outcome[]): Outcome => {
  const dead = outcomes.flatMap((outcome) =>
    'deadTokens' in outcome ? (outcome.deadTokens ?? []) : [],
  );
  const of = (kind: Outcome['kind']) => outcomes.find((outcome) => outcome.kind === kind);
  const chosen = of('accepted') ?? of('unknown') ?? of('deferred') ?? outcomes[0];
  if (!chosen) throw new Error('a group of providers has no member');
  if (chosen.kind === 'accepted') {
    const ids = outcomes.flatMap((each) =>
      each.kind === 'accepted' ? [each.providerMessageId] : [],
    );
    return {
      kind: 'accepted',
      providerMessageId: ids.join(' '),
      ...(dead.length > 0 && { deadTokens: dead }),
    };
  }
  return chosen.kind === 'rejected' && dead.length > 0 ? { ...chosen, deadTokens: dead } : chosen;
};
