import type { DemoClient } from './client.ts';
import { demoTemplates } from './templates.ts';
import type { DemoUser } from './input.ts';
import { demoUsers } from './users.ts';

const createTemplate = `mutation ($input: CreateTemplateInput!) {
  createTemplate(input: $input) { template { name } }
}`;
const registerUser = `mutation ($user: RegisterUserInput!) {
  registerUser(input: $user) { user { id } }
}`;
const registerDevice = `mutation ($id: ID!, $device: RegisterDeviceInput!) {
  registerDevice(userId: $id, input: $device) { user { id } }
}`;
const updatePreferences = `mutation ($id: ID!, $changes: [PreferenceInput!]!) {
  updatePreferences(userId: $id, changes: $changes) { user { id } }
}`;
const recordConsent = `mutation ($id: ID!, $input: ConsentInput!) {
  recordConsent(userId: $id, input: $input) { user { id } }
}`;

const callsInFlight = 16;

/** Runs tasks with a few under way at once. */
const allOf = async <T>(
  items: readonly T[],
  task: (item: T) => Promise<unknown>,
): Promise<void> => {
  const queue = items.values();
  const worker = async () => {
    for (const item of queue) await task(item);
  };
  await Promise.all(Array.from({ length: callsInFlight }, worker));
};

const inCapitals = (word: string): string => word.toUpperCase();

/** Publishes the templates and registers the users; repeating it changes nothing. */
export const setUp = async (client: DemoClient): Promise<void> => {
  await allOf(demoTemplates, ({ name, category, priority, channels, variables }) =>
    client.run(createTemplate, {
      input: {
        name,
        content: {
          category: inCapitals(category),
          priority: inCapitals(priority),
          channels: inAppAs(channels),
          variables: variables.map((v) => ({ name: v.name, type: inCapitals(v.type) })),
        },
      },
    }),
  );
  await allOf(demoUsers, (user) => register(client, user));
};

const inAppAs = ({ in_app: inApp, ...channels }: (typeof demoTemplates)[number]['channels']) => ({
  ...channels,
  ...(inApp ? { inApp } : {}),
});

const register = async (client: DemoClient, user: DemoUser): Promise<void> => {
  const { userId: id, name, email, phone, timezone, locale } = user;
  await client.run(registerUser, { user: { id, name, email, phone, timezone, locale } });
  for (const [index, token] of user.deviceTokens.entries()) {
    await client.run(registerDevice, { id, device: { deviceId: `device-${index + 1}`, token } });
  }
  const changes = Object.entries(user.preferences).flatMap(([channel, categories]) =>
    Object.entries(categories).map(([category, enabled]) => ({
      channel: inCapitals(channel),
      category: inCapitals(category),
      enabled,
    })),
  );
  if (user.wantsOffersBySms) {
    const wording = 'Yes, send me offers by text message.';
    const about = { channel: 'SMS', category: 'MARKETING', source: 'sign-up form' };
    await client.run(recordConsent, { id, input: { ...about, given: true, wording } });
  }
  if (changes.length > 0) await client.run(updatePreferences, { id, changes });
};
