import Handlebars from 'handlebars';
import type { Part } from './content.ts';
import { type Demand, type Helper, helpers } from './helpers.ts';
import type { Problem } from './problem.ts';
import { literalProblem, literalType } from './literals.ts';
import { blocks, isNamed } from './rendering.ts';
import { itemScope, type Path, resolve, type Scope } from './scope.ts';

/** One use of a variable in a template. */
export interface Usage {
  readonly path: readonly string[];
  readonly demand: Demand | 'list' | 'truth';
  /** How much of the path is known to be there, from an `if` around it. */
  readonly guarded: number;
  /** Whether it may be absent here. */
  readonly optional: boolean;
  readonly field: string;
}

/** What a part uses, and what of its Handlebars is wrong. */
export interface Reading {
  readonly program: hbs.AST.Program | undefined;
  readonly usages: readonly Usage[];
  readonly problems: readonly Problem[];
}

export const readPart = ({ source, field, name }: Omit<Part, 'channel'>): Reading => {
  let program: hbs.AST.Program;
  try {
    program = Handlebars.parse(source);
  } catch (error) {
    const [line = ''] = (error as Error).message.split('\n');
    const problem = { code: 'SYNTAX_ERROR', field, message: `syntax error: ${line}` } as const;
    return { program: undefined, usages: [], problems: [problem] };
  }
  const walk = new Walk(field, name === 'html');
  walk.program(program, { path: [], blockParams: new Map(), guards: [] });
  return { program, usages: walk.usages, problems: walk.problems };
};

class Walk {
  readonly usages: Usage[] = [];
  readonly problems: Problem[] = [];
  readonly #field: string;
  readonly #html: boolean;

  constructor(field: string, html: boolean) {
    this.#field = field;
    this.#html = html;
  }

  program({ body }: hbs.AST.Program, scope: Scope): void {
    for (const statement of body) this.#statement(statement, scope);
  }

  #problem(code: Problem['code'], message: string): void {
    this.problems.push({ code, field: this.#field, message });
  }

  #statement(statement: hbs.AST.Statement, scope: Scope): void {
    switch (statement.type) {
      case 'MustacheStatement':
        this.#mustache(statement as hbs.AST.MustacheStatement, scope);
        return;
      case 'BlockStatement':
        this.#block(statement as hbs.AST.BlockStatement, scope);
        return;
      case 'ContentStatement':
      case 'CommentStatement':
        return;
      case 'PartialStatement':
      case 'PartialBlockStatement': {
        const { name } = statement as hbs.AST.PartialStatement;
        this.#problem('NOT_ALLOWED', `unknown partial ${nameOf(name)}`);
        return;
      }
      default:
        this.#problem('NOT_ALLOWED', 'decorators are not allowed');
    }
  }

  #mustache(statement: hbs.AST.MustacheStatement, scope: Scope): void {
    const { path, params, escaped } = statement;
    if (!escaped && this.#html) {
      this.#problem('UNESCAPED_HTML', 'unescaped output ({{{ or {{&) is not allowed in HTML');
    }
    if (params.length === 0 && !isNamed(statement)) {
      if (path.type === 'SubExpression')
        this.#problem('NOT_ALLOWED', 'a call needs no parentheses');
      else this.#expression(path, 'scalar', scope, false);
      return;
    }
    const helper = this.#call(statement, 'scalar', scope);
    if (helper?.test) {
      const name = nameOf(path);
      this.#problem('BAD_ARGUMENT', `${name} answers yes or no: use it as {{#if (${name} …)}}`);
    }
  }

  #block(statement: hbs.AST.BlockStatement, scope: Scope): void {
    const name = nameOf(statement.path);
    const [param, ...more] = statement.params;
    if (!(blocks as readonly string[]).includes(name)) {
      this.#problem('UNKNOWN_HELPER', `unknown helper ${name}`);
      return;
    }
    if (!param || more.length > 0 || isNamed(statement)) {
      this.#problem('BAD_ARGUMENT', `${name} takes one variable`);
      return;
    }
    // Handlebars' types call both always present; {{^if}} has no program and most have no {{else}}.
    const program = statement.program as hbs.AST.Program | undefined;
    const inverse = statement.inverse as hbs.AST.Program | undefined;
    if (name === 'each') {
      const path = this.#list(param, scope);
      if (program && path) this.program(program, itemScope(path, scope, program.blockParams));
      if (inverse) this.program(inverse, scope);
      return;
    }
    this.#expression(param, 'truth', scope, true);
    const known = { ...scope, guards: [...scope.guards, ...this.#guardsIn(param, scope)] };
    if (program) this.program(program, name === 'if' ? known : scope);
    if (inverse) this.program(inverse, name === 'unless' ? known : scope);
  }

  #list(param: hbs.AST.Expression, scope: Scope): Path | undefined {
    if (param.type !== 'PathExpression') {
      this.#problem('BAD_ARGUMENT', 'each takes one variable');
      return undefined;
    }
    return this.#path(param as hbs.AST.PathExpression, 'list', scope, false);
  }

  /** The variables that are there when an expression holds. */
  #guardsIn(expression: hbs.AST.Expression, scope: Scope): readonly Path[] {
    if (expression.type === 'PathExpression') {
      const found = resolve(expression as hbs.AST.PathExpression, scope);
      return typeof found === 'object' && 'path' in found ? [found.path] : [];
    }
    const { path, params } = expression as hbs.AST.SubExpression;
    return nameOf(path) === 'and' ? params.flatMap((param) => this.#guardsIn(param, scope)) : [];
  }

  #expression(
    expression: hbs.AST.Expression,
    demand: Usage['demand'],
    scope: Scope,
    optional: boolean,
  ): void {
    if (expression.type === 'PathExpression') {
      this.#path(expression as hbs.AST.PathExpression, demand, scope, optional);
    } else if (expression.type === 'SubExpression') {
      this.#call(expression as hbs.AST.SubExpression, demand, scope);
    } else {
      const wrong = literalProblem(expression, demand);
      if (wrong !== undefined) this.#problem('BAD_ARGUMENT', wrong);
    }
  }

  #call(
    statement: Pick<hbs.AST.MustacheStatement, 'path' | 'params' | 'hash'>,
    demand: Usage['demand'],
    scope: Scope,
  ): Helper | undefined {
    const { path, params, hash } = statement;
    const name = nameOf(path);
    const helper = Object.hasOwn(helpers, name) ? helpers[name] : undefined;
    if (!helper) {
      this.#problem('UNKNOWN_HELPER', `unknown helper ${name}`);
      return undefined;
    }
    const most = helper.rest ? Infinity : helper.takes.length;
    if (params.length < helper.least || params.length > most) {
      this.#problem('BAD_ARGUMENT', `${name} takes ${countOf(helper)}`);
    }
    const hint = params.map(literalType).find((type) => type !== undefined);
    for (const [index, param] of params.entries()) {
      this.#expression(
        param,
        demandOf(name, helper, index, demand, hint),
        scope,
        name === 'default' && index === 0,
      );
    }
    this.#named(name, helper, isNamed(statement) ? hash.pairs : [], scope);
    return helper;
  }

  #named(name: string, helper: Helper, pairs: readonly hbs.AST.HashPair[], scope: Scope): void {
    for (const { key, value } of pairs) {
      const demand = helper.named?.[key] ?? helper.named?.['*'];
      if (demand) this.#expression(value, demand, scope, false);
      else this.#problem('BAD_ARGUMENT', `${name} takes no ${key}=`);
    }
    for (const needed of helper.needs ?? []) {
      if (!pairs.some(({ key }) => key === needed)) {
        this.#problem('BAD_ARGUMENT', `${name} needs ${needed}=`);
      }
    }
  }

  #path(
    expression: hbs.AST.PathExpression,
    demand: Usage['demand'],
    scope: Scope,
    optional: boolean,
  ): Path | undefined {
    const found = resolve(expression, scope);
    if (typeof found === 'string') {
      this.#problem('UNKNOWN_VARIABLE', found);
      return undefined;
    }
    if (found.kind === 'given') return undefined;
    const { path } = found;
    const guarded = scope.guards
      .filter((guard) => guard.every((part, index) => path[index] === part))
      .reduce((longest, guard) => Math.max(longest, guard.length), 0);
    this.usages.push({ path, demand, guarded, optional, field: this.#field });
    return path;
  }
}

const demandOf = (
  name: string,
  helper: Helper,
  index: number,
  outer: Usage['demand'],
  hint: Demand | undefined,
): Usage['demand'] => {
  if (name === 'default')
    return outer === 'scalar' || outer === 'truth' ? (hint ?? 'scalar') : outer;
  const demand = helper.takes[index] ?? helper.rest ?? 'scalar';
  if (demand === 'any') return 'truth';
  return helper.test && demand === 'scalar' ? (hint ?? demand) : demand;
};

const countOf = ({ least, rest, takes }: Helper): string => {
  if (rest) return `at least ${least} arguments`;
  return takes.length === least ? `${least} arguments` : `${least} to ${takes.length} arguments`;
};

const nameOf = (expression: hbs.AST.Expression): string =>
  'original' in expression ? String(expression.original) : expression.type;
