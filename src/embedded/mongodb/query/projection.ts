import { Arr, Doc } from '../bson/document.ts';
import { isNumber, truthy } from '../bson/values.ts';
import type { Value } from '../bson/values.ts';
import { CommandError, unsupported } from '../errors.ts';
import { position } from '../filter/path.ts';

/** Turns a document into what the client asked to see of it. */
export type Projection = (doc: Doc) => Doc;

type Tree = Map<string, Tree | true>;

/** Parses a find projection; undefined for none. */
export function parseProjection(value: Value | undefined): Projection | undefined {
  if (!(value instanceof Doc) || value.size === 0) return undefined;
  const tree: Tree = new Map();
  let include: boolean | undefined;
  let id: boolean | undefined;
  const visit = (name: string, spec: Value): void => {
    if (spec instanceof Doc) {
      nested(name, spec, visit);
      return;
    }
    const shown = flag(name, spec);
    if (name === '_id') {
      id = shown;
      return;
    }
    if (include !== undefined && include !== shown) {
      throw new CommandError(
        shown ? 31253 : 31254,
        `Cannot do ${shown ? 'inclusion' : 'exclusion'} on field ${name} in ${shown ? 'exclusion' : 'inclusion'} projection`,
      );
    }
    include = shown;
    add(tree, name.split('.'), name);
  };
  for (const [name, spec] of value.fields()) visit(name, spec);
  const including = include ?? id ?? false;
  if (including ? id !== false : id === false) add(tree, ['_id'], '_id');
  return including ? (doc) => included(doc, tree) : (doc) => excluded(doc, tree);
}

function nested(name: string, spec: Doc, visit: (name: string, spec: Value) => void): void {
  if (spec.size === 0) throw unsupported(`an empty projection of '${name}'`);
  for (const [key, inner] of spec.fields()) {
    if (key.startsWith('$')) throw unsupported(`the projection operator ${key}`);
    visit(`${name}.${key}`, inner);
  }
}

function flag(name: string, spec: Value): boolean {
  const path = name.split('.');
  if (path.includes('')) {
    throw new CommandError(40353, 'FieldPath must not end with a "." or have empty parts.');
  }
  if (path.some((part) => part.startsWith('$'))) throw unsupported(`the projection '${name}'`);
  if (path.some((part, i) => i > 0 && position(part) >= 0)) {
    throw unsupported(`the projection of an array position ('${name}')`);
  }
  if (typeof spec !== 'boolean' && !isNumber(spec)) {
    throw unsupported(`an expression in a find projection ('${name}')`);
  }
  return truthy(spec);
}

function add(tree: Tree, path: readonly string[], name: string): void {
  const [head = '', ...rest] = path;
  const known = tree.get(head);
  if (known === true || (known !== undefined && rest.length === 0)) {
    throw new CommandError(31249, `Path collision at ${name}`);
  }
  if (rest.length === 0) {
    tree.set(head, true);
    return;
  }
  const branch: Tree = known ?? new Map<string, Tree | true>();
  tree.set(head, branch);
  add(branch, rest, name);
}

function included(doc: Doc, tree: Tree): Doc {
  const fields: [string, Value][] = [];
  for (const [key, value] of doc.fields()) {
    const branch = tree.get(key);
    if (branch === undefined) continue;
    const kept = branch === true ? value : includedValue(value, branch);
    if (kept !== undefined) fields.push([key, kept]);
  }
  return Doc.of(fields);
}

/** Below a dotted inclusion scalars vanish, and arrays keep their documents and arrays. */
function includedValue(value: Value, tree: Tree): Value | undefined {
  if (value instanceof Doc) return included(value, tree);
  if (!(value instanceof Arr)) return undefined;
  const items = value.items().map((item) => includedValue(item, tree));
  return Arr.of(items.filter((item) => item !== undefined));
}

function excluded(doc: Doc, tree: Tree): Doc {
  const fields: [string, Value][] = [];
  for (const [key, value] of doc.fields()) {
    const branch = tree.get(key);
    if (branch === true) continue;
    fields.push([key, branch === undefined ? value : excludedValue(value, branch)]);
  }
  return Doc.of(fields);
}

function excludedValue(value: Value, tree: Tree): Value {
  if (value instanceof Doc) return excluded(value, tree);
  if (!(value instanceof Arr)) return value;
  return Arr.of(value.items().map((item) => excludedValue(item, tree)));
}
