import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { ErrorCode } from '../domain/errors.ts';
import type { JsonSchema, TemplateContent } from '../domain/template/content.ts';
import type { Problem } from '../domain/template/problem.ts';
import { schemaOf } from '../domain/template/schema.ts';

/** What is wrong with the variables of one request. */
export interface VariableProblem {
  readonly code: Extract<
    ErrorCode,
    'MISSING_VARIABLE' | 'UNKNOWN_VARIABLE' | 'WRONG_VARIABLE_TYPE'
  >;
  /** With the way to it: `items.0.name`. */
  readonly name: string;
  readonly message: string;
}

const ajv = new Ajv2020({
  ownProperties: true,
  strict: true,
  strictTypes: false,
  strictRequired: false,
});
formats.default(ajv);

/** Code is generated for a schema, so its identity must not stay behind. */
const compile = (schema: JsonSchema): ValidateFunction => {
  try {
    return ajv.compile(schema);
  } finally {
    ajv.removeSchema(schema);
  }
};

/** What is wrong with a schema that somebody wrote (JSON Schema, draft 2020-12). */
export const schemaProblem = (schema: JsonSchema): Problem | undefined => {
  try {
    compile(schema);
    return undefined;
  } catch (error) {
    const [line = ''] = (error as Error).message.split('\n');
    return { code: 'BAD_SCHEMA', field: 'schema', message: line.slice(0, 300) };
  }
};

// A published version never changes, and the directory gives the same object for it.
const compiled = new WeakMap<object, ValidateFunction>();

/** Holds the variables of one request against the schema of a version; its code is generated once. */
export const variableProblem = (
  content: Pick<TemplateContent, 'schema' | 'variables'>,
  given: Readonly<Record<string, unknown>>,
): VariableProblem | undefined => {
  const validate = compiled.get(content) ?? compile(schemaOf(content));
  compiled.set(content, validate);
  if (validate(given)) return undefined;
  const [error] = validate.errors ?? [];
  if (!error) throw new Error('a schema refused without saying why');
  return problemOf(error, given);
};

const problemOf = (
  error: ErrorObject,
  given: Readonly<Record<string, unknown>>,
): VariableProblem => {
  const { keyword, instancePath } = error;
  const params = error.params as Readonly<Record<string, unknown>>;
  const path = instancePath.split('/').slice(1).map(unescaped);
  const at = (name?: unknown) => [...path, ...(typeof name === 'string' ? [name] : [])].join('.');
  if (keyword === 'required') {
    const name = at(params['missingProperty']);
    return { code: 'MISSING_VARIABLE', name, message: `variable ${name} is missing` };
  }
  if (keyword === 'additionalProperties' || keyword === 'unevaluatedProperties') {
    const name = at(params['additionalProperty'] ?? params['unevaluatedProperty']).slice(0, 64);
    return { code: 'UNKNOWN_VARIABLE', name, message: `the template has no variable ${name}` };
  }
  const name = at();
  let value: unknown = given;
  for (const part of path) value = (value as Readonly<Record<string, unknown>> | undefined)?.[part];
  if (value === null) {
    return { code: 'MISSING_VARIABLE', name, message: `variable ${name} is missing` };
  }
  const must = `variable ${name} must ${wordsFor(error)}`;
  return { code: 'WRONG_VARIABLE_TYPE', name, message: must };
};

/** JSON Pointer's escapes (RFC 6901). */
const unescaped = (part: string): string => part.replaceAll('~1', '/').replaceAll('~0', '~');

const wordsFor = ({ keyword, params, message, schemaPath }: ErrorObject): string => {
  const { type, format } = params as Readonly<Record<string, unknown>>;
  if (keyword === 'type') return `be a ${String(type)}`;
  if (keyword === 'format' && !schemaPath.includes('anyOf')) return `be a ${String(format)}`;
  if (keyword === 'format' || keyword === 'anyOf') return 'be one of what its schema allows';
  return message?.replace(/^must /, '') ?? 'fit its schema';
};
