import { Parser } from 'htmlparser2';
import type { Problem } from './problem.ts';

/** A variable or call where it stands in HTML, for the check of its place. */
interface Insert {
  readonly kind: 'url' | 'unsubscribe' | 'other';
  readonly shown: string;
}

export interface HtmlReading {
  readonly problems: readonly Problem[];
  /** Whether a link leads to the unsubscribe page. */
  readonly unsubscribes: boolean;
}

// Private use: they stand for the nth insert and for the end of a branch.
const mark = (index: number): string => `\ue000${index}\ue001`;
const anyMark = /\ue000(\d+)\ue001/g;
const branchEnd = '\ue002';
const pieced = /[\ue000\ue002]/;
/** Built in variables that are a whole address. */
const ownLinks: ReadonlyMap<string, Insert['kind']> = new Map([
  ['unsubscribeUrl', 'unsubscribe'],
  ['preferencesUrl', 'url'],
]);
/** Branches may begin before a name and end after it. */
const unbranched = (name: string): string => name.replace(/^\ue002+|\ue002+$/g, '');

const urlAttributes = new Set(
  'href src action formaction background poster cite data xlink:href srcset longdesc ping'.split(
    ' ',
  ),
);
const unsafeElements = new Set('script iframe object embed base applet frame'.split(' '));

/**
 * Where variables and addresses stand in HTML: an address is http(s) or `#here`, a variable in one goes
 * through `url`, attributes are quoted, nothing runs (facts H1, H2).
 */
export const readHtml = (program: hbs.AST.Program, field: string): HtmlReading => {
  const inserts: Insert[] = [];
  const problems = new Map<string, Problem>();
  let unsubscribes = false;
  const problem = (code: Problem['code'], message: string) => {
    problems.set(`${code} ${message}`, { code, field, message });
  };

  const address = (where: string, value: string) => {
    const found = readAddress(value, inserts, where);
    unsubscribes ||= found.unsubscribes;
    for (const { code, message } of found.problems) problem(code, message);
  };
  const styles = (where: string, css: string) => {
    for (const [, url = ''] of css.matchAll(/url\(\s*["']?([^"')]*)/gi)) address(where, url);
    if (/expression\s*\(|-moz-binding|behavior\s*:/i.test(css))
      problem('UNSAFE_HTML', `${where}: styles may not run anything`);
    // What is escaped for HTML can be anything in CSS.
    if (css.includes('\ue000')) problem('NOT_ALLOWED', `${where}: a variable is no style`);
  };

  const parse = (html: string) => {
    let element = '';
    const parser = new Parser(
      {
        onopentagname: (opened) => {
          const name = unbranched(opened);
          element = name;
          if (pieced.test(name)) problem('NOT_ALLOWED', 'the name of an element is no variable');
          if (unsafeElements.has(name)) problem('UNSAFE_HTML', `<${name}> is not allowed`);
        },
        onattribute: (given, value, quote) => {
          const name = unbranched(given);
          const where = `${element} ${name}`;
          const holds = value.includes('\ue000');
          if (pieced.test(name)) problem('NOT_ALLOWED', 'a variable is no attribute');
          if (holds && (quote === undefined || quote === null)) {
            problem('UNQUOTED_ATTRIBUTE', `${where}: an attribute with a variable needs quotes`);
          }
          if (name.startsWith('on')) problem('UNSAFE_HTML', `${where}: nothing may run`);
          if (element === 'meta' && name === 'http-equiv' && /refresh/i.test(value))
            problem('UNSAFE_HTML', 'a message may not lead away by itself');
          if (name === 'srcset') {
            for (const candidate of value.split(','))
              address(where, candidate.trim().split(/\s/)[0] ?? '');
          } else if (urlAttributes.has(name)) address(where, value);
          if (name === 'style') styles(where, value);
        },
        ontext: (text) => {
          if (element === 'style') styles('style', text);
        },
        onclosetag: () => {
          element = '';
        },
        // Outlook reads what stands in its conditional comments.
        oncomment: (comment) => {
          const conditional = /^\[if [^\]]*\]>([\s\S]*?)<!\[endif\]$/.exec(comment)?.[1];
          if (conditional !== undefined) parse(conditional);
        },
      },
      { decodeEntities: true },
    );
    parser.end(html);
  };
  const html = flat(program, inserts);
  // To the parser this is text; filled in, it is an element.
  if (/<\/?[\ue000\ue002]/.test(html))
    problem('NOT_ALLOWED', 'the name of an element is no variable');
  parse(html);
  return { problems: [...problems.values()], unsubscribes };
};

interface AddressReading {
  readonly problems: readonly Pick<Problem, 'code' | 'message'>[];
  readonly unsubscribes: boolean;
}

/** Every branch of an address: empty, `#here`, http(s), or one call that makes it so. */
const readAddress = (value: string, inserts: readonly Insert[], where: string): AddressReading => {
  const problems: Pick<Problem, 'code' | 'message'>[] = [];
  let unsubscribes = false;
  for (const branch of value.split(branchEnd)) {
    const url = branch.trim();
    if (url === '' || url.startsWith('#')) continue;
    const held = [...url.matchAll(anyMark)].flatMap(([, n]) => inserts[Number(n)] ?? []);
    const leads = url.startsWith('\ue000') && held[0]?.kind !== 'other';
    if (leads && held[0]?.kind === 'unsubscribe') unsubscribes = true;
    const [loose] = leads ? held.slice(1) : held;
    if (loose) {
      const message = `${where}: {{${loose.shown}}} may hold anything; use {{url …}} for the whole address`;
      problems.push({ code: 'VARIABLE_IN_URL', message });
    } else if (!leads && !/^https?:\/\/[^/\s]/i.test(url)) {
      const message = `${where}: ${JSON.stringify(url.slice(0, 60))} is no http(s) address`;
      problems.push({ code: 'BAD_URL', message });
    }
  }
  return { problems, unsubscribes };
};

/** What is wrong with a part that is one address as a whole. */
export const addressProblems = (program: hbs.AST.Program, field: string): readonly Problem[] => {
  const inserts: Insert[] = [];
  const { problems } = readAddress(flat(program, inserts), inserts, 'the address');
  return problems.map((problem) => ({ ...problem, field }));
};

const flat = ({ body }: hbs.AST.Program, inserts: Insert[]): string =>
  body.map((statement) => flatStatement(statement, inserts)).join('');

const flatStatement = (statement: hbs.AST.Statement, inserts: Insert[]): string => {
  switch (statement.type) {
    case 'ContentStatement':
      return (statement as hbs.AST.ContentStatement).value;
    case 'MustacheStatement': {
      const { path, params } = statement as hbs.AST.MustacheStatement;
      const shown = 'original' in path ? path.original : '…';
      const kind =
        shown === 'url' && params.length > 0
          ? 'url'
          : params.length === 0
            ? (ownLinks.get(shown.replace(/^@root\./, '')) ?? 'other')
            : 'other';
      inserts.push({ kind, shown });
      return mark(inserts.length - 1);
    }
    case 'BlockStatement': {
      const block = statement as hbs.AST.BlockStatement;
      const branches = [block.program, block.inverse as hbs.AST.Program | undefined];
      return branches
        .map((branch) => (branch ? `${branchEnd}${flat(branch, inserts)}` : ''))
        .join('')
        .concat(branchEnd);
    }
    default:
      return '';
  }
};
