import type { Doc } from '../bson/document.ts';
import type { Value, Regex } from '../bson/values.ts';
import type { Path } from './path.ts';

/** The order comparisons. */
export type RangeOperator = 'gt' | 'gte' | 'lt' | 'lte';

/** What is asked of one value. */
export type Test =
  | { readonly kind: 'eq'; readonly value: Value }
  | { readonly kind: RangeOperator; readonly value: Value }
  | { readonly kind: 'in'; readonly values: readonly Value[]; readonly patterns: readonly Regex[] }
  | { readonly kind: 'regex'; readonly pattern: Regex }
  | { readonly kind: 'exists' }
  | { readonly kind: 'type'; readonly types: ReadonlySet<number> }
  | { readonly kind: 'size'; readonly size: number }
  | { readonly kind: 'elemMatchValue'; readonly tests: readonly Condition[] }
  | { readonly kind: 'elemMatchObject'; readonly filter: Filter }
  | { readonly kind: 'never' };

/** A test, or the negation of several tests together. */
export type Condition =
  | { readonly kind: 'test'; readonly test: Test }
  | { readonly kind: 'not'; readonly conditions: readonly Condition[] };

/** A parsed filter. */
export type Filter =
  | { readonly kind: 'and'; readonly filters: readonly Filter[] }
  | { readonly kind: 'or'; readonly filters: readonly Filter[] }
  | { readonly kind: 'not'; readonly filter: Filter }
  | { readonly kind: 'expr'; readonly holds: (doc: Doc) => boolean }
  | { readonly kind: 'path'; readonly path: Path; readonly test: Test };
