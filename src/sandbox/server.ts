import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import { send } from './answers.ts';
import type { AnswerDesk, SandboxResponse } from './answers.ts';
import { control } from './controls.ts';
import type { FaultBoard, ProviderName } from './faults.ts';
import type { Ledger } from './ledger.ts';
import { confirmSubscription } from './topic.ts';
import type { SnsSigner, Topic } from './topic.ts';
import type { Message, Reading, Vendor } from './vendor.ts';
import type { WebPushVendor } from './webpush.ts';

const LARGEST_BODY = 4 * 1024 * 1024;

type SandboxRequest = IncomingMessage | Http2ServerRequest;
export type SandboxListener = (request: SandboxRequest, response: SandboxResponse) => void;

/** An HTTP server for all vendors that are spoken to without TLS. */
export const createSandboxServer = (listener: SandboxListener): Server =>
  createServer({ keepAliveTimeout: 30_000, noDelay: true }, listener);

/** Answers for all vendors, told apart by path, and serves the controls under `/sandbox/`. */
export function createSandboxListener(parts: {
  readonly vendors: readonly Vendor[];
  readonly board: FaultBoard;
  readonly ledger: Ledger;
  readonly desk: AnswerDesk;
  readonly latencyMs: number;
  /** Counts the sends. */
  readonly requests: Record<ProviderName, number>;
  readonly topics: readonly Topic[];
  readonly snsSigner: SnsSigner;
  subscription(id: string): ReturnType<WebPushVendor['subscription']>;
}): SandboxListener {
  const { requests } = parts;
  const respond = (request: SandboxRequest, response: SandboxResponse, rawBody: Buffer): void => {
    const body = rawBody.toString('utf8');
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
    const reading = vendor.read({ path, headers: request.headers, body, rawBody });
    if (reading instanceof Promise) void reading.then((each) => take(vendor, each, response));
    else take(vendor, reading, response);
  };
  const take = (vendor: Vendor, reading: Reading, response: SandboxResponse): void => {
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

  return (request, response) => {
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
        respond(request, response, Buffer.concat(chunks));
      }
    });
  };
}

/** A second request for the same notification to the same recipient is its second; one to another device is not. */
const subjectOf = ({ notificationId, recipient }: Message): string =>
  `${notificationId ?? ''}\u0000${recipient}`;
