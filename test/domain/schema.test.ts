import { describe, expect, test } from '@jest/globals';
import type { DomainEventType } from '../../src/domain/events.ts';
import { isDomainEventType, schemas } from '../../src/domain/events.ts';
import { type EventSchema, type FieldClass, isPersonal, upcast } from '../../src/domain/schema.ts';
import { suppressionSchemas } from '../../src/domain/suppression/suppression.ts';
import { examples } from '../support/examples.ts';

const types = Object.keys(schemas) as DomainEventType[];
const classOf = (type: DomainEventType, field: string): FieldClass | undefined =>
  (schemas[type].fields as Readonly<Record<string, FieldClass>>)[field];

describe('the schema of', () => {
  test.each(types)('%s classes every field that an event of it can carry', (type) => {
    expect(Object.keys(schemas[type].fields).sort()).toEqual(Object.keys(examples[type]).sort());
  });

  test.each(types)(
    '%s keeps names, addresses, words and variables from being stored in clear',
    (type) => {
      const personal = new Set([
        'name',
        'email',
        'phone',
        'token',
        'address',
        'attributes',
        'endpoint',
        'keys',
        'wording',
        'variables',
        'url',
        'why',
        'by',
      ]);
      const named =
        /^(Template|Layout|Segment)/.test(type) ||
        type in suppressionSchemas ||
        type === 'TextSettled';
      for (const field of Object.keys(examples[type])) {
        const kept = classOf(type, field);
        // A template's, a segment's and a suppression's fields, and why a text was settled, are about nobody
        // (the edge sees to it); `by` is the id of an operator or a client.
        if (!personal.has(field) || named || field === 'by') continue;
        expect([field, kept && isPersonal(kept)]).toEqual([field, true]);
      }
    },
  );

  test.each(types)('%s has an upcaster for every version before its own', (type) => {
    const { version, upcasters = {} } = schemas[type];
    for (let from = 1; from < version; from += 1) expect(upcasters[from]).toBeDefined();
  });
});

test('only contact, network and content are personal', () => {
  const personal = (['none', 'identifier', 'contact', 'network', 'content'] as const).filter(
    isPersonal,
  );
  expect(personal).toEqual(['contact', 'network', 'content']);
});

test('an event type is known by its own name only', () => {
  expect(isDomainEventType('NotificationSent')).toBe(true);
  expect(isDomainEventType('toString')).toBe(false);
  expect(isDomainEventType('__proto__')).toBe(false);
});

describe('upcasting', () => {
  interface Greeting {
    readonly text: string;
    readonly language: string;
    readonly loud: boolean;
  }
  const greeting: EventSchema<Greeting> = {
    version: 3,
    fields: { text: 'content', language: 'none', loud: 'none' },
    upcasters: {
      1: ({ words, ...rest }) => ({ ...rest, text: words, language: 'en' }),
      2: (data) => ({ ...data, loud: String(data['text']).endsWith('!') }),
    },
  };

  test('brings every old version up, one step at a time', () => {
    const current = { text: 'Hello!', language: 'en', loud: true };
    expect(upcast(greeting, 1, { words: 'Hello!' })).toEqual(current);
    expect(upcast(greeting, 2, { text: 'Hello!', language: 'en' })).toEqual(current);
  });

  test('leaves the current version as it is', () => {
    const data = { text: 'x', language: 'de', loud: false };
    expect(upcast(greeting, 3, data)).toBe(data);
  });

  test('does not touch what is stored', () => {
    const stored = Object.freeze({ words: 'Hello!' });
    upcast(greeting, 1, stored);
    expect(stored).toEqual({ words: 'Hello!' });
  });

  test('names the step that is missing', () => {
    const { 2: second } = greeting.upcasters ?? {};
    const gap = { ...greeting, upcasters: second ? { 2: second } : {} };
    expect(() => upcast(gap, 1, {})).toThrow('no upcaster from version 1 to 2');
    expect(() => upcast({ ...greeting, upcasters: {} }, 2, {})).toThrow(
      'no upcaster from version 2 to 3',
    );
  });
});
