import Handlebars from 'handlebars';
import type { Part } from './content.ts';
import type { Reader } from './formats.ts';
import { type Helper, helpers } from './helpers.ts';

/** The blocks that Handlebars brings and templates may use. */
export const blocks = ['if', 'unless', 'each'] as const;

/** Fills in one part for one reader. @throws Error for a variable that isn't there or doesn't fit */
export type Fill = (variables: Readonly<Record<string, unknown>>, reader: Reader) => string;

interface Options {
  readonly hash: Readonly<Record<string, unknown>>;
  readonly data: { readonly reader: Reader };
}

const environment = Handlebars.create();
for (const name of ['with', 'lookup', 'log']) environment.unregisterHelper(name);
for (const [name, helper] of Object.entries(helpers)) {
  environment.registerHelper(name, (...given: unknown[]) => {
    const { hash, data } = given.pop() as Options;
    return call(name, helper, given, hash, data);
  });
}

const call = (
  name: string,
  helper: Helper,
  values: readonly unknown[],
  named: Readonly<Record<string, unknown>>,
  { reader }: { readonly reader: Reader },
): unknown => {
  if (!helper.forgiving && values.slice(0, helper.least).some((v) => v === undefined || v === null))
    throw new Error(`${name} is given a variable that isn't there`);
  try {
    return helper.run(values, named, reader);
  } catch (error) {
    // Only our own words: those of Intl repeat the value.
    const why = error instanceof TypeError ? error.message : 'its arguments do not fit';
    throw new Error(`${name} can't be used: ${why}`, { cause: error });
  }
};

const knownHelpers = Object.fromEntries(Object.keys(helpers).map((name) => [name, true]));

/** A name without arguments is a variable, also when a helper has the same name. */
class VariablesFirst extends Handlebars.Visitor {
  override MustacheStatement(statement: hbs.AST.MustacheStatement): void {
    const { path, params } = statement;
    if (params.length === 0 && !isNamed(statement) && path.type === 'PathExpression') {
      const variable = path as hbs.AST.PathExpression;
      if (variable.parts.length === 1 && Object.hasOwn(helpers, variable.original)) {
        variable.original = `this.${variable.original}`;
      }
    }
    super.MustacheStatement(statement);
  }
}

/** Whether a statement has named arguments; Handlebars' types call `hash` always present. */
export const isNamed = ({ hash }: { readonly hash: hbs.AST.Hash }): boolean =>
  ((hash as hbs.AST.Hash | undefined)?.pairs.length ?? 0) > 0;

/** Parses and compiles a part; the code is generated at its first use. @throws Error for bad syntax */
export const compilePart = ({
  channel,
  name,
  source,
}: Pick<Part, 'channel' | 'name' | 'source'>): Fill => {
  const program = Handlebars.parse(source);
  new VariablesFirst().accept(program);
  const fill = environment.compile(program, {
    strict: true,
    noEscape: name !== 'html',
    knownHelpersOnly: true,
    knownHelpers: knownHelpers,
  });
  const render: Fill = (variables, reader) => fill(variables, { data: { reader } });
  if (channel !== 'sms') return render;
  // No-break spaces of dates and amounts would make the whole message UCS-2, at twice the price.
  return (variables, reader) => render(variables, reader).replace(/[\u00a0\u202f]/g, ' ');
};
