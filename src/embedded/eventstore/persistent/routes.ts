/** The PersistentSubscriptions service. */
import persistent from '@eventstore/db-client/generated/persistent_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import { groupMissing, invalidArgument } from '../errors.ts';
import { readFilter, type FilterOptions } from '../read-requests.ts';
import { compileFilter } from '../streams/filter.ts';
import type { Route } from '../transport.ts';
import { unary } from '../unary.ts';
import { consumeRoute } from './consume.ts';
import type { Groups } from './groups.ts';
import { toInfo } from './info.ts';
import { readGroupRequest, streamNameOf } from './settings.ts';

const SERVICE = '/event_store.client.persistent_subscriptions.PersistentSubscriptions';

/** The filter message is the same as that of a read, so it is read by the same code. */
function filterOf(all: persistent.CreateReq.AllOptions): FilterOptions | undefined {
  const filter = all.getFilter();
  if (filter === undefined) return undefined;
  const bytes = Buffer.from(filter.serializeBinary());
  const options = readFilter(bytes, 0, bytes.length);
  compileFilter(options);
  return options;
}

/** Requests that name a group by stream or $all. */
interface Addressed {
  hasAll(): boolean;
  getStreamIdentifier(): { getStreamName_asU8(): Uint8Array } | undefined;
  getGroupName(): string;
}

function addressOf(options: Addressed | undefined): readonly [stream: string, name: string] {
  if (options === undefined) throw invalidArgument('The request has no options.');
  const stream = options.hasAll() ? '$all' : streamNameOf(options.getStreamIdentifier());
  return [stream, options.getGroupName()];
}

function listed(groups: Groups, request: persistent.ListReq): persistent.ListResp {
  const only = request.getOptions()?.getListForStream();
  const stream = only?.hasAll() ? '$all' : only && streamNameOf(only.getStream());
  const found = groups.list(stream);
  if (stream !== undefined && found.length === 0) throw groupMissing(stream, '');
  const response = new persistent.ListResp();
  response.setSubscriptionsList(found.map(toInfo));
  return response;
}

export const persistentRoutes = (groups: Groups): readonly (readonly [string, Route])[] => [
  [`${SERVICE}/Read`, consumeRoute(groups)],
  [
    `${SERVICE}/Create`,
    unary(
      (bytes) => persistent.CreateReq.deserializeBinary(bytes),
      async (request) => {
        await groups.create(readGroupRequest(request, filterOf));
        return new persistent.CreateResp();
      },
    ),
  ],
  [
    `${SERVICE}/Update`,
    unary(
      (bytes) => persistent.UpdateReq.deserializeBinary(bytes),
      async (request) => {
        await groups.update(readGroupRequest(request, filterOf));
        return new persistent.UpdateResp();
      },
    ),
  ],
  [
    `${SERVICE}/Delete`,
    unary(
      (bytes) => persistent.DeleteReq.deserializeBinary(bytes),
      async (request) => {
        await groups.delete(...addressOf(request.getOptions()));
        return new persistent.DeleteResp();
      },
    ),
  ],
  [
    `${SERVICE}/GetInfo`,
    unary(
      (bytes) => persistent.GetInfoReq.deserializeBinary(bytes),
      (request) => {
        const response = new persistent.GetInfoResp();
        response.setSubscriptionInfo(toInfo(groups.get(...addressOf(request.getOptions()))));
        return response;
      },
    ),
  ],
  [
    `${SERVICE}/ReplayParked`,
    unary(
      (bytes) => persistent.ReplayParkedReq.deserializeBinary(bytes),
      (request) => {
        const options = request.getOptions();
        const limit = options?.hasStopAt() ? Number(options.getStopAt()) : undefined;
        groups.get(...addressOf(options)).replayParked(limit);
        return new persistent.ReplayParkedResp();
      },
    ),
  ],
  [
    `${SERVICE}/List`,
    unary(
      (bytes) => persistent.ListReq.deserializeBinary(bytes),
      (request) => listed(groups, request),
    ),
  ],
  [
    `${SERVICE}/RestartSubsystem`,
    unary(
      (bytes) => shared.Empty.deserializeBinary(bytes),
      () => {
        groups.restart();
        return new shared.Empty();
      },
    ),
  ],
];
