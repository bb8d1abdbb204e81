import { Arr, Doc } from '../bson/document.ts';
import { truthy } from '../bson/values.ts';
import type { Value } from '../bson/values.ts';
import { CommandError, unsupported } from '../errors.ts';
import type { Stage } from './pipeline.ts';

/** `$unwind`: one document per element of an array. */
export function unwindStage(spec: Value): Stage {
  const text = spec instanceof Doc ? spec.get('path') : spec;
  if (typeof text !== 'string')
    throw new CommandError(28808, 'expected a string as the path for $unwind stage');
  if (!text.startsWith('$')) {
    throw new CommandError(
      28818,
      `path option to $unwind stage should be prefixed with a '$': ${text}`,
    );
  }
  if (spec instanceof Doc) {
    for (const option of spec.fields().keys()) {
      if (option === 'includeArrayIndex') throw unsupported('includeArrayIndex of $unwind');
      if (option !== 'path' && option !== 'preserveNullAndEmptyArrays') {
        throw new CommandError(28811, `unrecognized option to $unwind stage: ${option}`);
      }
    }
  }
  const keepsEmpty = spec instanceof Doc && truthy(spec.get('preserveNullAndEmptyArrays'));
  const path = text.slice(1).split('.');
  return function* (docs) {
    for (const doc of docs) {
      if (doc === undefined) {
        yield undefined;
        continue;
      }
      const value = at(doc, path);
      if (value instanceof Arr && value.items().length > 0) {
        for (const item of value.items()) yield replaced(doc, path, item);
      } else if (value instanceof Arr) {
        if (keepsEmpty) yield replaced(doc, path, undefined);
      } else if (value !== undefined && value !== null) yield doc;
      else if (keepsEmpty) yield doc;
    }
  };
}

function at(doc: Doc, path: readonly string[]): Value | undefined {
  let value: Value | undefined = doc;
  for (const part of path) value = value instanceof Doc ? value.get(part) : undefined;
  return value;
}

function replaced(doc: Doc, path: readonly string[], value: Value | undefined): Doc {
  const [head = '', ...rest] = path;
  const fields = new Map(doc.fields());
  const child = fields.get(head);
  const next = rest.length > 0 && child instanceof Doc ? replaced(child, rest, value) : value;
  if (next === undefined) fields.delete(head);
  else fields.set(head, next);
  return Doc.of(fields);
}
