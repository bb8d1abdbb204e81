import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { send } from './answers.ts';
import type { AnswerDesk } from './answers.ts';
import { control } from './controls.ts';
import type { FaultBoard, ProviderName } from './faults.ts';
import type { Ledger } from './ledger.ts';
import { confirmSubscription } from './topic.ts';
import type { SnsSigner, Topic } from './topic.ts';
import type { Message, Reading, Vendor } from './vendor.ts';

const LARGEST_BODY = 4 * 1024 * 1024;

/** One HTTP server for all vendors, told apart by path, and for the controls under `/sandbox/`. */
export function createSandboxServer(parts: {
  readonly vendors: readonly Vendor[];
  readonly board: FaultBoard;
  readonly ledger: Ledger;
  readonly desk: AnswerDesk;
  readonly latencyMs: number;
  /** Counts the sends. */
  readonly requests: Record<ProviderName, number>;
  readonly topics: readonly Topic[];
  readonly snsSigner: SnsSigner;
}): Server {
  const { requests } = parts;
  const respond = (request: IncomingMessage, response: ServerResponse, body: string): void => {
    const { method = 'GET', url = '/' } = request;
    const path = url.split('?', 1)[0] ?? url;
    if (path.startsWith('/sandbox/')) {
      send(response, control(method, new URL(url, 'http://sandbox'), body, parts));
      return;
    }
    if (path.startsWith('/aws/topics')) {
      send(response, confirmSubscription(parts.topics, body));
      return;
    }
    const vendor = parts.vendors.find((each) => each.serves(path, request.headers));
    if (vendor === undefined || method !== 'POST') {
      send(response, { status: 404, body: { error: 'no vendor of the sandbox serves this' } });
      return;
    }
    requests[vendor.provider] += 1;
    const reading = vendor.read({ path, headers: request.headers, body });
    if (reading instanceof Promise) void reading.then((each) => take(vendor, each, response));
    else take(vendor, reading, response);
  };
  const take = (vendor: Vendor, reading: Reading, response: ServerResponse): void => {
    if ('refused' in reading) {
      parts.desk.answer(response, reading.refused, parts.latencyMs);
      return;
    }
    const [message] = reading.messages;
    const { latencyMs, refuse, retryAfterSeconds, reset, bounce } = parts.board.decide(
      vendor.provider,
      subjectOf(message),
    );
    const delayMs = latencyMs ?? parts.latencyMs;
    if (refuse === 'rateLimit') {
      parts.desk.answer(response, vendor.rateLimited(retryAfterSeconds), delayMs);
    } else if (refuse === 'serverError') {
      parts.desk.answer(response, vendor.unavailable(), delayMs);
    } else {
      const acceptance = vendor.accept(reading.messages, bounce, Date.now());
      parts.desk.answer(response, acceptance, delayMs, reset);
    }
  };

  return createServer({ keepAliveTimeout: 30_000, noDelay: true }, (request, response) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= LARGEST_BODY) chunks.push(chunk);
    });
    request.on('error', () => response.destroy());
    request.on('end', () => {
      if (length > LARGEST_BODY) {
        send(response, { status: 413, body: { error: 'the body is too large' } });
      } else {
        respond(request, response, Buffer.concat(chunks).toString('utf8'));
      }
    });
  });
}

/** A second request for the same notification to the same recipient is its second; one to another device is not. */
const subjectOf = ({ notificationId, recipient }: Message): string =>
  `${notificationId ?? ''}\u0000${recipient}`;
