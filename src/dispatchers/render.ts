import { createHmac } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { partsOf, type TemplateContent } from '../domain/template/content.ts';
import type { Reader } from '../domain/template/formats.ts';
import { formattingLocale, variantFor } from '../domain/template/locale.ts';
import { compilePart, type Fill } from '../domain/template/rendering.ts';
import type { Channel } from '../domain/vocabulary.ts';

/** The parts of one channel with their variables filled in: `subject`, `html`, `text`, `body`, `title` … */
export type RenderedParts = Readonly<Record<string, string>>;

export interface Renderer {
  /**
   * Fills in a published version, in the reader's language where it has it, with times in the reader's
   * zone. Rendering is strict: a variable that isn't there is an error.
   *
   * @throws Error when the template can't be rendered with these variables
   */
  render(
    template: {
      readonly name: string;
      readonly version: number;
      readonly content: TemplateContent;
    },
    channel: Channel,
    variables: Readonly<Record<string, unknown>>,
    reader: Reader,
  ): RenderedParts;
}

type Compiled = readonly (readonly [part: string, fill: Fill])[];

// Parts that become a header or a single line somewhere: no line breaks, no control characters (facts H3).
const oneLine = new Set(['subject', 'title']);
const controls = /[\p{Cc}\u2028\u2029]+/gu;

/** Compiled versions are kept, by language and channel, since a published version never changes. */
export const createRenderer = (): Renderer => {
  const compiled = new LRUCache<string, Compiled>({ max: 5_000 });
  return {
    render: ({ name, version, content }, channel, variables, reader) => {
      const { locale, channels } = variantFor(content, channel, reader.locale);
      const key = `${name}|${version}|${channel}|${locale}`;
      let parts = compiled.get(key);
      if (!parts) {
        parts = partsOf(channels)
          .filter((part) => part.channel === channel)
          .map((part) => [part.name, compilePart(part)] as const);
        compiled.set(key, parts);
      }
      const inTheirWay = { ...reader, locale: formattingLocale(locale, reader.locale) };
      return Object.fromEntries(
        parts.map(([part, fill]) => {
          const text = fill(variables, inTheirWay);
          return [part, oneLine.has(part) ? text.replace(controls, ' ') : text];
        }),
      );
    },
  };
};

/** Proves later what was sent, without telling it: keyed, because one-time codes can be guessed. */
export const contentHash = (parts: RenderedParts, secret: string): string =>
  createHmac('sha256', secret).update(JSON.stringify(parts)).digest('base64url');
