import type { Category, Channel } from '../vocabulary.ts';
import type { WeeklyWindow } from './week.ts';

/** `marketing:sms` and so on. */
export type Kind = `${Category}:${Channel}`;

/** When the law lets marketing reach people over some channels, from a date on. */
export interface MarketingHours {
  /** The first day on which it holds, by UTC: `2026-01-01`. */
  readonly since: string;
  readonly channels: readonly Channel[];
  /** In the reader's local time; outside of them marketing waits. */
  readonly open: readonly WeeklyWindow[];
}

/** What the law of one place asks for. */
export interface Jurisdiction {
  /** ISO 3166 codes such as `DE` or `US-TX`; `*` is everywhere that no other one names. */
  readonly regions: readonly string[];
  /** What may be sent only to those who gave their consent. */
  readonly consentFor: readonly Kind[];
  /** Of those that hold, the one that holds since the latest date counts; none: at any hour. */
  readonly marketingHours: readonly MarketingHours[];
  /** Emails may tell that they were read though their reader never agreed to it; else not. */
  readonly trackingWithoutConsent?: boolean;
}

/** At most `most` within any `perSeconds`, wherever they begin. */
export interface Rate {
  readonly most: number;
  readonly perSeconds: number;
}

/** How much one user gets over one channel. */
export interface UserLimit extends Rate {
  readonly channel: Channel;
  /** Every category when absent. */
  readonly category?: Category;
}

/** The rules that the operator sets; `TIDINGS_POLICY` replaces them key by key. */
export interface PolicyRules {
  readonly jurisdictions: readonly Jurisdiction[];
  readonly limits: readonly UserLimit[];
  /** By the provider's name: what it takes from one account. */
  readonly providers: Readonly<Record<string, Rate>>;
}

const monday = 1;
const sunday = 7;
const weekdays = [monday, 2, 3, 4, 5, 6];
const everyDay = [...weekdays, sunday];
const since = '2025-01-01';
const channels = ['sms', 'push'] as const;

/** The window that is inside of every one that was found (facts L21). */
const careful: MarketingHours = {
  since,
  channels,
  open: [
    { days: weekdays, from: '09:00', to: '20:00' },
    { days: [sunday], from: '12:00', to: '20:00' },
  ],
};

const daily = (from: string, to: string): MarketingHours => ({
  since,
  channels,
  open: [{ days: everyDay, from, to }],
});

const optIn =
  'AT BE BG CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK';

/**
 * What holds unless the operator says otherwise: marketing by text message needs a consent everywhere
 * (facts L15), by email also where the law wants people to opt in (L25, L26); text messages and push
 * messages with marketing come in the legal hours (L21). Where email needs an opt-in, tracking does, too. Not legal
 * advice.
 */
export const defaultRules: PolicyRules = {
  jurisdictions: [
    {
      regions: ['*'],
      consentFor: ['marketing:sms'],
      marketingHours: [careful],
      trackingWithoutConsent: true,
    },
    {
      regions: [...optIn.split(' '), 'CA'],
      consentFor: ['marketing:sms', 'marketing:email'],
      marketingHours: [careful],
    },
    {
      regions: ['US-FL', 'US-OK', 'US-MD', 'US-MS', 'US-NJ'],
      consentFor: ['marketing:sms'],
      marketingHours: [daily('08:00', '20:00')],
      trackingWithoutConsent: true,
    },
    {
      regions: ['US-CT'],
      consentFor: ['marketing:sms'],
      marketingHours: [daily('09:00', '20:00')],
      trackingWithoutConsent: true,
    },
    {
      regions: ['US-TX'],
      consentFor: ['marketing:sms'],
      marketingHours: [
        {
          since,
          channels,
          open: [
            { days: weekdays, from: '09:00', to: '21:00' },
            { days: [sunday], from: '12:00', to: '21:00' },
          ],
        },
      ],
      trackingWithoutConsent: true,
    },
  ],
  limits: [
    { channel: 'sms', category: 'marketing', most: 3, perSeconds: 3_600 },
    { channel: 'push', category: 'marketing', most: 10, perSeconds: 86_400 },
  ],
  // Firebase publishes its quota; SendGrid publishes none, and Twilio queues by itself.
  providers: { fcm: { most: 600_000, perSeconds: 60 } },
};

/** The law where the user is: of the region `US-TX`, else of `US`, else of everywhere. */
export const jurisdictionOf = (rules: PolicyRules, region: string | undefined): Jurisdiction => {
  const named = (name: string) => rules.jurisdictions.find((one) => one.regions.includes(name));
  const found = region === undefined ? undefined : (named(region) ?? named(region.slice(0, 2)));
  return found ?? named('*') ?? { regions: ['*'], consentFor: [], marketingHours: [] };
};

/** Limits that this kind of message counts against. */
export const limitsFor = (
  { limits }: PolicyRules,
  channel: Channel,
  category: Category,
): readonly UserLimit[] =>
  limits.filter((limit) => limit.channel === channel && (limit.category ?? category) === category);
