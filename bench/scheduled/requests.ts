import type { TidingsProcess } from '../../tools/tidingsProcess.ts';

const USERS = 500;

const createTemplate = `mutation ($input: CreateTemplateInput!) { createTemplate(input: $input) { cursor } }`;
const registerUser = `mutation ($input: RegisterUserInput!) { registerUser(input: $input) { cursor } }`;
const requestAll = `mutation ($input: RequestNotificationsInput!) {
  requestNotifications(input: $input) { accepted refused suppressed }
}`;

/** A template on every channel that is measured, and users for it. */
export const prepare = async (tidings: TidingsProcess): Promise<readonly string[]> => {
  const channels = { inApp: { title: 'Reminder', body: 'Now' }, sms: { body: 'Now' } };
  const content = { category: 'TRANSACTIONAL', priority: 'NORMAL', channels, variables: [] };
  await tidings.run(createTemplate, { input: { name: 'reminder', content } });
  const ids = Array.from({ length: USERS }, (_, n) => `user-${n}`);
  for (const [n, id] of ids.entries()) {
    const phone = `+1555010${String(n).padStart(4, '0')}`;
    await tidings.run(registerUser, { input: { id, phone } });
  }
  return ids;
};

/** Asks for that many notifications for one moment; rejects when one of them isn't accepted. */
export const scheduleAll = async (
  tidings: TidingsProcess,
  options: { readonly ids: readonly string[]; readonly count: number; readonly channel: string },
  scheduledAt: Date,
): Promise<void> => {
  const { ids, count, channel } = options;
  for (let left = count; left > 0; left -= ids.length) {
    const input = {
      userIds: ids.slice(0, left),
      channel,
      template: 'reminder',
      scheduledAt: scheduledAt.toISOString(),
    };
    const { requestNotifications: answer } = await tidings.run<{
      requestNotifications: { readonly accepted: number };
    }>(requestAll, { input });
    if (answer.accepted !== input.userIds.length) throw new Error(JSON.stringify(answer));
  }
};
