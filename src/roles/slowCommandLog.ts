import type { Logger } from 'pino';
import type { SlowCommand } from '../embedded/mongodb/index.ts';

/**
 * Logs what the embedded MongoDB server took long for: a scan of a whole collection as a warning, since an
 * index would help; the rest only at level `debug`. Values of the command are personal data and stay out.
 */
export const slowCommandLog =
  (logger: Logger) =>
  ({ milliseconds, ...command }: SlowCommand): void => {
    const line = { ...command, milliseconds: Math.round(milliseconds) };
    if (command.plan === 'COLLSCAN') logger.warn(line, 'slow query without an index');
    else logger.debug(line, 'slow query');
  };
