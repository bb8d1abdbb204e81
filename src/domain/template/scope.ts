import { builtInVariables } from './content.ts';

/** Stands in a path for the items of a list. */
export const item = '[]';

export type Path = readonly string[];

/** What names mean at one place of a template. */
export interface Scope {
  readonly path: Path;
  readonly up?: Scope;
  readonly blockParams: ReadonlyMap<string, Path | 'index'>;
  readonly guards: readonly Path[];
}

/** Inside `each`: what stands alone is a field of the item. */
export const itemScope = (
  list: Path,
  scope: Scope,
  names: readonly string[] | undefined,
): Scope => {
  const [of, index] = names ?? [];
  const path = [...list, item];
  return {
    path,
    up: scope,
    guards: scope.guards,
    blockParams: new Map<string, Path | 'index'>([
      ...scope.blockParams,
      ...(of === undefined ? [] : ([[of, path]] as const)),
      ...(index === undefined ? [] : ([[index, 'index']] as const)),
    ]),
  };
};

const loopVariables = ['index', 'first', 'last'];
const neverNames = ['constructor', '__proto__', 'prototype'];

/** What a path means: a variable, something that is always there, or what is wrong with it. */
export const resolve = (
  { parts, data, depth, original }: hbs.AST.PathExpression,
  scope: Scope,
): { readonly kind: 'variable'; readonly path: Path } | { readonly kind: 'given' } | string => {
  const unknown = `${original} is not a declared variable`;
  if (parts.some((part) => neverNames.includes(part))) return unknown;
  const [first = '', ...rest] = parts;
  if (data) {
    if (first === 'root' && rest.length > 0) return variableAt(rest, original);
    return scope.up && loopVariables.includes(first) && rest.length === 0
      ? { kind: 'given' }
      : unknown;
  }
  const scoped = /^(\.|this\b)/.test(original);
  const named = depth === 0 && !scoped ? scope.blockParams.get(first) : undefined;
  if (named === 'index') return rest.length === 0 ? { kind: 'given' } : unknown;
  if (named) return { kind: 'variable', path: [...named, ...rest] };
  let at: Scope | undefined = scope;
  for (let up = 0; up < depth; up += 1) at = at?.up;
  if (!at || (parts.length === 0 && !at.up)) return unknown;
  if (!at.up) return variableAt(parts, original);
  if (isBuiltIn(first)) return `inside each it is @root.${first}`;
  return { kind: 'variable', path: [...at.path, ...parts] };
};

const isBuiltIn = (name: string): boolean => (builtInVariables as readonly string[]).includes(name);

const variableAt = (parts: Path, original: string) => {
  if (!isBuiltIn(parts[0] ?? '')) return { kind: 'variable', path: parts } as const;
  return parts.length === 1
    ? ({ kind: 'given' } as const)
    : `${original}: variables have no fields`;
};
