/** Runs the embedded event store in a process of its own, for tests that kill it. */
import { startEmbeddedEventStore } from '../../src/embedded/eventstore/index.ts';

const [dataDir = ''] = process.argv.slice(2);
const server = await startEmbeddedEventStore({ dataDir });
process.stdout.write(`${server.url}\n`);
