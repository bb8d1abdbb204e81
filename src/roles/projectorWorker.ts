import { parentPort, workerData } from 'node:worker_threads';
import { pino } from 'pino';
import { openLifecycle } from './lifecycle.ts';
import { openParts } from './parts.ts';
import { startProjector } from './projector.ts';
import type { ProjectorNews, ProjectorStart } from './projectorThread.ts';

const newsEveryMs = 1_000;

const { config } = workerData as ProjectorStart;
const logger = pino({ level: config.logLevel, base: null }, pino.destination(2));
const lifecycle = openLifecycle(logger);
const parts = await openParts(config, logger, lifecycle);
const projector = startProjector(parts);

const timer = setInterval(() => {
  parentPort?.postMessage(projector.status() satisfies ProjectorNews);
}, newsEveryMs);

parentPort?.once('message', () => {
  clearInterval(timer);
  void lifecycle.close().then(() => process.exit(0));
});
