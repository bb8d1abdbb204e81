/** What the client asks before it does anything else: server features and gossip. */
import gossip from '@eventstore/db-client/generated/gossip_pb.js';
import features from '@eventstore/db-client/generated/serverfeatures_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import type { Route } from './transport.ts';
import { unary } from './unary.ts';

/** The EventStoreDB version whose behaviour is followed. */
export const SERVER_VERSION = '23.10.0.0';

const STREAMS = ['Read', 'Append', 'BatchAppend', 'Delete', 'Tombstone'];
const GROUPS = ['Create', 'Update', 'Delete', 'Read', 'GetInfo', 'ReplayParked', 'List'];

function supportedMethods(): features.SupportedMethods {
  const answer = new features.SupportedMethods();
  answer.setEventStoreServerVersion(SERVER_VERSION);
  const add = (service: string, method: string, supported: string[]): void => {
    const entry = new features.SupportedMethod();
    // The real server answers in lower case.
    entry.setServiceName(service);
    entry.setMethodName(method.toLowerCase());
    entry.setFeaturesList(supported);
    answer.addMethods(entry);
  };
  for (const method of STREAMS) {
    add('event_store.client.streams.streams', method, method === 'Read' ? ['position'] : []);
  }
  for (const method of GROUPS) {
    add('event_store.client.persistent_subscriptions.persistentsubscriptions', method, [
      'stream',
      'all',
    ]);
  }
  add(
    'event_store.client.persistent_subscriptions.persistentsubscriptions',
    'RestartSubsystem',
    [],
  );
  add('event_store.client.gossip.gossip', 'Read', []);
  add('event_store.client.server_features.serverfeatures', 'GetSupportedMethods', []);
  return answer;
}

/** A cluster of one: this node, leading. */
function clusterInfo(host: string, port: number): gossip.ClusterInfo {
  const id = new shared.UUID();
  id.setString('00000000-0000-4000-8000-000000000001');
  const endPoint = new gossip.EndPoint();
  endPoint.setAddress(host);
  endPoint.setPort(port);
  const member = new gossip.MemberInfo();
  member.setInstanceId(id);
  member.setTimeStamp(`${Date.now()}0000`);
  member.setState(gossip.MemberInfo.VNodeState.LEADER);
  member.setIsAlive(true);
  member.setHttpEndPoint(endPoint);
  const info = new gossip.ClusterInfo();
  info.addMembers(member);
  return info;
}

/** @param address of this server, known once it listens. */
export const nodeRoutes = (
  address: () => { readonly host: string; readonly port: number },
): readonly (readonly [string, Route])[] => [
  [
    '/event_store.client.server_features.ServerFeatures/GetSupportedMethods',
    unary((bytes) => shared.Empty.deserializeBinary(bytes), supportedMethods),
  ],
  [
    '/event_store.client.gossip.Gossip/Read',
    unary(
      (bytes) => shared.Empty.deserializeBinary(bytes),
      () => {
        const { host, port } = address();
        return clusterInfo(host, port);
      },
    ),
  ],
];
