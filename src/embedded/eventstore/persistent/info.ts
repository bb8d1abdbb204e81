/** `getInfo` and `list`: a group's settings and figures as the client's generated message. */
import persistent from '@eventstore/db-client/generated/persistent_pb.js';
import { END } from '../wire.ts';
import type { Consumer } from './consumer.ts';
import type { Group } from './group.ts';

/** Positions of $all and revisions of streams are written differently. */
const placeText = (stream: string, place: number): string => {
  const text = place === END ? '-1' : String(place);
  return stream === '$all' ? `C:${text}/P:${text}` : text;
};

export function toInfo(group: Group): persistent.SubscriptionInfo {
  const { stream, settings } = group;
  const figures = group.figures();
  const info = new persistent.SubscriptionInfo();
  info.setEventSource(stream);
  info.setGroupName(group.name);
  info.setStatus(figures.behind ? 'Behind' : 'Live');
  info.setConnectionsList(
    figures.consumers.map((consumer) => toConnection(consumer, settings.extraStatistics)),
  );
  info.setAveragePerSecond(figures.recently.perSecond);
  info.setTotalItems(String(figures.delivered));
  info.setCountSinceLastMeasurement(String(figures.recently.count));
  if (figures.checkpoint !== undefined) {
    info.setLastCheckpointedEventPosition(placeText(stream, figures.checkpoint));
  }
  if (figures.lastKnown >= 0) {
    info.setLastKnownEventPosition(placeText(stream, figures.lastKnown));
  }
  info.setResolveLinkTos(settings.resolveLinks);
  info.setStartFrom(placeText(stream, settings.startFrom));
  info.setMessageTimeoutMilliseconds(settings.messageTimeoutMs);
  info.setExtraStatistics(settings.extraStatistics);
  info.setMaxRetryCount(settings.maxRetryCount);
  info.setLiveBufferSize(settings.liveBufferSize);
  info.setBufferSize(settings.historyBufferSize);
  info.setReadBatchSize(settings.readBatchSize);
  info.setCheckPointAfterMilliseconds(settings.checkpointAfterMs);
  info.setMinCheckPointCount(settings.minCheckpointCount);
  info.setMaxCheckPointCount(settings.maxCheckpointCount);
  info.setReadBufferCount(figures.buffered);
  info.setLiveBufferCount('0');
  info.setRetryBufferCount(figures.retrying);
  info.setTotalInFlightMessages(figures.inFlight);
  info.setOutstandingMessagesCount(figures.outstanding);
  info.setNamedConsumerStrategy(settings.strategy);
  info.setMaxSubscriberCount(settings.maxSubscriberCount);
  info.setParkedMessageCount(String(figures.parked));
  return info;
}

function toConnection(
  consumer: Consumer,
  extraStatistics: boolean,
): persistent.SubscriptionInfo.ConnectionInfo {
  const info = new persistent.SubscriptionInfo.ConnectionInfo();
  info.setFrom(consumer.call.peer);
  info.setUsername('anonymous');
  info.setConnectionName(consumer.connectionName);
  const { count, perSecond } = consumer.rate.measure();
  info.setAverageItemsPerSecond(perSecond);
  info.setTotalItems(String(consumer.rate.total()));
  info.setCountSinceLastMeasurement(String(count));
  for (const [name, value] of extraStatistics ? consumer.latencies.observed() : []) {
    const measurement = new persistent.SubscriptionInfo.Measurement();
    measurement.setKey(name);
    measurement.setValue(String(Math.round(value)));
    info.addObservedMeasurements(measurement);
  }
  info.setAvailableSlots(consumer.capacity - consumer.inFlight.size);
  info.setInFlightMessages(consumer.inFlight.size);
  return info;
}
