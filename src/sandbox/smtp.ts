import { randomUUID } from 'node:crypto';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import type {
  SMTPServer,
  SMTPServerDataStream,
  SMTPServerOptions,
  SMTPServerSession,
} from 'smtp-server';
import type { FaultBoard } from './faults.ts';
import type { Ledger } from './ledger.ts';

export interface SmtpSimulator {
  readonly port: number;
  close(): void;
}

type FaultDecision = ReturnType<FaultBoard['decide']>;

const LARGEST_MESSAGE = 4 * 1024 * 1024;
const USER = 'sandbox';

/**
 * An SMTP server on a port of its own, for one account and without TLS. Recipients whose local part starts with `bounce`
 * are refused. It knows our id by the Message-ID, and keeps nothing else of a message. Faults are decided by recipient: a
 * rate limit is a 450, trouble a 421. Resolves once it listens; what speaks SMTP is loaded with the first connection, since it
 * takes some 20 MB.
 */
export async function startSmtpSimulator(config: {
  readonly password: string;
  readonly board: FaultBoard;
  readonly ledger: Ledger;
  readonly latencyMs: number;
  /** A message is about to be sent. */
  readonly onRequest: () => void;
}): Promise<SmtpSimulator> {
  const sockets = new Map<number, Socket>();
  const decisions = new WeakMap<SMTPServerSession, FaultDecision>();
  const timers = new Set<NodeJS.Timeout>();

  /** The reply to a message that was taken in whole. */
  const finish = (
    session: SMTPServerSession,
    messageId: MessageId | undefined,
    reply: (error?: Error | null, text?: string) => void,
  ): void => {
    const decision = decisions.get(session);
    const { reset = false, refuse, latencyMs = config.latencyMs } = decision ?? {};
    const queueId = randomUUID();
    if (refuse === undefined) {
      const recipient = session.envelope.rcptTo[0]?.address ?? '';
      config.ledger.write({
        entries: [
          {
            provider: 'smtp',
            providerMessageId: messageId?.whole ?? queueId,
            notificationId: messageId?.notificationId ?? null,
            attempt: null,
            recipient,
            at: Date.now(),
          },
        ],
      });
    }
    const timer = setTimeout(() => {
      timers.delete(timer);
      if (refuse === 'rateLimit') reply(refusal(450, '4.2.1 The rate is limited, try again later'));
      else if (refuse === 'serverError') reply(refusal(421, '4.3.2 The service is not available'));
      else if (reset) sockets.get(session.remotePort)?.resetAndDestroy();
      else reply(null, `2.0.0 Ok: queued as ${queueId}`);
    }, latencyMs);
    timers.add(timer);
  };

  const options = {
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    disableReverseLookup: true,
    size: LARGEST_MESSAGE,
    closeTimeout: 100,
    onAuth: ({ username, password }, _session, done) => {
      const known = username === USER && password === config.password;
      done(known ? null : refusal(535, '5.7.8 Authentication failed'), { user: USER });
    },
    onMailFrom: (_address, _session, done) => {
      config.onRequest();
      done();
    },
    onRcptTo: ({ address }, session, done) => {
      const decision = config.board.decide('smtp', address);
      decisions.set(session, decision);
      const unreachable = decision.bounce || address.startsWith('bounce');
      done(unreachable ? refusal(550, '5.1.1 No such mailbox here') : null);
    },
    onData: (stream, session, reply) => {
      void readMessageId(stream).then((id) => {
        if (stream.sizeExceeded) reply(refusal(552, '5.3.4 The message is too big'));
        else finish(session, id, reply);
      });
    },
  } satisfies SMTPServerOptions;
  let speaking: Promise<SMTPServer> | undefined;
  const load = async (): Promise<SMTPServer> => {
    const { SMTPServer: Server } = await import('smtp-server');
    const loaded = new Server(options);
    // A client that goes away in the middle of something is no trouble of the server's.
    loaded.on('error', () => undefined);
    return loaded;
  };
  const server = createServer((socket) => {
    const { remotePort = 0 } = socket;
    sockets.set(remotePort, socket);
    socket.once('close', () => sockets.delete(remotePort));
    socket.on('error', () => undefined);
    speaking ??= load();
    void speaking.then((smtp) => smtp.server.emit('connection', socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });

  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      for (const timer of timers) clearTimeout(timer);
      server.close();
      for (const socket of sockets.values()) socket.destroy();
    },
  };
}

/** The address of the simulator as `SMTP_URL` has it. */
export const smtpUrl = (port: number, password: string): string =>
  `smtp://${USER}:${password}@127.0.0.1:${port}?starttls=never`;

const refusal = (responseCode: number, text: string): Error =>
  Object.assign(new Error(text), { responseCode });

interface MessageId {
  readonly whole: string;
  /** What stands before the @. */
  readonly notificationId: string;
}

/** Reads the stream to its end. */
async function readMessageId(stream: SMTPServerDataStream): Promise<MessageId | undefined> {
  let head = '';
  try {
    for await (const chunk of stream) {
      if (head.length < 65_536) head += (chunk as Buffer).toString('latin1');
    }
  } catch {
    return undefined;
  }
  const [headers = ''] = head.split('\r\n\r\n', 1);
  const [, notificationId, domain] =
    /^message-id:\s*<([\w-]{1,64})@([^>\s]+)>/im.exec(headers) ?? [];
  return notificationId === undefined
    ? undefined
    : { whole: `${notificationId}@${domain}`, notificationId };
}
