import { Int32, ObjectId, UtcDate } from '../bson/values.ts';
import type { Value } from '../bson/values.ts';
import type { Filter } from '../filter/ast.ts';
import type { Plan } from './plan.ts';

/**
 * Whether an index finds a filter's matches and nothing else, so that the filter needs not be asked again:
 * equality to plain values on the index's first fields and on no others.
 */
export function isCovered(filter: Filter, { index, union }: Plan): boolean {
  if (!index || index.multikey || union.length > 0) return false;
  const parts = filter.kind === 'and' ? filter.filters : [filter];
  const names = new Set<string>();
  for (const part of parts) {
    if (part.kind !== 'path' || part.test.kind !== 'eq' || !isPlain(part.test.value)) return false;
    names.add(part.path.join('.'));
  }
  const fields = index.spec.fields.slice(0, parts.length);
  return (
    names.size === parts.length &&
    fields.length === parts.length &&
    fields.every(({ name }) => names.has(name))
  );
}

/** Values whose keys are equal just when they are. */
function isPlain(value: Value): boolean {
  return (
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    (typeof value === 'number' && !Number.isNaN(value)) ||
    value instanceof Int32 ||
    value instanceof ObjectId ||
    value instanceof UtcDate
  );
}
