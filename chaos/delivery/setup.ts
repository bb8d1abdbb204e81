import { inParallel } from '../../src/commands/inParallel.ts';
import type { TidingsProcess } from '../../tools/tidingsProcess.ts';

/** Each of them has one address, one number and one device. */
const USERS = 100;
const IN_FLIGHT = 8;
/** One email in so many is marketing, which is never risked twice. */
const MARKETING_EVERY = 5;

const channels = ['EMAIL', 'SMS', 'PUSH', 'IN_APP'] as const;

/** One request of the run, the same for the same number. */
export interface Wish {
  readonly userId: string;
  readonly channel: (typeof channels)[number];
  readonly template: string;
  readonly variables: { readonly code: string };
  readonly idempotencyKey: string;
}

const userIdOf = (n: number): string => `u-${n % USERS}`;

export const wishOf = (n: number, seed: number): Wish => {
  const channel = channels[n % channels.length] ?? 'EMAIL';
  const round = Math.floor(n / channels.length);
  const isMarketing = channel === 'EMAIL' && round % MARKETING_EVERY === 0;
  return {
    userId: userIdOf(round),
    channel,
    template: isMarketing ? 'offer' : 'notice',
    variables: { code: String(n) },
    idempotencyKey: `chaos-${seed}-${n}`,
  };
};

const templates = [
  {
    name: 'notice',
    content: {
      category: 'TRANSACTIONAL',
      channels: {
        email: { subject: 'Notice {{code}}', html: '<p>{{code}}</p>', text: '{{code}}' },
        sms: { body: 'Notice {{code}}' },
        push: { title: 'Notice', body: '{{code}}' },
        inApp: { title: 'Notice', body: '{{code}}' },
      },
      variables: [{ name: 'code', type: 'STRING' }],
    },
  },
  {
    name: 'offer',
    content: {
      category: 'MARKETING',
      postalAddress: 'Example Ltd, 1 Example Street, Springfield 00100',
      channels: {
        email: {
          subject: 'Offer {{code}}',
          html: '<p>{{code}}</p><p>{{postalAddress}} <a href="{{unsubscribeUrl}}">Leave</a></p>',
          text: '{{code}} {{postalAddress}} {{unsubscribeUrl}}',
        },
      },
      variables: [{ name: 'code', type: 'STRING' }],
    },
  },
];

/** Publishes the templates and registers the users. */
export const setUp = async (tidings: TidingsProcess): Promise<void> => {
  for (const input of templates) {
    await tidings.run(
      'mutation ($input: CreateTemplateInput!) { createTemplate(input: $input) { cursor } }',
      { input },
    );
  }
  const numbers = Array.from({ length: USERS }, (_, n) => n);
  await inParallel(numbers, IN_FLIGHT, async (n) => {
    const id = userIdOf(n);
    // The last digit is none that the simulators give a meaning.
    const phone = `+4915112${String(n).padStart(4, '0')}5`;
    await tidings.run(
      'mutation ($input: RegisterUserInput!) { registerUser(input: $input) { user { id } } }',
      { input: { id, name: 'Zoë Q.', email: `${id}@example.com`, phone } },
    );
    const device = { deviceId: 'd', platform: n % 2 === 0 ? 'FCM' : 'APNS', token: tokenOf(n) };
    await tidings.run(
      'mutation ($id: ID!, $device: RegisterDeviceInput!) { registerDevice(userId: $id, input: $device) { user { id } } }',
      { id, device },
    );
  });
};

/** What APNs takes, FCM takes as well: 64 hexadecimal digits. */
const tokenOf = (n: number): string => (n + 1).toString(16).padStart(64, 'a');
