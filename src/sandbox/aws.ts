import type { VendorRequest } from './vendor.ts';

/** Whether a request is signed with this access key. The signature itself is left to AWS. */
export const hasAccessKey = ({ headers }: VendorRequest, accessKeyId: string): boolean =>
  (headers.authorization ?? '').startsWith(`AWS4-HMAC-SHA256 Credential=${accessKeyId}/`);
