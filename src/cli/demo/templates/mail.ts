import type { DemoChannels, DemoTemplate } from '../input.ts';

/** The content of one mail, from which both its MJML and its text are made. Handlebars throughout. */
interface Mail {
  readonly subject: string;
  /** What mailboxes show beside the subject. */
  readonly preview: string;
  readonly greeting?: string;
  readonly paragraphs: readonly string[];
  /** A code or an amount, shown large. */
  readonly figure?: string;
  readonly facts?: readonly (readonly [label: string, value: string])[];
  /** The name of a list, and what is said of each of its items. */
  readonly list?: readonly [name: string, line: string];
  /** Label, and the name of the variable that holds the address. */
  readonly button?: readonly [label: string, url: string];
}

/** What a template says in one language. */
export interface Words extends Required<Omit<DemoChannels, 'email'>> {
  readonly mail: Mail;
}

export const brand = 'Larkspur';

const hidden = 'display:none;max-height:0;overflow:hidden';

const factsTable = (facts: NonNullable<Mail['facts']>): string => {
  const cell = 'padding:8px 0;border-bottom:1px solid #e3e6ea';
  const rows = facts.map(
    ([label, value]) =>
      `<tr><td style="${cell};color:#5b6470">${label}</td><td align="right" style="${cell}">${value}</td></tr>`,
  );
  return `<mj-table>${rows.join('')}</mj-table>`;
};

const mjmlOf = (mail: Mail): string =>
  [
    `<mj-raw><div style="${hidden}">${mail.preview}</div></mj-raw>`,
    '<mj-section background-color="#ffffff"><mj-column>',
    `<mj-text>${mail.greeting ?? 'Hello <span dir="auto">{{userName}}</span>,'}</mj-text>`,
    ...mail.paragraphs.map((paragraph) => `<mj-text>${paragraph}</mj-text>`),
    ...(mail.list
      ? [
          `<mj-table>{{#each ${mail.list[0]}}}<tr><td style="padding:4px 0">${mail.list[1]}</td></tr>{{/each}}</mj-table>`,
        ]
      : []),
    ...(mail.figure
      ? [`<mj-text font-size="32px" line-height="40px" font-weight="700">${mail.figure}</mj-text>`]
      : []),
    ...(mail.facts ? [factsTable(mail.facts)] : []),
    ...(mail.button
      ? [`<mj-button href="{{url ${mail.button[1]}}}">${mail.button[0]}</mj-button>`]
      : []),
    '</mj-column></mj-section>',
  ].join('\n');

const withoutMarkup = (line: string): string => line.replace(/<[^>]*>/g, '');

const textOf = (mail: Mail): string =>
  [
    withoutMarkup(mail.greeting ?? 'Hello {{userName}},'),
    ...mail.paragraphs,
    ...(mail.list
      ? [`{{#each ${mail.list[0]}}}\n- ${withoutMarkup(mail.list[1])}\n{{/each}}`]
      : []),
    ...(mail.figure ? [mail.figure] : []),
    ...(mail.facts ? [mail.facts.map(([label, value]) => `${label}: ${value}`).join('\n')] : []),
    ...(mail.button ? [`${mail.button[0]}: {{url ${mail.button[1]}}}`] : []),
  ].join('\n\n');

const channelsOf = ({ mail, ...short }: Words): Required<DemoChannels> => ({
  email: { subject: mail.subject, mjml: mjmlOf(mail), text: textOf(mail) },
  ...short,
});

/** A template from its words in English and in other languages. */
export const template = (
  about: Omit<DemoTemplate, 'channels' | 'translations'>,
  words: Words,
  translations: Readonly<Record<string, Words>> = {},
): DemoTemplate => ({
  ...about,
  channels: channelsOf(words),
  translations: Object.fromEntries(
    Object.entries(translations).map(([locale, said]) => [locale, channelsOf(said)]),
  ),
});
