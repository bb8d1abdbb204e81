import { describe, expect, test } from '@jest/globals';
import { fold } from '../../../src/domain/decider.ts';
import type { UserEvent } from '../../../src/domain/user/events.ts';
import { isEnabled, preferenceFor, unsubscribedBy } from '../../../src/domain/user/questions.ts';
import type { RegisteredUser } from '../../../src/domain/user/state.ts';
import { user } from '../../../src/domain/user/user.ts';
import { example, without } from '../../support/examples.ts';
import { specFor } from '../../support/spec.ts';

const given = specFor(user);
const registered = example('UserRegistered');
const after = (...events: readonly UserEvent[]): RegisteredUser =>
  fold(user, [registered, ...events], undefined, (index) => `user-ada@${index}`) as RegisteredUser;

const source = 'preference page';
const unsubscribed = {
  all: { type: 'Unsubscribed', data: { scope: 'all', source } },
  channel: { type: 'Unsubscribed', data: { scope: 'channel', channel: 'email', source } },
  category: { type: 'Unsubscribed', data: { scope: 'category', category: 'marketing', source } },
  kind: {
    type: 'Unsubscribed',
    data: { scope: 'kind', channel: 'email', category: 'marketing', source },
  },
} as const;
const scopes = {
  all: { scope: 'all' },
  channel: { scope: 'channel', channel: 'email' },
  category: { scope: 'category', category: 'marketing' },
  kind: { scope: 'kind', channel: 'email', category: 'marketing' },
} as const;

describe.each(['all', 'channel', 'category', 'kind'] as const)('unsubscribing from %s', (name) => {
  const unsubscribe = { type: 'Unsubscribe', from: scopes[name], source } as const;
  const resubscribe = { type: 'Resubscribe', to: scopes[name], source } as const;

  test('is recorded once, and taken back once', () => {
    const back = { type: 'Resubscribed', data: { ...scopes[name], source } } as const;
    given(registered).when(unsubscribe).then(unsubscribed[name]);
    given(registered, unsubscribed[name]).when(unsubscribe).thenNothing();
    given(registered, unsubscribed[name]).when(resubscribe).then(back);
    given(registered, unsubscribed[name], back).when(resubscribe).thenNothing();
    expect(after(unsubscribed[name], back).unsubscribed.all).toBeUndefined();
    expect(isEnabled(after(unsubscribed[name], back), 'email', 'marketing')).toBe(true);
  });

  test('forbids marketing by email, and says by which event', () => {
    const state = after(unsubscribed[name]);
    expect(isEnabled(state, 'email', 'marketing')).toBe(false);
    const wall = unsubscribedBy(state, 'email', 'marketing');
    expect(state.because[`unsubscribed:${String(wall)}`]).toBe('user-ada@1');
  });

  test('after unsubscribing from everything changes nothing', () => {
    given(registered, unsubscribed.all).when(unsubscribe).thenNothing();
  });
});

describe('who unsubscribed', () => {
  const enable = {
    type: 'UpdatePreferences',
    changes: [{ channel: 'email', category: 'marketing', enabled: true }],
    source,
  } as const;

  test('from a kind gets it again by switching it on', () => {
    given(registered, unsubscribed.kind)
      .when(enable)
      .then({ type: 'Resubscribed', data: { ...scopes.kind, source } });
  });

  test.each(['all', 'channel', 'category'] as const)('from %s has to say so', (name) => {
    given(registered, unsubscribed[name]).when(enable).thenRefused('UNSUBSCRIBED', 'changes');
  });

  test('from everything can not take back a part of it', () => {
    given(registered, unsubscribed.all)
      .when({ type: 'Resubscribe', to: scopes.channel, source })
      .thenRefused('UNSUBSCRIBED', 'scope');
  });

  test('from everything and a part has taken back both by taking back everything', () => {
    const back: UserEvent = { type: 'Resubscribed', data: { scope: 'all', source } };
    const state = after(unsubscribed.category, unsubscribed.kind, unsubscribed.all, back);
    expect(isEnabled(state, 'email', 'marketing')).toBe(true);
  });

  test('by the link of a message gets no more of it, whatever was set for its topic', () => {
    const on = example('TopicPreferencesUpdated', {
      changes: [{ topic: 'digest', enabled: true }],
    });
    const state = after(on, unsubscribed.kind);
    expect(unsubscribedBy(state, 'email', 'marketing')).toBe('marketing:email');
  });
});

describe('a topic', () => {
  const off = example('TopicPreferencesUpdated');
  const { changes: topics } = off.data;
  const update = {
    type: 'UpdatePreferences',
    changes: [],
    topics,
    source: off.data.source,
  } as const;
  const asked = (channel: 'email' | 'push') =>
    preferenceFor(after(off), { channel, category: 'marketing', topic: 'digest' });

  test('is switched once, over all channels or one', () => {
    given(registered).when(update).then(off);
    given(registered, off).when(update).thenNothing();
  });

  test('counts more than its category, and its channel more than the topic', () => {
    expect(asked('email')).toEqual({ key: 'topic:digest', enabled: false });
    expect(asked('push')).toEqual({ key: 'topic:digest:push', enabled: true });
    const other = { channel: 'email', category: 'marketing', topic: 'news' } as const;
    expect(preferenceFor(after(off), other)).toEqual({ key: 'marketing:email', enabled: true });
    expect(after(off).because).toMatchObject({
      'preference:topic:digest': 'user-ada@1',
      'preference:topic:digest:push': 'user-ada@1',
    });
  });
});

describe('quiet hours', () => {
  const set = example('QuietHoursSet');
  const none = { type: 'QuietHoursSet', data: { windows: [] } } as const;

  test('are set once and removed once', () => {
    given(registered).when({ type: 'SetQuietHours', quietHours: set.data }).then(set);
    given(registered, set).when({ type: 'SetQuietHours', quietHours: set.data }).thenNothing();
    given(registered, set).when({ type: 'SetQuietHours', quietHours: none.data }).then(none);
    given(registered).when({ type: 'SetQuietHours', quietHours: none.data }).thenNothing();
    expect(after(set).quietHours).toEqual(set.data);
    expect(after(set, none)).not.toHaveProperty('quietHours');
    expect(after(set, none).because['quietHours']).toBe('user-ada@2');
  });
});

describe('consent', () => {
  const recorded = example('ConsentRecorded');
  const { channel, category, ...consent } = recorded.data;
  const record = { type: 'RecordConsent', channel, category, consent } as const;
  const takenBack = { ...consent, given: false, at: '2027-04-01T00:00:00.000Z' };

  test('is recorded with its words and its proof, once', () => {
    given(registered).when(record).then(recorded);
    given(registered, recorded).when(record).thenNothing();
    given(registered, recorded)
      .when({ ...record, consent: { ...consent, at: '2027-05-01T00:00:00.000Z' } })
      .thenNothing();
  });

  test('in other words is another one', () => {
    const other = { ...consent, wording: 'Offers and news.' };
    given(registered, recorded)
      .when({ ...record, consent: other })
      .then({ type: 'ConsentRecorded', data: { channel, category, ...other } });
  });

  test('is taken back, and what was said before that is no news', () => {
    const withdrawn = {
      type: 'ConsentRecorded',
      data: { channel, category, ...takenBack },
    } as const;
    given(registered, recorded)
      .when({ ...record, consent: takenBack })
      .then(withdrawn);
    given(registered, recorded, withdrawn).when(record).thenNothing();
    expect(after(recorded, withdrawn).consents).toEqual({ 'marketing:sms': takenBack });
    expect(after(recorded, withdrawn).because['consent:marketing:sms']).toBe('user-ada@2');
  });
});

test('a channel is stopped once and resumed once', () => {
  const stopped = example('ChannelStopped');
  const resumed = example('ChannelResumed');
  const stop = { type: 'StopChannel', ...stopped.data } as const;
  const resume = { type: 'ResumeChannel', ...resumed.data } as const;
  given(registered).when(stop).then(stopped);
  given(registered, stopped).when(stop).thenNothing();
  given(registered, stopped).when(resume).then(resumed);
  given(registered).when(resume).thenNothing();
  expect(after(stopped).stopped).toEqual(['sms']);
  expect(after(stopped, resumed)).toMatchObject({
    stopped: [],
    because: { 'stopped:sms': 'user-ada@2' },
  });
});

test('what came without attributes, phone or name is saved as it is', () => {
  const bare = without(registered, 'attributes', 'phone', 'name');
  const { userId, ...profile } = bare.data;
  const save = { type: 'SaveUser', userId, changes: profile } as const;
  given().when(save).then(bare);
  given(bare).when(save).thenNothing();
  given(bare)
    .when({ ...save, changes: { attributes: { plan: 'pro' } } })
    .then({ type: 'UserUpdated', data: { attributes: { plan: 'pro' } } });
});
