import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fold } from '../../../src/domain/decider.ts';
import { allPreferences, hasAddress, isEnabled } from '../../../src/domain/user/questions.ts';
import type { RegisteredUser } from '../../../src/domain/user/state.ts';
import { user } from '../../../src/domain/user/user.ts';
import { userCommands, userEvents } from '../../support/arbitraries.ts';
import { example } from '../../support/examples.ts';
import { afterCommands, isRepeatable } from '../../support/repeat.ts';
import { specFor, steady } from '../../support/spec.ts';

const given = specFor(user);
const registered = example('UserRegistered');
const { userId, ...profile } = registered.data;
const device = example('DeviceRegistered');
const optedOut = example('PreferencesUpdated');
const register = { type: 'RegisterUser', userId, profile } as const;

describe('registering', () => {
  test('a user is recorded with the whole profile', () => {
    given().when(register).then(registered);
  });

  test('again with the same details changes nothing', () => {
    given(registered).when(register).thenNothing();
  });

  test('again with other details is refused', () => {
    given(registered)
      .when({ ...register, profile: { ...profile, email: 'eve@example.org' } })
      .thenRefused('USER_EXISTS', 'userId');
  });
});

describe('a profile', () => {
  test('is changed only where it differs', () => {
    given(registered)
      .when({ type: 'UpdateUser', changes: { name: 'Ada', locale: 'nb-NO' } })
      .then({ type: 'UserUpdated', data: { name: 'Ada' } });
  });

  test('that is so already is not changed', () => {
    given(registered).when({ type: 'UpdateUser', changes: profile }).thenNothing();
    given(registered).when({ type: 'UpdateUser', changes: {} }).thenNothing();
  });

  test('loses a value by null, once', () => {
    const removed = { type: 'UserUpdated', data: { phone: null } } as const;
    given(registered)
      .when({ type: 'UpdateUser', changes: { phone: null } })
      .then(removed);
    given(registered, removed)
      .when({ type: 'UpdateUser', changes: { phone: null } })
      .thenNothing();
    const state = fold(user, [registered, removed]) as RegisteredUser;
    expect(Object.keys(state.profile)).not.toContain('phone');
    expect(hasAddress(state, 'sms')).toBe(false);
  });

  test('of nobody cannot be changed', () => {
    given()
      .when({ type: 'UpdateUser', changes: { name: 'Ada' } })
      .thenRefused('UNKNOWN_USER', 'userId');
  });
});

describe('a device', () => {
  const { deviceId } = device.data;
  const registerDevice = { type: 'RegisterDevice', device: device.data } as const;
  const removeDevice = { type: 'RemoveDevice', deviceId, reason: 'the user signed out' } as const;

  test('is registered once', () => {
    given(registered).when(registerDevice).then(device);
    given(registered, device).when(registerDevice).thenNothing();
  });

  test('gets a new token in place of its old one', () => {
    const renewed = example('DeviceRegistered', { token: 'token-2' });
    given(registered, device)
      .when({ type: 'RegisterDevice', device: { ...device.data, token: 'token-2' } })
      .then(renewed);
    const state = fold(user, [registered, device, renewed]) as RegisteredUser;
    expect(state.devices).toEqual([{ ...device.data, token: 'token-2' }]);
  });

  test('is removed once', () => {
    given(registered, device).when(removeDevice).then(example('DeviceRemoved'));
    given(registered).when(removeDevice).thenNothing();
    given(registered, device, example('DeviceRemoved')).when(removeDevice).thenNothing();
  });

  test('whose token is dead is removed, and no other', () => {
    const tablet = example('DeviceRegistered', { deviceId: 'tablet', token: 'token-2' });
    given(registered, device, tablet)
      .when({ type: 'RemoveDeadTokens', tokens: ['token-2', 'token-9'] })
      .then({
        type: 'DeviceRemoved',
        data: { deviceId: 'tablet', reason: 'the provider says that the token is dead' },
      });
    given(registered, device)
      .when({ type: 'RemoveDeadTokens', tokens: ['token-2'] })
      .thenNothing();
  });
});

describe('preferences', () => {
  const { changes, source } = optedOut.data;
  const optOut = { type: 'UpdatePreferences', changes, source } as const;

  test('that nobody set are all on, four channels by three categories', () => {
    const state = fold(user, [registered]) as RegisteredUser;
    expect(allPreferences(state)).toHaveLength(12);
    expect(allPreferences(state).every(({ enabled }) => enabled)).toBe(true);
  });

  test('are recorded where they change something, with the place where the user said so', () => {
    given(registered).when(optOut).then(optedOut);
    given(registered, optedOut).when(optOut).thenNothing();
    given(registered)
      .when({
        ...optOut,
        changes: [...changes, { channel: 'sms', category: 'system', enabled: true }],
      })
      .then(optedOut);
  });

  test('forbid the one channel and category, and nothing else', () => {
    const state = fold(user, [registered, optedOut]) as RegisteredUser;
    const off = allPreferences(state).filter(({ enabled }) => !enabled);
    expect(off).toEqual(changes);
    expect(isEnabled(state, 'email', 'marketing')).toBe(false);
  });

  test('that contradict each other in one command: the last one holds', () => {
    const [off] = changes;
    if (!off) throw new Error('the example changes something');
    const on = { ...off, enabled: true };
    given(registered)
      .when({ ...optOut, changes: [off, on] })
      .thenNothing();
    given(registered)
      .when({ ...optOut, changes: [on, off] })
      .then(optedOut);
  });
});

test('an in-app inbox is always there; other channels need an address', () => {
  const { timezone, locale } = profile;
  const bare = fold(user, [
    { type: 'UserRegistered', data: { userId, timezone, locale } },
  ]) as RegisteredUser;
  expect(hasAddress(bare, 'in_app')).toBe(true);
  expect(hasAddress(bare, 'email')).toBe(false);
  expect(hasAddress(bare, 'sms')).toBe(false);
  expect(hasAddress(bare, 'push')).toBe(false);
  const reached = fold(user, [registered, device]) as RegisteredUser;
  expect(hasAddress(reached, 'email')).toBe(true);
  expect(hasAddress(reached, 'sms')).toBe(true);
  expect(hasAddress(reached, 'push')).toBe(true);
});

test('the same command again, whatever came before, yields nothing or a refusal', () => {
  fc.assert(
    fc.property(fc.array(userCommands, { maxLength: 8 }), userCommands, (past, command) =>
      isRepeatable(user, afterCommands(user, past), command),
    ),
    { ...steady, numRuns: 2_000 },
  );
});

test('no sequence of events breaks the fold; only a registration makes a user', () => {
  fc.assert(
    fc.property(fc.array(userEvents, { maxLength: 20 }), (events) => {
      const registrations = events.some(({ type }) => type === 'UserRegistered');
      expect(fold(user, events).status).toBe(registrations ? 'registered' : 'none');
    }),
    steady,
  );
});
