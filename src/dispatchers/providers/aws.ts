import type { Reply, Transport } from './transport.ts';

/** An answer of 300 or more, taken before the SDK reads it: the SDK stumbles over what a gateway writes. */
export class AwsRefusal extends Error {
  override readonly name = 'AwsRefusal';
  readonly reply: Reply;
  /** What AWS calls the error, such as `TooManyRequestsException`; empty when the answer isn't from AWS itself. */
  readonly errorName: string;
  /** AWS's own words: to be looked at, never to be passed on, since they may hold an address. */
  readonly words: string;

  constructor(reply: Reply) {
    super(`status ${reply.status}`);
    this.reply = reply;
    const body = fieldsOf(reply.body);
    const [name = ''] = textsOf([reply.headers['x-amzn-errortype'], body['__type'], body['code']]);
    const [words = ''] = textsOf([body['message'], body['Message']]);
    // `Name:http://…` in the header, `com.amazonaws…#Name` in the body.
    this.errorName = name.split(':', 1)[0]?.split('#').at(-1) ?? '';
    this.words = words;
  }
}

interface AwsRequest {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/**
 * Our transport as the HTTP handler of an AWS client (`requestHandler`): it tells for sure whether anything was sent, and
 * bounds the whole exchange. Its errors, {@link AwsRefusal} among them, come out of `client.send` as they are; with
 * `maxAttempts: 1` the client repeats nothing.
 */
export const awsHandler = (transport: Transport) => ({
  handle: async ({ protocol, hostname, port, path, headers, body }: AwsRequest) => {
    const host = port === undefined ? hostname : `${hostname}:${port}`;
    const text = typeof body === 'string' ? body : new TextDecoder().decode(body as Uint8Array);
    const reply = await transport.post({ url: `${protocol}//${host}${path}`, headers, body: text });
    if (reply.status >= 300) throw new AwsRefusal(reply);
    const { status: statusCode, headers: answered } = reply;
    return { response: { statusCode, headers: answered, body: Buffer.from(reply.body) } };
  },
});

const textsOf = (values: readonly unknown[]): readonly string[] =>
  values.filter((value): value is string => typeof value === 'string' && value !== '');

function fieldsOf(body: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
