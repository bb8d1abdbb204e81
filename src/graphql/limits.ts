import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  NoSchemaIntrospectionCustomRule,
  type ParseOptions,
  type SelectionSetNode,
  type ValidationRule,
} from 'graphql';

/** How much of a document is read before it is refused (facts Q1). */
export const limits = {
  /** Levels of fields; introspection, where it is allowed, is exempt. */
  depth: 8,
  aliases: 60,
  directives: 10,
  tokens: 2_000,
  characters: 15_000,
} as const;

/** Data belongs into variables, which these don't count. */
export const parseOptions: ParseOptions = {
  maxLexicalTokens: limits.tokens,
  maxSourceLength: limits.characters,
  maxComments: 100,
};

/** The levels of a document's deepest field; a fragment counts where it is spread. */
const depthOfDocument = (document: DocumentNode) => {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION)
      fragments.set(definition.name.value, definition);
  }
  const depths = new Map<string, number>();
  const fragmentDepth = (name: string): number => {
    const known = depths.get(name);
    if (known !== undefined) return known;
    // A cycle is refused by another rule; here it must only not loop.
    depths.set(name, 0);
    const fragment = fragments.get(name);
    const depth = fragment ? depthOf(fragment.selectionSet) : 0;
    depths.set(name, depth);
    return depth;
  };
  const depthOf = (set: SelectionSetNode): number => {
    let deepest = 0;
    for (const selection of set.selections) {
      const depth =
        selection.kind === Kind.FRAGMENT_SPREAD
          ? fragmentDepth(selection.name.value)
          : selection.kind === Kind.INLINE_FRAGMENT
            ? depthOf(selection.selectionSet)
            : isIntrospection(selection.name.value)
              ? 1
              : 1 + (selection.selectionSet ? depthOf(selection.selectionSet) : 0);
      deepest = Math.max(deepest, depth);
    }
    return deepest;
  };
  return Math.max(
    0,
    ...document.definitions.map((definition) =>
      definition.kind === Kind.OPERATION_DEFINITION ? depthOf(definition.selectionSet) : 0,
    ),
  );
};

const isIntrospection = (name: string): boolean => name === '__schema' || name === '__type';

const withinLimits: ValidationRule = (context) => {
  let aliases = 0;
  let directives = 0;
  const refuse = (what: string, is: number, most: number) => {
    context.reportError(
      new GraphQLError(`the document has ${is} ${what}, at most ${most} allowed`),
    );
  };
  return {
    Field: (node) => {
      if (node.alias) aliases += 1;
    },
    Directive: () => {
      directives += 1;
    },
    Document: {
      leave: (document) => {
        const depth = depthOfDocument(document);
        if (depth > limits.depth) refuse('levels', depth, limits.depth);
        if (aliases > limits.aliases) refuse('aliases', aliases, limits.aliases);
        if (directives > limits.directives) refuse('directives', directives, limits.directives);
      },
    },
  };
};

/** The rules that every document passes, over HTTP and WebSocket alike (facts Q1, Q2, Q5). */
export const validationRules = (options: {
  readonly introspection: boolean;
}): readonly ValidationRule[] =>
  options.introspection ? [withinLimits] : [withinLimits, NoSchemaIntrospectionCustomRule];
