import { Arr, Doc } from '../bson/document.ts';
import { isNumber } from '../bson/values.ts';
import type { Value } from '../bson/values.ts';
import { CommandError, unsupported } from '../errors.ts';
import { parseProjection } from '../query/projection.ts';
import { compileExpression } from './expressions.ts';
import type { Expression, Variables } from './expressions.ts';
import type { Stage } from './pipeline.ts';

/** `$project`: inclusion, exclusion, and computed fields at the top level. */
export function projectStage(spec: Value, variables: Variables): Stage {
  if (!(spec instanceof Doc)) {
    throw new CommandError(15969, '$project specification must be an object');
  }
  if (spec.size === 0) {
    throw new CommandError(
      51272,
      'Invalid $project :: caused by :: projection specification must have at least one field',
    );
  }
  const plain: [string, Value][] = [];
  const computed: [string, Expression][] = [];
  for (const [name, value] of spec.fields()) {
    if (isPlain(value)) plain.push([name, value]);
    else computed.push([name, computedField(name, value, variables)]);
  }
  const excludes = plain.some(([name, value]) => name !== '_id' && !isShown(value));
  if (excludes && computed.length > 0) {
    throw new CommandError(31252, 'Cannot use an expression in an exclusion projection');
  }
  const keep = baseProjection(plain, computed.length > 0);
  return function* (docs) {
    for (const doc of docs) {
      if (doc === undefined) {
        yield undefined;
        continue;
      }
      const kept = keep(doc);
      const fields: [string, Value][] = [];
      for (const [name, expression] of computed) {
        const value = expression(doc);
        if (value !== undefined) fields.push([name, value]);
      }
      yield fields.length === 0 ? kept : Doc.of([...kept.fields(), ...fields]);
    }
  };
}

function isShown(value: Value): boolean {
  return (
    value !== false &&
    value !== 0 &&
    !(isNumber(value) && Number((value as { value?: number }).value) === 0)
  );
}

function isPlain(value: Value): boolean {
  if (typeof value === 'boolean' || isNumber(value)) return true;
  if (!(value instanceof Doc)) return false;
  return [...value.fields()].every(([key, inner]) => !key.startsWith('$') && isPlain(inner));
}

function computedField(name: string, value: Value, variables: Variables): Expression {
  if (name.includes('.')) throw unsupported(`a computed field with a dotted name ('${name}')`);
  const expression = compileExpression(value, variables);
  if (!isNested(value)) return expression;
  if (hasFlag(value)) throw unsupported(`a computed field beside an included one below '${name}'`);
  return (doc) => {
    // MongoDB would compute the fields in every element.
    if (doc.get(name) instanceof Arr)
      throw unsupported(`computed fields below the array '${name}'`);
    return expression(doc);
  };
}

/** A document that isn't an operator: its fields are projections of their own. */
function isNested(value: Value): value is Doc {
  if (!(value instanceof Doc)) return false;
  return ![...value.fields().keys()].some((key) => key.startsWith('$'));
}

function hasFlag(value: Doc): boolean {
  return [...value.fields().values()].some((inner) =>
    isNested(inner) ? hasFlag(inner) : typeof inner === 'boolean' || isNumber(inner),
  );
}

/** What is kept besides computed fields: with those, `_id` alone unless more is asked for. */
function baseProjection(plain: readonly [string, Value][], computes: boolean): (doc: Doc) => Doc {
  const shown = plain.filter(([name, value]) => name !== '_id' || isShown(value));
  const hidesId = plain.some(([name, value]) => name === '_id' && !isShown(value));
  if (computes && shown.length === 0) {
    return (doc) => {
      const id = hidesId ? undefined : doc.get('_id');
      return Doc.of(id === undefined ? [] : [['_id', id]]);
    };
  }
  return parseProjection(Doc.of(plain)) ?? ((doc) => doc);
}
