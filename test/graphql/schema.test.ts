import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { GraphQLSchema } from 'graphql';
import {
  execute,
  type ExecutionResult,
  type GraphQLField,
  type GraphQLInputType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredInputField,
  isRequiredArgument,
  parse,
  subscribe,
} from 'graphql';
import { DomainError } from '../../src/domain/errors.ts';
import type { ApiContext } from '../../src/graphql/context.ts';
import { presentError } from '../../src/graphql/errors.ts';
import type { Identity, Role } from '../../src/graphql/principal.ts';
import { buildTidingsSchema, printTidingsSchema } from '../../src/graphql/schema.ts';

let schema: GraphQLSchema;
beforeAll(async () => {
  schema = await buildTidingsSchema();
});

test('schema.graphql is the schema that the code builds', async () => {
  const committed = await readFile(new URL('../../schema.graphql', import.meta.url), 'utf8');
  expect(committed).toBe(printTidingsSchema(schema));
});

type Root = 'query' | 'mutation' | 'subscription';

const rootFields = (): readonly (readonly [Root, GraphQLField<unknown, unknown>])[] =>
  (
    [
      ['query', schema.getQueryType()],
      ['mutation', schema.getMutationType()],
      ['subscription', schema.getSubscriptionType()],
    ] as const
  ).flatMap(([root, type]) =>
    Object.values(type?.getFields() ?? {}).map((field) => [root, field] as const),
  );

/** A value that the type takes, as text. */
const example = (type: GraphQLInputType): string => {
  if (isNonNullType(type)) return example(type.ofType);
  if (isListType(type)) return '[]';
  if (isEnumType(type)) return type.getValues()[0]?.name ?? '';
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).filter(isRequiredInputField);
    return `{ ${fields.map((f) => `${f.name}: ${example(f.type)}`).join(', ')} }`;
  }
  switch (type.name) {
    case 'Int':
      return '1';
    case 'Boolean':
      return 'true';
    case 'DateTime':
      return '"2027-01-01T00:00:00Z"';
    default:
      return '"x"';
  }
};

/** Runs a field with ports that fail the test when anything but the identity is looked at. */
const call = async (
  root: Root,
  field: GraphQLField<unknown, unknown>,
  identity: Identity,
): Promise<unknown> => {
  const args = field.args
    .filter(isRequiredArgument)
    .map((arg) => `${arg.name}: ${example(arg.type)}`)
    .join(', ');
  const leaf = schema.getType(String(field.type).replace(/[[\]!]/g, ''));
  const selection =
    (leaf && 'getFields' in leaf) || (leaf && 'getTypes' in leaf) ? ' { __typename }' : '';
  const document = parse(`${root} { ${field.name}${args ? `(${args})` : ''}${selection} }`);
  const touched = new Proxy(
    {},
    {
      get: () => {
        throw new Error('a port was touched');
      },
    },
  );
  const contextValue: ApiContext = { ports: touched as never, identity, correlationId: 'test' };
  const options = { schema, document, contextValue };
  const result = (await (root === 'subscription'
    ? subscribe(options)
    : execute(options))) as ExecutionResult;
  const error = result.errors?.[0];
  return error && presentError(error, undefined).extensions?.['code'];
};

describe('every operation', () => {
  test('turns away who has no token before anything else', async () => {
    const nobody = new DomainError('UNAUTHENTICATED', 'no token');
    for (const [root, field] of rootFields()) {
      expect([field.name, await call(root, field, nobody)]).toEqual([
        field.name,
        'UNAUTHENTICATED',
      ]);
    }
  });

  test('says in its description which roles may call it, and turns away the others', async () => {
    const stranger: Identity = { role: 'user', clientId: 'inbox', userId: 'someone-else' };
    const client: Identity = { role: 'service', clientId: 'shop' };
    for (const [root, field] of rootFields()) {
      const roles = /Roles: ([^.]*)\./.exec(field.description ?? '')?.[1] ?? '';
      const may = (role: Role) => roles.split(', ').some((named) => named.startsWith(role));
      expect([field.name, roles]).not.toEqual([field.name, '']);
      if (!may('service')) {
        expect([field.name, await call(root, field, client)]).toEqual([field.name, 'FORBIDDEN']);
      }
      if (!may('user')) {
        expect([field.name, await call(root, field, stranger)]).toEqual([field.name, 'FORBIDDEN']);
      }
    }
  });
});
