import type { Event } from '../domain/decider.ts';
import { isDomainEventType, schemas } from '../domain/events.ts';
import { isPersonal, upcast } from '../domain/schema.ts';
import type { Metadata, NewEvent, RawEvent, Recorded } from './event.ts';

/** Encrypts and decrypts one personal field; `place` names where it stands. */
export interface FieldCipher {
  encrypt(value: unknown, place: string): unknown;
  /** Undefined when the key was destroyed. */
  decrypt(value: unknown, place: string): unknown;
}

/** Gives the cipher of each subject; those that are missing were erased. */
export interface Ciphers {
  forWriting(subjects: readonly string[]): Promise<ReadonlyMap<string, FieldCipher>>;
  forReading(subjects: readonly string[]): Promise<ReadonlyMap<string, FieldCipher>>;
  isEncrypted(value: unknown): boolean;
}

/** Stands where a personal field was whose key has been destroyed (facts G10). */
export const forgotten = 'forgotten';

/** The stored form of events: schemas, upcasting, field encryption. */
export interface Codec {
  encode(
    stream: string,
    events: readonly (Event & { readonly id: string })[],
    metadata: Omit<Metadata, 'schemaVersion'>,
  ): Promise<readonly NewEvent[]>;
  /**
   * Keeps the order. Personal fields are decrypted where `reads` says so and left encrypted elsewhere.
   *
   * @throws Error for an event type or version that this program doesn't know
   */
  decode(
    raw: readonly RawEvent[],
    reads: (event: RawEvent) => boolean,
  ): Promise<readonly Recorded[]>;
}

const personalFields: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries(schemas).map(([type, schema]) => {
    const fields = Object.entries(schema.fields as Readonly<Record<string, string>>);
    return [type, fields.flatMap(([name, of]) => (isPersonal(of as never) ? [name] : []))];
  }),
);

const placeOf = (stream: string, eventId: string, type: string, version: number, field: string) =>
  `${stream}|${eventId}|${type}|${version}|${field}`;

export const createCodec = (ciphers: Ciphers): Codec => {
  const seal = (
    event: Event & { readonly id: string },
    stream: string,
    cipher: FieldCipher | undefined,
  ): Readonly<Record<string, unknown>> => {
    const data = { ...event.data } as Record<string, unknown>;
    const version = schemaOf(event.type).version;
    for (const field of personalFields.get(event.type) ?? []) {
      if (data[field] === undefined || data[field] === null) continue;
      if (!cipher) throw new Error(`${event.type} has personal data but no subject`);
      data[field] = cipher.encrypt(
        data[field],
        placeOf(stream, event.id, event.type, version, field),
      );
    }
    return data;
  };

  const open = (raw: RawEvent, cipher: FieldCipher | undefined): Record<string, unknown> => {
    const data = { ...raw.data };
    const version = versionOf(raw);
    for (const field of personalFields.get(raw.type) ?? []) {
      if (!ciphers.isEncrypted(data[field])) continue;
      const place = placeOf(raw.stream, raw.id, raw.type, version, field);
      data[field] = cipher?.decrypt(data[field], place) ?? forgotten;
    }
    return data;
  };

  return {
    encode: async (stream, events, metadata) => {
      const { subject } = metadata;
      const sealed = events.some((event) => (personalFields.get(event.type) ?? []).length > 0);
      const cipher =
        sealed && subject !== undefined
          ? (await ciphers.forWriting([subject])).get(subject)
          : undefined;
      return events.map((event) => ({
        id: event.id,
        type: event.type,
        data: seal(event, stream, cipher),
        metadata: { ...metadata, schemaVersion: schemaOf(event.type).version },
      }));
    },

    decode: async (raws, reads) => {
      const toOpen = raws.filter(
        (raw) => (personalFields.get(raw.type) ?? []).length > 0 && reads(raw),
      );
      const subjects = toOpen.flatMap((raw) => subjectOf(raw) ?? []);
      const found =
        subjects.length > 0 ? await ciphers.forReading(subjects) : new Map<string, FieldCipher>();
      const opened = new Set(toOpen);
      return raws.map((raw) => {
        const cipher = found.get(subjectOf(raw) ?? '');
        const data = opened.has(raw) ? open(raw, cipher) : { ...raw.data };
        const schema = schemaOf(raw.type);
        const version = versionOf(raw);
        if (version > schema.version) {
          throw new Error(`${raw.type} version ${version} is newer than this program`);
        }
        return {
          ...raw,
          data: version === schema.version ? data : upcast(schema, version, data),
          metadata: raw.metadata as unknown as Metadata,
        } as unknown as Recorded;
      });
    },
  };
};

const schemaOf = (type: string) => {
  if (!isDomainEventType(type)) throw new Error(`unknown event type ${type}`);
  return schemas[type];
};

const subjectOf = ({ metadata }: RawEvent): string | undefined =>
  typeof metadata.subject === 'string' ? metadata.subject : undefined;

const versionOf = ({ metadata }: RawEvent): number => Number(metadata.schemaVersion ?? 1);
