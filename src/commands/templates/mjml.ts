import { Worker } from 'node:worker_threads';

export interface MjmlError {
  readonly line: number;
  readonly tagName: string;
  readonly message: string;
}

export interface MjmlQuestion {
  readonly id: number;
  readonly source: string;
}

export interface MjmlAnswer {
  readonly id: number;
  readonly html: string;
  readonly errors: readonly MjmlError[];
}

/** Turns MJML into HTML. @throws Error when the compiler fails altogether */
export type CompileMjml = (source: string) => Promise<Omit<MjmlAnswer, 'id'>>;

export interface MjmlCompiler {
  readonly compile: CompileMjml;
  close(): Promise<void>;
}

/** Loading MJML takes more than a second and 100 MB, so it is given back when nobody publishes. */
const idleMs = 15_000;
const patienceMs = 20_000;

/** MJML in a thread of its own, started by the first template that needs it. */
export const createMjmlCompiler = (): MjmlCompiler => {
  let thread: ReturnType<typeof startThread> | undefined;
  let idle: NodeJS.Timeout | undefined;

  const stop = async (): Promise<void> => {
    clearTimeout(idle);
    const stopping = thread;
    thread = undefined;
    await stopping?.close();
  };

  return {
    compile: async (source) => {
      clearTimeout(idle);
      const used = (thread ??= startThread());
      try {
        return await used.ask(source);
      } catch (error) {
        if (thread === used) await stop();
        throw error;
      } finally {
        clearTimeout(idle);
        idle = setTimeout(() => void stop(), idleMs).unref();
      }
    },
    close: stop,
  };
};

const startThread = () => {
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
  const worker = new Worker(new URL(`./mjmlWorker${extension}`, import.meta.url), {
    execArgv: ['--no-warnings'],
    resourceLimits: { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 12 },
  });
  const waiting = new Map<number, PromiseWithResolvers<MjmlAnswer>>();
  let asked = 0;
  const fail = (error: Error) => {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  worker.on('message', (answer: MjmlAnswer) => {
    waiting.get(answer.id)?.resolve(answer);
    waiting.delete(answer.id);
  });
  worker.on('error', fail);
  worker.on('exit', () => {
    fail(new Error('the MJML compiler ended'));
  });
  // After the listeners, which would hold the process again.
  worker.unref();
  return {
    ask: async (source: string): Promise<MjmlAnswer> => {
      asked += 1;
      const id = asked;
      const answer = Promise.withResolvers<MjmlAnswer>();
      waiting.set(id, answer);
      const timer = setTimeout(() => {
        answer.reject(new Error(`MJML was not compiled within ${patienceMs / 1_000} s`));
      }, patienceMs);
      worker.postMessage({ id, source } satisfies MjmlQuestion);
      try {
        return await answer.promise;
      } finally {
        clearTimeout(timer);
        waiting.delete(id);
      }
    },
    close: async (): Promise<void> => {
      await worker.terminate();
    },
  };
};
