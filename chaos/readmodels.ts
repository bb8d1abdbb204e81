import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { MongoClient } from 'mongodb';
import { startMongoProcess } from '../tools/mongoProcess.ts';
import { seededRandom } from '../tools/seededRandom.ts';
import { check, type Found } from './readmodels/check.ts';
import { createGate } from './readmodels/gate.ts';
import { emptyLedger } from './readmodels/ledger.ts';
import { INDEXES, type Kept, startWriters } from './readmodels/writers.ts';
import type { ChaosScenario } from './scenario.ts';

/** How long the writers write before a kill, in milliseconds. */
const WRITING = { least: 60, most: 700 } as const;

/** A port that is free now; the server comes back on it, so that the driver can send writes again. */
const freePort = async (): Promise<number> => {
  const probe = createServer();
  await new Promise<void>((resolve) => {
    probe.listen(0, '127.0.0.1', resolve);
  });
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
};

export const scenario: ChaosScenario = {
  description:
    'kills the embedded MongoDB-protocol server under writers whose driver retries; holds it against their ledger',
  run: async ({ kills, minutes, seed }, say) => {
    const folder = await mkdtemp(join(tmpdir(), 'tidings-chaos-'));
    const random = seededRandom(seed);
    const port = await freePort();
    const ledger = emptyLedger();
    const gate = createGate();
    const found: Found[] = [];
    const until = performance.now() + minutes * 60_000;
    let server = await startMongoProcess(folder, { port });
    const client = new MongoClient(`mongodb://127.0.0.1:${port}/?replicaSet=embedded`);
    const collection = client.db('chaos').collection<Kept>('kept');
    for (const [i, key] of INDEXES.entries())
      await collection.createIndex(key, { unique: i === 0 }, {});
    const writers = startWriters(client, collection, gate, ledger);
    let killed = 0;
    for (; killed < kills && performance.now() < until; killed++) {
      gate.open();
      await after(WRITING.least + random() * (WRITING.most - WRITING.least));
      await server.end('SIGKILL');
      const settled = gate.close();
      server = await startMongoProcess(folder, { port });
      await settled;
      const now = await check(collection, ledger);
      found.push(now);
      say(
        `kill ${killed + 1}: ${ledger.accepted} accepted, ${ledger.inDoubt} in doubt, ${now.checked} checked, ` +
          `${now.lost.length} lost, ${now.duplicated.length} duplicated, ${now.problems.length} problems`,
      );
    }
    await writers.stop();
    found.push(await check(collection, ledger));
    await client.close();
    await server.end('SIGTERM');
    await rm(folder, { recursive: true });

    const lost = found.flatMap((each) => each.lost);
    const duplicated = found.flatMap((each) => each.duplicated);
    const problems = [...ledger.problems, ...found.flatMap((each) => each.problems)];
    for (const line of [...lost, ...duplicated].slice(0, 20)) say(line);
    return {
      kills: killed,
      accepted: ledger.accepted,
      lost: lost.length,
      duplicated: duplicated.length,
      inDoubt: ledger.inDoubt,
      checked: found.reduce((sum, each) => sum + each.checked, 0),
      problems: problems.slice(0, 20),
      restarts: found.length - 1,
      resent: ledger.resent,
    };
  },
};
