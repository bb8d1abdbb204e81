import dns from 'node:dns';
import net from 'node:net';

/** Makes every connection and look-up beyond loopback fail, and remembers it. `lift` undoes it. */
export function guardLoopback(): { readonly attempts: readonly string[]; lift(): void } {
  const attempts: string[] = [];

  const connect = net.Socket.prototype.connect as (...args: unknown[]) => unknown;
  const lookup = dns.lookup;
  const isLocal = (host: string): boolean => ['127.0.0.1', '::1', 'localhost'].includes(host);

  net.Socket.prototype.connect = function (this: net.Socket, ...args: unknown[]): net.Socket {
    const host = hostOf(args);
    if (isLocal(host)) return Reflect.apply(connect, this, args) as net.Socket;
    attempts.push(host);
    setImmediate(() => this.destroy(new Error(`a connection to ${host} was attempted`)));
    return this;
  };
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
      net.Socket.prototype.connect = connect as typeof net.Socket.prototype.connect;
      dns.lookup = lookup;
    },
  };
}

/** `connect(options)`, `connect(port, host)`, or Node's own form: one array of the arguments. */
function hostOf(args: readonly unknown[]): string {
  const [first, second] = (Array.isArray(args[0]) ? args[0] : args) as readonly unknown[];
  const host = typeof first === 'object' && first !== null && 'host' in first ? first.host : second;
  return typeof host === 'string' ? host : '127.0.0.1';
}
