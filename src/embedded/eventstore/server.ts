/** The server: a store, its services, and the transport that carries them. */
import { httpListener } from './http.ts';
import { nodeRoutes } from './node.ts';
import { backupStore } from './operations/backup.ts';
import { createPassword, leaveContact, removeContact } from './operations/contact.ts';
import { operatorRoutes } from './operations/operator.ts';
import { projectionRoutes } from './operations/projections.ts';
import { createScavenger, operationRoutes } from './operations/routes.ts';
import { openGroups } from './persistent/groups.ts';
import { persistentRoutes } from './persistent/routes.ts';
import { openStore } from './store/store.ts';
import { streamRoutes } from './streams/routes.ts';
import { startTransport } from './transport.ts';

export interface ServerOptions {
  readonly dataDir: string;
  readonly host: string;
  /** 0 for a free one. */
  readonly port: number;
}

export interface Server {
  readonly port: number;
  /** Copies the store into a folder while it goes on serving. */
  backup(folder: string): Promise<void>;
  /** Removes what is hidden; resolves with the number of events removed. */
  scavenge(): Promise<number>;
  close(): Promise<void>;
}

/** Opens the store and listens. Throws when the host isn't loopback or the store can't be opened. */
export async function startServer({ dataDir, host, port }: ServerOptions): Promise<Server> {
  if (!/^(127(\.\d{1,3}){3}|localhost|::1)$/.test(host)) {
    throw new Error(`The embedded event store listens on loopback only, not on ${host}.`);
  }
  const store = openStore(dataDir);
  try {
    let bound = port;
    const groups = openGroups(store);
    const scavenger = createScavenger(store);
    const backups = new Set<Promise<void>>();
    const backup = async (folder: string): Promise<void> => {
      const copying = backupStore(store, folder);
      backups.add(copying);
      await copying.finally(() => backups.delete(copying));
    };
    const scavenge = (): Promise<number> => scavenger.start().done;
    const password = createPassword();
    const routes = new Map([
      ...nodeRoutes(() => ({ host, port: bound })),
      ...streamRoutes(store),
      ...persistentRoutes(groups),
      ...operationRoutes(scavenger, groups),
      ...projectionRoutes,
      ...operatorRoutes(password, backup, scavenge),
    ]);
    const transport = await startTransport(routes, httpListener(store), host, port);
    bound = transport.port;
    leaveContact(dataDir, { host, port: bound, password });
    return {
      port: bound,
      backup,
      scavenge,
      async close() {
        removeContact(dataDir);
        await transport.close();
        const running = scavenger.running();
        running?.stop();
        await running?.done.catch(() => undefined);
        await Promise.allSettled(backups);
        groups.close();
        store.close();
      },
    };
  } catch (error) {
    store.close();
    throw error;
  }
}
