import { randomUUID } from 'node:crypto';
import type { Providers } from '../dispatchers/providers/providers.ts';
import { failureOf } from '../eventstore/failure.ts';
import { openProviderReports } from '../readmodels/providerHealth.ts';
import type { Parts } from './parts.ts';
import { wait } from './wait.ts';

const everyMs = 2_000;
/** What has not changed is said again before it would be taken for gone. */
const atLeastEveryMs = 10_000;

/** Tells Prometheus, and the API of whichever process, how the providers are doing. */
export const reportProviders = async (
  { database, metrics, logger, closing, running }: Parts,
  providers: Pick<Providers, 'health'>,
): Promise<void> => {
  metrics.watchProviders(() => providers.health());
  const reports = await openProviderReports(database);
  const process = randomUUID();
  let said = '';
  let saidAt = 0;
  const report = async (): Promise<void> => {
    const health = providers.health();
    const text = JSON.stringify(health);
    const now = Date.now();
    if (text === said && now - saidAt < atLeastEveryMs) return;
    await reports.write(process, health, new Date(now));
    [said, saidAt] = [text, now];
  };
  const run = async (): Promise<void> => {
    while (!closing.aborted) {
      await report().catch((error: unknown) =>
        logger.warn({ reason: failureOf(error) }, 'the health of providers could not be written'),
      );
      await wait(everyMs, closing);
    }
  };
  running(run());
};
