/** The events that consumers have and haven't acknowledged yet, with one timer for all of them. */
import type { Delivery } from './consumer.ts';

export interface InFlight {
  readonly size: () => number;
  has(id: string): boolean;
  find(id: string): Delivery | undefined;
  add(delivery: Delivery): void;
  remove(delivery: Delivery): void;
  close(): void;
}

/**
 * @param timeoutMs how long a consumer may take; 0 for ever.
 * @param onExpired is given what wasn't acknowledged in time; has to remove it.
 */
export function createInFlight(
  timeoutMs: number,
  onExpired: (deliveries: readonly Delivery[]) => void,
): InFlight {
  const deliveries = new Map<string, Delivery>();
  let timer: NodeJS.Timeout | undefined;

  const onTimer = (): void => {
    timer = undefined;
    const now = Date.now();
    onExpired([...deliveries.values()].filter(({ deadline }) => deadline <= now));
    let earliest = Infinity;
    for (const { deadline } of deliveries.values()) earliest = Math.min(earliest, deadline);
    if (earliest < Infinity) timer ??= setTimeout(onTimer, earliest - now + 1);
  };

  return {
    size: () => deliveries.size,
    has: (id) => deliveries.has(id),
    find: (id) => deliveries.get(id),
    add(delivery) {
      delivery.deadline = Date.now() + timeoutMs;
      deliveries.set(delivery.id, delivery);
      if (timeoutMs > 0) timer ??= setTimeout(onTimer, timeoutMs + 1);
    },
    remove: (delivery) => deliveries.delete(delivery.id),
    close: () => clearTimeout(timer),
  };
}
