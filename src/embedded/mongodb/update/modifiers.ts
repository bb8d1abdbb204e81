import { Arr, Doc } from '../bson/document.ts';
import { isNumber, Timestamp, typeName, UtcDate, wholeNumber } from '../bson/values.ts';
import type { Value } from '../bson/values.ts';
import { badValue, codes, CommandError, failedToParse, typeMismatch } from '../errors.ts';
import { refusal } from '../known.ts';
import type { Path } from '../filter/path.ts';
import { compareValues } from '../order/compare.ts';
import { show } from '../store/show.ts';
import { addNumbers, multiplyNumbers, zeroLike } from './arithmetic.ts';
import { addToSet, parsePush, pull, push } from './arrays.ts';

/** What becomes of the value at a path: the new value, `keep`, or `remove`. */
export type Edit =
  | { readonly kind: 'set'; readonly value: Value }
  | { readonly kind: 'unset' }
  | { readonly kind: 'none' }
  | { readonly kind: 'moveFrom'; readonly source: Path; readonly sourceName: string }
  | {
      readonly kind: 'compute';
      /** Whether the operator makes a field that is missing. */
      readonly creates: boolean;
      readonly of: (current: Value | undefined, where: Where) => Value | undefined;
    };

/** For messages: which document and field. */
export interface Where {
  readonly id: Value | undefined;
  readonly name: string;
}

const carried = new Set(
  (
    '$set $setOnInsert $unset $rename $inc $mul $min $max $currentDate ' +
    '$push $addToSet $pull $pullAll $pop'
  ).split(' '),
);

/** Refuses an operator that isn't one, also where it has nothing to do. */
export function checkModifier(operator: string): void {
  if (!carried.has(operator)) throw refusal('update', operator);
}

/** Parses one operator's operand for one field. */
export function parseModifier(operator: string, name: string, operand: Value): Edit {
  switch (operator) {
    case '$set':
    case '$setOnInsert':
      return { kind: 'set', value: operand };
    case '$unset':
      return { kind: 'unset' };
    case '$inc':
    case '$mul':
      return arithmetic(operator, name, operand);
    case '$min':
      return compute((current) => (isBetter(current, operand, -1) ? operand : current));
    case '$max':
      return compute((current) => (isBetter(current, operand, 1) ? operand : current));
    case '$currentDate':
      return currentDate(operand);
    case '$push': {
      const spec = parsePush(operand);
      return compute((current, where) => push(arrayAt(current, where, operator), spec));
    }
    case '$addToSet': {
      const spec = parsePush(operand, '$addToSet');
      return compute((current, where) => addToSet(arrayAt(current, where, operator), spec.each));
    }
    case '$pull': {
      const removes = pull(operand);
      return filtering(operator, (item) => !removes(item));
    }
    case '$pullAll': {
      if (!(operand instanceof Arr)) throw badValue('$pullAll requires an array argument');
      const gone = operand.items();
      return filtering(operator, (item) => !gone.some((other) => compareValues(item, other) === 0));
    }
    case '$pop':
      return pop(operand);
    default:
      throw refusal('update', operator);
  }
}

function compute(of: (current: Value | undefined, where: Where) => Value | undefined): Edit {
  return { kind: 'compute', creates: true, of };
}

function isBetter(current: Value | undefined, operand: Value, sign: number): boolean {
  return current === undefined || Math.sign(compareValues(operand, current)) === sign;
}

function arithmetic(operator: '$inc' | '$mul', name: string, operand: Value): Edit {
  const verb = operator === '$inc' ? 'increment' : 'multiply';
  if (!isNumber(operand)) {
    throw typeMismatch(`Cannot ${verb} with non-numeric argument: {${name}: ${show(operand)}}`);
  }
  return compute((current, where) => {
    if (current === undefined) return operator === '$inc' ? operand : zeroLike(operand);
    if (!isNumber(current)) {
      throw typeMismatch(
        `Cannot apply ${operator} to a value of non-numeric type. {_id: ${show(where.id)}} has the field '${where.name}' of non-numeric type ${typeName(current)}`,
      );
    }
    return operator === '$inc' ? addNumbers(current, operand) : multiplyNumbers(current, operand);
  });
}

function currentDate(operand: Value): Edit {
  if (typeof operand === 'boolean') return compute(() => new UtcDate(Date.now()));
  const kind = operand instanceof Doc && operand.size === 1 ? operand.get('$type') : undefined;
  if (kind === 'date') return compute(() => new UtcDate(Date.now()));
  if (kind === 'timestamp') return compute(() => currentTimestamp());
  throw badValue(
    `${typeName(operand)} is not valid type for $currentDate. Please use a boolean ('true') or a $type expression ({$type: 'timestamp/date'}).`,
  );
}

let lastTimestamp = 0n;

/** A timestamp after every one this process made before. */
export function currentTimestamp(): Timestamp {
  const now = BigInt(Math.floor(Date.now() / 1000)) << 32n;
  lastTimestamp = now > lastTimestamp ? now + 1n : lastTimestamp + 1n;
  return new Timestamp(lastTimestamp);
}

function arrayAt(current: Value | undefined, where: Where, operator: string): readonly Value[] {
  if (current === undefined) return [];
  if (current instanceof Arr) return current.items();
  if (operator === '$addToSet') {
    throw badValue(
      `Cannot apply $addToSet to non-array field. Field named '${where.name}' has non-array type ${typeName(current)}`,
    );
  }
  throw badValue(
    `The field '${where.name}' must be an array but is of type ${typeName(current)} in document {_id: ${show(where.id)}}`,
  );
}

function filtering(operator: string, keeps: (item: Value) => boolean): Edit {
  return {
    kind: 'compute',
    creates: false,
    of: (current) => {
      if (current === undefined) return undefined;
      if (!(current instanceof Arr))
        throw badValue(`Cannot apply ${operator} to a non-array value`);
      const items = current.items();
      const kept = items.filter(keeps);
      return kept.length === items.length ? current : Arr.of(kept);
    },
  };
}

function pop(operand: Value): Edit {
  const end = wholeNumber(operand);
  if (end !== 1 && end !== -1) throw failedToParse('$pop expects 1 or -1');
  return {
    kind: 'compute',
    creates: false,
    of: (current, where) => {
      if (current === undefined) return undefined;
      if (!(current instanceof Arr)) {
        throw new CommandError(
          codes.TypeMismatch,
          `Path '${where.name}' contains an element of non-array type '${typeName(current)}'`,
        );
      }
      const items = current.items();
      if (items.length === 0) return current;
      return Arr.of(end === 1 ? items.slice(0, -1) : items.slice(1));
    },
  };
}
