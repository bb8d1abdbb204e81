import { Arr, Doc } from '../bson/document.ts';
import { Binary, Int32, ObjectId, typeName, UtcDate } from '../bson/values.ts';
import type { Value } from '../bson/values.ts';

/** A value as MongoDB's messages show it. */
export function show(value: Value | undefined): string {
  if (value === undefined) return 'missing';
  if (typeof value === 'string') return JSON.stringify(value);
  if (value === null || typeof value === 'boolean' || typeof value === 'bigint')
    return String(value);
  if (typeof value === 'number') return Number.isInteger(value) ? value.toFixed(1) : String(value);
  if (value instanceof Int32) return String(value.value);
  if (value instanceof ObjectId) return `ObjectId('${value.bytes.toString('hex')}')`;
  if (value instanceof UtcDate) return `new Date(${value.ms})`;
  if (value instanceof Binary)
    return `BinData(${value.subtype}, ${value.bytes.toString('hex').toUpperCase()})`;
  if (value instanceof Arr) return `[ ${value.items().map(show).join(', ')} ]`;
  if (value instanceof Doc) {
    const fields = [...value.fields()].map(([key, item]) => `${key}: ${show(item)}`);
    return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
  }
  return typeName(value);
}
