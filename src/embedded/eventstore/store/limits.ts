/** Stream metadata as EventStoreDB keeps it: JSON in the stream `$$<name>`. */
import { END } from '../wire.ts';
import { asBuffer } from '../record.ts';
import type { Limits } from './streams.ts';

const NO_LIMITS: Limits = { maxCount: undefined, maxAge: undefined, truncateBefore: undefined };

export type StreamMetadata = Readonly<Record<string, unknown>>;

/** Metadata that isn't a JSON object limits nothing, as in EventStoreDB. */
export function parseMetadata(data: Uint8Array): StreamMetadata {
  try {
    const parsed: unknown = JSON.parse(asBuffer(data).toString('utf8'));
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
}

export function parseLimits(data: Uint8Array): Limits {
  const metadata = parseMetadata(data);
  const count = (key: string): number | undefined => {
    const value = metadata[key];
    return typeof value === 'number' && value >= 0 ? Math.min(value, END) : undefined;
  };
  const limits: Limits = {
    maxCount: count('$maxCount') || undefined,
    maxAge: count('$maxAge') || undefined,
    truncateBefore: count('$tb'),
  };
  return Object.values(limits).some((limit) => limit !== undefined) ? limits : NO_LIMITS;
}

/** Encodes metadata; a `$tb` of `END` is written as EventStoreDB's mark of a soft delete, 2^63 - 1. */
export function encodeMetadata(metadata: StreamMetadata): string {
  const deleted = metadata['$tb'] === END || Number(metadata['$tb']) > END;
  const text = JSON.stringify(deleted ? { ...metadata, $tb: 0 } : metadata);
  return deleted ? text.replace('"$tb":0', '"$tb":9223372036854775807') : text;
}
