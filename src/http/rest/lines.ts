import { TextDecoder } from 'node:util';
import { DomainError } from '../../domain/errors.ts';

const longestRest = 1024 * 1024;

/**
 * The lines of an upload as they come, without their ends.
 *
 * @param mostBytes of the whole upload
 * @throws DomainError PAYLOAD_TOO_LARGE, BAD_INPUT when it is not UTF-8
 */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
  mostBytes: number,
): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let bytes = 0;
  let rest = '';
  for await (const chunk of chunks) {
    bytes += chunk.byteLength;
    if (bytes > mostBytes) {
      const message = `an upload may have at most ${mostBytes / 1024 / 1024} MB`;
      throw new DomainError('PAYLOAD_TOO_LARGE', message, 'body');
    }
    const lines = (rest + decode(decoder, chunk)).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > longestRest) throw new DomainError('BAD_INPUT', 'a line has no end', 'body');
    for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line;
  }
  rest += decode(decoder);
  if (rest !== '') yield rest;
}

const decode = (decoder: TextDecoder, chunk?: Uint8Array): string => {
  try {
    return chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode();
  } catch {
    throw new DomainError('BAD_INPUT', 'the upload is not UTF-8', 'body');
  }
};
