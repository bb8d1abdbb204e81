import { describe, expect, test } from '@jest/globals';
import { offers, partsOf, type TemplateContent } from '../../../src/domain/template/content.ts';
import { problemsOf } from '../../../src/domain/template/problems.ts';

const saying = (
  body: string,
  variables: TemplateContent['variables'] = [{ name: 'code', type: 'string' }],
): TemplateContent => ({
  category: 'system',
  priority: 'normal',
  channels: { sms: { body } },
  variables,
});

const problemsIn = (body: string): readonly string[] =>
  problemsOf(saying(body)).map(({ message }) => message);

describe('a template is published', () => {
  test.each([
    'Your code is {{code}}',
    'Hello {{userName}}, {{#if code}}{{code}}{{else}}none{{/if}}',
    '{{#unless code}}no code{{/unless}}',
    '{{{code}}}',
    'Leave: {{unsubscribeUrl}}',
    'no variable at all',
    '{{! a comment }}{{~ code ~}}',
  ])('when it says %j', (body) => {
    expect(problemsIn(body)).toEqual([]);
  });
});

describe('a template is refused', () => {
  test.each([
    '{{#if}}x{{/if}}',
    '{{#if code code}}x{{/if}}',
    '{{#each code}}x{{/each}}',
    '{{#with code}}{{code}}{{/with}}',
    '{{../code}}',
    '{{@index}}',
    '{{this}}',
    '{{* code}}',
    '{{#if (code)}}x{{/if}}',
    '{{log}}',
    '{{#> code}}x{{/code}}',
  ])('when %j would fail or say nothing at the first sending', (body) => {
    expect(problemsIn(body)).not.toEqual([]);
  });

  test.each(['if', 'each', 'lookup', 'helperMissing'])('when a variable is called %s', (name) => {
    const content = saying(`{{${name}}}`, [{ name, type: 'string' }]);
    expect(problemsOf(content)).not.toEqual([]);
  });

  test.each([
    ['{{code', /^syntax error/],
    ['{{#if code}}open', /^syntax error/],
    ['{{/if}}', /^syntax error/],
    ['{{number}}', /^number is not a declared variable$/],
    ['{{#if number}}{{/if}}', /^number is not a declared variable$/],
    ['{{#if code}}{{number}}{{/if}}', /^number is not a declared variable$/],
    ['{{#if code}}{{else}}{{number}}{{/if}}', /^number is not a declared variable$/],
    ['{{code.length}}', /variables have no fields$/],
    ['{{shout code}}', /^unknown helper shout$/],
    ['{{lookup code 1}}', /^unknown helper lookup$/],
    ['{{#code}}{{/code}}', /^unknown helper code$/],
    ['{{> footer}}', /^unknown partial footer$/],
    ['{{constructor}}', /^constructor is not a declared variable$/],
    ['{{__proto__}}', /^__proto__ is not a declared variable$/],
  ])('when it says %j', (body, message) => {
    const [problem] = problemsOf(saying(body));
    expect(problem?.field).toBe('channels.sms.body');
    expect(problem?.message).toMatch(message);
  });

  test('when HTML holds unescaped output, since a variable could bring its own markup', () => {
    const email = { subject: '{{{code}}}', html: '<p>{{{code}}}</p>', text: '{{{code}}}' };
    for (const html of ['{{{code}}}', '{{&code}}', '{{#if code}}{{{code}}}{{/if}}']) {
      const problems = problemsOf({ ...saying(''), channels: { email: { ...email, html } } });
      expect(problems).toEqual([
        {
          code: 'UNESCAPED_HTML',
          field: 'channels.email.html',
          message: 'unescaped output ({{{ or {{&) is not allowed in HTML',
        },
      ]);
    }
  });

  test('when it offers no channel', () => {
    const problems = problemsOf({ ...saying(''), channels: {} });
    expect(problems).toEqual([
      { code: 'NO_CHANNEL', field: 'channels', message: 'a template needs at least one channel' },
    ]);
  });

  test.each([
    ['code', 'code is declared twice'],
    ['userName', 'userName is built in'],
    ['unsubscribeUrl', 'unsubscribeUrl is built in'],
    ['preferencesUrl', 'preferencesUrl is built in'],
    ['constructor', 'constructor is not a variable name'],
    ['__proto__', '__proto__ is not a variable name'],
    ['1st', '1st is not a variable name'],
    ['first name', 'first name is not a variable name'],
    ['', ' is not a variable name'],
    ['a'.repeat(65), `${'a'.repeat(65)} is not a variable name`],
  ])('when its second variable is named %j', (name, message) => {
    const variables = [
      { name: 'code', type: 'string' },
      { name, type: 'string' },
    ] as const;
    expect(problemsOf(saying('{{code}}', variables))).toEqual([
      { code: 'BAD_VARIABLE_NAME', field: 'variables.1.name', message },
    ]);
  });

  test('with every problem at once, each with its place', () => {
    const problems = problemsOf({
      ...saying(''),
      channels: {
        email: { subject: '{{a}}', html: '{{b}}', text: '{{code}}' },
        sms: { body: '{{c' },
      },
    });
    expect(problems.map(({ field }) => field)).toEqual([
      'channels.sms.body',
      'channels.email.subject',
      'channels.email.html',
    ]);
  });
});

test('a template offers the channels that it has parts for', () => {
  expect(offers(saying('x'), 'sms')).toBe(true);
  expect(offers(saying('x'), 'email')).toBe(false);
  expect(partsOf({ email: { subject: 's', html: 'h', text: 't' } })).toEqual([
    {
      channel: 'email',
      name: 'subject',
      field: 'channels.email.subject',
      source: 's',
    },
    { channel: 'email', name: 'html', field: 'channels.email.html', source: 'h' },
    { channel: 'email', name: 'text', field: 'channels.email.text', source: 't' },
  ]);
});
