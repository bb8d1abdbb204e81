import type { Category, Channel, Priority } from '../vocabulary.ts';

/** What the parts for a channel that leaves by a provider have in common. */
interface Routed {
  /** The provider that is asked first, where the route of the channel has it. */
  readonly provider?: string;
}

/** The parts of an email: HTML by hand or from MJML, and always plain text beside it. */
export interface EmailContent extends Routed {
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
  readonly sms?: Routed & { readonly body: string };
  readonly push?: Routed & {
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

/** What an email tells of its reading, over providers that don't tell it themselves. */
export interface Tracking {
  /** By a picture of one pixel. */
  readonly opens: boolean;
  /** By links that lead over this server. */
  readonly clicks: boolean;
}

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
  /** Nothing when absent; see `domain/policy/tracking.ts`. */
  readonly tracking?: Tracking;
  /** The short form of `schema`: each of them required. */
  readonly variables: readonly TemplateVariable[];
  /** What a request may pass; what `variables` says when absent. */
  readonly schema?: JsonSchema;
}

/** A version before it is published: the layout may be named without its version. */
export type TemplateSource = Omit<TemplateContent, 'layout'> & {
  readonly layout?: { readonly name: string; readonly version?: number };
};

/** The locale of `channels` where none is named. */
export const fallbackLocale = 'en';

/** Variables that every template may use and no caller passes. */
export const builtInVariables = [
  'userName',
  'unsubscribeUrl',
  'preferencesUrl',
  'postalAddress',
] as const;

/** One text of a template and where it stands, for instance `channels.sms.body`. */
export interface Part {
  readonly channel: Channel;
  readonly name: string;
  readonly field: string;
  readonly source: string;
}

/** The parts of a template's channels as they are rendered. */
export const partsOf = (templateChannels: TemplateChannels, path = 'channels'): readonly Part[] => {
  const { email, sms, push, in_app: inApp } = templateChannels;
  const parts: Part[] = [];
  const add = (channel: Channel, name: string, source: string | undefined) => {
    if (source === undefined) return;
    parts.push({ channel, name, field: `${path}.${channel}.${name}`, source });
  };
  add('email', 'subject', email?.subject);
  const html = email?.compiled?.html ?? email?.html;
  if (html !== undefined) {
    const source = email?.mjml === undefined ? 'html' : 'mjml';
    parts.push({ channel: 'email', name: 'html', field: `${path}.email.${source}`, source: html });
  }
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

/** The provider that a version wants to be asked first on a channel. */
export const preferredProvider = (
  { channels: { email, sms, push } }: Pick<TemplateContent, 'channels'>,
  channel: Channel,
): string | undefined =>
  channel === 'in_app' ? undefined : { email, sms, push }[channel]?.provider;

export const offers = (content: TemplateContent, channel: Channel): boolean =>
  content.channels[channel] !== undefined;

/** A template's channels in each of its languages, the default one first. */
export const variantsOf = (
  content: Pick<TemplateContent, 'channels' | 'defaultLocale' | 'locales'>,
): readonly {
  readonly locale: string;
  readonly path: string;
  readonly channels: TemplateChannels;
}[] => [
  { locale: content.defaultLocale ?? fallbackLocale, path: 'channels', channels: content.channels },
  ...Object.entries(content.locales ?? {}).map(([locale, translated]) => ({
    locale,
    path: `locales.${locale}`,
    channels: translated,
  })),
];
