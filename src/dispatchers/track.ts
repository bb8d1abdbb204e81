import type { PolicyRules } from '../domain/policy/rules.ts';
import { trackingOf } from '../domain/policy/tracking.ts';
import type { TemplateContent } from '../domain/template/content.ts';
import type { RegisteredUser } from '../domain/user/state.ts';
import type { Links, Request } from './compose.ts';
import { tellsReading } from './providers/registry.ts';
import type { RenderedParts } from './render.ts';
import { trackedHtml } from './trackedHtml.ts';

export interface TrackPorts {
  readonly links: Links;
  readonly rules: PolicyRules;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** A longer link stays as it is: it would make a longer one than mail programs take. */
const longestLink = 2_000;

/** The parts of an email with what tells of its reading, where that is asked for and allowed. */
export const track = (
  { links, rules, now }: TrackPorts,
  parts: RenderedParts,
  {
    request: { notificationId, userId, channel, category },
    user,
    content,
    provider,
  }: {
    readonly request: Request;
    readonly user: RegisteredUser;
    readonly content: TemplateContent;
    readonly provider: string;
  },
): RenderedParts => {
  const html = parts['html'];
  if (channel !== 'email' || html === undefined) return parts;
  const at = new Date(now()).toISOString();
  const providerTells = tellsReading(provider);
  const { opens, clicks } = trackingOf({ content, user, rules, providerTells, at });
  if (!opens && !clicks) return parts;
  const own = [links.unsubscribe(userId, channel, category), links.preferences(userId)];
  const leads = (url: string) =>
    URL.canParse(url) &&
    /^https?:$/.test(new URL(url).protocol) &&
    url.length <= longestLink &&
    !own.some((one) => url.startsWith(one));
  const marked = trackedHtml(html, {
    ...(opens ? { pixel: links.opened(notificationId) } : {}),
    link: (url) => (clicks && leads(url) ? links.clicked(notificationId, url) : undefined),
  });
  return { ...parts, html: marked };
};
