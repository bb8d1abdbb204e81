import type { Filter, Test } from '../filter/ast.ts';
import { compileFilter } from '../filter/match.ts';
import { Doc } from '../bson/document.ts';
import type { Value } from '../bson/values.ts';
import { compareValues } from '../order/compare.ts';
import { keyText, rankOf } from '../order/keystring.ts';

/** Whether every document that matches `filter` surely matches `partial`; false when in doubt. */
export function impliesPartial(filter: Filter, partial: Filter): boolean {
  if (partial.kind === 'and') return partial.filters.every((part) => impliesPartial(filter, part));
  if (partial.kind !== 'path') return false;
  return conjuncts(filter).some(
    (own) =>
      own.kind === 'path' &&
      own.path.join('.') === partial.path.join('.') &&
      implies(own.test, partial.test),
  );
}

function conjuncts(filter: Filter): readonly Filter[] {
  return filter.kind === 'and' ? filter.filters.flatMap(conjuncts) : [filter];
}

function implies(own: Test, wanted: Test): boolean {
  switch (own.kind) {
    case 'eq':
      return holdsFor(own.value, wanted);
    case 'in':
      return own.patterns.length === 0 && own.values.every((value) => holdsFor(value, wanted));
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return rangeImplies(own.kind, own.value, wanted);
    case 'exists':
      return wanted.kind === 'exists';
    default:
      return false;
  }
}

/** An equality to a plain value implies whatever that value itself fulfils. */
function holdsFor(value: Value, wanted: Test): boolean {
  if (value === null || (typeof value === 'object' && 'items' in value)) return false;
  return compileFilter({ kind: 'path', path: ['v'], test: wanted })(Doc.of([['v', value]]));
}

function rangeImplies(kind: 'gt' | 'gte' | 'lt' | 'lte', value: Value, wanted: Test): boolean {
  if (value === null) return false;
  if (wanted.kind === 'exists') return true;
  if (!('value' in wanted) || wanted.value === null || rankOf(wanted.value) !== rankOf(value)) {
    return false;
  }
  if (wanted.kind === kind && keyText(wanted.value) === keyText(value)) return true;
  const order = compareValues(value, wanted.value);
  const lower = kind === 'gt' || kind === 'gte';
  if (lower && (wanted.kind === 'gt' || wanted.kind === 'gte')) return order > 0;
  return !lower && (wanted.kind === 'lt' || wanted.kind === 'lte') && order < 0;
}
