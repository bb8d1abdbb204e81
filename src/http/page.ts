import { createHash } from 'node:crypto';
import type { FastifyReply } from 'fastify';

/** A page of ours that needs nothing from elsewhere. */
export interface Page {
  readonly title: string;
  /** HTML; every value in it is escaped already. */
  readonly body: string;
  readonly style?: string;
  readonly script?: string;
}

/** What a link shows that isn't ours, or was cut; it doesn't say which. */
export const unknownLinkPage: Page = {
  title: 'Link not known',
  body: '<h1>Link not known</h1><p>This link is not complete. Use the one in the message.</p>',
};

const baseStyle = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 42rem; padding: 0 1rem; }
button { font: inherit; padding: .5rem 1rem; }
`;

/** Text as it may stand in HTML. */
export const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const sha256 = (text: string): string =>
  `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Sends a page that may load nothing, run nothing but its own script and be framed by nobody. */
export const sendPage = (reply: FastifyReply, page: Page, status = 200): FastifyReply => {
  const { title, body, style = '', script = '' } = page;
  const css = `${baseStyle}${style}`;
  const policy = [
    "default-src 'none'",
    `style-src ${sha256(css)}`,
    ...(script ? [`script-src ${sha256(script)}`, "connect-src 'self' ws: wss:"] : []),
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  const code = script ? `<script>${script}</script>` : '';
  return reply
    .code(status)
    .type('text/html; charset=utf-8')
    .header('content-security-policy', policy)
    .header('referrer-policy', 'no-referrer')
    .header('cache-control', 'no-store')
    .send(
      `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}</title><style>${css}</style></head><body>${body}${code}</body></html>`,
    );
};
