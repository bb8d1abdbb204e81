import type { JsonSchema } from './content.ts';

const samples: Readonly<Record<string, string>> = {
  uri: 'https://example.com/',
  'date-time': '2027-03-01T09:30:00Z',
  date: '2027-03-01',
  time: '09:30:00Z',
  email: 'reader@example.com',
};

/** A value that fits a schema, as far as types, formats and examples tell. */
export const sampleOf = (schema: JsonSchema, name = 'value', depth = 0): unknown => {
  const { examples, enum: choices, const: only, default: usual, format, pattern } = schema;
  if (Array.isArray(examples) && examples.length > 0) return examples[0];
  if (only !== undefined) return only;
  if (usual !== undefined) return usual;
  if (Array.isArray(choices)) return choices[0];
  const [type] = [schema['type']].flat() as readonly (string | undefined)[];
  switch (type) {
    case 'object':
      return objectSample(schema, depth);
    case 'array': {
      const items = (schema['items'] ?? {}) as JsonSchema;
      return depth > 8 ? [] : [1, 2].map(() => sampleOf(items, name, depth + 1));
    }
    case 'number':
    case 'integer':
      return typeof schema['minimum'] === 'number' ? schema['minimum'] : 3;
    case 'boolean':
      return true;
    default: {
      const known = typeof format === 'string' ? samples[format] : undefined;
      if (known !== undefined) return known;
      if (pattern === '^[A-Z]{3}$') return 'EUR';
      return Array.isArray(schema['anyOf']) ? samples['date-time'] : name;
    }
  }
};

const objectSample = (schema: JsonSchema, depth: number): Record<string, unknown> => {
  const properties = (schema['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>;
  if (depth > 8) return {};
  return Object.fromEntries(
    Object.entries(properties).map(([name, of]) => [name, sampleOf(of, name, depth + 1)]),
  );
};
