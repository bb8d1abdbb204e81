import type { Readable } from 'node:stream';

/** A line of a text, from 1, without its end; no text when it is longer than it may be. */
export interface Line {
  readonly line: number;
  readonly text: string | undefined;
}

/**
 * The lines of a text in UTF-8 as they are read. At most one chunk and one line of it are in memory, however
 * long the lines are.
 */
export async function* linesOf(input: Readable, longest: number): AsyncIterable<Line> {
  const decoder = new TextDecoder();
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
  for await (const chunk of input) {
    const parts = (rest + decoder.decode(chunk as Buffer, { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) yield finished(part);
    if (rest.length > longest) {
      tooLong = true;
      rest = '';
    }
  }
  rest += decoder.decode();
  if (rest !== '' || tooLong) yield finished(rest);
}
