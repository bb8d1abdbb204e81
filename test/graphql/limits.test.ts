import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  getIntrospectionQuery,
  type GraphQLSchema,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import { limits, parseOptions, validationRules } from '../../src/graphql/limits.ts';
import { buildTidingsSchema } from '../../src/graphql/schema.ts';

let schema: GraphQLSchema;
beforeAll(async () => {
  schema = await buildTidingsSchema();
});

const problemsOf = (text: string, introspection = false): readonly string[] => {
  try {
    const rules = [...specifiedRules, ...validationRules({ introspection })];
    return validate(schema, parse(text, parseOptions), rules).map((error) => error.message);
  } catch (error) {
    return [error instanceof Error ? error.message : 'not an error'];
  }
};

const aliases = (count: number) =>
  `{ ${Array.from({ length: count }, (_, index) => `a${index}: __typename`).join(' ')} }`;

describe('a document', () => {
  test('that a client would send passes', () => {
    const text = `query ($id: ID!) {
      notification(id: $id) { id timeline { type at } }
      notifications(first: 10) { edges { node { ...N } } pageInfo { hasNextPage } }
    }
    fragment N on Notification { id status suppression { ruleId } timeline { type } }`;
    expect(problemsOf(text)).toEqual([]);
  });

  test('may have 60 aliases and no more', () => {
    expect(problemsOf(aliases(limits.aliases))).toEqual([]);
    expect(problemsOf(aliases(limits.aliases + 1))).toEqual([
      'the document has 61 aliases, at most 60 allowed',
    ]);
  });

  test('may have ten directives and no more', () => {
    const skipped = (count: number) => `{ ${'__typename @skip(if: false) '.repeat(count)} }`;
    expect(problemsOf(skipped(10))).toEqual([]);
    expect(problemsOf(skipped(11))).toContain('the document has 11 directives, at most 10 allowed');
  });

  test('may be eight levels deep, however they are wrapped', () => {
    const nested = (depth: number): string => (depth === 1 ? 'x' : `x { ${nested(depth - 1)} }`);
    const tooDeep = 'the document has 9 levels, at most 8 allowed';
    expect(problemsOf(`{ ${nested(8)} }`)).not.toContain(tooDeep);
    expect(problemsOf(`{ ${nested(9)} }`)).toContain(tooDeep);
    expect(problemsOf(`{ ... { ... { ${nested(9)} } } }`)).toContain(tooDeep);
    const spread = `query { x { ...A } } fragment A on Q { ${nested(4)} ...B } fragment B on Q { ${nested(8)} }`;
    expect(problemsOf(spread)).toContain(tooDeep);
  });

  test('with fragments that spread themselves is refused, not followed for ever', () => {
    const text = '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }';
    expect(problemsOf(text).join()).toContain('Cannot spread fragment');
  });

  test('may introspect in development only', () => {
    const text = getIntrospectionQuery();
    expect(problemsOf(text, true)).toEqual([]);
    expect(problemsOf(text, false).join()).toContain('introspection has been disabled');
  });

  test.each([
    ['many tokens', `{ ${'__typename '.repeat(1_250)} }`],
    ['too many tokens', `{ ${'a '.repeat(3_000)} }`],
    ['too many characters', `{ __typename } #${'x'.repeat(20_000)}`],
    ['the same field at every level', '{notifications'.repeat(900) + '}'.repeat(900)],
    ['many aliases', aliases(650)],
    ['many arguments', `{ notification(${'id: "x" '.repeat(400)}) { id } }`],
    ['a deep value', `{ notification(id: ${'['.repeat(900)}${']'.repeat(900)}) { id } }`],
    [
      'fragments that double at every level',
      `{ ...F0 } ${Array.from({ length: 60 }, (_, index) => `fragment F${index} on Query { ...F${index + 1} ...F${index + 1} }`).join(' ')} fragment F60 on Query { __typename }`,
    ],
    ['one field again and again', `{ ${'notification { id } '.repeat(390)} }`],
  ])('of hostile make (%s) costs less than a quarter of a second', (_what, text) => {
    problemsOf(text);
    const before = process.threadCpuUsage();
    problemsOf(text);
    const { user, system } = process.threadCpuUsage(before);
    expect((user + system) / 1_000).toBeLessThan(250);
  });
});
