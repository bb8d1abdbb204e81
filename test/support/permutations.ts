/** Every order of a short list. */
export const permutationsOf = <T>(items: readonly T[]): readonly (readonly T[])[] =>
  items.length <= 1
    ? [items]
    : items.flatMap((item, index) =>
        permutationsOf(items.filter((_, other) => other !== index)).map((rest) => [item, ...rest]),
      );
