import { createHmac } from 'node:crypto';
import Handlebars from 'handlebars';
import { LRUCache } from 'lru-cache';
import { partsOf, type TemplateContent } from '../domain/template/content.ts';
import type { Channel, Variables } from '../domain/vocabulary.ts';

/** The parts of one channel with their variables filled in: `subject`, `html`, `text`, `body`, `title`. */
export type RenderedParts = Readonly<Record<string, string>>;

export interface Renderer {
  /**
   * Fills in a published version. Rendering is strict: a variable that isn't there is an error.
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
    variables: Variables,
  ): RenderedParts;
}

type Compiled = readonly (readonly [part: string, render: HandlebarsTemplateDelegate])[];

// Parts that become a header or a single line somewhere: no line breaks, no control characters (facts H3).
const oneLine = new Set(['subject', 'title']);
const controls = /[\p{Cc}\u2028\u2029]+/gu;

/** Compiled versions are kept, since a published version never changes. */
export const createRenderer = (): Renderer => {
  const handlebars = Handlebars.create();
  const compiled = new LRUCache<string, Compiled>({ max: 2_000 });

  const compile = (content: TemplateContent, channel: Channel): Compiled =>
    partsOf(content.channels).flatMap((part) => {
      if (part.channel !== channel) return [];
      const options = { strict: true, noEscape: !part.html, knownHelpersOnly: true };
      return [[part.name, handlebars.compile(part.source, options)] as const];
    });

  return {
    render: ({ name, version, content }, channel, variables) => {
      const key = `${name}|${version}|${channel}`;
      let parts = compiled.get(key);
      if (!parts) {
        parts = compile(content, channel);
        compiled.set(key, parts);
      }
      return Object.fromEntries(
        parts.map(([part, fill]) => {
          const text = fill(variables);
          return [part, oneLine.has(part) ? text.replace(controls, ' ') : text];
        }),
      );
    },
  };
};

/** Proves later what was sent, without telling it: keyed, because one-time codes can be guessed. */
export const contentHash = (parts: RenderedParts, secret: string): string =>
  createHmac('sha256', secret).update(JSON.stringify(parts)).digest('base64url');
