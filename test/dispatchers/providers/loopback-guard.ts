import dns from 'node:dns';
import net from 'node:net';

/** Makes every connection and look-up beyond loopback fail, and remembers it. `lift` undoes it. */
export function guardLoopback(): { readonly attempts: readonly string[]; lift(): void } {
  const attempts: string[] = [];
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its own `this` below
  const connect = net.Socket.prototype.connect;
  const lookup = dns.lookup;
  const isLocal = (host: string): boolean => ['127.0.0.1', '::1', 'localhost'].includes(host);

  net.Socket.prototype.connect = function (this: net.Socket, ...args: unknown[]) {
    const [first, second]: unknown[] = Array.isArray(args[0]) ? args[0] : args;
    const host =
      typeof first === 'object' && first !== null
        ? ((first as { host?: string }).host ?? '127.0.0.1')
        : typeof second === 'string'
          ? second
          : '127.0.0.1';
    if (!isLocal(host)) {
      attempts.push(host);
      throw new Error(`a connection to ${host} was attempted`);
    }
    return Reflect.apply(connect, this, args) as net.Socket;
  } as typeof connect;
  dns.lookup = ((host: string, ...rest: unknown[]) => {
    if (!isLocal(host)) {
      attempts.push(host);
      throw new Error(`a look-up of ${host} was attempted`);
    }
    return Reflect.apply(lookup, dns, [host, ...rest]) as unknown;
  }) as typeof lookup;

  return {
    attempts,
    lift: () => {
      net.Socket.prototype.connect = connect;
      dns.lookup = lookup;
    },
  };
}
