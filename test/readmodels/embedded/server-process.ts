import { startEmbeddedMongo } from '../../../src/embedded/mongodb/index.ts';

/** A process of its own that serves a data directory until it is killed; prints its URL. */
const server = await startEmbeddedMongo({ dataDir: process.argv[2] ?? '' });
process.stdout.write(`${server.url}\n`);
