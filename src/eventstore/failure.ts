/**
 * An error in words for a log line: its name and message, never the object, because drivers hang what
 * they were given onto their errors, and a driver's message may quote a document (facts N5).
 */
export const failureOf = (error: unknown): string => {
  if (!(error instanceof Error)) return typeof error;
  return error.name.startsWith('Mongo') ? error.name : `${error.name}: ${error.message}`;
};
