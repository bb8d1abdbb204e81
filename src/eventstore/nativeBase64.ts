import { createRequire } from 'node:module';

interface ProtobufMessage {
  bytesAsU8(value: Uint8Array | string | null | undefined): Uint8Array | null | undefined;
}

const replaced = new WeakSet<ProtobufMessage>();

/**
 * The client hands the JSON of an event to its protobuf runtime as Base64, which that decodes letter by
 * letter, twice an event: a quarter of what an append costs. Node's own decoder takes its place, once.
 */
export const useNativeBase64 = (): void => {
  const ofClient = createRequire(
    createRequire(import.meta.url).resolve('@eventstore/db-client/package.json'),
  );
  const { Message } = ofClient('google-protobuf') as { readonly Message: ProtobufMessage };
  if (replaced.has(Message)) return;
  replaced.add(Message);
  const original = Message.bytesAsU8.bind(Message);
  Message.bytesAsU8 = (value) =>
    typeof value === 'string' ? new Uint8Array(Buffer.from(value, 'base64')) : original(value);
};
