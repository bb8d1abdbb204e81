import { describe, expect, test } from '@jest/globals';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { linesOf } from '../../src/commands/lines.ts';
import { type ParsedRow, type RowFormat, userRowsOf } from '../../src/commands/userRows.ts';
import { steady } from '../support/spec.ts';

const rowsOf = async (format: RowFormat, text: string): Promise<readonly ParsedRow[]> => {
  const rows: ParsedRow[] = [];
  for await (const row of userRowsOf(format, Readable.from([Buffer.from(text)]))) rows.push(row);
  return rows;
};
const problemsOf = async (format: RowFormat, text: string) =>
  (await rowsOf(format, text)).flatMap(({ problem }) => problem ?? []);

const ada = {
  userId: 'ada',
  changes: {
    name: 'Ada, "the first"',
    email: 'ada@example.org',
    locale: 'nb-NO',
    attributes: { plan: 'pro', seats: 3, beta: true },
  },
};

test('NDJSON has a user on every line, whatever ends it', async () => {
  const { userId: id, changes } = ada;
  const text = `${JSON.stringify({ id, ...changes })}\r\n\n{"id":7,"email":null}`;
  expect(await rowsOf('ndjson', text)).toEqual([
    { line: 1, row: ada },
    { line: 3, row: { userId: '7', changes: { email: null } } },
  ]);
});

test('CSV has a user on every line after its header; empty cells say nothing', async () => {
  const text = [
    '\uFEFFid,name,email,phone,locale,attributes.plan,attributes.seats:number,attributes.beta:boolean',
    'ada,"Ada, ""the first""",ada@example.org,,nb-NO,pro,3,true',
    'bob,,,,,,,',
  ].join('\r\n');
  expect(await rowsOf('csv', text)).toEqual([
    { line: 2, row: ada },
    { line: 3, row: { userId: 'bob', changes: {} } },
  ]);
});

test('a line says what a user wants and has agreed to, in NDJSON and in CSV alike', async () => {
  const kind = { channel: 'sms', category: 'marketing' } as const;
  const said = { given: true, wording: 'News, please', source: 'form', evidence: 'f-17' };
  const consent = { ...said, tracking: false };
  const wishes = {
    preferences: [{ ...kind, enabled: false }],
    consents: [{ ...kind, ...consent, at: '2026-05-01T10:00:00.000Z' }],
  };
  const consents = [{ ...kind, ...consent, at: '2026-05-01T12:00:00+02:00' }];
  const json = JSON.stringify({ id: 'ada', ...wishes, consents });
  const columns = ['given', 'wording', 'source', 'at', 'evidence', 'expiresAt', 'tracking'];
  const csv = [
    ['id', 'preferences.marketing.sms', ...columns.map((one) => `consents.marketing.sms.${one}`)],
    [
      'ada',
      'false',
      'true',
      '"News, please"',
      'form',
      '2026-05-01T12:00:00+02:00',
      'f-17',
      '',
      'false',
    ],
  ];
  const row = { userId: 'ada', changes: {}, ...wishes };
  expect(await rowsOf('ndjson', json)).toEqual([{ line: 1, row }]);
  expect(await rowsOf('csv', csv.join('\n'))).toEqual([{ line: 2, row }]);
});

describe('a wrong wish is named by its field:', () => {
  const at = '2026-05-01T10:00:00Z';
  const kind = { channel: 'sms', category: 'marketing' };
  const consent = { ...kind, given: true, wording: 'Yes', source: 'form', at };
  test.each([
    [{ preferences: [{ ...kind, enabled: 'no' }] }, 'preferences.0.enabled'],
    [{ preferences: [{ ...kind, channel: 'fax', enabled: true }] }, 'preferences.0.channel'],
    [{ preferences: [true, false].map((enabled) => ({ ...kind, enabled })) }, 'preferences.1'],
    [{ consents: [{ ...consent, at: 'yesterday' }] }, 'consents.0.at'],
    [{ consents: [{ ...consent, wording: ' ' }] }, 'consents.0.wording'],
    [{ consents: [{ ...consent, expiresAt: at }] }, 'consents.0.expiresAt'],
    [{ consents: [consent, consent] }, 'consents.1'],
  ])('%j', async (wishes, field) => {
    const problems = await problemsOf('ndjson', JSON.stringify({ id: 'u1', ...wishes }));
    expect(problems).toMatchObject([{ line: 1, code: 'BAD_INPUT', field }]);
  });

  test.each([
    'preferences.marketing.sms',
    'consents.marketing.sms.given',
    'consents.marketing.sms.tracking',
  ])('%s of a CSV list', async (column) => {
    const problems = await problemsOf('csv', `id,${column}\nu1,perhaps`);
    expect(problems).toMatchObject([{ line: 2, code: 'BAD_INPUT', field: column }]);
  });
});

describe('a wrong line is named by number, field and reason:', () => {
  test.each([
    ['{"id":"u1"', 'line', 'BAD_INPUT'],
    ['[]', 'line', 'BAD_INPUT'],
    ['{"name":"Ada"}', 'id', 'BAD_INPUT'],
    ['{"id":"ada@example.org"}', 'id', 'ID_LOOKS_PERSONAL'],
    ['{"id":"+4915112345678"}', 'id', 'ID_LOOKS_PERSONAL'],
    ['{"id":"u1","email":"ada"}', 'email', 'BAD_INPUT'],
    ['{"id":"u1","phone":"0151"}', 'phone', 'BAD_INPUT'],
    ['{"id":"u1","timezone":"Mars/Base"}', 'timezone', 'BAD_INPUT'],
    ['{"id":"u1","locale":"?"}', 'locale', 'BAD_INPUT'],
    ['{"id":"u1","mail":"x"}', 'mail', 'BAD_INPUT'],
    ['{"id":"u1","attributes":{"a.b":1}}', 'attributes.a.b', 'BAD_INPUT'],
    ['{"id":"u1","attributes":{"a":[1]}}', 'attributes.a', 'BAD_INPUT'],
    [`{"id":"u1","name":"${'x'.repeat(70_000)}"}`, 'line', 'PAYLOAD_TOO_LARGE'],
  ])('%.40s', async (line, field, code) => {
    const text = `{"id":"before"}\n${line}\n{"id":"after"}\n`;
    const rows = await rowsOf('ndjson', text);
    expect(rows.map((one) => one.row?.userId)).toEqual(['before', undefined, 'after']);
    expect(await problemsOf('ndjson', text)).toMatchObject([{ line: 2, field, code }]);
  });

  test.each([
    ['ada,x@example.org,extra', 'line'],
    ['"ada,x@example.org', 'line'],
    ['ada,nonsense', 'email'],
  ])('%s', async (line, field) => {
    const problems = await problemsOf('csv', `id,email\nbefore,b@example.org\n${line}\n`);
    expect(problems).toMatchObject([{ line: 3, field, code: 'BAD_INPUT' }]);
    expect(JSON.stringify(problems)).not.toContain('example.org');
  });

  test('a cell that is not of its type', async () => {
    const problems = await problemsOf('csv', 'id,attributes.seats:number\nada,many\n');
    expect(problems).toMatchObject([{ line: 2, field: 'attributes.seats' }]);
  });
});

test('lines are the same however the text is cut into chunks', async () => {
  const pieces = fc.array(fc.constantFrom('a', 'é', '山', '\n', '\r\n', 'xyz'), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(pieces, fc.integer({ min: 1, max: 7 }), async (parts, size) => {
      const bytes = Buffer.from(parts.join(''));
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
        bytes.subarray(index * size, (index + 1) * size),
      );
      const lines: string[] = [];
      for await (const { text } of linesOf(Readable.from(chunks), 1_000)) lines.push(text ?? '');
      const expected = parts.join('').split('\n');
      if (expected.at(-1) === '') expected.pop();
      expect(lines).toEqual(expected.map((one) => one.replace(/\r$/, '')));
    }),
    steady,
  );
});

test('what is not UTF-8 is refused from the line on that holds it', async () => {
  const chunks = [Buffer.from('one\ntwo\n'), Buffer.from([0xff, 0x0a])];
  const read = async () => {
    const lines: string[] = [];
    for await (const { text } of linesOf(Readable.from(chunks), 1_000)) lines.push(text ?? '');
    return lines;
  };
  await expect(read()).rejects.toMatchObject({ code: 'BAD_INPUT', field: 'line 3' });
});
