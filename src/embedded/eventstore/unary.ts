/** Calls with one request and one answer, through the client's generated messages. */
import { frameOf } from './frames.ts';
import type { Call, Route } from './transport.ts';

/** What every generated message class has. */
export interface Encodable {
  serializeBinary(): Uint8Array;
}

/** @param answer may throw or reject with a GrpcError. */
export const unary =
  <Request>(
    decode: (bytes: Uint8Array) => Request,
    answer: (request: Request, call: Call) => Encodable | Promise<Encodable>,
  ): Route =>
  (call) => ({
    message(bytes) {
      const respond = async (): Promise<void> => {
        const response = await answer(decode(bytes), call);
        call.write(frameOf(response.serializeBinary()));
        call.finish();
      };
      respond().catch((error: unknown) => call.fail(error));
    },
  });
