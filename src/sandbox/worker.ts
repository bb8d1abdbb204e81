import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { createAnswerDesk } from './answers.ts';
import { createCallbackPump } from './callbacks.ts';
import { byProvider, createFaultBoard } from './faults.ts';
import { createApnsVendor } from './apns.ts';
import { createAwsSmsVendor } from './awsSms.ts';
import { createFcmVendor } from './fcm.ts';
import type { SandboxOptions, SandboxReport } from './index.ts';
import { createLanes } from './lanes.ts';
import { openLedger } from './ledger.ts';
import { createMailgunVendor } from './mailgun.ts';
import { createPoster } from './poster.ts';
import { createSendGridVendor } from './sendgrid.ts';
import { startSecureServers } from './secure.ts';
import { createSandboxListener, createSandboxServer } from './server.ts';
import { createSesVendor } from './ses.ts';
import { createEventSigner, createSandboxKeys } from './signing.ts';
import { smtpUrl, startSmtpSimulator } from './smtp.ts';
import { createSnsSigner, createTopic, SNS_REGION } from './topic.ts';
import { createSnsVendor } from './snsPublish.ts';
import { createTwilioVendor } from './twilio.ts';
import { createVonageVendor } from './vonage.ts';
import { createWebPushVendor } from './webpush.ts';

const options = workerData as SandboxOptions;
const seed = options.seed ?? 1;
const webhookBaseUrl = options.webhookBaseUrl.replace(/\/+$/, '');
const report = (message: SandboxReport): void => parentPort?.postMessage(message);

start().catch((error: unknown) => {
  report({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) });
});

async function start(): Promise<void> {
  const ledger = openLedger(options.dataDir);
  const hex = (name: string): string => ledger.setting(name, () => randomBytes(16).toString('hex'));
  const apiKey = `SG.${hex('sendgridApiKey')}`;
  const accountSid = `AC${hex('twilioAccount')}`;
  const authToken = hex('twilioAuthToken');
  const accessToken = hex('fcmAccessToken');
  const projectId = 'tidings-sandbox';
  const accessKeyId = `AKIA${hex('awsAccessKey').slice(0, 16).toUpperCase()}`;
  const mailgun = { apiKey: hex('mailgunApiKey'), domain: 'mg.tidings-sandbox.example' };
  const mailgunSigningKey = hex('mailgunSigningKey');
  const smtpPassword = hex('smtpPassword');
  const configurationSet = 'tidings-sandbox';
  const signer = createEventSigner(ledger);
  const keys = createSandboxKeys(ledger.setting);
  const apns = { key: keys.apns, keyId: 'SANDBOX001', teamId: 'SANDBOXTM1', topic: 'test.tidings' };
  const vonage = { applicationId: '0a5d0000-5a0d-4b0c-8000-0000000000a1', privateKey: keys.vonage };
  const signatureSecret = hex('vonageSignatureSecret');
  const originationIdentity = '+15005550009';

  const poster = createPoster();
  const snsSigner = createSnsSigner(ledger.setting);
  const sesTopic = createTopic('tidings-ses', snsSigner, poster);
  const smsTopic = createTopic('tidings-sms', snsSigner, poster);
  const pump = createCallbackPump(
    ledger,
    createLanes({
      webhookBaseUrl,
      authToken,
      signer,
      poster,
      mailgunSigningKey,
      sesTopic,
      smsTopic,
      vonage: { secret: signatureSecret, applicationId: vonage.applicationId },
    }),
  );
  const desk = createAnswerDesk(ledger, () => pump.wake());
  const board = createFaultBoard(seed);
  const latencyMs = options.latencyMs ?? 5;
  const requests = { ...byProvider(() => 0) };
  const smtp = await startSmtpSimulator({
    password: smtpPassword,
    board,
    ledger,
    latencyMs,
    onRequest: () => (requests.smtp += 1),
  });
  const webPush = createWebPushVendor({
    publicKey: keys.vapid.publicKey,
    secret: hex('webPushSecret'),
    webhookBaseUrl,
    seed,
  });
  let webPushUrl = '';
  const listener = createSandboxListener({
    vendors: [
      createSendGridVendor({ apiKey, seed }),
      createSesVendor({ accessKeyId, configurationSet, topic: sesTopic, seed }),
      createMailgunVendor({ ...mailgun, seed }),
      createTwilioVendor({ accountSid, authToken, webhookBaseUrl, seed }),
      createSnsVendor({ accessKeyId }),
      createAwsSmsVendor({
        accessKeyId,
        originationIdentity,
        configurationSet,
        topic: smsTopic,
        seed,
      }),
      createVonageVendor({ ...vonage, webhookBaseUrl, seed }),
      createFcmVendor({ projectId, accessToken, webhookBaseUrl, seed }),
      createApnsVendor({ ...apns, webhookBaseUrl, seed }),
      webPush,
    ],
    board,
    ledger,
    desk,
    latencyMs,
    requests,
    topics: [sesTopic, smsTopic],
    snsSigner,
    subscription: (id) => webPush.subscription(id, webPushUrl),
  });
  const secure = await startSecureServers(listener, ledger.setting);
  const { certificate: ca, apnsPort, webPushPort } = secure;
  webPushUrl = `https://localhost:${webPushPort}`;
  const aws = { region: SNS_REGION, accessKeyId, secretAccessKey: hex('awsSecretKey') };
  const server = createSandboxServer(listener);

  server.on('error', (error) => report({ kind: 'failed', reason: error.message }));
  server.listen(options.port ?? 0, '127.0.0.1', () => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    pump.wake();
    report({
      kind: 'listening',
      sandbox: {
        url,
        sendgrid: { baseUrl: url, apiKey, webhookPublicKey: signer.publicKey },
        ses: {
          ...aws,
          endpoint: url,
          configurationSet,
          topicArn: sesTopic.arn,
        },
        mailgun: { baseUrl: url, ...mailgun, webhookSigningKey: mailgunSigningKey },
        smtp: { url: smtpUrl(smtp.port, smtpPassword) },
        twilio: { baseUrl: url, accountSid, authToken, from: '+15005550006' },
        sns: { ...aws, endpoint: `${url}/aws/sns` },
        awsSms: {
          ...aws,
          endpoint: `${url}/aws/sms`,
          originationIdentity,
          configurationSet,
          topicArn: smsTopic.arn,
        },
        vonage: { ...vonage, baseUrl: url, signatureSecret, from: '+15005550010' },
        fcm: { baseUrl: url, projectId, accessToken },
        apns: {
          ...apns,
          production: false,
          server: { host: 'localhost', port: apnsPort, ca },
        },
        webpush: {
          ...keys.vapid,
          subject: 'mailto:sandbox@tidings.example',
          server: { baseUrl: webPushUrl, ca },
        },
      },
    });
  });

  parentPort?.once('message', () => {
    server.close();
    smtp.close();
    secure.close();
    desk.close();
    poster.close();
    pump.close();
    server.closeAllConnections();
    ledger.close();
    parentPort?.close();
  });
}
