import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { buildSchema, parse, validate } from 'graphql';
import { notificationSchemas } from '../../src/domain/notification/events.ts';

const at = (path: string) => new URL(`../../${path}`, import.meta.url);
const read = (path: string) => readFileSync(at(path), 'utf8');

const readme = read('README.md');
const [, providers = ''] =
  /^export const providerVariables = \{\n(.*?)^\};/ms.exec(read('src/providerSettings.ts')) ?? [];
const config = read('src/config.ts').replace('  ...providerVariables,\n', providers);

const fenced = (text: string, language: string): readonly string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(
    ([, block = '']) => block,
  );

const section = (title: string): string =>
  readme.split(/^## /m).find((part) => part.startsWith(`${title}\n`)) ?? '';

/** The rows of the settings table: variable, default. */
const documented = new Map(
  [...section('Settings').matchAll(/^\| `([A-Z_]+)`\s*\| (.*?)\s*\|/gm)].map(
    ([, name = '', preset = '']) => [name, preset],
  ),
);

/** The keys of the environment's schema, with the default where it is a plain value. */
const [, environment = ''] = /^const environment = z\.object\(\{(.*?)^\}\);/ms.exec(config) ?? [];
const found = [...environment.matchAll(/^ {2}([A-Z][A-Z_]+):(.*?)(?=^ {2}[A-Z]|(?![^]))/gms)];
const settings = new Map(
  found.map(([, name = '', type = '']) => [
    name,
    /\.default\((?:'([^']*)'|([\d_]+))\)/.exec(type)?.slice(1).find(Boolean)?.replaceAll('_', ''),
  ]),
);

test('the settings table names exactly the variables that the program reads', () => {
  expect(settings.size).toBeGreaterThan(20);
  expect([...documented.keys()]).toEqual([...settings.keys()]);
});

test('the settings table tells the defaults of the program', () => {
  const presets = [...settings].filter(([, preset]) => preset !== undefined);
  expect(presets.length).toBeGreaterThan(10);
  for (const [name, preset] of presets) {
    expect([name, documented.get(name)]).toEqual([name, `\`${preset ?? ''}\``]);
  }
});

test('the GraphQL of the documents is valid', () => {
  const schema = buildSchema(read('schema.graphql'));
  const blocks = [readme, read('docs/operations.md')].flatMap((text) => fenced(text, 'graphql'));
  expect(blocks.length).toBeGreaterThan(2);
  for (const block of blocks) expect(validate(schema, parse(block))).toEqual([]);
});

test('the layout names every folder of the source', () => {
  const entries = readdirSync(at('src'), { withFileTypes: true });
  const folders = entries.filter((e) => e.isDirectory()).map(({ name }) => `src/${name}/`);
  expect(folders.filter((folder) => !section('Layout').includes(folder))).toEqual([]);
});

test('the links of the README lead to files', () => {
  const links = [...readme.matchAll(/\]\(([^)#]+)\)/g)].map(([, path = '']) => path);
  expect(links.length).toBeGreaterThan(5);
  for (const path of links.filter((path) => path.endsWith('.md'))) {
    expect(read(path)).not.toBe('');
  }
});

test('the tests, files and folders that the documents name are there', () => {
  const texts = ['README.md', 'docs/architecture.md', 'docs/operations.md'].map(read).join('\n');
  const named = [...texts.matchAll(/\b(?:src|test|docs)\/[\w./-]*\w/g)].map(([path]) => path);
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((path) => !existsSync(at(path)))).toEqual([]);
});

test('the chart of a notification names its events, all of them', () => {
  const [chart = ''] = fenced(read('docs/architecture.md'), 'mermaid');
  const named = chart.match(/\b(?:Notification|Dispatch)[A-Z]\w+/g) ?? [];
  expect(chart).toContain('stateDiagram-v2');
  expect([...new Set(named)].sort()).toEqual(Object.keys(notificationSchemas).sort());
});
