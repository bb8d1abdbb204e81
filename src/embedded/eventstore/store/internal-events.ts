/** Events that the server itself appends. */
import { randomUUID } from 'node:crypto';
import type { ProposedEvent } from '../record.ts';
import { createWriter } from '../wire.ts';

/** An event with data and metadata as given. `contentType` is what readers will see. */
export function propose(
  type: string,
  contentType: 'application/json' | 'application/octet-stream',
  data: string,
  metadata = '',
  id: string = randomUUID(),
): ProposedEvent {
  return proposeBytes(type, contentType, Buffer.from(data), id, Buffer.from(metadata));
}

export function proposeBytes(
  type: string,
  contentType: 'application/json' | 'application/octet-stream',
  data: Buffer,
  id: string,
  metadata: Buffer = Buffer.alloc(0),
): ProposedEvent {
  const writer = createWriter();
  const properties: [number, number][] = [];
  for (const [key, value] of [
    ['type', type],
    ['content-type', contentType],
  ] as const) {
    const start = writer.length();
    writer.text(1, key);
    writer.text(2, value);
    properties.push([start, writer.length()]);
  }
  const head = writer.take();
  const source = Buffer.concat([head, data, metadata]);
  const dataEnd = head.length + data.length;
  return {
    idSource: Buffer.from(id, 'latin1'),
    idAt: 0,
    type,
    source,
    properties,
    data: [head.length, dataEnd],
    metadata: [dataEnd, source.length],
  };
}

export const proposeJson = (type: string, json: string): ProposedEvent =>
  propose(type, 'application/json', json);
