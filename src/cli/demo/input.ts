/** The channels that a demo notification can go over. */
export type DemoChannel = 'email' | 'sms' | 'push' | 'in_app';

/** What a message is for; decides which preferences apply to it. */
export type DemoCategory = 'transactional' | 'marketing' | 'system';

/** A person the demo writes to. Invented: any likeness to a living person is chance. */
export interface DemoUser {
  /** Opaque; never looks like an address. */
  readonly userId: string;
  readonly name: string;
  /** On a domain reserved by RFC 2606. A local part that starts with `bounce` no longer exists. */
  readonly email: string;
  /** E.164, from a range that no subscriber has; unique per user. */
  readonly phone: string;
  /** IANA name. */
  readonly timezone: string;
  /** BCP 47. */
  readonly locale: string;
  /** At least one. A token that starts with `dead` belongs to an app that was uninstalled. */
  readonly deviceTokens: readonly string[];
  /** Said yes to offers by text message; without it they may not be sent (facts L15). */
  readonly wantsOffersBySms: boolean;
  /** `false` means opted out; what isn't named was never chosen. */
  readonly preferences: {
    readonly [channel in DemoChannel]?: { readonly [category in DemoCategory]?: boolean };
  };
}

/** What a template of the demo says on each channel, in Handlebars. */
export interface DemoChannels {
  readonly email?: { readonly subject: string; readonly mjml: string; readonly text: string };
  readonly sms?: { readonly body: string };
  readonly push?: {
    readonly title: string;
    readonly body: string;
    readonly data?: Readonly<Record<string, string>>;
  };
  readonly in_app?: { readonly title: string; readonly body: string; readonly actionUrl?: string };
}

/** A template of the demo, with content for every channel it can go over. */
export interface DemoTemplate {
  /** snake_case. */
  readonly name: string;
  readonly category: DemoCategory;
  readonly priority: 'low' | 'normal' | 'high' | 'urgent';
  readonly purpose?: 'security' | 'oneTimeCode';
  /** The name of the layout around its mails. */
  readonly layout: string;
  readonly channels: DemoChannels;
  /** By locale. What a request must pass is inferred from all the texts. */
  readonly translations: Readonly<Record<string, DemoChannels>>;
}

interface DemoLayoutParts {
  readonly mjml: string;
  readonly text: string;
}

/** What stands around mails, in MJML. */
export interface DemoLayout extends DemoLayoutParts {
  readonly name: string;
  readonly postalAddress?: string;
  readonly translations: Readonly<Record<string, DemoLayoutParts>>;
}

/** What a request passes to a template. */
export type DemoValues = Readonly<
  Record<
    string,
    string | number | boolean | readonly { readonly title: string; readonly link: string }[]
  >
>;
