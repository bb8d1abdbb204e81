import { randomUUID } from 'node:crypto';
import { createScheduler, type DueEntry, type DueNotification } from '../dispatchers/scheduler.ts';
import { createZoneFeed } from '../dispatchers/zoneFeed.ts';
import { comparePositions, type Position } from '../eventstore/event.ts';
import { dueProjection } from '../projections/due.ts';
import { localSchedulesOf } from '../projections/localSchedules.ts';
import {
  type NotificationDocument,
  notificationsProjection,
} from '../projections/notifications.ts';
import { collectionName } from '../projections/projector.ts';
import { usersProjection } from '../projections/users.ts';
import { createCheckpoints } from '../readmodels/checkpoints.ts';
import type { Parts } from './parts.ts';
import { wait } from './wait.ts';

const patienceMs = 30_000;

/** The role `scheduler`: what is due, and what is due at another moment since its reader moved. */
export const startSchedule = (
  parts: Parts,
  takeUp: (notifications: readonly DueNotification[]) => Promise<readonly string[]>,
): void => {
  const { config, database, directory, execute, log, logger, closing } = parts;
  const scheduler = createScheduler({
    due: database.collection<DueEntry>(collectionName(dueProjection)),
    logger,
    now: () => new Date(),
    wait,
    takeUp,
    // An attempt that a dead process began is looked at again when its lease is over: so is a claim, or soon.
    claimMs: 2 * config.leaseMs,
    newId: randomUUID,
  });
  parts.running(scheduler.run(closing));

  const notifications = database.collection<NotificationDocument>(
    collectionName(notificationsProjection),
  );
  const zoneFeed = createZoneFeed({
    log,
    execute,
    logger,
    wait,
    now: Date.now,
    findUsers: (ids) => directory.findUsers(ids),
    findLocalSchedules: (userId) => localSchedulesOf(notifications, userId),
    readModelsReach: untilReached(parts),
  });
  parts.running(zoneFeed.run(closing));
};

const untilReached = ({ database, closing }: Parts) => {
  const checkpoints = createCheckpoints(database);
  const names = [usersProjection, notificationsProjection].map(collectionName);
  return async (position: Position): Promise<void> => {
    const deadline = Date.now() + patienceMs;
    for (;;) {
      const reached = [...(await checkpoints.read(names)).values()];
      const all = reached.length === names.length;
      if (all && reached.every((one) => comparePositions(one, position) >= 0)) return;
      if (closing.aborted || Date.now() > deadline) throw new Error('the read models are behind');
      await wait(100, closing);
    }
  };
};
