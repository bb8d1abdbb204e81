/** What stands around an email, in one language. Its slot is `{{{content}}}`, once in each part. */
export interface LayoutParts {
  readonly html?: string;
  /** With its `<mjml>`; templates inside it are MJML, too. Either this or `html`. */
  readonly mjml?: string;
  readonly text: string;
}

/** One version of a layout; it never changes once published. */
export interface LayoutContent extends LayoutParts {
  /** BCP 47; `en` when absent. */
  readonly defaultLocale?: string;
  /** Translations by BCP 47 locale. */
  readonly locales?: Readonly<Record<string, LayoutParts>>;
  /** What `{{postalAddress}}` stands for in templates that bring none (facts L3). */
  readonly postalAddress?: string;
}

/** Where the email stands in its layout. */
const slot = /\{\{\{\s*content\s*\}\}\}/g;

export const slotsIn = (part: string): number => part.match(slot)?.length ?? 0;

export const fillSlot = (part: string, content: string): string =>
  part.replace(slot, () => content);
