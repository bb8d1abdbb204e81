import { Arr, Doc } from '../bson/document.ts';
import type { Value } from '../bson/values.ts';
import { CommandError, failedToParse } from '../errors.ts';
import { compileExpression } from './expressions.ts';
import type { Variables } from './expressions.ts';

/** The variables of a command's `let`: constant expressions, read as `$$name`. */
export function parseVariables(spec: Doc): Variables {
  const variables = new Map<string, Value | undefined>();
  for (const [name, value] of spec.fields()) {
    if (!/^[a-z\u0080-\uffff][\w\u0080-\uffff]*$/.test(name)) {
      throw failedToParse(`'${name}' is not a valid name of a user variable`);
    }
    if (readsFields(value)) {
      throw new CommandError(
        4890500,
        'Command let Expression tried to access a field, but this is not allowed because command let expressions run before the query examines any documents.',
      );
    }
    variables.set(name, compileExpression(value, new Map())(Doc.of()));
  }
  return variables;
}

function readsFields(value: Value): boolean {
  if (typeof value === 'string') return /^\$([^$]|\$(ROOT|CURRENT)\b)/.test(value);
  if (value instanceof Arr) return value.items().some(readsFields);
  if (!(value instanceof Doc)) return false;
  return [...value.fields()].some(([name, inner]) => name !== '$literal' && readsFields(inner));
}
