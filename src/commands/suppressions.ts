import { DomainError } from '../domain/errors.ts';
import type {
  SuppressionCommand,
  SuppressionReason,
  SuppressionScope,
} from '../domain/suppression/suppression.ts';
import type { AddressChannel, NamedAddress } from '../domain/user/events.ts';
import type { Instant } from '../domain/vocabulary.ts';
import { suppressions } from './aggregates.ts';
import type { CommandContext, Execute } from './execute.ts';
import { checkAddress } from './userInput.ts';

/** Why an address is not to be written to any more. */
export interface Suppressing {
  readonly scope: SuppressionScope;
  readonly reason: SuppressionReason;
  /** Who told: a provider's name, `api`, … */
  readonly source: string;
  readonly why?: string;
  readonly notificationId?: string;
}

/** A message that the mailbox or the number could not take for now. */
export interface SoftBounce {
  readonly source: string;
  readonly notificationId: string;
  readonly when: Instant;
}

export interface SuppressionChanged {
  /** Whether it was news. */
  readonly changed: boolean;
  readonly cursor?: string;
}

/** The write API of suppressions. Every function may be repeated; a repeat changes nothing. */
export interface SuppressionCommands {
  /** @throws DomainError BAD_INPUT */
  suppress(
    address: NamedAddress,
    about: Suppressing,
    context: CommandContext,
  ): Promise<SuppressionChanged>;
  /** The same for an address of which only the keyed hash is known. */
  suppressHashed(
    channel: AddressChannel,
    addressHash: string,
    about: Suppressing,
    context: CommandContext,
  ): Promise<SuppressionChanged>;
  /** @param scope only what goes that far */
  liftHashed(
    addressHash: string,
    why: string,
    context: CommandContext,
    reasons: readonly SuppressionReason[],
    scope: SuppressionScope,
  ): Promise<SuppressionChanged>;
  /** Pauses the address when it is one too many (facts L14). @throws DomainError BAD_INPUT */
  softBounced(
    address: NamedAddress,
    bounce: SoftBounce,
    context: CommandContext,
  ): Promise<SuppressionChanged>;
  /** Lifts these reasons, or all; `why` is what an auditor will read. @throws DomainError BAD_INPUT */
  lift(
    address: NamedAddress,
    why: string,
    context: CommandContext,
    reasons?: readonly SuppressionReason[],
  ): Promise<SuppressionChanged>;
}

/** The keyed hashes of an address, the one under the present pepper first. */
export type HashAddress = (address: string) => readonly string[];

export const createSuppressionCommands = (
  execute: Execute,
  hashesOf: HashAddress,
): SuppressionCommands => {
  const run = async (hash: string, command: SuppressionCommand, context: CommandContext) => {
    const { events, cursor } = await execute(suppressions, hash, [command], context);
    return { changed: events.length > 0, ...(cursor === undefined ? {} : { cursor }) };
  };
  const suppressHashed: SuppressionCommands['suppressHashed'] = (channel, hash, about, context) => {
    if (about.why !== undefined) checkWhy(about.why);
    return run(hash, { type: 'SuppressAddress', channel, ...about }, context);
  };
  return {
    suppressHashed,
    suppress: async (named, about, context) => {
      checkAddress(named);
      const [hash = ''] = hashesOf(named.address);
      return suppressHashed(named.channel, hash, about, context);
    },
    liftHashed: async (hash, why, context, reasons, scope) => {
      checkWhy(why);
      const by = context.actor;
      return run(hash, { type: 'LiftSuppression', why, by, reasons, scope }, context);
    },
    softBounced: async (named, bounce, context) => {
      checkAddress(named);
      const [hash = ''] = hashesOf(named.address);
      return run(hash, { type: 'RecordSoftBounce', channel: named.channel, ...bounce }, context);
    },
    lift: async (named, why, context, reasons) => {
      checkAddress(named);
      checkWhy(why);
      const by = context.actor;
      const command = { type: 'LiftSuppression', why, by, ...(reasons && { reasons }) } as const;
      let done: SuppressionChanged = { changed: false };
      // It may have been suppressed under an older pepper.
      for (const hash of hashesOf(named.address)) {
        const { changed, cursor } = await run(hash, command, context);
        if (changed) done = { changed, ...(cursor === undefined ? {} : { cursor }) };
      }
      return done;
    },
  };
};

const personal = /@|\d[\d\s().-]{7,}\d/;

/** These words are kept for good and in clear, so they may name nobody (facts G12). */
export const checkWhy = (why: string): void => {
  if (why.trim() === '' || why.length > 256 || personal.test(why)) {
    const message = 'why must be 1 to 256 characters without an address or a number of somebody';
    throw new DomainError('BAD_INPUT', message, 'why');
  }
};
