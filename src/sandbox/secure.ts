import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createSecureServer } from 'node:http2';
import type { Http2Session } from 'node:http2';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { selfSigned } from './certificate.ts';
import type { SandboxListener } from './server.ts';

/** Simulators of what is only spoken to over TLS. */
export interface SecureServers {
  readonly apnsPort: number;
  readonly webPushPort: number;
  /** PEM; for `localhost`. */
  readonly certificate: string;
  close(): void;
}

/** APNs over HTTP/2 and Web Push over HTTPS, each on a free loopback port, with a certificate made now. */
export async function startSecureServers(
  listener: SandboxListener,
  setting: (name: string, make: () => string) => string,
): Promise<SecureServers> {
  const key = setting('tlsPrivateKey', () =>
    generateKeyPairSync('ec', { namedCurve: 'P-256' })
      .privateKey.export({ type: 'pkcs8', format: 'pem' })
      .toString(),
  );
  const certificate = selfSigned(createPrivateKey(key), ['localhost'], new Date());
  const identity = { key, cert: certificate };
  const webPush = createServer({ ...identity, keepAliveTimeout: 30_000 }, listener);
  const apns = createSecureServer(identity, listener);
  const sessions = new Set<Http2Session>();
  apns.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
    session.on('error', () => session.destroy());
  });
  // Who doesn't trust the certificate hangs up; that is their affair.
  for (const server of [webPush, apns]) server.on('tlsClientError', () => undefined);
  const listening = [webPush, apns].map(async (server) => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  });
  const [webPushPort = 0, apnsPort = 0] = await Promise.all(listening);
  return {
    apnsPort,
    webPushPort,
    certificate,
    close: () => {
      webPush.close();
      webPush.closeAllConnections();
      apns.close();
      for (const session of sessions) session.destroy();
    },
  };
}
