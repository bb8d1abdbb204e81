import { DomainError } from '../../domain/errors.ts';

/**
 * An upload as it comes, up to so many bytes.
 *
 * @throws DomainError PAYLOAD_TOO_LARGE
 */
export async function* upTo(
  mostBytes: number,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.byteLength;
    if (bytes > mostBytes) {
      const message = `an upload may have at most ${mostBytes / 1024 / 1024} MB`;
      throw new DomainError('PAYLOAD_TOO_LARGE', message, 'body');
    }
    yield chunk;
  }
}
