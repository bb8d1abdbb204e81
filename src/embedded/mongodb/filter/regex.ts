import type { Regex } from '../bson/values.ts';
import { badValue, unsupported } from '../errors.ts';
import type { Test } from './ast.ts';

/**
 * MongoDB uses PCRE2; JavaScript's expressions differ in corners. Carried is what means the same in both:
 * literals, `.`, `^` at the start, `$` at the end, `[...]` of plain characters and ranges, groups,
 * alternatives, `* + ? {n,m}`, and `\` before punctuation. Options `i`, `m`, `s`.
 */
export function parsePattern(regex: Regex): Test {
  compilePattern(regex);
  return { kind: 'regex', pattern: regex };
}

const cache = new WeakMap<Regex, RegExp>();

/** The JavaScript expression that matches what MongoDB's would. */
export function compilePattern(regex: Regex): RegExp {
  const known = cache.get(regex);
  if (known) return known;
  for (const option of regex.options) {
    if (option !== 'i' && option !== 'm' && option !== 's') {
      throw 'xlu'.includes(option)
        ? unsupported(`the $regex option '${option}'`)
        : badValue(`invalid flag in regex options: ${option}`);
    }
  }
  const source = translate(regex.pattern, regex.options);
  try {
    const compiled = new RegExp(source, regex.options.includes('i') ? 'iu' : 'u');
    cache.set(regex, compiled);
    return compiled;
  } catch (cause) {
    throw badValue(`Regular expression is invalid: ${(cause as Error).message}`);
  }
}

const punctuation = /[\^$\\.*+?()[\]{}|/-]/;

function translate(pattern: string, options: string): string {
  const multiline = options.includes('m');
  let source = '';
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i] as string;
    if (char === '\\') {
      const next = pattern[++i] ?? '';
      if (next === '' || /[A-Za-z0-9]/.test(next)) throw refused(`\\${next}`);
      source += punctuation.test(next) ? `\\${next}` : next;
    } else if (char === '.') source += options.includes('s') ? '[^]' : '[^\\n]';
    else if (char === '^') source += multiline ? '(?<![^\\n])' : '(?<![^])';
    else if (char === '$') source += multiline ? '(?![^\\n])' : '(?=\\n?(?![^]))';
    else if (char === '[') {
      const end = classEnd(pattern, i);
      source += pattern.slice(i, end + 1);
      i = end;
    } else if (char === '(' && pattern[i + 1] === '?') {
      if (pattern[i + 2] !== ':') throw refused(pattern.slice(i, i + 3));
      source += char;
    } else if ('*+?}'.includes(char) && pattern[i + 1] === '+') {
      throw refused(`${char}+`);
    } else if (char === '{' && !/^\{\d+(,\d*)?\}/.test(pattern.slice(i))) source += '\\{';
    else if (char === ']' || char === '/') source += `\\${char}`;
    else source += char;
  }
  return source;
}

/** The end of a character class that holds only plain characters and ranges of letters or digits. */
function classEnd(pattern: string, start: number): number {
  const match = /^\[\^?(?:[A-Za-z0-9]-[A-Za-z0-9]|[^\\[\]&|~^-])+-?\]/.exec(pattern.slice(start));
  if (!match) throw refused('this character class');
  return start + match[0].length - 1;
}

function refused(what: string): Error {
  return unsupported(`${what} in a regular expression`);
}

const literalPrefix = /^\^((?:[^^$\\.*+?()[\]{}|]|\\[^A-Za-z0-9])*)/;

/**
 * The text every match starts with: `^abc` and `^abc.*` have one; undefined where there is none to search an
 * index by.
 */
export function prefixOf(regex: Regex): string | undefined {
  if (regex.options.includes('i') || regex.options.includes('m')) return undefined;
  if (regex.pattern.includes('|')) return undefined;
  const found = literalPrefix.exec(regex.pattern);
  if (!found) return undefined;
  let prefix = found[1] ?? '';
  const next = regex.pattern[found[0].length];
  if (next !== undefined && '*?{'.includes(next)) prefix = prefix.replace(/(\\.|[^\\])$/su, '');
  prefix = prefix.replace(/\\(.)/gsu, '$1');
  return prefix === '' ? undefined : prefix;
}
