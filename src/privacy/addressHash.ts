import { createHmac } from 'node:crypto';
import { domainToASCII } from 'node:url';

/** Turns an address into what may outlive the person: a keyed hash (facts G13, G22). */
export interface AddressHashes {
  /** Under the present pepper: what new suppressions are kept by. */
  of(address: string): string;
  /** Under the present and every older pepper: what an address is looked up by. */
  all(address: string): readonly string[];
}

/**
 * The one form of an address: lower case, the domain in ASCII (IDNA). Dots and plus-tags stay, since they
 * tell mailboxes apart. A number is in E.164 already.
 */
export const normalisedAddress = (address: string): string => {
  const at = address.lastIndexOf('@');
  if (at < 0) return address;
  const domain = address.slice(at + 1).toLowerCase();
  const local = address.slice(0, at).normalize('NFC').toLowerCase();
  return `${local}@${domainToASCII(domain) || domain}`;
};

/**
 * @param pepper without it the list can't be read: lose it, and every suppression is lost
 * @param older peppers that were in use before; needed as long as a suppression made under them may hold
 */
export const createAddressHashes = (pepper: string, older: readonly string[]): AddressHashes => {
  const under = (key: string, address: string) =>
    createHmac('sha256', key).update(normalisedAddress(address)).digest('hex');
  return {
    of: (address) => under(pepper, address),
    all: (address) => [pepper, ...older].map((key) => under(key, address)),
  };
};
