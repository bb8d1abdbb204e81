import Handlebars from 'handlebars';
import type { Category, Channel, Priority } from '../vocabulary.ts';

/** The parts of an email: HTML by hand or from MJML, and always plain text beside it. */
export interface EmailContent {
  readonly subject: string;
  readonly html?: string;
  /** Compiled when the version is published; either this or `html`. */
  readonly mjml?: string;
  readonly text: string;
  /** Set when the version is published: what is rendered, inside its layout and free of MJML. */
  readonly compiled?: { readonly html: string; readonly text: string };
}

/** What a template says on each of its channels, in Handlebars. */
export interface TemplateChannels {
  readonly email?: EmailContent;
  readonly sms?: { readonly body: string };
  readonly push?: {
    readonly title: string;
    readonly body: string;
    /** For the app that receives it; the values may hold variables. */
    readonly data?: Readonly<Record<string, string>>;
  };
  readonly in_app?: {
    readonly title: string;
    readonly body: string;
    /** Where a click leads. */
    readonly actionUrl?: string;
  };
}

export interface TemplateVariable {
  readonly name: string;
  readonly type: 'string' | 'number' | 'boolean';
}

/** Messages with a purpose can't wait: quiet hours and marketing opt-outs don't hold them up (facts L28). */
export const purposes = ['security', 'oneTimeCode'] as const;
export type Purpose = (typeof purposes)[number];

/** A JSON Schema, draft 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** One version's content; it never changes once published. */
export interface TemplateContent {
  readonly category: Category;
  readonly priority: Priority;
  /** The reader can't switch it off; not when absent. */
  readonly required?: boolean;
  readonly purpose?: Purpose;
  /** In the default locale. */
  readonly channels: TemplateChannels;
  /** BCP 47; `en` when absent. */
  readonly defaultLocale?: string;
  /** Translations by BCP 47 locale; what one lacks is said in the next best. */
  readonly locales?: Readonly<Record<string, TemplateChannels>>;
  /** The layout around emails, at the version that was the latest when this was published. */
  readonly layout?: { readonly name: string; readonly version: number };
  /** What `{{postalAddress}}` stands for; marketing email must carry it (facts L3). */
  readonly postalAddress?: string;
  /** The short form of `schema`: each of them required. */
  readonly variables: readonly TemplateVariable[];
  /** What a request may pass; what `variables` says when absent. */
  readonly schema?: JsonSchema;
}

/** Variables that every template may use and no caller passes. */
export const builtInVariables = ['userName', 'unsubscribeUrl'] as const;

const knownHelpers = ['if', 'unless'];

/** Names that Handlebars keeps for itself. */
const reservedNames = [
  'constructor',
  'if',
  'unless',
  'each',
  'with',
  'lookup',
  'log',
  'this',
  'helperMissing',
  'blockHelperMissing',
];

/** One thing wrong with a template: where (`channels.email.html`) and what. */
export interface Problem {
  readonly field: string;
  readonly message: string;
}

/** One text of a template and where it stands, for instance `channels.sms.body`. */
export interface Part {
  readonly channel: Channel;
  readonly name: string;
  readonly field: string;
  readonly source: string;
  readonly html: boolean;
}

/** The parts of a template's channels as they are rendered. */
export const partsOf = (templateChannels: TemplateChannels, path = 'channels'): readonly Part[] => {
  const { email, sms, push, in_app: inApp } = templateChannels;
  const parts: Part[] = [];
  const add = (channel: Channel, name: string, source: string | undefined, html = false) => {
    if (source === undefined) return;
    parts.push({ channel, name, field: `${path}.${channel}.${name}`, source, html });
  };
  add('email', 'subject', email?.subject);
  add('email', 'html', email?.compiled?.html ?? email?.html, true);
  add('email', 'text', email?.compiled?.text ?? email?.text);
  add('sms', 'body', sms?.body);
  add('push', 'title', push?.title);
  add('push', 'body', push?.body);
  for (const [key, value] of Object.entries(push?.data ?? {})) add('push', `data.${key}`, value);
  add('in_app', 'title', inApp?.title);
  add('in_app', 'body', inApp?.body);
  add('in_app', 'actionUrl', inApp?.actionUrl);
  return parts;
};

export const offers = (content: TemplateContent, channel: Channel): boolean =>
  content.channels[channel] !== undefined;

/**
 * Everything that would go wrong at the first render, found when a version is published: syntax
 * (Handlebars itself reports it only at first use), unknown helpers and variables, and unescaped
 * output in HTML (facts H1, T9).
 */
export const problemsOf = (content: TemplateContent): readonly Problem[] => {
  const problems: Problem[] = [];
  const names = content.variables.map((v) => v.name);
  for (const [index, name] of names.entries()) {
    const field = `variables.${index}.name`;
    if (names.indexOf(name) !== index)
      problems.push({ field, message: `${name} is declared twice` });
    if (!/^[A-Za-z][A-Za-z0-9_]{0,63}$/.test(name) || reservedNames.includes(name)) {
      problems.push({ field, message: `${name} is not a variable name` });
    }
    if ((builtInVariables as readonly string[]).includes(name)) {
      problems.push({ field, message: `${name} is built in` });
    }
  }
  if (partsOf(content.channels).length === 0) {
    problems.push({ field: 'channels', message: 'a template needs at least one channel' });
  }
  const allowed = new Set<string>([...names, ...builtInVariables]);
  for (const { field, source, html } of partsOf(content.channels)) {
    problems.push(...problemsIn(source, allowed, html).map((message) => ({ field, message })));
  }
  return problems.length > 0 ? problems : renderingProblems(content);
};

const samples = { string: 'a', number: 1, boolean: true } as const;

/** What only shows when a part is rendered, with a sample value for every variable. */
const renderingProblems = (content: TemplateContent): readonly Problem[] => {
  const values = Object.fromEntries([
    ...builtInVariables.map((name) => [name, samples.string]),
    ...content.variables.map(({ name, type }) => [name, samples[type]]),
  ]) as Readonly<Record<string, unknown>>;
  return partsOf(content.channels).flatMap(({ field, source }) => {
    try {
      Handlebars.create().compile(source, { strict: true, knownHelpersOnly: true })(values);
      return [];
    } catch (error) {
      const [message = ''] = (error as Error).message.split('\n');
      return [{ field, message: `it can't be rendered: ${message}` }];
    }
  });
};

const problemsIn = (source: string, allowed: ReadonlySet<string>, html: boolean): string[] => {
  let program: hbs.AST.Program;
  try {
    program = Handlebars.parse(source);
  } catch (error) {
    return [`syntax error: ${(error as Error).message.split('\n')[0] ?? ''}`];
  }
  const linter = new Linter(allowed, html);
  linter.accept(program);
  return linter.problems;
};

class Linter extends Handlebars.Visitor {
  readonly problems: string[] = [];
  readonly #allowed: ReadonlySet<string>;
  readonly #html: boolean;

  constructor(allowed: ReadonlySet<string>, html: boolean) {
    super();
    this.#allowed = allowed;
    this.#html = html;
  }

  override MustacheStatement(statement: hbs.AST.MustacheStatement): void {
    if (!statement.escaped && this.#html) {
      this.problems.push('unescaped output ({{{ or {{&) is not allowed in HTML');
    }
    if (statement.params.length > 0) {
      this.problems.push(`unknown helper ${nameOf(statement.path)}`);
      return;
    }
    super.MustacheStatement(statement);
  }

  override BlockStatement(statement: hbs.AST.BlockStatement): void {
    if (!knownHelpers.includes(nameOf(statement.path))) {
      this.problems.push(`unknown helper ${nameOf(statement.path)}`);
      return;
    }
    if (statement.params.length !== 1) {
      this.problems.push(`${nameOf(statement.path)} takes one variable`);
    }
    for (const param of statement.params) this.accept(param);
    this.accept(statement.program);
    // Handlebars' types call `inverse` always present; a block without {{else}} has none.
    const inverse = statement.inverse as hbs.AST.Program | undefined;
    if (inverse) this.accept(inverse);
  }

  override PartialStatement(statement: hbs.AST.PartialStatement): void {
    this.problems.push(`unknown partial ${nameOf(statement.name)}`);
  }

  override PartialBlockStatement(statement: hbs.AST.PartialBlockStatement): void {
    this.problems.push(`unknown partial ${nameOf(statement.name)}`);
  }

  override Decorator(): void {
    this.problems.push('decorators are not allowed');
  }

  override DecoratorBlock(): void {
    this.problems.push('decorators are not allowed');
  }

  override PathExpression(path: hbs.AST.PathExpression): void {
    const [first] = path.parts;
    if (path.data || path.depth > 0 || first === undefined || !this.#allowed.has(first)) {
      this.problems.push(`${path.original} is not a declared variable`);
    } else if (path.parts.length > 1) {
      this.problems.push(`${path.original}: variables have no fields`);
    }
  }
}

const nameOf = (expression: hbs.AST.Expression): string =>
  'original' in expression ? String(expression.original) : expression.type;

/** What is wrong with the variables of one request, or undefined. */
export const variableProblem = (
  content: Pick<TemplateContent, 'variables'>,
  given: Readonly<Record<string, unknown>>,
):
  | {
      readonly code: 'MISSING_VARIABLE' | 'UNKNOWN_VARIABLE' | 'WRONG_VARIABLE_TYPE';
      readonly name: string;
      readonly message: string;
    }
  | undefined => {
  for (const { name, type } of content.variables) {
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    if (value === undefined || value === null) {
      return { code: 'MISSING_VARIABLE', name, message: `variable ${name} is missing` };
    }
    if (typeof value !== type || (typeof value === 'number' && !Number.isFinite(value))) {
      return { code: 'WRONG_VARIABLE_TYPE', name, message: `variable ${name} must be a ${type}` };
    }
  }
  const declared = new Set(content.variables.map((v) => v.name));
  const extra = Object.keys(given).find((name) => !declared.has(name));
  return extra === undefined
    ? undefined
    : { code: 'UNKNOWN_VARIABLE', name: extra, message: `the template has no variable ${extra}` };
};
