/**
 * Waits for Ctrl-C or SIGTERM, then closes; a second signal ends the process at once.
 *
 * @returns the exit code
 */
export const untilSignal = (close: () => Promise<void>): Promise<number> =>
  new Promise((resolve) => {
    let stopping = false;
    const onSignal = () => {
      if (stopping) process.exit(130);
      stopping = true;
      process.stderr.write('\nstopping; once more to force\n');
      close().then(
        () => resolve(0),
        (error: unknown) => {
          process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
          resolve(1);
        },
      );
    };
    process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  });
