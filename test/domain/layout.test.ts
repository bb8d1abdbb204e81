import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fold } from '../../src/domain/decider.ts';
import { layout } from '../../src/domain/layout/layout.ts';
import { layoutCommands, layoutEvents } from '../support/arbitraries.ts';
import { example } from '../support/examples.ts';
import { afterCommands, isRepeatable } from '../support/repeat.ts';
import { specFor, steady } from '../support/spec.ts';

const given = specFor(layout);
const content = { html: '<p>{{{content}}}</p>', text: '{{{content}}}\n-- \nThe shop' };
const published = (version: number, changes: object = {}) =>
  ({ type: 'LayoutPublished', data: { name: 'plain', version, ...content, ...changes } }) as const;
const publish = { type: 'PublishLayout', name: 'plain', content } as const;
const archived = example('LayoutArchived', { why: 'old' });
const archive = { type: 'ArchiveLayout', why: 'old' } as const;

describe('a layout', () => {
  test('is published, and published again when it changes', () => {
    given().when(publish).then(published(1));
    given(published(1)).when(publish).thenNothing();
    const changed = { ...content, html: '<div>{{{ content }}}</div>' };
    given(published(1))
      .when({ ...publish, content: changed })
      .then(published(2, changed));
  });

  test('is archived once, and then is published no more', () => {
    given(published(1)).when(archive).then(archived);
    given(published(1), archived).when(archive).thenNothing();
    given(published(1), archived).when(publish).thenRefused('LAYOUT_ARCHIVED', 'name');
    given().when(archive).thenRefused('UNKNOWN_LAYOUT', 'name');
  });

  test.each([
    [{ ...content, html: '<p></p>' }, 'html'],
    [{ ...content, html: '{{{content}}}{{{content}}}' }, 'html'],
    [{ ...content, text: '{{content}}' }, 'text'],
    [{ text: '{{{content}}}' }, 'html'],
    [{ ...content, mjml: '<mjml></mjml>' }, 'html'],
    [{ ...content, html: '{{#if}}{{{content}}}' }, 'html'],
    [{ ...content, defaultLocale: 'english please' }, 'defaultLocale'],
    [{ ...content, locales: { 'de-de': content } }, 'locales.de-de'],
    [{ ...content, locales: { de: { ...content, text: 'x' } } }, 'locales.de.text'],
    [
      {
        ...content,
        locales: { de: { mjml: '<mjml>{{{content}}}</mjml>', text: '{{{content}}}' } },
      },
      'locales.de.mjml',
    ],
  ])('%j is refused, naming %s', (wrong, field) => {
    given()
      .when({ ...publish, content: wrong })
      .thenRefused('LAYOUT_INVALID', field);
  });
});

test('the same command again, whatever came before, yields nothing or a refusal', () => {
  fc.assert(
    fc.property(fc.array(layoutCommands, { maxLength: 6 }), layoutCommands, (past, command) =>
      isRepeatable(layout, afterCommands(layout, past), command),
    ),
    steady,
  );
});

test('no sequence of events breaks the fold', () => {
  fc.assert(
    fc.property(fc.array(layoutEvents, { maxLength: 10 }), (events) => {
      expect(fold(layout, events)).toBeDefined();
    }),
    steady,
  );
});
