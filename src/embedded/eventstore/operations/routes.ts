/** The Operations service, as far as one embedded node has use for it. */
import operations from '@eventstore/db-client/generated/operations_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import { Code, GrpcError } from '../errors.ts';
import type { Groups } from '../persistent/groups.ts';
import type { Store } from '../store/store.ts';
import type { Route } from '../transport.ts';
import { unary } from '../unary.ts';
import { startScavenge, type Scavenge } from './scavenge.ts';

const SERVICE = '/event_store.client.operations.Operations';

/** Runs one scavenge at a time. */
export interface Scavenger {
  /** The running scavenge, or a new one. */
  start(): Scavenge;
  readonly running: () => Scavenge | undefined;
}

export function createScavenger(store: Store): Scavenger {
  let current: Scavenge | undefined;
  return {
    running: () => current,
    start() {
      if (current) return current;
      const started = startScavenge(store);
      const over = (): void => {
        current = undefined;
      };
      started.done.then(over, over);
      current = started;
      return started;
    },
  };
}

const answer = (
  id: string,
  result: operations.ScavengeResp.ScavengeResult,
): operations.ScavengeResp => {
  const response = new operations.ScavengeResp();
  response.setScavengeId(id);
  response.setScavengeResult(result);
  return response;
};

export const operationRoutes = (
  scavenger: Scavenger,
  groups: Groups,
): readonly (readonly [string, Route])[] => [
  [
    `${SERVICE}/StartScavenge`,
    unary(
      (bytes) => operations.StartScavengeReq.deserializeBinary(bytes),
      () => {
        const running = scavenger.running();
        const { INPROGRESS, STARTED } = operations.ScavengeResp.ScavengeResult;
        return answer(scavenger.start().id, running ? INPROGRESS : STARTED);
      },
    ),
  ],
  [
    `${SERVICE}/StopScavenge`,
    unary(
      (bytes) => operations.StopScavengeReq.deserializeBinary(bytes),
      (request) => {
        const id = request.getOptions()?.getScavengeId() ?? '';
        const running = scavenger.running();
        if (running?.id !== id) {
          throw new GrpcError(Code.notFound, `No scavenge ${id} is running.`, {
            exception: 'scavenge-not-found',
            'scavenge-id': id,
          });
        }
        running.stop();
        return answer(id, operations.ScavengeResp.ScavengeResult.STOPPED);
      },
    ),
  ],
  [
    `${SERVICE}/RestartPersistentSubscriptions`,
    unary(
      (bytes) => shared.Empty.deserializeBinary(bytes),
      () => {
        groups.restart();
        return new shared.Empty();
      },
    ),
  ],
];
