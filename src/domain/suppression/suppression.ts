import { Temporal } from '@js-temporal/polyfill';
import type { Decider, Event, EventRef } from '../decider.ts';
import { instantAt } from '../policy/localTime.ts';
import type { SchemasOf } from '../schema.ts';
import type { AddressChannel } from '../user/events.ts';
import type { Instant } from '../vocabulary.ts';

/** `addressHash` is the keyed hash of a normalised address (facts G13, G22): nobody can be told by it. */
export const suppressionStream = (addressHash: string): string => `suppression-${addressHash}`;

/** Nothing at all, or nothing but what the recipient needs. */
export type SuppressionScope = 'all' | 'marketing';

export const suppressionReasons = [
  'hard bounce',
  'complaint',
  'stop',
  'unsubscribe',
  'manual',
  'soft bounces',
] as const;
export type SuppressionReason = (typeof suppressionReasons)[number];

export type SuppressionEvent =
  | Event<
      'AddressSuppressed',
      {
        readonly channel: AddressChannel;
        readonly scope: SuppressionScope;
        readonly reason: SuppressionReason;
        /** Who told: a provider's name, `api`, … */
        readonly source: string;
        /** An operator's words; they may name nobody. */
        readonly why?: string;
        /** The notification that it became known by. */
        readonly notificationId?: string;
      }
    >
  | Event<
      'AddressSoftBounced',
      {
        readonly channel: AddressChannel;
        readonly source: string;
        readonly notificationId: string;
        /** By the provider's clock. */
        readonly when: Instant;
      }
    >
  | Event<
      'AddressPaused',
      {
        readonly channel: AddressChannel;
        /** The pause is over by itself. */
        readonly until: Instant;
        readonly source: string;
        /** Of the last bounce. */
        readonly notificationId: string;
      }
    >
  | Event<
      'SuppressionLifted',
      {
        /** Those that no longer hold. */
        readonly reasons: readonly SuppressionReason[];
        readonly why: string;
        readonly by: string;
      }
    >;

/** No field is personal: there is no key that an erasure would leave. */
export const suppressionSchemas: SchemasOf<SuppressionEvent> = {
  AddressSuppressed: {
    version: 1,
    fields: {
      channel: 'none',
      scope: 'none',
      reason: 'none',
      source: 'none',
      why: 'none',
      notificationId: 'identifier',
    },
  },
  AddressSoftBounced: {
    version: 1,
    fields: { channel: 'none', source: 'none', notificationId: 'identifier', when: 'none' },
  },
  AddressPaused: {
    version: 1,
    fields: { channel: 'none', until: 'none', source: 'none', notificationId: 'identifier' },
  },
  SuppressionLifted: { version: 1, fields: { reasons: 'none', why: 'none', by: 'identifier' } },
};

/** One reason that holds, and the event that made it so. */
export interface HeldReason {
  readonly reason: SuppressionReason;
  readonly scope: SuppressionScope;
  readonly because: EventRef;
  /** It holds no longer than that. */
  readonly until?: Instant;
}

interface SoftBounce {
  readonly notificationId: string;
  readonly when: Instant;
}

/** The reasons why an address is not written to; none when it may be. */
export interface SuppressionState {
  readonly held: readonly HeldReason[];
  /** Those that count towards a pause. */
  readonly softBounces: readonly SoftBounce[];
}

/** Soft bounces of so many messages within so long pause an address for as long (facts L14). */
const pausesAfter = 3;
const withinMs = 72 * 3_600_000;

/** The reason that forbids most at a moment: of several that forbid the same, the oldest. */
export const strongest = ({ held }: SuppressionState, at: Instant): HeldReason | undefined => {
  const holding = held.filter(({ until }) => until === undefined || until > at);
  const all = holding.filter(({ scope }) => scope === 'all');
  return all.find(({ until }) => until === undefined) ?? all[0] ?? holding[0];
};

export type SuppressionCommand =
  | ({ readonly type: 'SuppressAddress' } & Extract<
      SuppressionEvent,
      { type: 'AddressSuppressed' }
    >['data'])
  | ({ readonly type: 'RecordSoftBounce' } & Extract<
      SuppressionEvent,
      { type: 'AddressSoftBounced' }
    >['data'])
  | {
      readonly type: 'LiftSuppression';
      /** All of them when absent. */
      readonly reasons?: readonly SuppressionReason[];
      /** Only what goes that far. */
      readonly scope?: SuppressionScope;
      readonly why: string;
      readonly by: string;
    };

const without = ({ held }: SuppressionState, reasons: readonly SuppressionReason[]) =>
  held.filter(({ reason }) => !reasons.includes(reason));

const shifted = (when: Instant, byMs: number): Instant =>
  instantAt(Temporal.Instant.from(when).epochMilliseconds + byMs);
const before = (when: Instant): Instant => shifted(when, -withinMs);
const after = (when: Instant): Instant => shifted(when, withinMs);

const evolve = (
  state: SuppressionState,
  event: SuppressionEvent,
  at: EventRef,
): SuppressionState => {
  switch (event.type) {
    case 'AddressSuppressed': {
      const { reason, scope } = event.data;
      return { ...state, held: [...without(state, [reason]), { reason, scope, because: at }] };
    }
    case 'AddressSoftBounced': {
      const { notificationId, when } = event.data;
      const recent = state.softBounces.filter((one) => one.when > before(when));
      return { ...state, softBounces: [...recent, { notificationId, when }] };
    }
    case 'AddressPaused': {
      const pause = { reason: 'soft bounces', scope: 'all', because: at } as const;
      const held = [...without(state, ['soft bounces']), { ...pause, until: event.data.until }];
      return { held, softBounces: [] };
    }
    case 'SuppressionLifted':
      return { ...state, held: without(state, event.data.reasons) };
    default:
      return state;
  }
};

const decide = (
  command: SuppressionCommand,
  state: SuppressionState,
): readonly SuppressionEvent[] => {
  const { held } = state;
  switch (command.type) {
    case 'SuppressAddress': {
      const { type: _, ...data } = command;
      const before = held.find(({ reason }) => reason === data.reason);
      const holds = before && (before.scope === 'all' || data.scope === 'marketing');
      return holds ? [] : [{ type: 'AddressSuppressed', data }];
    }
    case 'RecordSoftBounce':
      return softBounced(command, state);
    case 'LiftSuppression': {
      const { reasons: named, scope, why, by } = command;
      const reasons = held
        .filter((one) => scope === undefined || one.scope === scope)
        .map(({ reason }) => reason)
        .filter((one) => named?.includes(one) ?? true);
      return reasons.length > 0 ? [{ type: 'SuppressionLifted', data: { reasons, why, by } }] : [];
    }
  }
};

const softBounced = (
  { type: _, ...data }: Extract<SuppressionCommand, { type: 'RecordSoftBounce' }>,
  { held, softBounces }: SuppressionState,
): readonly SuppressionEvent[] => {
  const { notificationId, when, channel, source } = data;
  if (softBounces.some((one) => one.notificationId === notificationId)) return [];
  // The last bounce of a pause comes again, or one of a message that was under way.
  if (held.some(({ until }) => until !== undefined && until > when)) return [];
  const bounced: SuppressionEvent = { type: 'AddressSoftBounced', data };
  const recent = softBounces.filter((one) => one.when > before(when));
  if (recent.length + 1 < pausesAfter) return [bounced];
  const pause = { channel, until: after(when), source, notificationId };
  return [bounced, { type: 'AddressPaused', data: pause }];
};

/** An address that is not to be written to, whoever it belongs to; outlives the user (facts L14). */
export const suppression: Decider<SuppressionState, SuppressionCommand, SuppressionEvent> = {
  initialState: { held: [], softBounces: [] },
  decide,
  evolve,
};
