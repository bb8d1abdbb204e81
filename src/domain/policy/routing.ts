/** A provider among those that share a tier; each gets its weight's share of the messages. */
export interface WeightedProvider {
  readonly provider: string;
  readonly weight: number;
}

/** Providers of one channel that are as good as each other. */
export type Tier = readonly WeightedProvider[];

/** The providers of one channel: a later tier is used while nobody of an earlier one can be. */
export interface Route {
  readonly tiers: readonly Tier[];
  /** Without a receipt for so long the next provider gets the message, too. Never when absent. */
  readonly receiptWithinMs?: number;
}

/** A provider that was called for this notification and did not take it. */
export interface Tried {
  readonly provider: string;
  /** It asked not to be called about this one before, in milliseconds since the epoch. */
  readonly restsUntil?: number;
}

export interface RoutingQuestion {
  readonly route: Route;
  /** Comes before every tier, unless it has failed more often; one that the route doesn't have is nobody. */
  readonly preferred?: string;
  readonly tried: readonly Tried[];
  /** When a provider can be called again, in milliseconds since the epoch; undefined while it can be. */
  restsUntil(provider: string): number | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** In [0, 1). */
  readonly random: number;
}

export type Choice =
  | { readonly kind: 'use'; readonly provider: string }
  /** Nobody can be called before. */
  | { readonly kind: 'wait'; readonly until: number }
  /** The route has nobody. */
  | { readonly kind: 'none' };

/**
 * Who is called next: of those that can be called, the ones that have failed this notification least
 * often; of these the first tier; in it by weight.
 */
export const chooseProvider = (question: RoutingQuestion): Choice => {
  const tiers = tiersOf(question);
  const everyone = tiers.flat();
  const rests = new Map(everyone.map(({ provider }) => [provider, restOf(provider, question)]));
  const free = everyone.filter(({ provider }) => (rests.get(provider) ?? 0) <= question.now);
  if (free.length === 0) {
    const until = Math.min(...rests.values());
    return Number.isFinite(until) ? { kind: 'wait', until } : { kind: 'none' };
  }
  const fewest = Math.min(...free.map(({ provider }) => failuresOf(provider, question.tried)));
  const eligible = ({ provider }: WeightedProvider) =>
    (rests.get(provider) ?? 0) <= question.now && failuresOf(provider, question.tried) === fewest;
  const tier = tiers.map((one) => one.filter(eligible)).find((one) => one.length > 0) ?? free;
  return { kind: 'use', provider: byWeight(tier, question.random) };
};

/** Providers that this notification was not taken to yet. */
export const untried = ({
  route,
  tried,
}: Pick<RoutingQuestion, 'route' | 'tried'>): readonly string[] =>
  route.tiers.flatMap((tier) =>
    tier.flatMap(({ provider }) => (failuresOf(provider, tried) === 0 ? [provider] : [])),
  );

/** Whether somebody who has not failed this notification yet can be called now: it need not wait for a retry. */
export const hasSubstitute = (question: Omit<RoutingQuestion, 'random'>): boolean =>
  untried(question).some((provider) => restOf(provider, question) <= question.now);

/** When the first of them is over, if every provider of the route asked not to be called before. */
export const restOfAll = ({ route, tried }: Pick<RoutingQuestion, 'route' | 'tried'>) => {
  const rests = route.tiers
    .flat()
    .map(({ provider }) => restOf(provider, { tried, restsUntil: () => undefined }));
  return rests.includes(0) || rests.length === 0 ? undefined : Math.min(...rests);
};

const tiersOf = ({ route, preferred }: RoutingQuestion): readonly Tier[] => {
  const wanted = route.tiers.flat().filter(({ provider }) => provider === preferred);
  if (wanted.length === 0) return route.tiers;
  return [wanted, ...route.tiers.map((t) => t.filter(({ provider }) => provider !== preferred))];
};

const failuresOf = (provider: string, tried: readonly Tried[]): number =>
  tried.filter((one) => one.provider === provider).length;

/** Zero for one that can be called now. */
const restOf = (
  provider: string,
  { tried, restsUntil }: Pick<RoutingQuestion, 'tried' | 'restsUntil'>,
): number =>
  tried.reduce(
    (latest, one) => (one.provider === provider ? Math.max(latest, one.restsUntil ?? 0) : latest),
    restsUntil(provider) ?? 0,
  );

const byWeight = (tier: Tier, random: number): string => {
  const total = tier.reduce((sum, { weight }) => sum + weight, 0);
  let left = random * total;
  for (const { provider, weight } of tier) {
    left -= weight;
    if (left < 0) return provider;
  }
  return tier.at(-1)?.provider ?? '';
};
