import type { ProviderReport } from '../domain/providerReport.ts';
import type { Database } from './database.ts';

interface ReportDocument extends ProviderReport {
  readonly _id: string;
  readonly process: string;
  readonly at: Date;
}

/** What dispatchers tell of their providers, for whoever asks the API of another process. */
export interface ProviderReports {
  /** Replaces what this process said before. */
  write(process: string, reports: readonly ProviderReport[], at: Date): Promise<void>;
  /** One for each process that reported lately. */
  read(now: Date): Promise<readonly ProviderReport[]>;
}

/** A process that hasn't reported for so long is taken for gone. */
const lifetimeMs = 30_000;
/** And is forgotten after this. */
const keptSeconds = 3_600;

export const openProviderReports = async (database: Database): Promise<ProviderReports> => {
  const collection = database.collection<ReportDocument>('provider_health');
  await collection.createIndexes([{ key: { at: 1 }, expireAfterSeconds: keptSeconds }]);
  return {
    write: async (process, reports, at) => {
      if (reports.length === 0) return;
      await collection.bulkWrite(
        reports.map((report) => {
          const _id = `${process}:${report.provider}`;
          return {
            replaceOne: { filter: { _id }, replacement: { ...report, process, at }, upsert: true },
          };
        }),
        { ordered: false },
      );
    },
    read: (now) =>
      collection
        .find({ at: { $gte: new Date(now.getTime() - lifetimeMs) } })
        .sort({ at: 1 })
        .toArray(),
  };
};
