import type { AddressChannel, NamedAddress, Profile } from './events.ts';

/** An address of a user and what is known of it. */
export interface Address extends NamedAddress {
  /** Somebody has shown that it is the user's. */
  readonly verified: boolean;
  /** The one that is written to; one per channel. */
  readonly primary: boolean;
}

export type Addresses = readonly Address[];

const same = (a: NamedAddress, b: NamedAddress): boolean =>
  a.channel === b.channel && a.address === b.address;

export const findAddress = (all: Addresses, wanted: NamedAddress): Address | undefined =>
  all.find((one) => same(one, wanted));

export const primaryOf = (all: Addresses, channel: AddressChannel): Address | undefined =>
  all.find((one) => one.channel === channel && one.primary);

/** With this address, which becomes the primary one when it is asked to or is the first of its channel. */
export const withAddress = (all: Addresses, added: NamedAddress, primary: boolean): Addresses => {
  const { channel, address } = added;
  const before = findAddress(all, added);
  const becomesPrimary = primary || primaryOf(all, channel) === undefined;
  if (before && !becomesPrimary) return all;
  const others = all
    .filter((one) => !same(one, added))
    .map((one) => (one.channel === channel && becomesPrimary ? { ...one, primary: false } : one));
  const verified = before?.verified ?? false;
  return [...others, { channel, address, verified, primary: becomesPrimary }];
};

/** Without this address; when it was the primary one, a verified one or else the oldest takes its place. */
export const withoutAddress = (all: Addresses, removed: NamedAddress): Addresses => {
  const rest = all.filter((one) => !same(one, removed));
  const { channel } = removed;
  if (primaryOf(rest, channel)) return rest;
  const left = rest.filter((one) => one.channel === channel);
  const heir = left.find(({ verified }) => verified) ?? left[0];
  return heir ? rest.map((one) => (one === heir ? { ...one, primary: true } : one)) : rest;
};

export const withVerified = (all: Addresses, verified: NamedAddress): Addresses =>
  all.map((one) => (same(one, verified) ? { ...one, verified: true } : one));

/**
 * With another primary address in place of the one that is there, as a profile's `email` and `phone` name
 * it; `null`: with no address of the channel at all.
 */
export const withPrimary = (
  all: Addresses,
  channel: AddressChannel,
  address: string | null,
): Addresses => {
  if (address === null) return all.filter((one) => one.channel !== channel);
  const before = primaryOf(all, channel);
  if (before?.address === address) return all;
  return withAddress(
    all.filter((one) => one !== before),
    { channel, address },
    true,
  );
};

/** The profile with the primary addresses as its `email` and `phone`. */
export const withAddresses = (profile: Profile, all: Addresses): Profile => {
  const { email: _, phone: __, ...rest } = profile;
  const email = primaryOf(all, 'email')?.address;
  const phone = primaryOf(all, 'sms')?.address;
  return {
    ...rest,
    ...(email === undefined ? {} : { email }),
    ...(phone === undefined ? {} : { phone }),
  };
};
