import { TextDecoder } from 'node:util';
import { DomainError } from '../domain/errors.ts';

/** A line of a text, from 1, without its end; no text when it is longer than it may be. */
export interface Line {
  readonly line: number;
  readonly text: string | undefined;
}

/**
 * The lines of a text in UTF-8 as they are read. At most one chunk and one line of it are in memory, however
 * long the lines are.
 *
 * @param longest in characters
 * @throws DomainError BAD_INPUT for what is not UTF-8
 */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
  longest: number,
): AsyncIterable<Line> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let line = 1;
  let rest = '';
  let tooLong = false;
  const finished = (text: string): Line => {
    const whole = text.endsWith('\r') ? text.slice(0, -1) : text;
    const found = { line, text: tooLong || whole.length > longest ? undefined : whole };
    line += 1;
    tooLong = false;
    return found;
  };
  const decoded = (chunk?: Uint8Array): string => {
    try {
      return chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode();
    } catch {
      const message = `from line ${line} on it is not UTF-8`;
      throw new DomainError('BAD_INPUT', message, `line ${line}`);
    }
  };
  for await (const chunk of chunks) {
    const parts = (rest + decoded(chunk)).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) yield finished(part);
    if (rest.length > longest) {
      tooLong = true;
      rest = '';
    }
  }
  rest += decoded();
  if (rest !== '' || tooLong) yield finished(rest);
}
