import type { DemoClient } from './client.ts';
import type { DemoChannels, DemoLayout, DemoTemplate, DemoUser } from './input.ts';
import { demoTemplates } from './templates/index.ts';
import { demoLayouts } from './templates/layouts.ts';
import { demoUsers } from './users.ts';

const publishLayout = `mutation ($name: String!, $content: LayoutInput!) {
  publishLayout(name: $name, content: $content) { layout { name } }
}`;
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

const inCapitals = (word: string): string => word.replace(/(?=[A-Z])/g, '_').toUpperCase();

/** Publishes the layouts and templates and registers the users; repeating it changes nothing. */
export const setUp = async (client: DemoClient): Promise<void> => {
  await allOf(demoLayouts, (layout) => client.run(publishLayout, layoutInput(layout)));
  await allOf(demoTemplates, (template) =>
    client.run(createTemplate, { input: templateInput(template) }),
  );
  await allOf(demoUsers, (user) => register(client, user));
};

const layoutInput = ({ name, translations, ...content }: DemoLayout) => ({
  name,
  content: {
    ...content,
    translations: Object.entries(translations).map(([locale, parts]) => ({ locale, ...parts })),
  },
});

const templateInput = ({ name, translations, layout, channels, ...about }: DemoTemplate) => ({
  name,
  content: {
    category: inCapitals(about.category),
    priority: inCapitals(about.priority),
    ...(about.purpose ? { purpose: inCapitals(about.purpose) } : {}),
    layout: { name: layout },
    channels: inAppAs(channels),
    translations: Object.entries(translations).map(([locale, said]) => ({
      locale,
      channels: inAppAs(said),
    })),
  },
});

const inAppAs = ({ in_app: inApp, ...channels }: DemoChannels) => ({
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
