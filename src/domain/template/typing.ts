import type { JsonSchema } from './content.ts';
import type { Problem } from './problem.ts';
import { item } from './scope.ts';
import type { Usage } from './usage.ts';

/** Holds the uses of variables against the schema of what a request may pass. */
export const typeProblems = (schema: JsonSchema, usages: readonly Usage[]): readonly Problem[] => {
  const seen = new Set<string>();
  return usages.flatMap((usage) => {
    const problem = problemOf(schema, usage);
    const key = JSON.stringify(problem);
    if (!problem || seen.has(key)) return [];
    seen.add(key);
    return [problem];
  });
};

/** Told by keywords that these checks don't follow; such a part is left to the trial rendering. */
const isOpen = (schema: JsonSchema): boolean =>
  ['$ref', 'anyOf', 'oneOf', 'allOf', 'if', 'patternProperties'].some((key) => key in schema) ||
  (schema['additionalProperties'] !== undefined && schema['additionalProperties'] !== false);

const problemOf = (root: JsonSchema, { path, demand, guarded, optional, field }: Usage) => {
  const of = (end: number) =>
    path
      .slice(0, end)
      .filter((part) => part !== item)
      .join('.');
  let schema = root;
  for (const [index, part] of path.entries()) {
    const name = of(index + 1);
    const last = index === path.length - 1;
    const next = part === item ? itemsOf(schema) : propertyOf(schema, part);
    if (!next) {
      if (isOpen(schema)) return undefined;
      const scalar = index > 0 && part !== item && isScalar(schema);
      const message = scalar
        ? `${of(index)}.${part}: variables have no fields`
        : part === item
          ? `${name} is not a list of values that the schema describes`
          : `${name} is not a declared variable`;
      return { code: 'UNKNOWN_VARIABLE', field, message } as const;
    }
    const needed = index >= guarded && !(last && (optional || demand === 'truth'));
    if (part !== item && needed && !isRequired(schema, part)) {
      const message = `${name} may be absent: say so by {{#if ${name}}} or the helper default`;
      return { code: 'VARIABLE_MAY_BE_ABSENT', field, message } as const;
    }
    schema = next;
  }
  const wrong = mismatch(schema, demand);
  if (wrong === undefined) return undefined;
  return { code: 'WRONG_VARIABLE_TYPE', field, message: `${of(path.length)} ${wrong}` } as const;
};

const propertyOf = (schema: JsonSchema, name: string): JsonSchema | undefined => {
  const properties = (schema['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>;
  return Object.hasOwn(properties, name) ? properties[name] : undefined;
};

const itemsOf = (schema: JsonSchema): JsonSchema | undefined =>
  typeof schema['items'] === 'object' ? (schema['items'] as JsonSchema) : undefined;

const isRequired = (schema: JsonSchema, name: string): boolean =>
  ((schema['required'] ?? []) as readonly string[]).includes(name);

const typesOf = ({ type }: JsonSchema): readonly unknown[] =>
  type === undefined ? [] : [type].flat();

const isScalar = (schema: JsonSchema): boolean =>
  typesOf(schema).some((type) => type !== 'object' && type !== 'array');

const mismatch = (schema: JsonSchema, demand: Usage['demand']): string | undefined => {
  const types = typesOf(schema);
  if (demand === 'truth' || types.length === 0) return undefined;
  const is = types.join(' or ');
  const only = (...allowed: readonly string[]) =>
    types.every((type) => allowed.includes(String(type)))
      ? undefined
      : `is used as a ${allowed[0] ?? ''}, but may be a ${is}`;
  const declares = (holds: boolean, what: string) =>
    only('string') ?? (holds ? undefined : `is used as ${what}, but its schema doesn't say so`);
  const text = JSON.stringify(schema);
  switch (demand) {
    case 'list':
      return only('array');
    case 'number':
      return only('number', 'integer');
    case 'boolean':
      return only('boolean');
    case 'url':
      return declares(
        /"format":"uri"/.test(text) || 'enum' in schema || 'const' in schema,
        'a URL (format: uri)',
      );
    case 'instant':
      return declares(/"format":"date-time"/.test(text), 'an instant (format: date-time)');
    case 'moment':
      return declares(/"format":"date(-time)?"/.test(text), 'a date (format: date or date-time)');
    case 'currency':
    case 'style':
      return declares(
        ['pattern', 'enum', 'const'].some((key) => key in schema),
        `a ${demand}`,
      );
    default:
      return only('string', 'number', 'integer', 'boolean');
  }
};
