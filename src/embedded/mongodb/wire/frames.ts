import { maxMessageBytes } from '../commands/hello.ts';
import { WireError } from './message.ts';

/** Cuts a stream of bytes into whole messages. */
export interface Frames {
  /** Adds what came; calls `take` for each message that is whole now. */
  push(chunk: Buffer, take: (message: Buffer) => void): void;
}

/** Starts with nothing received. */
export function createFrames(): Frames {
  let chunks: Buffer[] = [];
  let have = 0;
  let need = 0;
  const join = (): Buffer => {
    const joined = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, have);
    chunks = [joined];
    return joined;
  };
  return {
    push: (chunk, take) => {
      chunks.push(chunk);
      have += chunk.length;
      while (have >= 4) {
        if (need === 0) {
          need = join().readInt32LE(0);
          if (need < 16 || need > maxMessageBytes) {
            throw new WireError(
              `a message of ${need} bytes is not between 16 and ${maxMessageBytes}`,
            );
          }
        }
        if (have < need) return;
        const all = join();
        const message = all.subarray(0, need);
        chunks = have > need ? [all.subarray(need)] : [];
        have -= need;
        need = 0;
        take(message);
      }
    },
  };
}
