/** The fields of an input that were given: neither absent nor null. */
export type Given<T> = { readonly [F in keyof T]?: Exclude<T[F], null | undefined> };

export const given = <T extends object>(input: T | null | undefined): Given<T> =>
  Object.fromEntries(
    Object.entries(input ?? {}).filter(([, value]) => value !== undefined && value !== null),
  ) as Given<T>;

/** The fields of an input that were given, null among them where null removes a value. */
export const mentioned = <T extends object>(
  input: T,
): { readonly [F in keyof T]?: Exclude<T[F], undefined> } =>
  Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as {
    readonly [F in keyof T]?: Exclude<T[F], undefined>;
  };
