import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  createHeaderDecoder,
  encodeHeaders,
  type Header,
} from '../../../src/embedded/eventstore/http2/hpack.ts';

const LIMIT = 64 * 1024;
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

const DATE_21 = 'Mon, 21 Oct 2013 20:13:21 GMT';
const DATE_22 = 'Mon, 21 Oct 2013 20:13:22 GMT';
const COOKIE = 'foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1';
const LOCATION: Header = ['location', 'https://www.example.com'];

const REQUESTS: readonly (readonly Header[])[] = [
  [
    [':method', 'GET'],
    [':scheme', 'http'],
    [':path', '/'],
    [':authority', 'www.example.com'],
  ],
  [
    [':method', 'GET'],
    [':scheme', 'http'],
    [':path', '/'],
    [':authority', 'www.example.com'],
    ['cache-control', 'no-cache'],
  ],
  [
    [':method', 'GET'],
    [':scheme', 'https'],
    [':path', '/index.html'],
    [':authority', 'www.example.com'],
    ['custom-key', 'custom-value'],
  ],
];
const RESPONSES: readonly (readonly Header[])[] = [
  [[':status', '302'], ['cache-control', 'private'], ['date', DATE_21], LOCATION],
  [[':status', '307'], ['cache-control', 'private'], ['date', DATE_21], LOCATION],
  [
    [':status', '200'],
    ['cache-control', 'private'],
    ['date', DATE_22],
    LOCATION,
    ['content-encoding', 'gzip'],
    ['set-cookie', COOKIE],
  ],
];
/** The examples' table has 256 bytes. */
const SMALL_TABLE = '3fe101';

describe('RFC 7541, appendix C', () => {
  test.each([
    [
      'C.2.1',
      '400a637573746f6d2d6b65790d637573746f6d2d686561646572',
      'custom-key',
      'custom-header',
    ],
    ['C.2.2', '040c2f73616d706c652f70617468', ':path', '/sample/path'],
    ['C.2.3', '100870617373776f726406736563726574', 'password', 'secret'],
    ['C.2.4', '82', ':method', 'GET'],
  ])('%s', (_name, block, ...header) => {
    expect(createHeaderDecoder(LIMIT).decode(hex(block))).toEqual([header]);
  });

  test.each([
    [
      'C.3, requests',
      REQUESTS,
      [
        '828684410f7777772e6578616d706c652e636f6d',
        '828684be58086e6f2d6361636865',
        '828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565',
      ],
    ],
    [
      'C.4, requests in Huffman code',
      REQUESTS,
      [
        '828684418cf1e3c2e5f23a6ba0ab90f4ff',
        '828684be5886a8eb10649cbf',
        '828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf',
      ],
    ],
    [
      'C.5, responses with evictions',
      RESPONSES,
      [
        `${SMALL_TABLE} 4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d546e1768747470733a2f2f7777772e6578616d706c652e636f6d`,
        '4803333037c1c0bf',
        '88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d4153444a4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b2076657273696f6e3d31',
      ],
    ],
    [
      'C.6, responses with evictions in Huffman code',
      RESPONSES,
      [
        `${SMALL_TABLE} 488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3`,
        '4883640effc1c0bf',
        '88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007',
      ],
    ],
  ])('%s', (_name, lists, blocks) => {
    const decoder = createHeaderDecoder(LIMIT);
    expect(blocks.map((block) => decoder.decode(hex(block)))).toEqual(lists);
  });
});

test.each([
  ['an entry that does not exist', 'be'],
  ['entry zero', '80'],
  ['a number without end', 'ffffffffffffffff7f'],
  ['a text that is cut off', '400a6375'],
  ['a text that is missing', '0004'],
  ['a Huffman string padded with zeros', '008161' + '8100'],
  ['a Huffman string padded by a whole byte', '0082' + '1fff' + '0161'],
  ['a Huffman string that holds its end', '0084ffffffff0161'],
  ['a table larger than allowed', '3fe21f'],
  ['a resize behind a header', '8220'],
])('%s is refused', (_name, block) => {
  expect(() => createHeaderDecoder(LIMIT).decode(hex(block))).toThrow(RangeError);
});

test('a small block that unfolds into a long list is refused', () => {
  const decoder = createHeaderDecoder(LIMIT);
  decoder.decode(encodeHeadersIndexed('x', 'y'.repeat(4_000)));
  expect(() => decoder.decode(Buffer.alloc(100, 0xbe))).toThrow('longer than');
});

/** A literal that goes into the table. */
function encodeHeadersIndexed(name: string, value: string): Buffer {
  const literal = encodeHeaders([[name, value]]);
  literal[0] = 0x40;
  return literal;
}

test('what is encoded is decoded', () => {
  const text = fc.string({ unit: 'binary-ascii', maxLength: 300 });
  const header = fc.oneof(
    fc.tuple(text, text),
    fc.constantFrom<[string, string][]>([':status', '200'], ['content-type', 'a/b'], ['date', '']),
  );
  fc.assert(
    fc.property(fc.array(header, { maxLength: 12 }), (headers) => {
      expect(createHeaderDecoder(LIMIT).decode(encodeHeaders(headers))).toEqual(headers);
    }),
  );
});

test('whatever comes, decoding ends with a list or a RangeError', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 5 }), (blocks) => {
      const decoder = createHeaderDecoder(LIMIT);
      try {
        for (const block of blocks) decoder.decode(Buffer.from(block));
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }),
    { numRuns: 2_000 },
  );
});
