import { describe, expect, test } from '@jest/globals';
import type { JsonSchema, TemplateContent } from '../../../src/domain/template/content.ts';
import { problemsOf, withSchema } from '../../../src/domain/template/problems.ts';
import { sampleOf } from '../../../src/domain/template/sample.ts';

const saying = (body: string, changes: Partial<TemplateContent> = {}): TemplateContent => ({
  category: 'transactional',
  priority: 'normal',
  channels: { sms: { body } },
  variables: [],
  ...changes,
});
const inferred = (body: string): JsonSchema => withSchema(saying(body)).schema ?? {};
const problems = (body: string, changes: Partial<TemplateContent> = {}) =>
  problemsOf(withSchema(saying(body, changes))).map(({ code, message }) => [code, message]);

const object = (properties: Record<string, unknown>, required = Object.keys(properties)) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});
const text = { type: 'string' };

describe('the schema of variables is inferred from how they are used', () => {
  test.each<[string, JsonSchema]>([
    ['no variable', object({})],
    ['{{a}} {{userName}} {{unsubscribeUrl}} {{preferencesUrl}}', object({ a: text })],
    [
      '{{#if a}}x{{/if}}{{#unless b}}y{{/unless}}',
      object({ a: { type: 'boolean' }, b: { type: 'boolean' } }),
    ],
    [
      '{{number a}}{{#if (gt b 3)}}x{{/if}}',
      object({ a: { type: 'number' }, b: { type: 'number' } }),
    ],
    ["{{plural n one='# day' other='# days'}}", object({ n: { type: 'number' } })],
    [
      "{{currency a 'EUR'}}{{currency a code}}",
      object({ a: { type: 'number' }, code: { type: 'string', pattern: '^[A-Z]{3}$' } }),
    ],
    ['{{time a}}{{date a}}', object({ a: { type: 'string', format: 'date-time' } })],
    [
      '{{date a}}',
      object({ a: { ...text, anyOf: [{ format: 'date' }, { format: 'date-time' }] } }),
    ],
    ['{{url a}}', object({ a: { ...text, format: 'uri', pattern: '^https?://' } })],
    ["{{url 'https://a.example' a b=c}}", object({ a: text, c: text })],
    ["{{default a 'you'}}", object({ a: text }, [])],
    ['{{number (default a 0)}}', object({ a: { type: 'number' } }, [])],
    ['{{#if a}}{{a}}{{/if}}', object({ a: text }, [])],
    ['{{#if (and a b)}}{{a}}{{/if}}', object({ a: text, b: { type: 'boolean' } }, ['b'])],
    ['{{#unless a}}x{{else}}{{a}}{{/unless}}', object({ a: text }, [])],
    ['{{#if a}}{{a}}{{/if}}{{a}}', object({ a: text })],
    ["{{#if (eq a 'paid')}}x{{/if}}", object({ a: text })],
    ['{{#if (eq a 3)}}x{{/if}}', object({ a: { type: 'number' } })],
    ['{{a.b.c}}', object({ a: object({ b: object({ c: text }) }) })],
    ['{{#each a}}{{this}}{{/each}}', object({ a: { type: 'array', items: text } })],
    [
      '{{#each a}}{{@index}}{{name}}{{number qty}}{{../b}}{{@root.c}}{{/each}}',
      object({
        a: { type: 'array', items: object({ name: text, qty: { type: 'number' } }) },
        b: text,
        c: text,
      }),
    ],
    [
      '{{#each a as |row n|}}{{n}}{{#each row.tags}}{{this}}{{row.name}}{{/each}}{{/each}}',
      object({
        a: { type: 'array', items: object({ tags: { type: 'array', items: text }, name: text }) },
      }),
    ],
    [
      '{{#if a}}{{#each a}}{{this}}{{/each}}{{/if}}',
      object({ a: { type: 'array', items: text } }, []),
    ],
    ['{{date}} {{number}}', object({ date: text, number: text })],
  ])('%j', (body, schema) => {
    expect(inferred(body)).toEqual(schema);
    expect(problems(body)).toEqual([]);
  });

  test('from every part in every language', () => {
    const content = saying('{{a}}', { locales: { de: { sms: { body: '{{b}}' } } } });
    expect(withSchema(content).schema).toEqual(object({ a: text, b: text }));
  });

  test('in more detail where variables are declared in short', () => {
    const variables = [{ name: 'link', type: 'string' }] as const;
    expect(withSchema(saying('{{url link}}', { variables })).schema).toEqual(
      object({ link: { ...text, format: 'uri', pattern: '^https?://' } }),
    );
  });

  test('unless it is given', () => {
    const schema = object({ a: { type: 'string', maxLength: 10 } });
    expect(withSchema(saying('{{a}}', { schema })).schema).toEqual(schema);
  });
});

describe('a use that its schema does not allow is refused', () => {
  test.each([
    ['{{number a}}{{date a}}', 'WRONG_VARIABLE_TYPE'],
    ['{{a}}{{a.b}}', 'WRONG_VARIABLE_TYPE'],
    ['{{a}}{{#each a}}{{this}}{{/each}}', 'WRONG_VARIABLE_TYPE'],
    ['{{#each a}}{{userName}}{{/each}}', 'UNKNOWN_VARIABLE'],
    ['{{@index}}', 'UNKNOWN_VARIABLE'],
    ['{{../a}}', 'UNKNOWN_VARIABLE'],
    ['{{a.constructor}}', 'UNKNOWN_VARIABLE'],
    ["{{number 'three'}}", 'BAD_ARGUMENT'],
    ["{{currency a 'euro'}}", 'BAD_ARGUMENT'],
    ["{{date a 'huge'}}", 'BAD_ARGUMENT'],
    ["{{plural n one='# day'}}", 'BAD_ARGUMENT'],
    ["{{plural n ones='# day' other='x'}}", 'BAD_ARGUMENT'],
    ['{{eq a 1}}', 'BAD_ARGUMENT'],
    ['{{currency a}}', 'BAD_ARGUMENT'],
    ['{{url}}{{shout a}}', 'UNKNOWN_HELPER'],
    ['{{#if (shout a)}}x{{/if}}', 'UNKNOWN_HELPER'],
  ])('%j: %s', (body, code) => {
    expect(problems(body).map(([found]) => found)).toContain(code);
  });

  test.each([
    ['{{a}}', object({ a: text }, []), 'VARIABLE_MAY_BE_ABSENT'],
    ['{{a.b}}', object({ a: object({ b: text }) }, []), 'VARIABLE_MAY_BE_ABSENT'],
    ['{{a}}', object({ a: { type: 'array', items: text } }), 'WRONG_VARIABLE_TYPE'],
    ['{{date a}}', object({ a: text }), 'WRONG_VARIABLE_TYPE'],
    ['{{url a}}', object({ a: text }), 'WRONG_VARIABLE_TYPE'],
    ['{{number a}}', object({ a: text }), 'WRONG_VARIABLE_TYPE'],
    ['{{b}}', object({ a: text }), 'UNKNOWN_VARIABLE'],
    ['{{a}}', { type: 'array' }, 'BAD_SCHEMA'],
    ['{{a}}', object({ a: text, userName: text }), 'BAD_VARIABLE_NAME'],
  ])('%j with %j: %s', (body, schema, code) => {
    expect(problems(body, { schema }).map(([found]) => found)).toContain(code);
  });

  test.each([
    ['{{#if a}}{{a}}{{/if}}', object({ a: text }, [])],
    ["{{default a 'x'}}", object({ a: text }, [])],
    ['{{#if a}}{{a.b}}{{/if}}', object({ a: object({ b: text }) }, [])],
    ['{{a}}', { type: 'object', properties: { a: { $ref: '#/$defs/name' } }, required: ['a'] }],
  ])('%j with %j is allowed', (body, schema) => {
    expect(problems(body, { schema })).toEqual([]);
  });
});

test('a sample fits what its schema says', () => {
  expect(
    sampleOf(
      object({
        a: text,
        b: { type: 'number' },
        c: { type: 'array', items: object({ d: { type: 'boolean' } }) },
        e: { type: 'string', format: 'date' },
        f: { type: 'string', enum: ['x', 'y'] },
        g: { type: 'string', examples: ['like this'] },
      }),
    ),
  ).toEqual({
    a: 'a',
    b: 3,
    c: [{ d: true }, { d: true }],
    e: '2027-03-01',
    f: 'x',
    g: 'like this',
  });
});
