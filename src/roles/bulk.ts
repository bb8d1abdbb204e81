import { randomUUID } from 'node:crypto';
import { v7 } from 'uuid';
import { segments as segmentAggregate } from '../commands/aggregates.ts';
import { createBroadcastCommands } from '../commands/broadcasts.ts';
import { createLists } from '../commands/lists.ts';
import { createSegmentCommands } from '../commands/segments.ts';
import { createBroadcaster } from '../dispatchers/broadcasts/broadcaster.ts';
import { createCancellation } from '../dispatchers/broadcasts/cancellation.ts';
import { createExpansion } from '../dispatchers/broadcasts/expansion.ts';
import { createRecipients, type ReadersPorts } from '../dispatchers/broadcasts/recipients.ts';
import { createWindow } from '../dispatchers/broadcasts/window.ts';
import { dispatchGroup } from '../dispatchers/fastPath.ts';
import type { DueEntry } from '../dispatchers/scheduler.ts';
import type { SegmentState } from '../domain/segment/segment.ts';
import { audienceQueries, type Readers } from '../projections/audience.ts';
import { broadcastQueries } from '../projections/broadcastQueries.ts';
import {
  type BroadcastRefusalDocument,
  broadcastRefusalsProjection,
} from '../projections/broadcastRefusals.ts';
import { type BroadcastDocument, broadcastsProjection } from '../projections/broadcasts.ts';
import { dueProjection } from '../projections/due.ts';
import { type LastNotifiedDocument, lastNotifiedProjection } from '../projections/lastNotified.ts';
import type { Projection, ReadModel } from '../projections/projection.ts';
import { collectionName } from '../projections/projector.ts';
import {
  type SegmentDocument,
  type SegmentMemberDocument,
  segmentMembersProjection,
  segmentQueries,
  segmentsProjection,
} from '../projections/segments.ts';
import { type UserDocument, usersProjection } from '../projections/users.ts';
import { createCheckpoints } from '../readmodels/checkpoints.ts';
import { createLeases } from '../readmodels/leases.ts';
import type { Parts } from './parts.ts';
import { createRequests } from './requests.ts';
import { wait } from './wait.ts';

/** The read side of segments and broadcasts. */
export const bulkQueries = ({ database }: Parts) => {
  const of = <D extends ReadModel>(projection: Projection<D>) =>
    database.collection<D>(collectionName(projection));
  return {
    segments: segmentQueries(of<SegmentDocument>(segmentsProjection)),
    audience: audienceQueries({
      users: of<UserDocument>(usersProjection),
      members: of<SegmentMemberDocument>(segmentMembersProjection),
      lastNotified: of<LastNotifiedDocument>(lastNotifiedProjection),
    }),
    broadcasts: broadcastQueries(
      of<BroadcastDocument>(broadcastsProjection),
      of<BroadcastRefusalDocument>(broadcastRefusalsProjection),
    ),
  };
};

/** The write side of segments and broadcasts. */
export const bulkCommands = (parts: Parts) => {
  const { log, codec, execute, load, keys, directory, secrets } = parts;
  const { segments } = bulkQueries(parts);
  const now = () => new Date();
  const lists = createLists({
    log,
    codec,
    prepareKeys: async (userIds) => {
      await keys.keysFor(userIds);
    },
    now,
    newId: v7,
    newEventId: randomUUID,
    wait,
  });
  return {
    lists,
    segmentCommands: createSegmentCommands(execute),
    broadcastCommands: createBroadcastCommands({
      execute,
      load,
      lists,
      findTemplate: (name) => directory.findTemplate(name),
      segmentExists: async (name) => {
        if (await segments.byName(name)) return true;
        // Defined a moment ago, it may be missing in the read model still.
        const { state }: { state: SegmentState } = await load(segmentAggregate, name);
        return state.status === 'defined';
      },
      now,
      newId: v7,
      secret: secrets.fingerprint,
    }),
  };
};

/** Part of the role `dispatcher`: expands broadcasts. */
export const startBroadcaster = (parts: Parts): void => {
  const { config, log, codec, database, execute, load, logger, closing } = parts;
  const { segments, audience, broadcasts } = bulkQueries(parts);
  const due = database.collection<DueEntry & { readonly broadcastId?: string }>(
    collectionName(dueProjection),
  );
  const checkpoints = createCheckpoints(database);
  const now = () => new Date();

  const readersOf = async (asked: Parameters<ReadersPorts['count']>[0]): Promise<Readers> => {
    if (asked.kind === 'all') return asked;
    const found = await segments.byName(asked.segment);
    if (!found) throw new Error('the segment is not in the read model yet');
    return found.rule
      ? { kind: 'rule', rule: found.rule }
      : { kind: 'static', segment: asked.segment };
  };
  const readers: ReadersPorts = {
    page: async (asked, after, size) => audience.page(await readersOf(asked), after, size, now()),
    count: async (asked) => audience.count(await readersOf(asked), now()),
  };
  const window = createWindow({
    size: config.broadcastWindow,
    undispatched: () => log.backlog(dispatchGroup),
    putOff: (most) => {
      const soon = new Date(Date.now() + 60_000);
      const filter = { dueAt: { $lte: soon }, why: { $in: ['deferred', 'retry'] } };
      return due.countDocuments(filter, { limit: most });
    },
    now: Date.now,
    wait,
  });
  const expand = createExpansion({
    execute,
    load,
    window,
    now,
    recipients: createRecipients({ readers, log, codec }),
    request: (known) => createRequests(parts, known),
    isOpen: async (id) => (await broadcasts.byId(id))?.status === 'open',
    cancelUnsent: createCancellation({
      execute,
      due,
      wait,
      reached: async () => {
        const name = collectionName(dueProjection);
        return (await checkpoints.read([name])).get(name)?.commit;
      },
      cancelledAt: async (id) => {
        const found = await broadcasts.byId(id);
        return found?.status === 'cancelled' ? BigInt(found.v) : undefined;
      },
    }),
  });
  const broadcaster = createBroadcaster({
    leases: createLeases(database),
    logger,
    expand,
    withWork: (most) => broadcasts.withWork(now(), most),
    newId: randomUUID,
    wait,
  });
  parts.running(broadcaster.run(closing));
};
