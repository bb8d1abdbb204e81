import { LRUCache } from 'lru-cache';
import { IANAZone } from 'luxon';
import { DomainError } from '../domain/errors.ts';
import { checkIdentifier } from '../domain/identifiers.ts';
import type { NamedAddress, ProfileChanges } from '../domain/user/events.ts';
import type { Device } from '../domain/user/state.ts';

const bad = (field: string, what: string): DomainError =>
  new DomainError('BAD_INPUT', `${field} ${what}`, field);

const control = /[\p{Cc}\u2028\u2029]/u;
// One address, no display name, no list, nothing that a mail header could be split by (facts H3, H4).
const oneAddress = /^[^\s@<>(),;:"[\]\\]{1,64}@[^\s@<>(),;:"[\]\\]{1,255}$/u;
const e164 = /^\+[1-9]\d{6,14}$/;
/** A name by which rules and queries can ask for it. */
const attributeName = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
const mostAttributes = 64;
const longestAttribute = 1_024;

/** @throws DomainError BAD_INPUT naming the field */
export const checkProfile = (profile: ProfileChanges): void => {
  const { name, email, phone, timezone, locale, attributes } = profile;
  if (name != null && (name.length > 256 || control.test(name))) {
    throw bad('name', 'must have at most 256 characters, none of them a control character');
  }
  if (email != null) checkAddress({ channel: 'email', address: email }, 'email');
  if (phone != null) checkAddress({ channel: 'sms', address: phone }, 'phone');
  if (timezone !== undefined && !isZone(timezone)) {
    throw bad('timezone', 'must be an IANA time zone, such as Europe/Berlin');
  }
  if (locale !== undefined && !isLocale(locale)) {
    throw bad('locale', 'must be a BCP 47 tag, such as de-AT');
  }
  if (attributes) checkAttributes(attributes);
};

/** @throws DomainError BAD_INPUT naming the field */
export const checkAddress = ({ channel, address }: NamedAddress, field = 'address'): void => {
  if (channel === 'email' && (!oneAddress.test(address) || control.test(address))) {
    throw bad(field, 'must be one email address');
  }
  if (channel === 'sms' && !e164.test(address)) {
    throw bad(field, 'must be in E.164 form, such as +4915112345678');
  }
};

/** @throws DomainError BAD_INPUT naming the field */
export const checkDevice = (device: Device): void => {
  checkIdentifier(device.deviceId, 'deviceId');
  if (device.platform !== 'webpush') {
    if (!/^[\x21-\x7e]{1,4096}$/.test(device.token)) throw bad('token', 'must be printable ASCII');
    return;
  }
  const { endpoint, keys } = device;
  if (endpoint.length > 2_048 || !URL.canParse(endpoint) || !endpoint.startsWith('https://')) {
    throw bad('endpoint', 'must be the https URL of a push subscription');
  }
  // An uncompressed point of P-256 and 16 random bytes (RFC 8291).
  if (bytesIn(keys.p256dh) !== 65) throw bad('keys.p256dh', 'must be 65 bytes in base64url');
  if (bytesIn(keys.auth) !== 16) throw bad('keys.auth', 'must be 16 bytes in base64url');
};

const bytesIn = (base64url: string): number =>
  /^[\w-]{1,128}={0,2}$/.test(base64url) ? Buffer.from(base64url, 'base64url').length : 0;

const checkAttributes = (attributes: NonNullable<ProfileChanges['attributes']>): void => {
  const entries = Object.entries(attributes);
  if (entries.length > mostAttributes) {
    throw bad('attributes', `may be at most ${mostAttributes}`);
  }
  for (const [name, value] of entries) {
    const field = `attributes.${name.slice(0, 64)}`;
    if (!attributeName.test(name)) {
      throw bad(field, 'must have a name of letters, digits, _ and -, starting with a letter');
    }
    const scalar = value === null || ['string', 'number', 'boolean'].includes(typeof value);
    if (!scalar) throw bad(field, 'must be a string, a number or a boolean');
    if (typeof value === 'string' && value.length > longestAttribute) {
      throw bad(field, `may have at most ${longestAttribute} characters`);
    }
  }
};

/** Zones and locales are few, and asking for one costs more than all the rest of a user's checks. */
const remembered = (ask: (name: string) => boolean) => {
  const answers = new LRUCache<string, boolean>({ max: 1_000 });
  return (name: string): boolean => {
    const known = answers.get(name);
    if (known !== undefined) return known;
    const answer = ask(name);
    answers.set(name, answer);
    return answer;
  };
};

const isZone = remembered((name) => IANAZone.isValidZone(name));
const isLocale = remembered((tag) => {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
});
