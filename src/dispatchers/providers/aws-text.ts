import { awsHandler, AwsRefusal } from './aws.ts';
import { deferred, noAnswer, refusal, rejected, retryAfterMs, unknown } from './outcome.ts';
import type { Outcome } from './provider.ts';
import { type Reply, type Transport, TransportError } from './transport.ts';

/** An account of AWS in one region. */
export interface AwsAccount {
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Default: AWS. */
  readonly endpoint?: string;
}

/** Options for a client of the SDK that sends once over `transport`. */
export const awsClient = (account: AwsAccount, transport: Transport) => ({
  region: account.region,
  credentials: { accessKeyId: account.accessKeyId, secretAccessKey: account.secretAccessKey },
  ...(account.endpoint === undefined ? {} : { endpoint: account.endpoint }),
  maxAttempts: 1,
  requestHandler: awsHandler(transport),
});

/**
 * Sends a text message through AWS once. `outcomeOfCode` says what the service's own codes mean; undefined leaves it to
 * those that all services share and to the status.
 */
export const awsOutcome = async (
  send: () => Promise<{ readonly MessageId?: string | undefined }>,
  outcomeOfCode: (code: string, body: string) => Outcome | undefined,
): Promise<Outcome> => {
  try {
    const { MessageId: id } = await send();
    return typeof id === 'string' && id !== ''
      ? { kind: 'accepted', providerMessageId: id }
      : unknown('no_message_id', 'a success without a message id');
  } catch (error) {
    if (error instanceof TransportError) return noAnswer(error);
    if (!(error instanceof AwsRefusal)) {
      return unknown('unreadable_answer', 'a success that could not be read');
    }
    const code = codeOf(error);
    return outcomeOfCode(code, error.reply.body) ?? outcomeOfAny(code, error.reply);
  }
};

const THROTTLED = /^(Throttling|Throttled|TooManyRequests|RequestLimitExceeded)/;
const CREDENTIALS =
  /^(AccessDenied|ExpiredToken|IncompleteSignature|InvalidClientTokenId|InvalidSignature|MissingAuthenticationToken|OptInRequired|RequestExpired|SignatureDoesNotMatch|UnrecognizedClient)/;

function outcomeOfAny(code: string, { status, headers }: Reply): Outcome {
  if (THROTTLED.test(code)) {
    return deferred(named(code), 'the provider limits our rate', retryAfterMs(headers, Date.now()));
  }
  if (CREDENTIALS.test(code)) {
    return rejected(named(code), 'the provider refused our credentials', 'configuration');
  }
  return refusal(status, headers);
}

/** A code of AWS as ours: `aws_ConflictException`. */
export const named = (code: string): string => `aws_${code}`;

/** AWS's word for it, of SNS in XML; empty when the answer isn't from AWS itself. */
function codeOf({ errorName, reply }: AwsRefusal): string {
  const code = errorName || (/<Code>(\w+)<\/Code>/.exec(reply.body)?.[1] ?? '');
  return /^\w{1,60}$/.test(code) ? code : '';
}
