import type { Event } from './decider.ts';

/**
 * What a field holds (facts G11). Everything but `none` and `identifier` is personal data and is
 * encrypted under the subject's key before it is appended.
 */
export type FieldClass = 'none' | 'identifier' | 'contact' | 'network' | 'content';

/** The stored form of one event type: its current version and the class of each field. */
export interface EventSchema<D extends object = object> {
  readonly version: number;
  readonly fields: { readonly [F in keyof D]-?: FieldClass };
  /** `upcasters[n]` turns data of version n into data of version n + 1; pure. */
  readonly upcasters?: Readonly<
    Record<number, (data: Record<string, unknown>) => Record<string, unknown>>
  >;
}

/** One schema per event type of a union; a field without a class does not compile. */
export type SchemasOf<E extends Event> = {
  readonly [T in E['type']]: EventSchema<Extract<E, { type: T }>['data']>;
};

/** Whether a field of this class must never be stored in clear. */
export const isPersonal = (fieldClass: FieldClass): boolean =>
  fieldClass !== 'none' && fieldClass !== 'identifier';

/** Brings stored data of an older version up to the schema's version, one step at a time. */
export const upcast = (
  schema: EventSchema,
  version: number,
  data: Record<string, unknown>,
): Record<string, unknown> => {
  let current = data;
  for (let from = version; from < schema.version; from += 1) {
    const step = schema.upcasters?.[from];
    if (!step) throw new Error(`no upcaster from version ${from} to ${from + 1}`);
    current = step(current);
  }
  return current;
};
