import { fillSlot, type LayoutParts } from '../../domain/layout/content.ts';
import type { EmailContent } from '../../domain/template/content.ts';
import type { Problem } from '../../domain/template/problem.ts';
import { readPart } from '../../domain/template/usage.ts';
import type { CompileMjml } from './mjml.ts';

export interface CompiledEmail {
  readonly email: EmailContent;
  readonly problems: readonly Problem[];
}

/**
 * An email as it will be rendered: inside its layout, MJML turned into HTML. Done when a version is
 * published, so that what was sent can be told for ever and sending costs no more than plain HTML.
 *
 * @param path where the email stands, for instance `channels.email`
 */
export const compileEmail = async (
  source: EmailContent,
  layout: LayoutParts | undefined,
  path: string,
  compileMjml: CompileMjml,
): Promise<CompiledEmail> => {
  const { compiled: _, ...email } = source;
  const form = email.mjml === undefined ? 'html' : 'mjml';
  const field = `${path}.${form}`;
  const body = email.mjml ?? email.html;
  const bad = (code: Problem['code'], message: string): CompiledEmail => ({
    email,
    problems: [{ code, field, message }],
  });
  if (email.mjml !== undefined && email.html !== undefined) {
    return bad('BAD_MJML', 'an email is either HTML or MJML');
  }
  if (body === undefined || (!layout && form === 'html')) return { email, problems: [] };
  if (layout && (layout.mjml === undefined) !== (form === 'html')) {
    const wanted = layout.mjml === undefined ? 'HTML' : 'MJML';
    return bad('BAD_LAYOUT', `the layout is ${wanted}, so the email must be ${wanted}, too`);
  }
  const text = layout ? fillSlot(layout.text, email.text) : email.text;
  const whole = layout ? fillSlot(layout.mjml ?? layout.html ?? '', body) : body;
  if (form === 'html')
    return { email: { ...email, compiled: { html: whole, text } }, problems: [] };

  const { program, problems } = readPart({ name: 'mjml', field, source: body });
  if (!program) return { email, problems };
  return compileBody(whole, text, email, field, compileMjml);
};

/** One `{{…}}` with the texts in it, in which braces mean nothing. */
const mustache = /\{\{\{?(?:!--[\s\S]*?--|"[^"]*"|'[^']*'|[^}"'])*\}\}\}?/g;

// A word that is a fit attribute, text and address, so that MJML carries it through unharmed.
const stand = (index: number): string => `tidings${index}mustache`;
const anyStand = /tidings(\d+)mustache/g;

const compileBody = async (
  whole: string,
  text: string,
  email: EmailContent,
  field: string,
  compileMjml: CompileMjml,
): Promise<CompiledEmail> => {
  const pieces: string[] = [];
  const plain = whole.replace(mustache, (piece) => stand(pieces.push(piece) - 1));
  const { html, errors } = await compileMjml(plain);
  const arrived = new Set([...html.matchAll(anyStand)].map(([, index]) => Number(index)));
  const restore = (part: string) =>
    part.replace(anyStand, (_, index) => pieces[Number(index)] ?? '');
  const lost = pieces.filter((piece, index) => !piece.startsWith('{{!') && !arrived.has(index));
  const problems = [
    ...errors.map(({ line, tagName, message }) => `line ${line}, ${tagName}: ${restore(message)}`),
    ...lost.map((piece) => `${piece} stands where MJML drops it: put it into <mj-raw>`),
  ].map((message) => ({ code: 'BAD_MJML' as const, field, message }));
  return { email: { ...email, compiled: { html: restore(html), text } }, problems };
};
