import { describe, expect, test } from '@jest/globals';
import { createAddressHashes, normalisedAddress } from '../../src/privacy/addressHash.ts';

describe('one mailbox has one form', () => {
  test.each([
    ['Ada@Example.ORG', 'ada@example.org'],
    ['ada@bücher.example', 'ada@xn--bcher-kva.example'],
    ['ada@XN--BCHER-KVA.example', 'ada@xn--bcher-kva.example'],
    ['A\u030Adne@example.org', '\u00E5dne@example.org'],
    ['+4915112345678', '+4915112345678'],
  ])('%s', (given, form) => {
    expect(normalisedAddress(given)).toBe(form);
  });

  test('and dots and plus-tags tell two apart', () => {
    const { of } = createAddressHashes('pepper', []);
    const forms = ['ada.l@example.org', 'adal@example.org', 'adal+news@example.org'];
    expect(new Set(forms.map(of)).size).toBe(3);
  });
});

describe('the hash of an address', () => {
  test('can be made only with the pepper', () => {
    const [a, b] = ['pepper a', 'pepper b'].map((pepper) =>
      createAddressHashes(pepper, []).of('ada@example.org'),
    );
    expect(a).toMatch(/^[0-9a-f]{64}$/);
    expect(a).not.toBe(b);
  });

  test('is looked for under older peppers, too, and made under the present one', () => {
    const before = createAddressHashes('old', []);
    const now = createAddressHashes('new', ['old']);
    expect(now.all('ada@example.org')).toEqual([
      now.of('ada@example.org'),
      before.of('ada@example.org'),
    ]);
  });
});
