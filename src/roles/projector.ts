import { v7 } from 'uuid';
import { analyticsProjection } from '../projections/analytics.ts';
import { broadcastRefusalsProjection } from '../projections/broadcastRefusals.ts';
import { broadcastsProjection } from '../projections/broadcasts.ts';
import { dueProjection } from '../projections/due.ts';
import { lastNotifiedProjection } from '../projections/lastNotified.ts';
import { layoutsProjection } from '../projections/layouts.ts';
import { notificationsProjection } from '../projections/notifications.ts';
import type { Projection } from '../projections/projection.ts';
import { createProjector, type Projector } from '../projections/projector.ts';
import { suppressionsProjection } from '../projections/suppressions.ts';
import { segmentMembersProjection, segmentsProjection } from '../projections/segments.ts';
import { unclearTextsProjection } from '../projections/unclearTexts.ts';
import { templatesProjection } from '../projections/templates.ts';
import { usersProjection } from '../projections/users.ts';
import { createCheckpoints } from '../readmodels/checkpoints.ts';
import { createLeases, whileLeading } from '../readmodels/leases.ts';
import type { Parts } from './parts.ts';
import { wait } from './wait.ts';

/** A projector that died is succeeded after this time. */
const leaseLifetimeMs = 6_000;

const projections = [
  notificationsProjection,
  usersProjection,
  suppressionsProjection,
  unclearTextsProjection,
  templatesProjection,
  layoutsProjection,
  dueProjection,
  analyticsProjection,
  segmentsProjection,
  segmentMembersProjection,
  lastNotifiedProjection,
  broadcastsProjection,
  broadcastRefusalsProjection,
] as readonly unknown[] as readonly Projection<never>[];

/** The role `projector`: maintains every read model while it holds the lease. */
export const startProjector = (parts: Parts): Projector => {
  const { log, codec, database, logger, closing } = parts;
  const projector = createProjector(projections, {
    log,
    codec,
    logger,
    wait,
    now: () => new Date(),
    checkpoints: createCheckpoints(database),
    collection: (name) => database.collection(name),
  });
  const term = {
    name: 'projector',
    holder: v7(),
    lifetimeMs: leaseLifetimeMs,
    signal: closing,
    wait,
  };
  parts.running(whileLeading(createLeases(database), term, (signal) => projector.run(signal)));
  return projector;
};
