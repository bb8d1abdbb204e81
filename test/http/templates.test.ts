import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openShop, requestDocument, type Shop } from './shop.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.api.close());

const publishLayout = `mutation ($content: LayoutInput!) {
  publishLayout(name: "shop", content: $content) { layout { name versions { version postalAddress } } }
}`;
const layout = {
  mjml: '<mjml><mj-body>{{{content}}}<mj-section><mj-column><mj-text>{{postalAddress}} <a href="{{unsubscribeUrl}}">Leave</a></mj-text></mj-column></mj-section></mj-body></mjml>',
  text: '{{{content}}}\n-- \n{{postalAddress}}\n{{unsubscribeUrl}}',
  postalAddress: 'Shop Ltd, 1 Example Street, Springfield 00100',
};
const news = {
  category: 'MARKETING',
  layout: { name: 'shop' },
  tracking: { opens: true },
  channels: {
    email: {
      subject: 'News of {{date day}}',
      mjml: `<mj-section><mj-column><mj-table>{{#each items}}<tr><td><a href="{{url link}}">{{title}}</a> {{currency price 'EUR'}}</td></tr>{{/each}}</mj-table></mj-column></mj-section>`,
      text: "{{#each items}}{{title}}: {{currency price 'EUR'}}\n{{/each}}",
    },
    sms: { body: "{{plural (default count 0) one='# offer' other='# offers'}} STOP" },
    push: { title: 'News', body: '{{date day}}', data: { day: '{{day}}' } },
    inApp: {
      title: 'News',
      body: '{{date day}}',
      actionUrl: "{{url 'https://shop.example/' day}}",
    },
  },
  translations: [
    {
      locale: 'ja',
      channels: { sms: { body: "お知らせ{{plural (default count 0) other='#件'}}" } },
    },
  ],
};
const variables = {
  day: '2027-03-01',
  items: [{ title: 'Tea', link: 'https://shop.example/tea', price: 4.5 }],
};

interface Shown {
  readonly parts: readonly {
    readonly name: string;
    readonly channel: string;
    readonly locale: string;
    readonly text: string;
  }[];
}

interface Validated {
  readonly valid: boolean;
  readonly problems: readonly { readonly code: string; readonly field: string }[];
}

const validate = (content: object) =>
  shop.ask(
    `query ($content: TemplateContentInput!) {
      validateTemplate(content: $content) { valid schema problems { code field message } }
    }`,
    { content },
  );

describe('a template with a layout, MJML and languages', () => {
  test('is drafted, seen, published, activated, asked for, rolled back', async () => {
    const laid = await shop.ask(publishLayout, { content: layout });
    expect(laid.data).toEqual({
      publishLayout: {
        layout: { name: 'shop', versions: [{ version: 1, postalAddress: layout.postalAddress }] },
      },
    });
    const draft = await shop.ask(
      `mutation ($input: CreateTemplateInput!) {
        saveTemplateDraft(input: $input) { template { activeVersion draft { layout { name version } } } }
      }`,
      { input: { name: 'news', description: 'What is new', content: news } },
    );
    expect(draft.data).toEqual({
      saveTemplateDraft: {
        template: { activeVersion: null, draft: { layout: { name: 'shop', version: null } } },
      },
    });
    const preview = await shop.ask(
      `query ($variables: JSONObject) {
        previewTemplate(name: "news", draft: true, locale: "ja-JP", timezone: "Asia/Tokyo", variables: $variables) {
          version parts { channel name locale text } sms { encoding segments characters } problems { code }
        }
      }`,
      { variables },
    );
    expect(preview.errors).toBeUndefined();
    expect(preview.data).toMatchObject({
      previewTemplate: {
        version: null,
        sms: { encoding: 'UCS-2', segments: 1, characters: 6 },
        problems: [],
      },
    });
    const { parts } = (preview.data as { readonly previewTemplate: Shown }).previewTemplate;
    const part = (channel: string, name: string) =>
      parts.find((one) => one.channel === channel && one.name === name);
    expect(part('SMS', 'body')).toMatchObject({ locale: 'ja', text: 'お知らせ3件' });
    expect(part('EMAIL', 'subject')).toMatchObject({ locale: 'en', text: 'News of March 1, 2027' });
    expect(part('EMAIL', 'html')?.text).toContain(
      '<a href="https://shop.example/tea">Tea</a> €4.50',
    );
    expect(part('EMAIL', 'html')?.text).toContain(layout.postalAddress);
    expect(part('PUSH', 'data.day')?.text).toBe('2027-03-01');
    expect(part('IN_APP', 'actionUrl')?.text).toBe('https://shop.example/2027-03-01');

    const published = await shop.ask(`mutation {
      first: publishTemplateVersion(name: "news") { template { draft { category } versions { version } } }
      activateTemplateVersion(name: "news", version: 1) {
        template { version { layout { name version } schema postalAddress tracking { opens clicks } translations { locale } } }
      }
    }`);
    expect(published.data).toMatchObject({
      first: { template: { draft: null, versions: [{ version: 1 }] } },
      activateTemplateVersion: {
        template: {
          version: {
            layout: { name: 'shop', version: 1 },
            postalAddress: layout.postalAddress,
            tracking: { opens: true, clicks: false },
            translations: [{ locale: 'ja' }],
            schema: { required: ['day', 'items'] },
          },
        },
      },
    });

    const input = { userId: 'ada', channel: 'EMAIL', template: 'news', variables };
    const asked = await shop.ask(requestDocument, { input });
    expect(asked.data).toMatchObject({
      requestNotification: { __typename: 'NotificationAccepted' },
    });
    const wrong = await shop.ask(requestDocument, {
      input: { ...input, variables: { ...variables, items: [{ title: 'Tea', price: 1 }] } },
    });
    expect(wrong.data).toMatchObject({
      requestNotification: { code: 'MISSING_VARIABLE', field: 'variables.items.0.link' },
    });

    const rolled = await shop.ask(`mutation {
      publishTemplateVersion(name: "news", content: { category: SYSTEM, channels: { sms: { body: "2" } } }) { cursor }
      activateTemplateVersion(name: "news", version: 2) { template { activeVersion } }
      rollBackTemplate(name: "news", from: 2, why: "wrong text") { template { activeVersion } }
      again: rollBackTemplate(name: "news", from: 2) { cursor template { activeVersion } }
    }`);
    expect(rolled.data).toMatchObject({
      activateTemplateVersion: { template: { activeVersion: 2 } },
      rollBackTemplate: { template: { activeVersion: 1 } },
      again: { cursor: null, template: { activeVersion: 1 } },
    });
  });

  test('keeps its layout as it was when it was published', async () => {
    const changed = { ...layout, text: `${layout.text}\nNew!` };
    await shop.ask(publishLayout, { content: changed });
    const { data } = await shop.ask(
      '{ previewTemplate(name: "news", channel: EMAIL) { parts { name text } } layouts { name versions { version } } }',
    );
    expect(JSON.stringify(data)).not.toContain('New!');
    expect(data).toMatchObject({ layouts: [{ name: 'shop', versions: [{}, { version: 2 }] }] });
  });
});

describe('what is wrong with a template', () => {
  const broken = {
    category: 'MARKETING',
    required: true,
    channels: {
      email: {
        subject: 'Hi',
        html: '<a href="javascript:x">{{{name}}}</a>',
        text: '{{shout name}}',
      },
      inApp: { title: '{{', body: '' },
    },
    translations: [{ locale: 'de', channels: { inApp: { title: 'x\ny', body: '' } } }],
  };
  const found = [
    ['NOT_FOR_MARKETING', 'required'],
    ['UNESCAPED_HTML', 'channels.email.html'],
    ['BAD_URL', 'channels.email.html'],
    ['UNKNOWN_HELPER', 'channels.email.text'],
    ['SYNTAX_ERROR', 'channels.inApp.title'],
    ['CONTROL_CHARACTER', 'translations.de.inApp.title'],
    ['NO_POSTAL_ADDRESS', 'postalAddress'],
  ];

  test('is told all at once, each with its code and its place in the words of the caller', async () => {
    const { data } = await validate(broken);
    const { valid, problems } = (data as { readonly validateTemplate: Validated }).validateTemplate;
    expect(valid).toBe(false);
    expect(problems.map(({ code, field }) => [code, field])).toEqual(found);
    const before = shop.log.length;
    const { errors } = await shop.ask(
      'mutation ($content: TemplateContentInput!) { createTemplate(input: { name: "t", content: $content }) { cursor } }',
      { content: broken },
    );
    expect(errors?.[0]?.extensions).toEqual({
      code: 'TEMPLATE_INVALID',
      field: 'required',
      problems,
    });
    expect(shop.log).toHaveLength(before);
  });

  test('is nothing for a good one, whose schema is told', async () => {
    const { data } = await validate({
      category: 'SYSTEM',
      channels: { sms: { body: 'Code {{code}}, {{number minutes}} min' } },
    });
    expect(data).toMatchObject({
      validateTemplate: {
        valid: true,
        problems: [],
        schema: { properties: { code: { type: 'string' }, minutes: { type: 'number' } } },
      },
    });
  });

  test.each([
    ['{ previewTemplate(name: "none") { version } }', 'UNKNOWN_TEMPLATE', 'name'],
    [
      '{ previewTemplate(name: "welcome", version: 9) { version } }',
      'UNKNOWN_TEMPLATE_VERSION',
      'version',
    ],
    ['{ previewTemplate(name: "welcome", draft: true) { version } }', 'NO_DRAFT', 'draft'],
    [
      '{ previewTemplate(name: "welcome", channel: SMS) { version } }',
      'CHANNEL_NOT_IN_TEMPLATE',
      'channel',
    ],
    ['{ validateTemplate { valid } }', 'BAD_INPUT', 'content'],
    ['mutation { publishTemplateVersion(name: "welcome") { cursor } }', 'NO_DRAFT', 'content'],
    [
      'mutation { rollBackTemplate(name: "welcome", from: 1) { cursor } }',
      'NOTHING_TO_ROLL_BACK',
      'from',
    ],
    ['mutation { archiveLayout(name: "none") { cursor } }', 'UNKNOWN_LAYOUT', 'name'],
  ])('%s is refused: %s', async (document, code, field) => {
    const { errors } = await shop.ask(document);
    expect(errors?.[0]?.extensions).toEqual({ code, field });
  });

  test('is shown to services only', async () => {
    for (const document of [
      '{ previewTemplate(name: "welcome") { version } }',
      '{ validateTemplate(name: "welcome") { valid } }',
      '{ layouts { name } }',
      'mutation { archiveLayout(name: "shop") { cursor } }',
    ]) {
      const { errors } = await shop.ask(document, {}, shop.tokens.ada);
      expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    }
  });
});
