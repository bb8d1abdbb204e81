import { DomainError } from '../domain/errors.ts';
import type { SuppressionReason, SuppressionScope } from '../domain/suppression/suppression.ts';
import type { NamedAddress } from '../domain/user/events.ts';
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
): SuppressionCommands => ({
  suppress: async (named, about, context) => {
    checkAddress(named);
    if (about.why !== undefined) checkWhy(about.why);
    const [hash = ''] = hashesOf(named.address);
    const command = { type: 'SuppressAddress', channel: named.channel, ...about } as const;
    const { events, cursor } = await execute(suppressions, hash, [command], context);
    return { changed: events.length > 0, ...(cursor === undefined ? {} : { cursor }) };
  },
  softBounced: async (named, bounce, context) => {
    checkAddress(named);
    const [hash = ''] = hashesOf(named.address);
    const command = { type: 'RecordSoftBounce', channel: named.channel, ...bounce } as const;
    const { events, cursor } = await execute(suppressions, hash, [command], context);
    return { changed: events.length > 0, ...(cursor === undefined ? {} : { cursor }) };
  },
  lift: async (named, why, context, reasons) => {
    checkAddress(named);
    checkWhy(why);
    const by = context.actor;
    const command = { type: 'LiftSuppression', why, by, ...(reasons && { reasons }) } as const;
    let done: SuppressionChanged = { changed: false };
    // It may have been suppressed under an older pepper.
    for (const hash of hashesOf(named.address)) {
      const { events, cursor } = await execute(suppressions, hash, [command], context);
      if (events.length > 0) done = { changed: true, ...(cursor === undefined ? {} : { cursor }) };
    }
    return done;
  },
});

const personal = /@|\d[\d\s().-]{7,}\d/;

/** These words are kept for good and in clear, so they may name nobody (facts G12). */
const checkWhy = (why: string): void => {
  if (why.trim() === '' || why.length > 256 || personal.test(why)) {
    const message = 'why must be 1 to 256 characters without an address or a number of somebody';
    throw new DomainError('BAD_INPUT', message, 'why');
  }
};
