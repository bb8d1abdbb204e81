import { describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { broadcast } from '../../src/domain/broadcast/broadcast.ts';
import { broadcastSchemas } from '../../src/domain/broadcast/events.ts';
import { listSchemas } from '../../src/domain/broadcast/list.ts';
import type { Decider, Event } from '../../src/domain/decider.ts';
import { fold } from '../../src/domain/decider.ts';
import { type DomainEventType, schemas } from '../../src/domain/events.ts';
import { inboundText, inboundTextSchemas } from '../../src/domain/inbound/inboundText.ts';
import { layout, layoutSchemas } from '../../src/domain/layout/layout.ts';
import { notificationSchemas } from '../../src/domain/notification/events.ts';
import { notification } from '../../src/domain/notification/notification.ts';
import { isPersonal } from '../../src/domain/schema.ts';
import { suppression, suppressionSchemas } from '../../src/domain/suppression/suppression.ts';
import { segment, segmentSchemas } from '../../src/domain/segment/segment.ts';
import { template, templateSchemas } from '../../src/domain/template/template.ts';
import { user } from '../../src/domain/user/user.ts';
import { createCodec } from '../../src/eventstore/codec.ts';
import type { RawEvent } from '../../src/eventstore/event.ts';
import { createCiphers } from '../../src/privacy/ciphers.ts';
import { isEncrypted } from '../../src/privacy/encryption.ts';
import { example, examples } from '../support/examples.ts';
import { goldenKeys } from './keys.ts';

/**
 * One event of every type and version as the store holds it, and what it has to be read as for ever.
 * A golden file is never changed: a changed event gets a new version, an upcaster and a new file, which
 * `TIDINGS_WRITE_GOLDEN=1` writes from the example in `test/support/examples.ts`.
 */
interface Golden extends Pick<RawEvent, 'type' | 'id' | 'stream' | 'data' | 'metadata'> {
  readonly version: number;
  /** The data after decryption and upcasting. */
  readonly decodesTo: Readonly<Record<string, unknown>>;
}

const codec = createCodec(createCiphers(goldenKeys));
const placed = { revision: 0, position: { commit: 0n, prepare: 0n } };

const versions = Object.entries(schemas).flatMap(([type, { version }]) =>
  Array.from({ length: version }, (_, index) => [type as DomainEventType, index + 1] as const),
);
const fileOf = (type: DomainEventType, version: number) =>
  new URL(`./${type}.v${version}.json`, import.meta.url);

const streamOf = (type: DomainEventType): string => {
  if (type in notificationSchemas) return 'notification-n1';
  if (type in inboundTextSchemas) return 'text-SM1';
  if (type in suppressionSchemas) return 'suppression-5f1d';
  if (type in segmentSchemas) return 'segment-nordic';
  if (type in broadcastSchemas) return 'broadcast-spring';
  if (type in listSchemas) return 'list-l1';
  if (type in layoutSchemas) return 'layout-plain';
  return type in templateSchemas ? 'template-welcome' : 'user-ada';
};

const write = async (type: DomainEventType, version: number): Promise<void> => {
  const stream = streamOf(type);
  const id = '0195b1f0-9d4c-7b6e-8a55-2b1f0c9d4e11';
  const [stored] = await codec.encode(stream, [{ ...example(type), id }], {
    $correlationId: 'correlation-1',
    $causationId: 'request-1',
    actor: 'client:shop',
    ...(/^(template|layout|segment|suppression)-/.test(stream) ? {} : { subject: 'ada' }),
    occurredAt: '2027-03-01T09:00:00.000Z',
  });
  const golden = { type, version, stream, id, ...stored, decodesTo: examples[type] };
  await writeFile(fileOf(type, version), `${JSON.stringify(golden, null, 2)}\n`, { flag: 'wx' });
};

const read = async (type: DomainEventType, version: number): Promise<Golden> => {
  const file = fileOf(type, version);
  const current = schemas[type].version === version;
  if (!existsSync(file) && process.env['TIDINGS_WRITE_GOLDEN'] && current) {
    await write(type, version);
  }
  return JSON.parse(await readFile(file, 'utf8')) as Golden;
};

const decode = async (golden: Golden) => {
  const [event] = await codec.decode([{ ...golden, ...placed }], () => true);
  if (!event) throw new Error('it decoded to nothing');
  return event;
};

const foldsWithoutFail = <S, C, E extends Event>(decider: Decider<S, C, E>, event: Event, first: E) =>
  [fold(decider, [event as E]), fold(decider, [first, event as E])].every(
    (state) => state !== undefined,
  );

describe.each(versions)('a stored %s of version %d', (type, version) => {
  test('is still read as what it said', async () => {
    const golden = await read(type, version);
    expect(golden).toMatchObject({ type, version, metadata: { schemaVersion: version } });
    const { data, metadata } = await decode(golden);
    expect(data).toEqual(golden.decodesTo);
    expect(metadata).toEqual(golden.metadata);
  });

  test('holds no personal field in clear', async () => {
    const { data } = await read(type, version);
    const fields = Object.entries(schemas[type].fields as Record<string, 'none'>);
    for (const [field, of] of fields) {
      const filled = data[field] !== undefined && data[field] !== null;
      if (filled) expect([field, isEncrypted(data[field])]).toEqual([field, isPersonal(of)]);
    }
  });

  test('folds', async () => {
    const event = await decode(await read(type, version));
    const folds = {
      notification: () =>
        foldsWithoutFail(notification, event, example('NotificationRequested')),
      user: () => foldsWithoutFail(user, event, example('UserRegistered')),
      text: () => foldsWithoutFail(inboundText, event, example('TextReceived')),
      suppression: () => foldsWithoutFail(suppression, event, example('AddressSuppressed')),
      segment: () => foldsWithoutFail(segment, event, example('SegmentDefined')),
      broadcast: () => foldsWithoutFail(broadcast, event, example('BroadcastRequested')),
      list: () => event.type in listSchemas,
      template: () => foldsWithoutFail(template, event, example('TemplateCreated')),
      layout: () => foldsWithoutFail(layout, event, example('LayoutPublished')),
    };
    const [category = ''] = event.stream.split('-');
    expect(folds[category as keyof typeof folds]()).toBe(true);
  });
});
