import { expect, test } from '@jest/globals';
import { problemsOf, withSchema } from '../../../src/domain/template/problems.ts';

/** Facts H1 and H2 want 150 attacks by template; what is published does none of them. */
const problemsIn = (html: string) =>
  problemsOf(
    withSchema({
      category: 'transactional',
      priority: 'normal',
      channels: { email: { subject: 'Hi', html, text: 'Hi' } },
      variables: [],
    }),
  );

const badAddresses = [
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  ' javascript:alert(1)',
  'java\tscript:alert(1)',
  'java\nscript:alert(1)',
  '&#106;avascript:alert(1)',
  '&#x6A;avascript:alert(1)',
  'javascript&colon;alert(1)',
  '\u0001javascript:alert(1)',
  'vbscript:msgbox(1)',
  'data:text/html,<b>',
  'data:image/svg+xml;base64,PHN2Zz4=',
  'file:///etc/passwd',
  'blob:https://shop.example/1',
  'ftp://shop.example/a',
  'about:blank',
  '//shop.example/a',
  '\\\\shop.example\\a',
  'https:shop.example',
  'http:///shop.example',
];

const places: Readonly<Record<string, (url: string) => string>> = {
  'a link': (url) => `<a href="${url}">x</a>`,
  'an image': (url) => `<img src="${url}">`,
  'a set of images': (url) => `<img srcset="https://shop.example/1 1x, ${url} 2x">`,
  'a form': (url) => `<form action="${url}"></form>`,
  'a button': (url) => `<button formaction="${url}">x</button>`,
  'a background': (url) => `<table background="${url}"></table>`,
  'an area': (url) => `<map><area href='${url}'></map>`,
  'a style sheet': (url) => `<link rel="stylesheet" href="${url}">`,
};

const byAddress = Object.entries(places).flatMap(([place, html]) =>
  badAddresses.map((url) => [place, url, html(url)] as const),
);

test.each(byAddress)('%s never leads to %j', (_place, _url, html) => {
  expect(problemsIn(html)).not.toEqual([]);
});

const whatRuns = [
  ...'script iframe object embed base applet frame'
    .split(' ')
    .map((name) => `<${name} src="https://a.example/">`),
  ...'onclick onload onerror onmouseover onfocus ontoggle onbegin onanimationend onpointerenter'
    .split(' ')
    .flatMap((name) => [
      `<p ${name}="x()">x</p>`,
      `<img src="https://a.example/" ${name.toUpperCase()}=x()>`,
    ]),
  '<svg/onload=alert(1)>',
  '<meta http-equiv="refresh" content="0;url=https://a.example/">',
  '<p style="width:expression(alert(1))">x</p>',
  '<p style="-moz-binding:url(https://a.example/x)">x</p>',
  '<p style="behavior:url(#default)">x</p>',
  '<style>p{width:expression(alert(1))}</style>',
];

test.each(whatRuns)('nothing runs by %j', (html) => {
  expect(problemsIn(html)).not.toEqual([]);
});

const handlebars = [
  '{{{name}}}',
  '{{&name}}',
  '{{~{name}~}}',
  '{{~& name}}',
  '{{{url link}}}',
  '{{{{raw}}}}{{name}}{{{{/raw}}}}',
  '{{constructor}}',
  '{{this.constructor}}',
  '{{name.constructor}}',
  '{{name.constructor.constructor}}',
  '{{__proto__}}',
  '{{this.__proto__}}',
  '{{name.__proto__.polluted}}',
  '{{name.prototype}}',
  "{{lookup this 'constructor'}}",
  "{{lookup (lookup this 'constructor') 'constructor'}}",
  '{{#with this as |o|}}{{o}}{{/with}}',
  "{{#with 's' as |s|}}{{#with (s.sub.apply 0 codelist)}}{{this}}{{/with}}{{/with}}",
  '{{log name}}',
  '{{> header}}',
  '{{> (lookup . name)}}',
  '{{#> header}}x{{/header}}',
  "{{#*inline 'x'}}y{{/inline}}",
  '{{* decorate}}',
  '{{helperMissing}}',
  '{{blockHelperMissing}}',
  '{{#blockHelperMissing name}}x{{/blockHelperMissing}}',
  '{{eval code}}',
  "{{require 'child_process'}}",
  '{{@root.constructor}}',
  '{{@root}}',
  '{{../name}}',
  '{{../../constructor}}',
  '{{#each this}}{{@key}}{{/each}}',
  '{{[constructor]}}',
  "{{['__proto__']}}",
  '{{toString}}',
  '{{valueOf}}',
  '{{hasOwnProperty}}',
  '{{isPrototypeOf}}',
  '{{__defineGetter__}}',
  '{{__lookupGetter__}}',
  '<p title={{name}}>x</p>',
  '<p {{name}}>x</p>',
  '<{{name}}>',
  '</{{name}}>',
  '<p{{name}}>x</p>',
  '<{{#if name}}script{{/if}}>x',
  '<scr{{#if name}}ipt{{/if}}>x',
  '<p {{#if name}}onclick="x()"{{/if}}>x</p>',
  '<p {{#if name}}on{{/if}}click="x()">x</p>',
  '<a {{#if name}}href="javascript:x"{{/if}}>x</a>',
  '<a {{#if name}}href="{{name}}"{{else}}title="x"{{/if}}>x</a>',
  '<a hr{{#if name}}ef{{/if}}="javascript:x">x</a>',
  '<p style="color:{{name}}">x</p>',
  '<p style="{{name}}">x</p>',
  '<p onclick="{{name}}">x</p>',
  '<a href="{{name}}">x</a>',
  '<a href="{{#if name}}{{name}}{{/if}}">x</a>',
  '<a href="https://{{name}}/">x</a>',
  '<a href="https://a.example/?q={{name}}">x</a>',
  '<style>{{name}}</style>',
];

test.each(handlebars)('no template says %j', (html) => {
  expect(problemsIn(html)).not.toEqual([]);
});

test('the corpus is as large as the rule asks for', () => {
  expect(byAddress.length + whatRuns.length + handlebars.length).toBeGreaterThanOrEqual(150);
});
