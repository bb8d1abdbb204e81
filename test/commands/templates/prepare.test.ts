import { afterAll, describe, expect, test } from '@jest/globals';
import { createMjmlCompiler } from '../../../src/commands/templates/mjml.ts';
import { prepare } from '../../../src/commands/templates/prepare.ts';
import type { LayoutContent } from '../../../src/domain/layout/content.ts';
import type { EmailContent, TemplateSource } from '../../../src/domain/template/content.ts';

const mjml = createMjmlCompiler();
afterAll(() => mjml.close());

const html: LayoutContent = {
  html: '<main>{{{content}}}</main>',
  text: '{{{content}}}\n-- \nThe shop, {{postalAddress}}',
  postalAddress: 'Shop Ltd, 1 Example Street',
  locales: {
    de: { html: '<main lang="de">{{{content}}}</main>', text: '{{{content}}}\n-- \nDer Laden' },
  },
};
const framed: LayoutContent = {
  mjml: '<mjml><mj-body>{{{content}}}</mj-body></mjml>',
  text: '{{{content}}}',
};
const layouts: Readonly<Record<string, readonly LayoutContent[]>> = {
  html: [{ html: 'old {{{content}}}', text: '{{{content}}}' }, html],
  framed: [framed],
};
const prepared = (email: EmailContent, changes: Partial<TemplateSource> = {}) =>
  prepare(
    {
      category: 'transactional',
      priority: 'normal',
      channels: { email },
      variables: [],
      ...changes,
    },
    {
      compileMjml: mjml.compile,
      findLayout: (name) => {
        const versions = layouts[name];
        return Promise.resolve(versions && { archived: false, versions });
      },
    },
  );
const plain = { subject: 'Hi', html: '<p>{{name}}</p>', text: '{{name}}' };
const inSection = (inner: string) => `<mj-section><mj-column>${inner}</mj-column></mj-section>`;
const document = (inner: string) => `<mjml><mj-body>${inSection(inner)}</mj-body></mjml>`;
const mail = (source: string): EmailContent => ({ subject: 'Hi', mjml: source, text: 'Hi' });

describe('an email', () => {
  test('without layout and MJML is published as it is, with the schema of its variables', async () => {
    const { content, problems } = await prepared(plain);
    expect(problems).toEqual([]);
    expect(content.channels).toEqual({ email: plain });
    expect(content.schema).toMatchObject({ required: ['name'] });
  });

  test('stands in the newest version of its layout, which is pinned, in its language', async () => {
    const { content, problems } = await prepared(plain, {
      layout: { name: 'html' },
      locales: { 'de-AT': { email: { ...plain, html: '<p>Servus {{name}}</p>' } } },
    });
    expect(problems).toEqual([]);
    expect(content.layout).toEqual({ name: 'html', version: 2 });
    expect(content.postalAddress).toBe('Shop Ltd, 1 Example Street');
    expect(content.channels.email?.compiled).toEqual({
      html: '<main><p>{{name}}</p></main>',
      text: '{{name}}\n-- \nThe shop, {{postalAddress}}',
    });
    expect(content.locales?.['de-AT']?.email?.compiled).toEqual({
      html: '<main lang="de"><p>Servus {{name}}</p></main>',
      text: '{{name}}\n-- \nDer Laden',
    });
  });

  test('keeps the version of the layout that it names', async () => {
    const { content } = await prepared(plain, { layout: { name: 'html', version: 1 } });
    expect(content.channels.email?.compiled?.html).toBe('old <p>{{name}}</p>');
  });

  test('prepared twice is the same', async () => {
    const first = await prepared(plain, { layout: { name: 'html' } });
    const { layout, ...rest } = first.content;
    const again = await prepare(
      { ...rest, layout: { name: layout?.name ?? '' } },
      {
        compileMjml: mjml.compile,
        findLayout: () => Promise.resolve({ archived: false, versions: layouts['html'] ?? [] }),
      },
    );
    expect(again.content).toEqual(first.content);
  });

  test('in MJML becomes HTML in which every call and variable is as it was', async () => {
    const calls = [
      `{{url "https://shop.example/?a=1&b=2" orderId}}`,
      '{{default name "you & me"}}',
      '{{#if paid}}',
      '{{else}}',
      '{{/if}}',
      '{{#each items}}',
      "{{plural qty one='# piece' other='# pieces'}}",
      '{{/each}}',
    ];
    const [
      url = '',
      name = '',
      open = '',
      otherwise = '',
      shut = '',
      each = '',
      qty = '',
      end = '',
    ] = calls;
    const source = document(
      `<mj-text>${name} ${open}a${otherwise}b${shut}</mj-text><mj-button href="${url}">Go</mj-button>` +
        `<mj-table>${each}<tr><td>${qty}</td></tr>${end}</mj-table>`,
    );
    const { content, problems } = await prepared(mail(source));
    expect(problems).toEqual([]);
    const compiled = content.channels.email?.compiled?.html ?? '';
    for (const call of calls) expect(compiled).toContain(call);
    expect(compiled).toContain(`href="${url}"`);
    expect(compiled).not.toMatch(/<mj-|mustache/);
    expect(content.channels.email?.mjml).toBe(source);
  });

  test('in MJML stands inside a layout in MJML', async () => {
    const { content, problems } = await prepared(mail(inSection('<mj-text>{{name}}</mj-text>')), {
      layout: { name: 'framed' },
    });
    expect(problems).toEqual([]);
    expect(content.channels.email?.compiled?.html).toMatch(/^<!doctype html>[\s\S]*\{\{name\}\}/);
  });

  test.each<[string, EmailContent, Partial<TemplateSource>, string, string]>([
    ['a layout that nobody made', plain, { layout: { name: 'none' } }, 'UNKNOWN_LAYOUT', 'layout'],
    [
      'a version that its layout lacks',
      plain,
      { layout: { name: 'html', version: 9 } },
      'UNKNOWN_LAYOUT',
      'layout',
    ],
    [
      'HTML inside MJML',
      plain,
      { layout: { name: 'framed' } },
      'BAD_LAYOUT',
      'channels.email.html',
    ],
    ['HTML beside MJML', { ...plain, mjml: document('') }, {}, 'BAD_MJML', 'channels.email.mjml'],
    [
      'MJML that is none',
      mail('<mjml><mj-body><mj-tent>x</mj-tent></mj-body></mjml>'),
      {},
      'BAD_MJML',
      'channels.email.mjml',
    ],
    [
      'a block where MJML drops it',
      mail(document('{{#if vip}}<mj-text>x</mj-text>{{/if}}')),
      {},
      'BAD_MJML',
      'channels.email.mjml',
    ],
    [
      'a syntax error in MJML',
      mail(document('<mj-text>{{#if</mj-text>')),
      {},
      'SYNTAX_ERROR',
      'channels.email.mjml',
    ],
    [
      'an unsafe link in MJML',
      mail(document('<mj-button href="{{link}}">x</mj-button>')),
      {},
      'VARIABLE_IN_URL',
      'channels.email.mjml',
    ],
    [
      'a schema that is none',
      plain,
      { schema: { type: 'object', required: 3 } },
      'BAD_SCHEMA',
      'schema',
    ],
  ])('with %s is refused', async (_what, email, changes, code, field) => {
    const { problems } = await prepared(email, changes);
    expect(problems).toContainEqual(expect.objectContaining({ code, field }));
  });

  test('reads no file, whatever MJML includes', async () => {
    const { content } = await prepared(
      mail('<mjml><mj-body><mj-include path="/etc/hostname" type="html" /></mj-body></mjml>'),
    );
    expect(content.channels.email?.compiled?.html).not.toContain('etc');
  });
});

test('a compiler that was stopped starts again', async () => {
  const compiler = createMjmlCompiler();
  const source = document('<mj-text>Hi</mj-text>');
  expect((await compiler.compile(source)).html).toContain('Hi');
  const cut = compiler.compile(source).catch((error: unknown) => (error as Error).message);
  await compiler.close();
  expect(['the MJML compiler ended', expect.anything()]).toContainEqual(await cut);
  expect((await compiler.compile(source)).html).toContain('Hi');
  await compiler.close();
});

test('nothing in compiled MJML is fetched from elsewhere', async () => {
  const { html: compiled } = await mjml.compile(document('<mj-text>Hi</mj-text>'));
  expect(compiled).not.toMatch(/(src|href)=|url\(/);
});
