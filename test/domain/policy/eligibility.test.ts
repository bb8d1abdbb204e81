import { describe, expect, test } from '@jest/globals';
import { fold } from '../../../src/domain/decider.ts';
import { resolveDoubt } from '../../../src/domain/policy/doubt.ts';
import { refusalFor } from '../../../src/domain/policy/eligibility.ts';
import type { UserEvent } from '../../../src/domain/user/events.ts';
import type { RegisteredUser } from '../../../src/domain/user/state.ts';
import { user } from '../../../src/domain/user/user.ts';
import { categories, channels } from '../../../src/domain/vocabulary.ts';
import { example } from '../../support/examples.ts';

const after = (...events: readonly UserEvent[]) => fold(user, events) as RegisteredUser;
const registered = example('UserRegistered');
const withDevice = after(registered, example('DeviceRegistered'));

describe('a message may be sent', () => {
  test('over every channel to a user who has every address and forbade nothing', () => {
    for (const channel of channels) {
      for (const category of categories) {
        expect(refusalFor({ user: withDevice, channel, category })).toBeUndefined();
      }
    }
  });

  test('over the other channels and in the other categories when one is forbidden', () => {
    const careful = after(registered, example('PreferencesUpdated'));
    expect(refusalFor({ user: careful, channel: 'email', category: 'system' })).toBeUndefined();
    expect(refusalFor({ user: careful, channel: 'sms', category: 'marketing' })).toBeUndefined();
  });
});

describe('a message is refused', () => {
  test('to a user who does not exist', () => {
    expect(refusalFor({ user: undefined, channel: 'email', category: 'system' })).toMatchObject({
      ruleId: 'user-unknown',
    });
  });

  test('when the user opted out, with the preference as evidence', () => {
    const careful = after(registered, example('PreferencesUpdated'));
    expect(refusalFor({ user: careful, channel: 'email', category: 'marketing' })).toEqual({
      ruleId: 'opted-out',
      reason: 'the user opted out of marketing messages over email',
      evidence: 'preference marketing:email',
    });
  });

  test('when there is nowhere to send it', () => {
    expect(
      refusalFor({ user: after(registered), channel: 'push', category: 'system' }),
    ).toMatchObject({ ruleId: 'no-address' });
  });

  test('for the opt-out first, so that a missing address never hides it', () => {
    const out = example('PreferencesUpdated', {
      changes: [{ channel: 'push', category: 'system', enabled: false }],
    });
    expect(
      refusalFor({ user: after(registered, out), channel: 'push', category: 'system' }),
    ).toMatchObject({ ruleId: 'opted-out' });
  });
});

describe('when nobody knows whether the provider accepted', () => {
  test.each([
    ['system', 'unsafe', 'resend'],
    ['transactional', 'unsafe', 'resend'],
    ['marketing', 'unsafe', 'give up'],
    ['marketing', 'merged', 'resend'],
    ['marketing', 'safe', 'resend'],
    ['system', 'safe', 'resend'],
  ] as const)('a %s message where a repeat is %s: %s', (category, repeat, resolution) => {
    expect(resolveDoubt(category, repeat)).toBe(resolution);
  });
});
