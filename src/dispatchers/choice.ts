import type { NotificationState } from '../domain/notification/state.ts';
import { type Choice, chooseProvider, type Route, type Tried } from '../domain/policy/routing.ts';
import type { CallableProvider } from './breaker.ts';
import type { Providers } from './providers/providers.ts';

/** What earlier attempts say about the providers. */
export const triedIn = (state: NotificationState): readonly Tried[] =>
  state.status === 'none' || state.tried.length === 0
    ? none
    : state.tried.map(({ provider, restsUntil }) => ({
        provider,
        ...(restsUntil === undefined ? {} : { restsUntil: Date.parse(restsUntil) }),
      }));

const none: readonly Tried[] = [];

/** The provider that is to be called, behind its breaker; or when somebody can be. */
export type Chosen = CallableProvider | Exclude<Choice, { kind: 'use' }>;

/**
 * Where nobody knows whether a provider accepted and its second call would change nothing for the
 * recipient, it is that one again; otherwise whom the route names.
 */
export const choose = async (
  providers: Pick<Providers, 'find' | 'reserve' | 'restsUntil'>,
  question: {
    readonly route: Route;
    readonly preferred?: string | undefined;
    readonly state: NotificationState;
    readonly now: number;
    readonly random: number;
  },
): Promise<Chosen> => {
  const { route, preferred, state, now, random } = question;
  if (state.status === 'in doubt' || state.status === 'sending') {
    const before = await providers.find(state.provider);
    if (before && before.provider.repeat !== 'unsafe' && before.restsUntil(now) === undefined) {
      before.reserve(now);
      return before;
    }
  }
  const choice = chooseProvider({
    route,
    ...(preferred === undefined ? {} : { preferred }),
    tried: triedIn(state),
    restsUntil: (name) => providers.restsUntil(name),
    now,
    random,
  });
  if (choice.kind !== 'use') return choice;
  providers.reserve(choice.provider);
  return (await providers.find(choice.provider)) ?? { kind: 'none' };
};
