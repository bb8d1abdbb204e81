import { Doc } from '../bson/document.ts';
import { Int32 } from '../bson/values.ts';
import type { Value } from '../bson/values.ts';
import { CommandError } from '../errors.ts';
import { keyText } from '../order/keystring.ts';
import { parseAccumulator } from './accumulators.ts';
import type { Accumulator } from './accumulators.ts';
import { compileExpression } from './expressions.ts';
import type { Variables } from './expressions.ts';
import type { Stage } from './pipeline.ts';

/** Whether a `$group` counts documents without looking at them, as the driver's `countDocuments` does. */
export function countsOnly(spec: Value): boolean {
  if (!(spec instanceof Doc) || !isConstant(spec.get('_id'))) return false;
  return [...spec.fields()].every(
    ([name, value]) =>
      name === '_id' || (value instanceof Doc && value.size === 1 && isConstant(value.get('$sum'))),
  );
}

function isConstant(value: Value | undefined): boolean {
  return value === null || ['number', 'bigint'].includes(typeof value) || value instanceof Int32;
}

/** `$group`: documents in, one document per distinct `_id` out, in the order the groups appeared. */
export function groupStage(spec: Value, variables: Variables): Stage {
  if (!(spec instanceof Doc)) {
    throw new CommandError(15947, "a group's fields must be specified in an object");
  }
  const idSpec = spec.get('_id');
  if (idSpec === undefined)
    throw new CommandError(15955, 'a group specification must include an _id');
  const idOf = compileExpression(idSpec, variables);
  const specs = [...spec.fields()]
    .filter(([name]) => name !== '_id')
    .map(([name, value]) => parseAccumulator(name, value, variables));

  return function* (docs) {
    const groups = new Map<string, { id: Value; accumulators: Accumulator[] }>();
    let count = 0;
    for (const doc of docs) {
      if (doc === undefined || ++count % 256 === 0) yield undefined;
      if (doc === undefined) continue;
      const id = idOf(doc) ?? null;
      const key = typeof id === 'string' ? id : `\0${keyText(id)}`;
      let group = groups.get(key);
      if (!group) {
        group = { id, accumulators: specs.map((own) => own.start()) };
        groups.set(key, group);
      }
      for (let i = 0; i < specs.length; i++) {
        group.accumulators[i]?.add(specs[i]?.argument(doc));
      }
    }
    for (const { id, accumulators } of groups.values()) {
      yield Doc.of([
        ['_id', id],
        ...specs.map((own, i) => [own.name, accumulators[i]?.result() ?? null] as const),
      ]);
    }
  };
}
