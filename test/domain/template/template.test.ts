import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fold } from '../../../src/domain/decider.ts';
import type { TemplateContent } from '../../../src/domain/template/content.ts';
import { template } from '../../../src/domain/template/template.ts';
import { templateCommands, templateEvents } from '../../support/arbitraries.ts';
import { example } from '../../support/examples.ts';
import { afterCommands, isRepeatable } from '../../support/repeat.ts';
import { specFor, steady } from '../../support/spec.ts';

const given = specFor(template);
const created = example('TemplateCreated');
const content: TemplateContent = {
  category: 'transactional',
  priority: 'high',
  channels: { email: { subject: 'Hi', html: '<p>{{orderId}}</p>', text: '{{orderId}}' } },
  variables: [{ name: 'orderId', type: 'string' }],
};
const published = (version: number, changes: Partial<TemplateContent> = {}) =>
  ({ type: 'TemplateVersionPublished', data: { version, ...content, ...changes } }) as const;
const first = published(1);
const active = example('TemplateVersionActivated');
const archived = example('TemplateArchived');
const changed = { ...content, channels: { sms: { body: 'Order {{orderId}}' } } };
const second = published(2, changed);
const secondActive = example('TemplateVersionActivated', { version: 2 });
const broken = { ...content, channels: { sms: { body: '{{orderNumber}}' } } };

const { name, description = '' } = created.data;
const create = { type: 'CreateTemplate', name, description, content } as const;
const publish = { type: 'PublishTemplateVersion', content: changed } as const;
const archive = { type: 'ArchiveTemplate', why: 'replaced' } as const;
const live = [created, first, active] as const;

describe('a template', () => {
  test('is created, published as version 1 and active in one go', () => {
    given()
      .when(create)
      .then(...live);
  });

  test('created again with the same content is there already, whatever the order of its fields', () => {
    const { variables, channels, priority, category } = content;
    given(...live)
      .when({ ...create, content: { variables, channels, priority, category } })
      .thenNothing();
    given(...live, second)
      .when(create)
      .thenNothing();
  });

  test('created again with other content is refused', () => {
    given(...live)
      .when({ ...create, content: changed })
      .thenRefused('TEMPLATE_EXISTS', 'name');
  });

  test('that could not be rendered is never published; the refusal names the part', () => {
    given()
      .when({ ...create, content: broken })
      .thenRefused('TEMPLATE_INVALID', 'channels.sms.body');
    given(...live)
      .when({ ...publish, content: broken })
      .thenRefused('TEMPLATE_INVALID', 'channels.sms.body');
  });

  test('gets a new version when its content changes, and stays on the active one', () => {
    given(...live)
      .when(publish)
      .then(second);
    given(...live, second)
      .when(publish)
      .thenNothing();
    expect(fold(template, [...live, second])).toMatchObject({
      active: 1,
      versions: [content, changed],
    });
  });

  test('may return to an earlier content as a version of its own', () => {
    given(...live, second)
      .when({ ...publish, content })
      .then(published(3));
  });

  test('is activated forward and back', () => {
    given(...live, second)
      .when({ type: 'ActivateTemplateVersion', version: 2 })
      .then(secondActive);
    given(...live, second, secondActive)
      .when({ type: 'ActivateTemplateVersion', version: 1 })
      .then(active);
    given(...live)
      .when({ type: 'ActivateTemplateVersion', version: 1 })
      .thenNothing();
  });

  test.each([0, -1, 2, 1.5, NaN])('has no version %p to activate', (version) => {
    given(...live)
      .when({ type: 'ActivateTemplateVersion', version })
      .thenRefused('UNKNOWN_TEMPLATE_VERSION', 'version');
  });

  test('is rolled back to the version that was active before, once', () => {
    const rollBack = { type: 'RollBackTemplate', from: 2, why: 'worse' } as const;
    const rolledBack = example('TemplateRolledBack', { from: 2, to: 1, why: 'worse' });
    const past = [...live, second, secondActive];
    given(...past)
      .when(rollBack)
      .then(rolledBack);
    given(...past, rolledBack)
      .when(rollBack)
      .thenNothing();
    given(...past, rolledBack)
      .when({ ...rollBack, from: 1 })
      .thenRefused('NOTHING_TO_ROLL_BACK', 'from');
    expect(fold(template, [...past, rolledBack])).toMatchObject({ active: 1, activations: [1] });
  });

  test('goes back further at a further roll-back, past what was rolled back', () => {
    const third = example('TemplateVersionActivated', { version: 3 });
    const past = [...live, second, secondActive, published(3), third];
    const back = example('TemplateRolledBack', { from: 3, to: 2 });
    given(...past, back)
      .when({ type: 'RollBackTemplate', from: 2, why: 'worse' })
      .then(example('TemplateRolledBack', { from: 2, to: 1, why: 'worse' }));
  });

  test('keeps a draft that may be wrong; it is published from there, and then is gone', () => {
    const draft = { type: 'SaveTemplateDraft', name, content: changed } as const;
    const saved = example('TemplateDraftSaved', { content: changed });
    given(...live)
      .when({ ...draft, content: broken })
      .then(example('TemplateDraftSaved', { content: broken }));
    given(...live, saved)
      .when(draft)
      .thenNothing();
    const fromDraft = { type: 'PublishTemplateVersion', content: changed, draft: changed } as const;
    const publishedDraft = {
      ...second,
      data: { ...second.data, fromDraft: true },
    } as const;
    given(...live, saved)
      .when(fromDraft)
      .then(publishedDraft);
    given(...live, saved, publishedDraft)
      .when(fromDraft)
      .thenNothing();
    expect(fold(template, [...live, saved, publishedDraft])).not.toHaveProperty('draft');
  });

  test('keeps a draft that was changed while another was published', () => {
    const saved = example('TemplateDraftSaved', { content: broken });
    given(...live, saved)
      .when({ type: 'PublishTemplateVersion', content: changed, draft: content })
      .then(second);
    expect(fold(template, [...live, saved, second])).toHaveProperty('draft', broken);
  });

  test('whose draft says what is published already only drops the draft', () => {
    const saved = example('TemplateDraftSaved', { content });
    given(...live, saved)
      .when({ type: 'PublishTemplateVersion', content, draft: content })
      .then(example('TemplateDraftDiscarded'));
    given(...live)
      .when({ type: 'DiscardTemplateDraft' })
      .thenNothing();
  });

  test('begins with a draft, too', () => {
    given()
      .when({ type: 'SaveTemplateDraft', name, description, content: broken })
      .then(created, example('TemplateDraftSaved', { content: broken }));
  });

  test('is the same content however its MJML was compiled', () => {
    const email = { subject: 'Hi', mjml: '<mj-text>Hi</mj-text>', text: 'Hi' };
    const compiled = (html: string) => ({
      ...content,
      channels: { email: { ...email, compiled: { html, text: 'Hi' } } },
    });
    given(created, published(1, compiled('<p>Hi</p>')), active)
      .when({ ...publish, content: compiled('<div>Hi</div>') })
      .thenNothing();
  });

  test('is archived once, with a reason, and then neither published nor activated', () => {
    given(...live)
      .when(archive)
      .then(archived);
    given(...live, archived)
      .when(archive)
      .thenNothing();
    given(...live, archived)
      .when(publish)
      .thenRefused('TEMPLATE_ARCHIVED', 'name');
    given(...live, archived)
      .when({ type: 'ActivateTemplateVersion', version: 1 })
      .thenRefused('TEMPLATE_ARCHIVED', 'name');
  });

  test('that nobody created is unknown', () => {
    for (const command of [
      publish,
      archive,
      { type: 'ActivateTemplateVersion', version: 1 } as const,
    ]) {
      given().when(command).thenRefused('UNKNOWN_TEMPLATE', 'name');
    }
  });
});

test('the same command again, whatever came before, yields nothing or a refusal', () => {
  fc.assert(
    fc.property(fc.array(templateCommands, { maxLength: 8 }), templateCommands, (past, command) =>
      isRepeatable(template, afterCommands(template, past), command),
    ),
    { ...steady, numRuns: 500 },
  );
});

test('no sequence of events breaks the fold; only a creation makes a template', () => {
  fc.assert(
    fc.property(fc.array(templateEvents, { maxLength: 20 }), (events) => {
      const creations = events.some(({ type }) => type === 'TemplateCreated');
      expect(fold(template, events).status === 'none').toBe(!creations);
    }),
    steady,
  );
});
