import type { DemoTemplate } from './input.ts';

type Category = DemoTemplate['category'];
type Channels = DemoTemplate['channels'];

/** The content of one mail, from which both its HTML and its text are made. Handlebars throughout. */
interface Mail {
  readonly subject: string;
  /** What mailboxes show beside the subject. */
  readonly preview: string;
  readonly paragraphs: readonly string[];
  /** A code or an amount, shown large. */
  readonly figure?: string;
  readonly facts?: readonly (readonly [label: string, value: string])[];
  /** Label, and the name of the variable that holds the address. */
  readonly button?: readonly [label: string, url: string];
}

const brand = 'Larkspur';
const postalAddress = 'Larkspur Ltd, 100 Example Street, Springfield 00100';
const font = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";

/** Why the reader gets this mail; marketing must say who sends it and how to leave (CAN-SPAM). */
const footer = (category: Category, unsubscribe: string): readonly string[] =>
  category === 'marketing'
    ? [`You get this mail because you chose news from ${brand}.`, postalAddress, unsubscribe]
    : [`${brand} sent this mail because of something that happened in your account.`];

const row = (padding: string, style: string, content: string) =>
  `<tr><td style="padding:${padding};${style}">${content}</td></tr>`;

const table = (attributes: string, rows: readonly string[]) =>
  `<table role="presentation" cellpadding="0" cellspacing="0" border="0" ${attributes}>\n${rows.join('\n')}\n</table>`;

const factsTable = (facts: NonNullable<Mail['facts']>) =>
  table(
    `width="100%" style="border-top:1px solid #e3e6ea;${font};font-size:14px"`,
    facts.map(([label, value]) => {
      const cell = 'padding:8px 0;border-bottom:1px solid #e3e6ea';
      return `<tr><td style="${cell};color:#5b6470">${label}</td><td align="right" style="${cell};color:#1d2530">${value}</td></tr>`;
    }),
  );

const htmlOf = (mail: Mail, category: Category): string => {
  const text = 'font-size:16px;line-height:24px;color:#1d2530';
  const body = [
    row('24px 32px', 'font-size:20px;font-weight:700;color:#ffffff;background:#3d4f8a', brand),
    row('32px 32px 8px', text, 'Hello <span dir="auto">{{userName}}</span>,'),
    ...mail.paragraphs.map((paragraph) => row('8px 32px', text, paragraph)),
    ...(mail.figure
      ? [row('16px 32px', 'font-size:32px;font-weight:700;letter-spacing:2px', mail.figure)]
      : []),
    ...(mail.facts ? [row('16px 32px', text, factsTable(mail.facts))] : []),
    ...(mail.button
      ? [
          row(
            '16px 32px 32px',
            text,
            `<a href="{{${mail.button[1]}}}" style="display:inline-block;padding:12px 24px;border-radius:6px;background:#3d4f8a;color:#ffffff;text-decoration:none">${mail.button[0]}</a>`,
          ),
        ]
      : []),
    ...footer(category, '<a href="{{unsubscribeUrl}}" style="color:#5b6470">Unsubscribe</a>').map(
      (line) => row('4px 32px', 'font-size:12px;line-height:18px;color:#5b6470', line),
    ),
    row('0 0 20px', 'font-size:0', ''),
  ];
  const card = table(
    `width="560" style="width:100%;max-width:560px;background:#ffffff;border-radius:8px;${font}"`,
    body,
  );
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>${mail.subject}</title>
</head>
<body style="margin:0;padding:0;background:#f2f4f7">
<div style="display:none;max-height:0;overflow:hidden">${mail.preview}</div>
${table('width="100%" style="background:#f2f4f7"', [`<tr><td align="center" style="padding:24px 12px">`, card, '</td></tr>'])}
</body>
</html>
`;
};

const textOf = (mail: Mail, category: Category): string =>
  [
    'Hello {{userName}},',
    ...mail.paragraphs,
    ...(mail.figure ? [mail.figure] : []),
    ...(mail.facts ? [mail.facts.map(([label, value]) => `${label}: ${value}`).join('\n')] : []),
    ...(mail.button ? [`${mail.button[0]}: {{${mail.button[1]}}}`] : []),
    `-- \n${footer(category, 'Unsubscribe: {{unsubscribeUrl}}').join('\n')}`,
  ].join('\n\n') + '\n';

const template = (
  about: Omit<DemoTemplate, 'channels'>,
  mail: Mail,
  short: Required<Omit<Channels, 'email'>>,
): DemoTemplate => {
  const { category } = about;
  const email = {
    subject: mail.subject,
    html: htmlOf(mail, category),
    text: textOf(mail, category),
  };
  return { ...about, channels: { email, ...short } };
};

const text = (...names: readonly string[]) =>
  names.map((name) => ({ name, type: 'string' as const }));
const numeric = (name: string) => ({ name, type: 'number' as const });
const flag = (name: string) => ({ name, type: 'boolean' as const });

/** The eight templates of the demo, each with content for all four channels. */
export const demoTemplates: readonly DemoTemplate[] = [
  template(
    {
      name: 'welcome',
      category: 'transactional',
      priority: 'normal',
      variables: [...text('planName', 'startUrl'), numeric('trialDays'), flag('invited')],
    },
    {
      subject: `Welcome to ${brand}, {{userName}}`,
      preview: 'Your account is ready.',
      paragraphs: [
        '{{#if invited}}Your team is waiting for you. {{/if}}Your account is ready, on the {{planName}} plan.',
        'You can try everything for {{trialDays}} days. We tell you before the trial ends.',
      ],
      button: ['Set up your account', 'startUrl'],
    },
    {
      sms: {
        body: `${brand}: your account is ready. Try {{planName}} for {{trialDays}} days: {{startUrl}}`,
      },
      push: { title: `Welcome to ${brand}`, body: 'Your {{planName}} account is ready.' },
      in_app: {
        title: 'Welcome, {{userName}}',
        body: '{{#if invited}}Your team is waiting for you. {{/if}}You have {{trialDays}} days to try {{planName}}.',
      },
    },
  ),
  template(
    {
      name: 'order_shipped',
      category: 'transactional',
      priority: 'normal',
      variables: [
        ...text('orderNumber', 'productName', 'carrier', 'trackingNumber', 'trackingUrl'),
        ...text('city', 'deliveryDate'),
        numeric('itemCount'),
        flag('signatureRequired'),
      ],
    },
    {
      subject: 'Order {{orderNumber}} is on its way',
      preview: '{{carrier}} brings it on {{deliveryDate}}.',
      paragraphs: [
        'Your order has left our warehouse and is on its way to {{city}}.',
        '{{#if signatureRequired}}Someone has to sign for it.{{else}}Nobody has to be at home.{{/if}}',
      ],
      facts: [
        ['Order', '{{orderNumber}}'],
        ['First item', '{{productName}}'],
        ['Number of items', '{{itemCount}}'],
        ['Carrier', '{{carrier}} {{trackingNumber}}'],
        ['Expected', '{{deliveryDate}}'],
      ],
      button: ['Track the parcel', 'trackingUrl'],
    },
    {
      sms: {
        body: `${brand}: order {{orderNumber}} arrives on {{deliveryDate}}. Track it: {{trackingUrl}}`,
      },
      push: {
        title: 'On its way',
        body: '{{productName}} arrives on {{deliveryDate}} with {{carrier}}.',
      },
      in_app: {
        title: 'Order {{orderNumber}} has shipped',
        body: 'To {{city}}, expected on {{deliveryDate}}. Items: {{itemCount}}.',
      },
    },
  ),
  template(
    {
      name: 'password_reset',
      category: 'transactional',
      priority: 'high',
      variables: [...text('resetUrl', 'device', 'city'), numeric('expiresInMinutes')],
    },
    {
      subject: 'Choose a new password',
      preview: 'The link works for {{expiresInMinutes}} minutes.',
      paragraphs: [
        'Someone asked for a new password for your account, on {{device}} near {{city}}.',
        'If it was you, choose it within {{expiresInMinutes}} minutes. If not, ignore this mail: nothing has changed.',
      ],
      button: ['Choose a new password', 'resetUrl'],
    },
    {
      sms: {
        body: `${brand}: choose a new password within {{expiresInMinutes}} minutes: {{resetUrl}} Not you? Ignore this.`,
      },
      push: {
        title: 'New password asked for',
        body: 'On {{device}} near {{city}}. Not you? Ignore this.',
      },
      in_app: {
        title: 'New password asked for',
        body: 'On {{device}} near {{city}}. The link works for {{expiresInMinutes}} minutes.',
      },
    },
  ),
  template(
    {
      name: 'invoice_due',
      category: 'transactional',
      priority: 'normal',
      variables: [...text('invoiceNumber', 'amount', 'dueDate', 'payUrl'), flag('overdue')],
    },
    {
      subject:
        'Invoice {{invoiceNumber}} {{#if overdue}}was due{{else}}is due{{/if}} on {{dueDate}}',
      preview: '{{amount}} for invoice {{invoiceNumber}}.',
      paragraphs: [
        '{{#if overdue}}We have not seen your payment yet.{{else}}This is a reminder of your next payment.{{/if}} If you paid in the last two days, there is nothing to do.',
      ],
      figure: '{{amount}}',
      facts: [
        ['Invoice', '{{invoiceNumber}}'],
        ['Due', '{{dueDate}}'],
      ],
      button: ['Pay now', 'payUrl'],
    },
    {
      sms: {
        body: `${brand}: invoice {{invoiceNumber}}, {{amount}}, due {{dueDate}}. Pay: {{payUrl}}`,
      },
      push: {
        title: '{{#if overdue}}Invoice overdue{{else}}Invoice due{{/if}}',
        body: '{{amount}} on {{dueDate}}, invoice {{invoiceNumber}}.',
      },
      in_app: {
        title: 'Invoice {{invoiceNumber}}',
        body: '{{amount}} {{#if overdue}}was due{{else}}is due{{/if}} on {{dueDate}}.',
      },
    },
  ),
  template(
    {
      name: 'security_alert',
      category: 'system',
      priority: 'urgent',
      variables: [...text('device', 'city', 'signedInAt', 'reviewUrl'), flag('newDevice')],
    },
    {
      subject: 'New sign-in to your account',
      preview: '{{device}} near {{city}}, {{signedInAt}}.',
      paragraphs: [
        'Someone signed in to your account{{#if newDevice}} on a device that we had not seen before{{/if}}.',
        'If it was you, there is nothing to do. If not, secure your account now.',
      ],
      facts: [
        ['Device', '{{device}}'],
        ['Near', '{{city}}'],
        ['When', '{{signedInAt}}'],
      ],
      button: ['Secure your account', 'reviewUrl'],
    },
    {
      sms: {
        body: `${brand}: sign-in on {{device}} near {{city}}. Not you? {{reviewUrl}}`,
      },
      push: { title: 'New sign-in', body: '{{device}} near {{city}}. Was it you?' },
      in_app: {
        title: 'New sign-in{{#if newDevice}} on a new device{{/if}}',
        body: '{{device}} near {{city}}, {{signedInAt}}.',
      },
    },
  ),
  template(
    {
      name: 'weekly_digest',
      category: 'marketing',
      priority: 'low',
      variables: [
        ...text('weekOf', 'highlight', 'digestUrl'),
        numeric('newMessages'),
        numeric('openTasks'),
      ],
    },
    {
      subject: 'Your week from {{weekOf}}',
      preview: '{{highlight}}',
      paragraphs: ['This is what happened while you were busy.', '{{highlight}}'],
      facts: [
        ['New messages', '{{newMessages}}'],
        ['Open tasks', '{{openTasks}}'],
      ],
      button: ['Read the digest', 'digestUrl'],
    },
    {
      sms: {
        body: `${brand} week: {{newMessages}} messages, {{openTasks}} tasks. {{digestUrl}} Reply STOP to leave.`,
      },
      push: { title: 'Your week', body: '{{highlight}}' },
      in_app: {
        title: 'Your week from {{weekOf}}',
        body: '{{newMessages}} new messages, {{openTasks}} open tasks. {{highlight}}',
      },
    },
  ),
  template(
    {
      name: 'product_update',
      category: 'marketing',
      priority: 'low',
      variables: [
        ...text('featureName', 'summary', 'releaseVersion', 'learnMoreUrl'),
        flag('requiresUpdate'),
      ],
    },
    {
      subject: `New in ${brand}: {{featureName}}`,
      preview: '{{summary}}',
      paragraphs: [
        '{{summary}}',
        '{{#if requiresUpdate}}Update your app to version {{releaseVersion}} to use it.{{else}}It is there already, in version {{releaseVersion}}.{{/if}}',
      ],
      button: ['See how it works', 'learnMoreUrl'],
    },
    {
      sms: {
        body: `New in ${brand}: {{featureName}}. {{learnMoreUrl}} Reply STOP to leave.`,
      },
      push: { title: 'New: {{featureName}}', body: '{{summary}}' },
      in_app: {
        title: 'New: {{featureName}}',
        body: '{{summary}}{{#if requiresUpdate}} Needs version {{releaseVersion}}.{{/if}}',
      },
    },
  ),
  template(
    {
      name: 'one_time_code',
      category: 'transactional',
      priority: 'urgent',
      variables: [...text('code', 'purpose'), numeric('expiresInMinutes')],
    },
    {
      subject: '{{code}} is your code',
      preview: 'To {{purpose}}. It works for {{expiresInMinutes}} minutes.',
      paragraphs: [
        'Use this code to {{purpose}}. It works for {{expiresInMinutes}} minutes.',
        'Nobody from our team will ever ask you for it.',
      ],
      figure: '{{code}}',
    },
    {
      sms: {
        body: `{{code}} is your ${brand} code to {{purpose}}. It works for {{expiresInMinutes}} minutes.`,
      },
      push: { title: 'Your code', body: '{{code}}, to {{purpose}}.' },
      in_app: {
        title: 'Your code is {{code}}',
        body: 'To {{purpose}}, within {{expiresInMinutes}} minutes.',
      },
    },
  ),
];
