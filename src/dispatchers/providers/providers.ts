import type { ProviderReport } from '../../domain/providerReport.ts';
import type { Route, Tier } from '../../domain/policy/routing.ts';
import type { RegisteredUser } from '../../domain/user/state.ts';
import type { Channel } from '../../domain/vocabulary.ts';
import { type CallableProvider, guard, type GuardedProvider } from '../breaker.ts';
import { together } from './together.ts';
import {
  type Accounts,
  type Adapter,
  adapters,
  isProviderName,
  type ProviderName,
  providerNames,
} from './registry.ts';

export interface Providers {
  /** Who may take a message to this user; of push, those that reach one of the user's devices. */
  routeFor(channel: Channel, user: Pick<RegisteredUser, 'devices'>): Route;
  /** When a provider can be called again, in milliseconds since the epoch; undefined while it can be. */
  restsUntil(provider: string): number | undefined;
  /** Says that a provider will be called; before anything is awaited after it was chosen. */
  reserve(provider: string): void;
  /** Undefined when there is no account for it. */
  find(provider: string): Promise<CallableProvider | undefined>;
  /** Of each provider that was called or may be at once. */
  health(): readonly ProviderReport[];
  close(): Promise<void>;
}

export interface ProviderOptions {
  readonly accounts: Accounts;
  readonly routes: Readonly<Record<Channel, Route>>;
  readonly timeoutMs: number;
  now(): number;
}

/** Several providers of push are named together when a user has devices of several platforms. */
const separator = '+';

/**
 * The providers of all routes, each behind its breaker. The first of each route are made at once, so that an
 * account that can't be used is found at the start; the others when they are first needed.
 */
export const createProviders = async (options: ProviderOptions): Promise<Providers> => {
  const { accounts, routes, timeoutMs, now } = options;
  const made = new Map<string, CallableProvider>();
  const guarded = new Map<ProviderName, GuardedProvider>();
  const making = new Map<string, Promise<GuardedProvider>>();

  const make = async (name: ProviderName, account: object): Promise<GuardedProvider> => {
    const adapter: Adapter<object> = adapters[name];
    const one = guard(await adapter.create({ ...account, timeoutMs }), now);
    made.set(name, one);
    guarded.set(name, one);
    return one;
  };
  const one = async (name: string): Promise<GuardedProvider | undefined> => {
    const account = isProviderName(name) ? accounts[name] : undefined;
    if (!isProviderName(name) || !account) return undefined;
    const known = making.get(name) ?? make(name, account);
    making.set(name, known);
    return known;
  };
  const find = async (name: string): Promise<CallableProvider | undefined> => {
    const known = made.get(name);
    if (known) return known;
    const names = name.split(separator);
    if (names.length === 1) return one(name);
    const members = (await Promise.all(names.map(one))).filter((member) => member !== undefined);
    if (members.length < names.length) return undefined;
    const group = together(name, members);
    made.set(name, group);
    return group;
  };

  const pushRoutes = new Map<string, Route>();
  const pushRoute = ({ devices }: Pick<RegisteredUser, 'devices'>): Route => {
    const platforms = [...new Set(devices.map(({ platform }) => platform))].sort().join();
    const known = pushRoutes.get(platforms) ?? routeOver(routes.push, platforms.split(','));
    pushRoutes.set(platforms, known);
    return known;
  };

  await Promise.all(
    Object.values(routes)
      .flatMap(({ tiers: [first = []] }) => first)
      .map(({ provider }) => find(provider)),
  );
  return {
    routeFor: (channel, user) => (channel === 'push' ? pushRoute(user) : routes[channel]),
    restsUntil: (name) => made.get(name)?.restsUntil(now()),
    reserve: (name) => made.get(name)?.reserve(now()),
    find,
    health: () =>
      [...guarded].map(([provider, one]) => ({
        provider,
        channel: adapters[provider].channel,
        ...one.health(),
      })),
    close: async () => {
      const all = await Promise.allSettled(making.values());
      const open = all.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
      await Promise.all(open.map(({ provider }) => provider.close()));
    },
  };
};

/** Devices of one platform leave a choice among its providers; devices of several need one of each. */
const routeOver = (route: Route, platforms: readonly string[]): Route => {
  const reaches = (platform: string): Tier =>
    route.tiers.flat().filter(({ provider }) => platformOf(provider) === platform);
  const reached = platforms.filter((platform) => reaches(platform).length > 0);
  if (reached.length > 1) {
    const names = reached.flatMap((platform) => reaches(platform)[0]?.provider ?? []);
    return { ...route, tiers: [[{ provider: names.sort().join(separator), weight: 1 }]] };
  }
  const [platform = ''] = reached;
  const ofPlatform = reaches(platform);
  const tiers = route.tiers.map((tier) => tier.filter((each) => ofPlatform.includes(each)));
  return { ...route, tiers: tiers.filter((tier) => tier.length > 0) };
};

/** Of push: the devices that a provider reaches. */
export const platformOf = (provider: string): string | undefined => {
  const adapter: Adapter<object> | undefined = isProviderName(provider)
    ? adapters[provider]
    : undefined;
  return adapter?.platform;
};

/** Every provider of an account. */
export const accountNames = (accounts: Accounts): readonly ProviderName[] =>
  providerNames.filter((name) => accounts[name] !== undefined);
