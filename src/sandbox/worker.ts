import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { createAnswerDesk } from './answers.ts';
import { createCallbackPump } from './callbacks.ts';
import { createFaultBoard } from './faults.ts';
import { createFcmVendor } from './fcm.ts';
import type { SandboxOptions, SandboxReport } from './index.ts';
import { createLanes } from './lanes.ts';
import { openLedger } from './ledger.ts';
import { createPoster } from './poster.ts';
import { createSendGridVendor } from './sendgrid.ts';
import { createSandboxServer } from './server.ts';
import { createEventSigner } from './signing.ts';
import { createTwilioVendor } from './twilio.ts';

const options = workerData as SandboxOptions;
const seed = options.seed ?? 1;
const webhookBaseUrl = options.webhookBaseUrl.replace(/\/+$/, '');
const report = (message: SandboxReport): void => parentPort?.postMessage(message);

try {
  start();
} catch (error) {
  report({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) });
}

function start(): void {
  const ledger = openLedger(options.dataDir);
  const hex = (name: string): string => ledger.setting(name, () => randomBytes(16).toString('hex'));
  const apiKey = `SG.${hex('sendgridApiKey')}`;
  const accountSid = `AC${hex('twilioAccount')}`;
  const authToken = hex('twilioAuthToken');
  const accessToken = hex('fcmAccessToken');
  const projectId = 'tidings-sandbox';
  const signer = createEventSigner(ledger);

  const poster = createPoster();
  const pump = createCallbackPump(
    ledger,
    createLanes({ webhookBaseUrl, authToken, signer, poster }),
  );
  const desk = createAnswerDesk(ledger, () => pump.wake());
  const server = createSandboxServer({
    vendors: [
      createSendGridVendor({ apiKey, seed }),
      createTwilioVendor({ accountSid, authToken, webhookBaseUrl, seed }),
      createFcmVendor({ projectId, accessToken, webhookBaseUrl, seed }),
    ],
    board: createFaultBoard(seed),
    ledger,
    desk,
    latencyMs: options.latencyMs ?? 5,
  });

  server.on('error', (error) => report({ kind: 'failed', reason: error.message }));
  server.listen(options.port ?? 0, '127.0.0.1', () => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    pump.wake();
    report({
      kind: 'listening',
      sandbox: {
        url,
        sendgrid: { baseUrl: url, apiKey, webhookPublicKey: signer.publicKey },
        twilio: { baseUrl: url, accountSid, authToken, from: '+15005550006' },
        fcm: { baseUrl: url, projectId, accessToken },
      },
    });
  });

  parentPort?.once('message', () => {
    server.close();
    desk.close();
    poster.close();
    pump.close();
    server.closeAllConnections();
    ledger.close();
    parentPort?.close();
  });
}
