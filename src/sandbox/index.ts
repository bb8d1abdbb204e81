import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

export type { Faults, ProviderName } from './faults.ts';
export type { LedgerRow, ProviderSummary } from './ledger.ts';

export interface SandboxOptions {
  /** Holds the ledger, `sandbox.db`; one sandbox at a time. */
  readonly dataDir: string;
  /** Default 0: any free port. */
  readonly port?: number;
  /** Milliseconds from a request to its answer. Default 5. */
  readonly latencyMs?: number;
  /** Where the webhooks go, e.g. `http://127.0.0.1:4000`. */
  readonly webhookBaseUrl: string;
  /** Decides who opens, clicks and meets a fault. Default 1. */
  readonly seed?: number;
}

/** The addresses and credentials of the simulators. Credentials stay the same over restarts on one data directory. */
export interface SandboxAddresses {
  readonly url: string;
  readonly sendgrid: {
    readonly baseUrl: string;
    readonly apiKey: string;
    /** Base64 SPKI. */
    readonly webhookPublicKey: string;
  };
  readonly ses: {
    readonly endpoint: string;
    readonly region: string;
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly configurationSet: string;
    readonly topicArn: string;
  };
  readonly mailgun: {
    readonly baseUrl: string;
    readonly apiKey: string;
    readonly domain: string;
    readonly webhookSigningKey: string;
  };
  readonly smtp: { readonly url: string };
  readonly twilio: {
    readonly baseUrl: string;
    readonly accountSid: string;
    readonly authToken: string;
    readonly from: string;
  };
  readonly sns: AwsAddresses;
  readonly awsSms: AwsAddresses & {
    readonly originationIdentity: string;
    readonly configurationSet: string;
    readonly topicArn: string;
  };
  readonly vonage: {
    readonly baseUrl: string;
    readonly applicationId: string;
    /** PEM. */
    readonly privateKey: string;
    readonly signatureSecret: string;
    readonly from: string;
  };
  readonly fcm: {
    readonly baseUrl: string;
    readonly projectId: string;
    readonly accessToken: string;
  };
  readonly apns: {
    readonly key: string;
    readonly keyId: string;
    readonly teamId: string;
    readonly topic: string;
    readonly production: boolean;
    readonly server: { readonly host: string; readonly port: number; readonly ca: string };
  };
  readonly webpush: {
    readonly publicKey: string;
    readonly privateKey: string;
    readonly subject: string;
    readonly server: { readonly baseUrl: string; readonly ca: string };
  };
}

interface AwsAddresses {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface Sandbox extends SandboxAddresses {
  /** Stops answering; pending callbacks stay in the ledger for the next start. */
  close(): Promise<void>;
}

/** What the worker says to its starter. */
export type SandboxReport =
  | { readonly kind: 'listening'; readonly sandbox: SandboxAddresses }
  | { readonly kind: 'failed'; readonly reason: string };

/**
 * Starts simulators of the providers in a worker thread, on one loopback port (SMTP, APNs and Web Push have their own): the vendors' wire protocols,
 * signed webhooks, faults on demand (`faults.ts`) and a ledger of everything accepted (`controls.ts`). Rejects when the
 * port or the data directory is taken.
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
  const worker = new Worker(new URL(`./worker${extension}`, import.meta.url), {
    workerData: options,
    // Short-lived buffers need no more room than this; the default keeps 48 MB of it for each thread.
    resourceLimits: { maxYoungGenerationSizeMb: 12 },
    // Not the starter's own flags: some, like --input-type, can't go with a file.
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  const [report] = (await once(worker, 'message')) as [SandboxReport];
  if (report.kind === 'failed') {
    await worker.terminate();
    throw new Error(`the sandbox can't start: ${report.reason}`);
  }
  return {
    ...report.sandbox,
    close: async () => {
      const exited = once(worker, 'exit');
      worker.postMessage('close');
      await exited;
    },
  };
}
