import type { Document } from 'mongodb';

/** The parts of MongoDB's unified test format that its CRUD tests use. */
export interface UnifiedFile {
  readonly description: string;
  readonly runOnRequirements?: readonly Requirement[];
  readonly createEntities?: readonly Document[];
  readonly initialData?: readonly CollectionData[];
  readonly tests: readonly UnifiedTest[];
}

export interface Requirement {
  readonly minServerVersion?: string;
  readonly maxServerVersion?: string;
  readonly topologies?: readonly string[];
  readonly serverParameters?: Document;
  readonly csfle?: boolean;
  readonly auth?: boolean;
}

export interface CollectionData {
  readonly databaseName: string;
  readonly collectionName: string;
  readonly createOptions?: Document;
  readonly documents: readonly Document[];
}

export interface UnifiedTest {
  readonly description: string;
  readonly skipReason?: string;
  readonly runOnRequirements?: readonly Requirement[];
  readonly operations: readonly Operation[];
  readonly outcome?: readonly CollectionData[];
}

export interface Operation {
  readonly name: string;
  readonly object: string;
  readonly arguments?: Document;
  readonly expectResult?: unknown;
  readonly expectError?: ExpectedError;
  readonly saveResultAsEntity?: string;
  readonly ignoreResultAndError?: boolean;
}

export interface ExpectedError {
  readonly isError?: boolean;
  readonly isClientError?: boolean;
  readonly errorCode?: number;
  readonly errorCodeName?: string;
  readonly errorContains?: string;
  readonly errorResponse?: Document;
  readonly expectResult?: unknown;
  readonly writeErrors?: Document;
}

const VERSION = [8, 0, 0];

const compared = (text: string): number => {
  const parts = text.split('.').map(Number);
  for (let i = 0; i < 3; i++) {
    const difference = (VERSION[i] ?? 0) - (parts[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
};

/** Whether the server, which is a one-member set of MongoDB 8.0.0, is one that a test is for. */
export const runsHere = (requirements: readonly Requirement[] | undefined): boolean =>
  requirements?.some(
    ({ minServerVersion, maxServerVersion, topologies, serverParameters, csfle, auth }) =>
      compared(minServerVersion ?? '0') >= 0 &&
      compared(maxServerVersion ?? '99') <= 0 &&
      (topologies?.includes('replicaset') ?? true) &&
      serverParameters === undefined &&
      csfle !== true &&
      auth !== true,
  ) ?? true;
