import { drive, type DriveOrder } from './drive.ts';
import type { DriverMessage } from './driver.ts';

const tell = (message: DriverMessage) => {
  if (process.connected) process.send?.(message);
};

// Its parent decides when it ends, by letting go of it or by dying.
process.on('SIGINT', () => undefined);
process.once('disconnect', () => process.exit(0));
process.once('message', (order: DriveOrder) => {
  drive(order, {
    onStarted: () => tell({ kind: 'started' }),
    onEnded: () => tell({ kind: 'ended' }),
    onTrouble: (words) => tell({ kind: 'trouble', words }),
    onProgress: (progress) => tell({ kind: 'progress', ...progress }),
  }).then(
    (result) => tell({ kind: 'result', result }),
    (error: unknown) =>
      tell({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) }),
  );
});
