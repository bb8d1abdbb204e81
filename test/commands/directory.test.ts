import { describe, expect, test } from '@jest/globals';
import { createDirectory } from '../../src/commands/directory.ts';
import type { LoadState } from '../../src/commands/executor.ts';
import { fold } from '../../src/domain/decider.ts';
import { template, type TemplateEvent } from '../../src/domain/template/template.ts';
import type { RegisteredUser } from '../../src/domain/user/state.ts';
import { user } from '../../src/domain/user/user.ts';
import { example } from '../support/examples.ts';

const ada = fold(user, [example('UserRegistered')]) as RegisteredUser;

/** Streams in memory, a read model in memory, a clock in hand. */
const openDirectory = () => {
  const templateEvents: TemplateEvent[] = [];
  const state = {
    now: 1,
    loads: 0,
    reads: 0,
    readModel: new Map<string, RegisteredUser>(),
    down: false,
  };
  const load = ((aggregate: { stream(id: string): string }, id: string) => {
    state.loads += 1;
    if (state.down) return Promise.reject(new Error('the event store is down'));
    const found = aggregate.stream(id).startsWith('user-')
      ? fold(user, id === 'ada' ? [example('UserRegistered')] : [])
      : fold(template, templateEvents);
    return Promise.resolve({ state: found, revision: 0 });
  }) as unknown as LoadState;
  const directory = createDirectory({
    readUsers: () => {
      state.reads += 1;
      return Promise.resolve(state.readModel);
    },
    load,
    now: () => state.now,
  });
  return { directory, templateEvents, state };
};
const live = [
  example('TemplateCreated'),
  example('TemplateVersionPublished'),
  example('TemplateVersionActivated'),
];

describe('a user', () => {
  test('comes from the read model, and from the stream when registered a moment ago', async () => {
    const { directory, state } = openDirectory();
    expect([...(await directory.findUsers(['ada', 'nobody'])).keys()]).toEqual(['ada']);
    expect(state.loads).toBe(2);
    state.readModel.set('ada', ada);
    expect((await directory.findUsers(['ada'])).get('ada')).toBe(ada);
    expect(state.loads).toBe(2);
  });

  test('is read once in a second, and at once again when this process changed it', async () => {
    const { directory, state } = openDirectory();
    state.readModel.set('ada', ada);
    await directory.findUsers(['ada']);
    await directory.findUsers(['ada']);
    expect(state.reads).toBe(1);
    state.now = 1_002;
    await directory.findUsers(['ada']);
    expect(state.reads).toBe(2);
    directory.rememberUser('ada', { status: 'none' });
    await directory.findUsers(['ada']);
    expect(state.reads).toBe(3);
  });
});

test('what this process changed of a user holds here before the read model shows it', async () => {
  const { directory, state } = openDirectory();
  state.readModel.set('ada', ada);
  const changed = { ...ada, preferences: { 'marketing:email': false } };
  directory.rememberUser('ada', changed);
  expect((await directory.findUsers(['ada'])).get('ada')).toBe(changed);
});

describe('a template', () => {
  test('is remembered for a second, then looked at again', async () => {
    const { directory, templateEvents, state } = openDirectory();
    templateEvents.push(...live);
    expect(await directory.findTemplate('welcome')).toMatchObject({ active: 1, archived: false });
    templateEvents.push(example('TemplateArchived'));
    state.now = 1_000;
    expect(await directory.findTemplate('welcome')).toMatchObject({ archived: false });
    expect(state.loads).toBe(1);
    state.now = 1_001;
    expect(await directory.findTemplate('welcome')).toMatchObject({ archived: true });
  });

  test('that this process changed is looked at again at once', async () => {
    const { directory, templateEvents } = openDirectory();
    templateEvents.push(...live);
    await directory.findTemplate('welcome');
    templateEvents.push(example('TemplateArchived'));
    directory.forgetTemplate('welcome');
    expect(await directory.findTemplate('welcome')).toMatchObject({ archived: true });
  });

  test('that is not there yet is not remembered as missing, nor is a failure', async () => {
    const { directory, templateEvents, state } = openDirectory();
    expect(await directory.findTemplate('welcome')).toBeUndefined();
    state.down = true;
    await expect(directory.findTemplate('welcome')).rejects.toThrow('the event store is down');
    state.down = false;
    templateEvents.push(...live);
    expect(await directory.findTemplate('welcome')).toBeDefined();
  });

  test('is loaded once for many who ask at the same time', async () => {
    const { directory, templateEvents, state } = openDirectory();
    templateEvents.push(...live);
    await Promise.all(Array.from({ length: 50 }, () => directory.findTemplate('welcome')));
    expect(state.loads).toBe(1);
  });

  test('keeps the content of a published version for good', async () => {
    const { directory, templateEvents, state } = openDirectory();
    templateEvents.push(...live);
    const { version: _, fromDraft: __, ...content } = example('TemplateVersionPublished').data;
    expect(await directory.findContent('welcome', 1)).toEqual(content);
    state.now = 60_000;
    state.down = true;
    expect(await directory.findContent('welcome', 1)).toEqual(content);
  });
});
