import type { Decider, Event, EventRef } from '../decider.ts';
import type { SchemasOf } from '../schema.ts';
import type { AddressChannel } from '../user/events.ts';

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
  SuppressionLifted: { version: 1, fields: { reasons: 'none', why: 'none', by: 'identifier' } },
};

/** One reason that holds, and the event that made it so. */
export interface HeldReason {
  readonly reason: SuppressionReason;
  readonly scope: SuppressionScope;
  readonly because: EventRef;
}

/** The reasons why an address is not written to; none when it may be. */
export interface SuppressionState {
  readonly held: readonly HeldReason[];
}

/** The reason that forbids most: of several that forbid the same, the oldest. */
export const strongest = ({ held }: SuppressionState): HeldReason | undefined =>
  held.find(({ scope }) => scope === 'all') ?? held[0];

export type SuppressionCommand =
  | ({ readonly type: 'SuppressAddress' } & Extract<
      SuppressionEvent,
      { type: 'AddressSuppressed' }
    >['data'])
  | {
      readonly type: 'LiftSuppression';
      /** All of them when absent. */
      readonly reasons?: readonly SuppressionReason[];
      readonly why: string;
      readonly by: string;
    };

const evolve = (
  state: SuppressionState,
  event: SuppressionEvent,
  at: EventRef,
): SuppressionState => {
  switch (event.type) {
    case 'AddressSuppressed': {
      const { reason, scope } = event.data;
      const others = state.held.filter((one) => one.reason !== reason);
      return { held: [...others, { reason, scope, because: at }] };
    }
    case 'SuppressionLifted':
      return { held: state.held.filter(({ reason }) => !event.data.reasons.includes(reason)) };
    default:
      return state;
  }
};

const decide = (
  command: SuppressionCommand,
  { held }: SuppressionState,
): readonly SuppressionEvent[] => {
  switch (command.type) {
    case 'SuppressAddress': {
      const { type: _, ...data } = command;
      const before = held.find(({ reason }) => reason === data.reason);
      const holds = before && (before.scope === 'all' || data.scope === 'marketing');
      return holds ? [] : [{ type: 'AddressSuppressed', data }];
    }
    case 'LiftSuppression': {
      const { reasons: named, why, by } = command;
      const reasons = held
        .map(({ reason }) => reason)
        .filter((one) => named?.includes(one) ?? true);
      return reasons.length > 0 ? [{ type: 'SuppressionLifted', data: { reasons, why, by } }] : [];
    }
  }
};

/** An address that is not to be written to, whoever it belongs to; outlives the user (facts L14). */
export const suppression: Decider<SuppressionState, SuppressionCommand, SuppressionEvent> = {
  initialState: { held: [] },
  decide,
  evolve,
};
