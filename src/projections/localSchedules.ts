import type { Collection } from '../readmodels/database.ts';
import type { NotificationDocument } from './notifications.ts';

/** What waits for a time on one user's clock, found by the index of users. */
export const localSchedulesOf = async (
  notifications: Collection<NotificationDocument>,
  userId: string,
): Promise<readonly { readonly notificationId: string; readonly localTime: string }[]> => {
  const found = await notifications
    .find({ userId, status: 'SCHEDULED', localTime: { $exists: true } })
    .project<{ _id: string; localTime: string }>({ localTime: 1 })
    .toArray();
  return found.map(({ _id: notificationId, localTime }) => ({ notificationId, localTime }));
};
