import { v7 } from 'uuid';
import {
  createRequestNotifications,
  type RequestNotifications,
} from '../commands/requestNotifications.ts';
import type { RegisteredUser } from '../domain/user/state.ts';
import type { Parts } from './parts.ts';

/**
 * What asks for notifications, in the API and in broadcasts.
 *
 * @param known users that were read already
 */
export const createRequests = (
  { config, execute, directory, findSuppressed, keys, secrets }: Parts,
  known?: ReadonlyMap<string, RegisteredUser>,
): RequestNotifications =>
  createRequestNotifications({
    execute,
    rules: config.policy,
    findSuppressed,
    findTemplate: (name) => directory.findTemplate(name),
    findUsers: async (ids) => {
      const missing = known ? ids.filter((id) => !known.has(id)) : ids;
      const read =
        missing.length > 0 ? await directory.findUsers(missing) : new Map<string, RegisteredUser>();
      const found = known ? new Map([...known, ...read]) : read;
      // One round trip for all keys, instead of one per append.
      await keys.keysFor(ids.filter((id) => found.has(id)));
      return found;
    },
    now: () => new Date(),
    newId: v7,
    secret: secrets.fingerprint,
  });
