import type { EligibilityQuestion, MessageKind } from '../../../src/domain/policy/eligibility.ts';
import { defaultRules } from '../../../src/domain/policy/rules.ts';
import type { RegisteredUser } from '../../../src/domain/user/state.ts';

/** Everything that a rule may ask of a user, with nothing said against it. */
export const ada: RegisteredUser = {
  status: 'registered',
  profile: {
    name: 'Ada Ødegård',
    email: 'ada@example.org',
    phone: '+4915112345678',
    timezone: 'Europe/Oslo',
    locale: 'nb-NO',
  },
  addresses: [
    { channel: 'email', address: 'ada@example.org', verified: true, primary: true },
    { channel: 'sms', address: '+4915112345678', verified: true, primary: true },
  ],
  devices: [{ deviceId: 'phone', platform: 'fcm', token: 'token-1' }],
  preferences: {},
  consents: {},
  unsubscribed: { channels: [], categories: [] },
  stopped: [],
  because: {},
};

/** A consent as it is recorded. */
export const yes = {
  given: true,
  wording: 'Yes, text me offers',
  source: 'sign-up form',
  at: '2027-01-01T00:00:00.000Z',
} as const;

export const offer: MessageKind = { channel: 'email', category: 'marketing', template: 'offer' };

/** A question at noon in Oslo on a Monday, with what matters replaced. */
export const asking = (
  user: Partial<RegisteredUser> = {},
  message: Partial<MessageKind> = {},
  rest: Partial<EligibilityQuestion> = {},
): EligibilityQuestion => ({
  user: { ...ada, ...user },
  message: { ...offer, ...message },
  rules: defaultRules,
  at: '2027-03-01T11:00:00.000Z',
  ...rest,
});
