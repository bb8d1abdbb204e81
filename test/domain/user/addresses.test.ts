import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fold } from '../../../src/domain/decider.ts';
import { addressChannels, type UserEvent } from '../../../src/domain/user/events.ts';
import { addressOf } from '../../../src/domain/user/questions.ts';
import type { RegisteredUser } from '../../../src/domain/user/state.ts';
import { user } from '../../../src/domain/user/user.ts';
import { userCommands } from '../../support/arbitraries.ts';
import { example } from '../../support/examples.ts';
import { afterCommands } from '../../support/repeat.ts';
import { specFor, steady } from '../../support/spec.ts';

const given = specFor(user);
const registered = example('UserRegistered');
const work = example('AddressAdded');
const { channel, address } = work.data;
const after = (...events: readonly UserEvent[]) =>
  fold(user, [registered, ...events]) as RegisteredUser;

describe('an address', () => {
  test('of the profile is the primary one of its channel', () => {
    expect(after().addresses).toEqual([
      { channel: 'email', address: 'ada@example.org', verified: false, primary: true },
      { channel: 'sms', address: '+4915112345678', verified: false, primary: true },
    ]);
  });

  test('is added once beside it, and may take its place', () => {
    const add = { type: 'AddAddress', ...work.data } as const;
    const primary = { type: 'AddressAdded', data: { channel, address, primary: true } } as const;
    given(registered).when(add).then(work);
    given(registered, work).when(add).thenNothing();
    given(registered, work)
      .when({ ...add, primary: true })
      .then(primary);
    given(registered, work, primary)
      .when({ ...add, primary: true })
      .thenNothing();
    expect(addressOf(after(work), 'email')?.address).toBe('ada@example.org');
    expect(addressOf(after(work, primary), 'email')?.address).toBe(address);
    expect(after(work, primary).profile.email).toBe(address);
    expect(after(work, primary).addresses).toHaveLength(3);
  });

  test('is verified once, and only when it is there', () => {
    const verified = example('AddressVerified');
    const verify = { type: 'VerifyAddress', ...verified.data } as const;
    given(registered, work).when(verify).then(verified);
    given(registered, work, verified).when(verify).thenNothing();
    given(registered).when(verify).thenRefused('NO_ADDRESS', 'address');
    expect(after(work, verified).addresses.find((one) => one.address === address)?.verified).toBe(
      true,
    );
  });

  test('is removed once; a verified one succeeds the primary one, or else the oldest', () => {
    const first = { channel: 'email', address: 'ada@example.org' } as const;
    const removed = { type: 'AddressRemoved', data: first } as const;
    const remove = { type: 'RemoveAddress', ...first } as const;
    given(registered).when(remove).then(removed);
    given(registered, removed).when(remove).thenNothing();
    expect(after(removed).profile).not.toHaveProperty('email');
    const home = example('AddressAdded', { address: 'ada@home.example' });
    expect(after(work, home, removed).profile.email).toBe(address);
    const verified = example('AddressVerified', { address: 'ada@home.example' });
    expect(after(work, home, verified, removed).profile.email).toBe('ada@home.example');
  });

  test('is replaced by a profile with another, and lost with all others by one without', () => {
    const update = (email: string | null): UserEvent => ({ type: 'UserUpdated', data: { email } });
    const replaced = after(work, update('new@example.org')).addresses.map((one) => one.address);
    expect(replaced).toEqual(['+4915112345678', address, 'new@example.org']);
    expect(after(work, update('new@example.org')).profile.email).toBe('new@example.org');
    expect(after(work, update(address)).profile.email).toBe(address);
    expect(after(work, update(null)).addresses.map((one) => one.channel)).toEqual(['sms']);
  });
});

test('whatever is done, a channel with addresses has one primary address, and the profile names it', () => {
  fc.assert(
    fc.property(fc.array(userCommands, { maxLength: 12 }), (past) => {
      const state = afterCommands(user, past);
      if (state.status === 'none') return;
      for (const one of addressChannels) {
        const all = state.addresses.filter((each) => each.channel === one);
        const primary = all.filter((each) => each.primary);
        expect(primary).toHaveLength(Math.min(all.length, 1));
        const named = one === 'email' ? state.profile.email : state.profile.phone;
        expect(named).toBe(primary[0]?.address);
        expect(new Set(all.map((each) => each.address)).size).toBe(all.length);
      }
    }),
    { ...steady, numRuns: 1_000 },
  );
});
