import { adapters, isProviderName, providersOf } from './dispatchers/providers/registry.ts';
import type { Route, Tier, WeightedProvider } from './domain/policy/routing.ts';
import { type Channel, channels } from './domain/vocabulary.ts';

/** Routes of the channels that the operator set. */
export type ConfiguredRoutes = { readonly [C in Channel]?: Route };

const isChannel = (name: string): name is Channel => (channels as readonly string[]).includes(name);
const heaviest = 1_000;
const longestReceiptSeconds = 86_400;

/**
 * Reads `TIDINGS_ROUTES`: channels apart by spaces, tiers by `;`, providers of a tier by `,`, each with its weight
 * after `:`, and after `@` the seconds within which a receipt must come. `email=sendgrid:3,ses:1;mailgun sms=twilio`.
 *
 * @throws Error that names what is wrong
 */
export const readRoutes = (setting: string | undefined): ConfiguredRoutes => {
  const routes: { [C in Channel]?: Route } = {};
  for (const entry of (setting ?? '').split(/\s+/).filter((one) => one !== '')) {
    const [name = '', ...rest] = entry.split('=');
    if (!isChannel(name))
      throw new Error(`${name} is no channel; there are ${channels.join(', ')}`);
    if (rest.length !== 1) throw new Error(`${name} must be given as ${name}=provider`);
    if (routes[name]) throw new Error(`${name} is given twice`);
    routes[name] = readRoute(name, rest[0] ?? '');
  }
  return routes;
};

const readRoute = (channel: Channel, text: string): Route => {
  const [list = '', receipt, ...surplus] = text.split('@');
  if (surplus.length > 0) throw new Error(`${channel} has more than one @`);
  const tiers = list.split(';').map((tier) => readTier(channel, tier));
  const names = tiers.flat().map(({ provider }) => provider);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`${channel} names ${twice} twice`);
  if (receipt === undefined) return { tiers };
  const seconds = wholeNumber(receipt, longestReceiptSeconds);
  if (seconds === undefined) {
    throw new Error(`${channel} needs 1 to ${longestReceiptSeconds} seconds after @`);
  }
  return { tiers, receiptWithinMs: seconds * 1_000 };
};

const readTier = (channel: Channel, text: string): Tier =>
  text.split(',').map((item): WeightedProvider => {
    const [provider = '', weight, ...surplus] = item.split(':');
    if (!isProviderName(provider) || adapters[provider].channel !== channel) {
      const known = providersOf(channel).join(', ');
      throw new Error(`${channel} has no provider ${provider || '(empty)'}; there are ${known}`);
    }
    const share = weight === undefined ? 1 : wholeNumber(weight, heaviest);
    if (share === undefined || surplus.length > 0) {
      throw new Error(`${channel} gives ${provider} no weight of 1 to ${heaviest}`);
    }
    return { provider, weight: share };
  });

const wholeNumber = (text: string, most: number): number | undefined => {
  const number = Number(text);
  return /^\d+$/.test(text) && number >= 1 && number <= most ? number : undefined;
};
