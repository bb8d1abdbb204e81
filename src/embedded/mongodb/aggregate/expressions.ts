import { Arr, Doc } from '../bson/document.ts';
import type { Value } from '../bson/values.ts';
import { codes, CommandError } from '../errors.ts';
import { refusal } from '../known.ts';
import { operators } from './operators.ts';

/** An aggregation expression made ready; undefined is a missing field. */
export type Expression = (doc: Doc) => Value | undefined;

/** What `$$name` stands for in a command's expressions, beside `$$ROOT`. */
export type Variables = ReadonlyMap<string, Value | undefined>;

/** Compiles an expression. Refuses operators this server doesn't carry. */
export function compileExpression(value: Value, variables: Variables): Expression {
  if (typeof value === 'string') {
    return value.startsWith('$') ? fieldPath(value, variables) : () => value;
  }
  if (value instanceof Arr) return list(value, variables);
  if (!(value instanceof Doc)) return () => value;
  const first = value.fields().entries().next();
  if (!first.done && first.value[0].startsWith('$')) {
    if (value.size !== 1) {
      throw new CommandError(
        15983,
        'An object representing an expression must have exactly one field',
      );
    }
    return operation(first.value[0], first.value[1], variables);
  }
  return object(value, variables);
}

function fieldPath(text: string, variables: Variables): Expression {
  let name = text.slice(1);
  if (name === '$ROOT' || name === '$CURRENT') return (doc) => doc;
  if (name.startsWith('$ROOT.') || name.startsWith('$CURRENT.')) {
    name = name.slice(name.indexOf('.') + 1);
  } else if (name.startsWith('$')) return variable(name.slice(1), variables);
  const path = name.split('.');
  if (path.includes('')) {
    throw new CommandError(15998, 'FieldPath field names may not be empty strings.');
  }
  const [only] = path;
  if (path.length === 1 && only !== undefined) return (doc) => doc.get(only);
  return (doc) => follow(doc, path, 0);
}

function variable(text: string, variables: Variables): Expression {
  const [name = '', ...path] = text.split('.');
  if (!variables.has(name)) throw refusal('variable', `$$${name}`);
  const value = path.length === 0 ? variables.get(name) : into(variables.get(name), path, 0);
  return () => value;
}

/** A path through arrays gathers the values below their documents. */
function follow(doc: Doc, path: readonly string[], from: number): Value | undefined {
  const value = doc.get(path[from] as string);
  return from === path.length - 1 ? value : into(value, path, from + 1);
}

function into(value: Value | undefined, path: readonly string[], from: number): Value | undefined {
  if (value instanceof Doc) return follow(value, path, from);
  if (!(value instanceof Arr)) return undefined;
  const found = value.items().map((item) => into(item, path, from));
  return Arr.of(found.filter((item) => item !== undefined));
}

function list(value: Arr, variables: Variables): Expression {
  const parts = value.items().map((item) => compileExpression(item, variables));
  return (doc) => Arr.of(parts.map((part) => part(doc) ?? null));
}

function object(value: Doc, variables: Variables): Expression {
  const parts = [...value.fields()].map(([key, inner]) => {
    if (key.includes('.')) {
      throw new CommandError(16412, `FieldPath field names may not contain '.'. Field: ${key}`);
    }
    return [key, compileExpression(inner, variables)] as const;
  });
  return (doc) => {
    const fields: [string, Value][] = [];
    for (const [key, part] of parts) {
      const result = part(doc);
      if (result !== undefined) fields.push([key, result]);
    }
    return Doc.of(fields);
  };
}

function operation(name: string, operand: Value, variables: Variables): Expression {
  if (name === '$literal') return () => operand;
  const make = operators.get(name);
  if (!make) throw refusal('expression', name);
  const list = operand instanceof Arr ? operand.items() : [operand];
  if (name === '$cond' && operand instanceof Doc && !(operand instanceof Arr)) {
    return make(['if', 'then', 'else'].map((key) => required(operand, key, variables)));
  }
  return make(list.map((item) => compileExpression(item, variables)));
}

function required(operand: Doc, key: string, variables: Variables): Expression {
  const value = operand.get(key);
  if (value === undefined) {
    throw new CommandError(codes.FailedToParse, `Missing '${key}' parameter to $cond`);
  }
  return compileExpression(value, variables);
}
