import type { SuppressedAddress } from '../domain/policy/eligibility.ts';
import { addressFor } from '../domain/user/questions.ts';
import type { RegisteredUser } from '../domain/user/state.ts';
import type { Channel } from '../domain/vocabulary.ts';

/** A user as a rule asks for it, read in one go. */
export interface Recipient {
  readonly user: RegisteredUser | undefined;
  /** Where the address on the channel is suppressed. */
  readonly suppressed?: SuppressedAddress;
}

export interface RecipientPorts {
  findUsers(userIds: readonly string[]): Promise<ReadonlyMap<string, RegisteredUser>>;
  /** Of these addresses those that are suppressed. */
  findSuppressed(addresses: readonly string[]): Promise<ReadonlyMap<string, SuppressedAddress>>;
}

/** The recipients of some messages, in their order, in two round trips at most. */
export type FindRecipients = (
  messages: readonly { readonly userId: string; readonly channel: Channel }[],
) => Promise<readonly Recipient[]>;

export const createFindRecipients =
  ({ findUsers, findSuppressed }: RecipientPorts): FindRecipients =>
  async (messages) => {
    const users = await findUsers([...new Set(messages.map(({ userId }) => userId))]);
    const found = messages.map(({ userId, channel }) => {
      const user = users.get(userId);
      return { user, address: user && addressFor(user, channel) };
    });
    const addresses = new Set(found.flatMap(({ address }) => address ?? []));
    const suppressions = await findSuppressed([...addresses]);
    return found.map(({ user, address }) => {
      const suppressed = address === undefined ? undefined : suppressions.get(address);
      return { user, ...(suppressed ? { suppressed } : {}) };
    });
  };
