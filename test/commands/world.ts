import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { CommandContext } from '../../src/commands/execute.ts';
import { createExecutor } from '../../src/commands/executor.ts';
import type { EventLog } from '../../src/eventstore/client.ts';
import { openLog } from '../support/embedded.ts';
import { createTestCodec } from '../support/keys.ts';

export const context: CommandContext = { actor: 'client:shop', correlationId: 'correlation' };

/** Command handlers over a real event store; each process has its own memory and connection. */
export const openCommands = async () => {
  const { log, connect, close } = await openLog();
  const { codec, keys } = createTestCodec();
  const process = (over: Pick<EventLog, 'append' | 'readStream'> = connect()) =>
    createExecutor({
      log: over,
      codec,
      now: () => new Date(),
      newEventId: randomUUID,
      wait: (milliseconds) => wait(Math.min(milliseconds, 1)),
    });
  return {
    log,
    codec,
    keys,
    /** A process of its own, over its own connection unless another is given. */
    process,
    typesIn: async (stream: string) => (await log.readStream(stream)).map(({ type }) => type),
    close,
  };
};

/** The log with its calls counted, and with trouble on demand. */
export const observed = (log: EventLog) => {
  const calls = { reads: 0, appends: 0 };
  let trouble: ((call: number) => 'before' | 'after' | undefined) | undefined;
  const lost = () => new Error('the connection is gone');
  const over: Pick<EventLog, 'append' | 'readStream'> = {
    readStream: (stream) => {
      calls.reads += 1;
      return log.readStream(stream);
    },
    append: async (stream, events, expected) => {
      calls.appends += 1;
      const when = trouble?.(calls.appends);
      if (when === 'before') throw lost();
      const appended = await log.append(stream, events, expected);
      if (when === 'after') throw lost();
      return appended;
    },
  };
  return {
    log: over,
    calls,
    /** Loses the connection before or after the n-th append was carried out. */
    breakWhen: (which: (call: number) => 'before' | 'after' | undefined) => {
      trouble = which;
    },
  };
};
