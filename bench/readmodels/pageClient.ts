import { MongoClient } from 'mongodb';
import { callFor } from './measure.ts';
import { pages } from './pages.ts';

/** A client process of its own: pages for some seconds, then tells its latencies as a line of JSON. */
const [url = '', seconds = '1', inFlight = '1'] = process.argv.slice(2);
const client = new MongoClient(url, { maxPoolSize: Number(inFlight) });
const call = pages(client, process.pid);
await callFor(0.5, Number(inFlight), call);
const done = await callFor(Number(seconds), Number(inFlight), call);
const { user, system } = process.cpuUsage();
process.stdout.write(`${JSON.stringify({ ...done, cpuUs: user + system })}\n`);
await client.close();
