import { Field, ObjectType } from 'type-graphql';
import { DomainError } from '../domain/errors.ts';

/** The longest page of any list (facts Q4). */
export const longestPage = 100;

@ObjectType({ simpleResolvers: true, description: 'Relay: where a page ends.' })
export class PageInfo {
  @Field(() => Boolean)
  hasNextPage!: boolean;

  @Field(() => Boolean, { description: 'Lists are read forwards; always false.' })
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true })
  startCursor?: string;

  @Field(() => String, { nullable: true })
  endCursor?: string;
}

/** A page as Relay wants it. */
export interface Connection<N> {
  readonly edges: readonly { readonly cursor: string; readonly node: N }[];
  readonly pageInfo: PageInfo;
}

/** @throws DomainError BAD_INPUT unless 1 to 100 */
export const checkFirst = (first: number): number => {
  if (first < 1 || first > longestPage) {
    throw new DomainError('BAD_INPUT', `first must be 1 to ${longestPage}`, 'first');
  }
  return first;
};

export const connectionOf = <D, N>(
  page: { readonly items: readonly D[]; readonly hasNextPage: boolean },
  nodeOf: (item: D) => N,
  keyOf: (item: D) => readonly string[],
): Connection<N> => {
  const edges = page.items.map((item) => ({ cursor: encode(keyOf(item)), node: nodeOf(item) }));
  const [first, last] = [edges.at(0), edges.at(-1)];
  return {
    edges,
    pageInfo: {
      hasNextPage: page.hasNextPage,
      hasPreviousPage: false,
      ...(first && last ? { startCursor: first.cursor, endCursor: last.cursor } : {}),
    },
  };
};

const encode = (key: readonly string[]): string =>
  Buffer.from(JSON.stringify(key)).toString('base64url');

/**
 * The key in a page cursor of ours.
 *
 * @throws DomainError BAD_INPUT for anything else
 */
export const keyOfCursor = (cursor: string, parts: number): readonly string[] => {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (
      Array.isArray(key) &&
      key.length === parts &&
      key.every((part): part is string => typeof part === 'string')
    ) {
      return key;
    }
  } catch {
    // Not JSON: refused below like every other text that isn't a cursor.
  }
  throw new DomainError('BAD_INPUT', 'after is not a cursor of this list', 'after');
};
