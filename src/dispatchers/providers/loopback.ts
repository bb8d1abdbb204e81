import http from 'node:http';
import net from 'node:net';
import type { Socket } from 'node:net';

/**
 * An agent that claims https and dials plain TCP on 127.0.0.1: firebase-admin's host is fixed, so this is how it reaches
 * the sandbox (facts, providers §1).
 */
export class LoopbackAgent extends http.Agent {
  protocol = 'https:';
  readonly #port: number;

  constructor(port: number, options: http.AgentOptions) {
    super(options);
    this.#port = port;
  }

  override createConnection(): Socket {
    return net.connect(this.#port, '127.0.0.1');
  }
}

/** The port of a base URL such as `http://127.0.0.1:4100`. Throws for anything but plain http on loopback. */
export function loopbackPort(baseUrl: string): number {
  const url = new URL(baseUrl);
  if (url.protocol !== 'http:' || url.hostname !== '127.0.0.1' || url.port === '') {
    throw new Error(`the base URL of FCM must look like http://127.0.0.1:PORT, not ${baseUrl}`);
  }
  return Number(url.port);
}
