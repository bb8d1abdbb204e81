import type { DemoLayout } from '../input.ts';
import { brand } from './mail.ts';

const postalAddress = 'Larkspur Ltd, 100 Example Street, Springfield 00100';

const mjmlOf = (lang: string, footer: readonly string[]): string => `<mjml lang="${lang}">
<mj-head>
<mj-attributes>
<mj-all font-family="-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif" />
<mj-text font-size="16px" line-height="24px" color="#1d2530" />
<mj-button background-color="#3d4f8a" color="#ffffff" border-radius="6px" font-size="16px" />
</mj-attributes>
</mj-head>
<mj-body background-color="#f2f4f7" width="560px">
<mj-section background-color="#3d4f8a"><mj-column>
<mj-text color="#ffffff" font-size="20px" font-weight="700">${brand}</mj-text>
</mj-column></mj-section>
{{{content}}}
<mj-section background-color="#ffffff"><mj-column>
${footer.map((line) => `<mj-text font-size="12px" line-height="18px" color="#5b6470">${line}</mj-text>`).join('\n')}
</mj-column></mj-section>
</mj-body>
</mjml>`;

const textOf = (footer: readonly string[]): string => `{{{content}}}

-- 
${footer.join('\n')}
`;

const parts = (lang: string, ...footer: readonly string[]) => ({
  mjml: mjmlOf(lang, footer),
  text: textOf(footer),
});

/** Why the reader gets this mail; marketing says who sends it and how to leave (CAN-SPAM). */
const newsParts = (lang: string, why: string, leave: string) => ({
  mjml: mjmlOf(lang, [
    why,
    '{{postalAddress}}',
    `<a href="{{unsubscribeUrl}}" style="color:#5b6470">${leave}</a>`,
  ]),
  text: textOf([why, '{{postalAddress}}', `${leave}: {{unsubscribeUrl}}`]),
});

/** What stands around the demo's mails: one layout for news, one for everything else. */
export const demoLayouts: readonly DemoLayout[] = [
  {
    name: 'larkspur',
    ...parts('en', `${brand} sent this mail because of something that happened in your account.`),
    translations: {
      de: parts('de', `${brand} schreibt Ihnen, weil sich in Ihrem Konto etwas getan hat.`),
      ja: parts(
        'ja',
        `このメールは、お客様のアカウントに関するお知らせとして${brand}がお送りしました。`,
      ),
      ru: parts('ru', `${brand} пишет вам из-за события в вашей учётной записи.`),
    },
  },
  {
    name: 'larkspur_news',
    ...newsParts('en', `You get this mail because you chose news from ${brand}.`, 'Unsubscribe'),
    postalAddress,
    translations: {
      de: newsParts('de', `Sie haben Neuigkeiten von ${brand} bestellt.`, 'Abbestellen'),
      ja: newsParts('ja', `${brand}からのお知らせをご希望の方にお送りしています。`, '配信停止'),
    },
  },
];
