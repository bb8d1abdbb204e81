import { describe, expect, test } from '@jest/globals';
import { compose, type Request } from '../../src/dispatchers/compose.ts';
import { fold } from '../../src/domain/decider.ts';
import type { UserEvent } from '../../src/domain/user/events.ts';
import type { RegisteredUser } from '../../src/domain/user/state.ts';
import { user } from '../../src/domain/user/user.ts';
import { example } from '../support/examples.ts';

const surroundings = {
  links: {
    unsubscribe: (userId: string, channel: string, category: string) =>
      `https://t.example/u/${userId}/${channel}/${category}`,
    preferences: (userId: string) => `https://t.example/p/${userId}`,
    opened: (id: string) => `https://t.example/o/${id}`,
    clicked: (id: string, url: string) => `https://t.example/c/${id}/${url.length}`,
    statusCallback: (provider: string, id: string, attempt: number) =>
      `https://t.example/${provider}/${id}/${attempt}`,
    deviceAck: (id: string) => ({ url: `https://t.example/ack/${id}`, token: `token of ${id}` }),
  },
  sender: { address: 'notifications@tidings.example', name: 'Tidings' },
};
const ada = fold<unknown, never, UserEvent>(user, [
  example('UserRegistered'),
  example('DeviceRegistered'),
  example('DeviceRegistered', { deviceId: 'tablet', token: 'token-2' }),
]) as RegisteredUser;
const parts = { subject: 'Subject', html: '<p>h</p>', text: 't', body: 'Body', title: 'Title' };

const made = { attempt: 2, provider: 'twilio' };
const composed = (changes: Partial<Request>, to = ada) =>
  compose({ ...example('NotificationRequested').data, ...changes }, made, to, parts, surroundings);
const common = { notificationId: 'n1', attempt: 2 };

describe('the message', () => {
  test('of an email goes from the sender to the one address of the user', () => {
    expect(composed({ channel: 'email' })).toEqual({
      ...common,
      channel: 'email',
      to: { address: 'ada@example.org', name: 'Ada Ødegård' },
      from: surroundings.sender,
      subject: 'Subject',
      html: '<p>h</p>',
      text: 't',
      category: 'transactional',
    });
  });

  test('of an email to a user without a name has none', () => {
    const { name: _, ...nameless } = ada.profile;
    const message = composed({ channel: 'email' }, { ...ada, profile: nameless });
    expect(message).toMatchObject({ to: { address: 'ada@example.org' } });
    expect(message).not.toHaveProperty('to.name');
  });

  test('of a marketing email carries the way out, and no other does', () => {
    expect(composed({ channel: 'email', category: 'marketing' })).toMatchObject({
      unsubscribeUrl: 'https://t.example/u/ada/email/marketing',
    });
    for (const category of ['transactional', 'system'] as const) {
      expect(composed({ channel: 'email', category })).not.toHaveProperty('unsubscribeUrl');
    }
  });

  test('of a text message says where its attempt is reported', () => {
    expect(composed({ channel: 'sms' })).toEqual({
      ...common,
      channel: 'sms',
      to: '+4915112345678',
      body: 'Body',
      category: 'transactional',
      statusCallbackUrl: 'https://t.example/twilio/n1/2',
    });
  });

  test('of a push goes to every device, with the way to acknowledge it', () => {
    expect(composed({ channel: 'push' })).toEqual({
      ...common,
      channel: 'push',
      devices: [
        { platform: 'fcm', token: 'token-1' },
        { platform: 'fcm', token: 'token-2' },
      ],
      title: 'Title',
      body: 'Body',
      data: {
        notificationId: 'n1',
        ackUrl: 'https://t.example/ack/n1',
        ackToken: 'token of n1',
      },
    });
  });

  test('of the inbox goes to the user', () => {
    expect(composed({ channel: 'in_app' })).toEqual({
      ...common,
      channel: 'in_app',
      userId: 'ada',
      title: 'Title',
      body: 'Body',
    });
  });
});
