import { createPublicKey, randomBytes, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/**
 * A self-signed X.509 certificate (PEM) for an RSA or EC key, as a simulator needs one: `names` are its DNS names, the
 * first is also its common name; valid from an hour ago for ten years. Node reads certificates but can't make any.
 */
export function selfSigned(
  privateKey: KeyObject,
  names: readonly [string, ...string[]],
  now: Date,
): string {
  const algorithm = sequence(
    privateKey.asymmetricKeyType === 'rsa'
      ? [oid('2a864886f70d01010b'), tagged(0x05)]
      : [oid('2a8648ce3d040302')],
  );
  const name = sequence([
    tagged(0x31, sequence([oid('550403'), tagged(0x0c, Buffer.from(names[0]))])),
  ]);
  const validity = sequence([
    time(new Date(now.getTime() - 3_600_000)),
    time(new Date(now.getTime() + 10 * 365 * 86_400_000)),
  ]);
  const alternatives = sequence(names.map((each) => tagged(0x82, Buffer.from(each))));
  const extensions = sequence([sequence([oid('551d11'), tagged(0x04, alternatives)])]);
  const content = sequence([
    tagged(0xa0, tagged(0x02, Buffer.from([2]))),
    tagged(0x02, Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    algorithm,
    name,
    validity,
    name,
    createPublicKey(privateKey).export({ type: 'spki', format: 'der' }),
    tagged(0xa3, extensions),
  ]);
  const signature = tagged(0x03, Buffer.from([0]), sign('sha256', content, privateKey));
  const lines = sequence([content, algorithm, signature])
    .toString('base64')
    .match(/.{1,64}/g);
  return ['-----BEGIN CERTIFICATE-----', ...(lines ?? []), '-----END CERTIFICATE-----', ''].join(
    '\n',
  );
}

/** One value of DER: a tag, the length and the content. */
function tagged(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const header =
    length < 0x80
      ? [tag, length]
      : length < 0x100
        ? [tag, 0x81, length]
        : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(header), content]);
}

const sequence = (parts: readonly Buffer[]): Buffer => tagged(0x30, ...parts);
const oid = (hex: string): Buffer => tagged(0x06, Buffer.from(hex, 'hex'));
const time = (at: Date): Buffer =>
  tagged(0x18, Buffer.from(`${at.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`));
