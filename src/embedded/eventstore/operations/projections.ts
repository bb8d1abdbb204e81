/**
 * The Projections service. There are no projections of one's own here; the system's are always on,
 * since their streams are made from indexes, so turning them on is granted.
 */
import projections from '@eventstore/db-client/generated/projections_pb.js';
import { Code, GrpcError } from '../errors.ts';
import type { Route } from '../transport.ts';
import { unary } from '../unary.ts';

const ALWAYS_ON = new Set(['$by_category', '$by_event_type', '$by_correlation_id', '$streams']);

export const projectionRoutes: readonly (readonly [string, Route])[] = [
  [
    '/event_store.client.projections.Projections/Enable',
    unary(
      (bytes) => projections.EnableReq.deserializeBinary(bytes),
      (request) => {
        const name = request.getOptions()?.getName() ?? '';
        if (ALWAYS_ON.has(name)) return new projections.EnableResp();
        throw new GrpcError(
          Code.unimplemented,
          `The embedded event store does not support Projections: it has no projection "${name}".`,
        );
      },
    ),
  ],
];
