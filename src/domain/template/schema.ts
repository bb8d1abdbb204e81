import type { JsonSchema, TemplateContent, TemplateVariable } from './content.ts';
import { dateStyles } from './formats.ts';
import type { Demand } from './helpers.ts';
import { item } from './scope.ts';
import type { Usage } from './usage.ts';

type Properties = Readonly<Record<string, JsonSchema>>;

const objectOf = (properties: Properties, required: readonly string[]): JsonSchema => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});

/** The short form in full. */
export const schemaOfVariables = (variables: readonly TemplateVariable[]): JsonSchema =>
  objectOf(
    Object.fromEntries(variables.map(({ name, type }) => [name, { type }])),
    variables.map(({ name }) => name),
  );

/** What a request may pass to a version. */
export const schemaOf = ({
  schema,
  variables,
}: Pick<TemplateContent, 'schema' | 'variables'>): JsonSchema =>
  schema ?? schemaOfVariables(variables);

/** What is known of one variable from all its uses. */
interface Node {
  readonly demands: Set<Usage['demand']>;
  readonly fields: Map<string, Node>;
  items: Node | undefined;
  /** Whether some use can't do without it. */
  needed: boolean;
}

const newNode = (): Node => ({
  demands: new Set(),
  fields: new Map(),
  items: undefined,
  needed: false,
});

const childOf = (node: Node, part: string): Node => {
  if (part === item) return (node.items ??= newNode());
  const child = node.fields.get(part) ?? newNode();
  node.fields.set(part, child);
  return child;
};

/** What the uses of variables ask of them; text where nothing asks for more. */
export const inferSchema = (usages: readonly Usage[]): JsonSchema => {
  const root = newNode();
  for (const { path, demand, guarded, optional } of usages) {
    let node = root;
    for (const [index, part] of path.entries()) {
      node = childOf(node, part);
      const last = index === path.length - 1;
      if (index >= guarded && !(last && (optional || demand === 'truth'))) node.needed = true;
    }
    node.demands.add(demand);
  }
  return objectSchema(root);
};

const objectSchema = ({ fields }: Node): JsonSchema =>
  objectOf(
    Object.fromEntries([...fields].map(([name, node]) => [name, schemaOfNode(node)])),
    [...fields].flatMap(([name, node]) => (node.needed || isSwitch(node) ? [name] : [])),
  );

/** Only ever asked whether it holds. */
const isSwitch = ({ demands, fields, items }: Node): boolean =>
  fields.size === 0 && !items && [...demands].every((demand) => demand === 'truth');

const schemaOfNode = (node: Node): JsonSchema => {
  if (node.items) return { type: 'array', items: schemaOfNode(node.items) };
  if (node.demands.has('list')) return { type: 'array' };
  if (node.fields.size > 0) return objectSchema(node);
  if (isSwitch(node)) return { type: 'boolean' };
  const demand = strictest.find((candidate) => node.demands.has(candidate)) ?? 'scalar';
  return schemaOfDemand[demand];
};

type Specific = Exclude<Demand, 'any'>;
const strictest: readonly Specific[] = [
  'url',
  'currency',
  'style',
  'instant',
  'moment',
  'number',
  'boolean',
];

const schemaOfDemand: Readonly<Record<Specific, JsonSchema>> = {
  scalar: { type: 'string' },
  number: { type: 'number' },
  boolean: { type: 'boolean' },
  instant: { type: 'string', format: 'date-time' },
  moment: { type: 'string', anyOf: [{ format: 'date' }, { format: 'date-time' }] },
  url: { type: 'string', format: 'uri', pattern: '^https?://' },
  currency: { type: 'string', pattern: '^[A-Z]{3}$' },
  style: { type: 'string', enum: dateStyles },
};

/**
 * The schema of a version that brings none of its own: what is declared, in as much detail as its uses
 * ask for; with nothing declared, what is used.
 */
export const completeSchema = (
  { schema, variables }: Pick<TemplateContent, 'schema' | 'variables'>,
  usages: readonly Usage[],
): JsonSchema => {
  if (schema) return schema;
  const inferred = inferSchema(usages);
  if (variables.length === 0) return inferred;
  const declared = schemaOfVariables(variables);
  const used = inferred['properties'] as Properties;
  const detailed = Object.entries(declared['properties'] as Properties).map(([name, plain]) => {
    const detail = Object.hasOwn(used, name) ? used[name] : undefined;
    return [name, detail?.['type'] === plain['type'] ? detail : plain] as const;
  });
  return { ...declared, properties: Object.fromEntries(detailed) };
};
