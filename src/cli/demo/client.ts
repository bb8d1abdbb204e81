import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

/** The API as the demo uses it: what any front end would do, over HTTP and WebSocket. */
export interface DemoClient {
  /** @throws Error with the server's words when the answer has errors */
  run<T>(document: string, variables: Readonly<Record<string, unknown>>): Promise<T>;
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- T is the document's answer
  subscribe<T>(
    document: string,
    variables: Readonly<Record<string, unknown>>,
    next: (data: T) => void,
    failed: (error: unknown) => void,
  ): void;
  close(): Promise<void>;
}

interface Answer<T> {
  readonly data?: T;
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions?: { readonly code?: string };
  }[];
}

export const connect = (url: string, token: string): DemoClient => {
  const authorization = `Bearer ${token}`;
  const socket = createClient({
    url: `${url.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization },
    lazy: false,
    retryAttempts: 10,
    onNonLazyError: () => undefined,
  });
  return {
    run: async <T>(query: string, variables: Readonly<Record<string, unknown>>) => {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization },
        body: JSON.stringify({ query, variables }),
      });
      const { data, errors } = (await response.json()) as Answer<T>;
      if (errors?.[0]) {
        const { message, extensions } = errors[0];
        throw new Error(`${extensions?.code ?? response.status}: ${message}`);
      }
      if (!data) throw new Error(`the API answered ${response.status} without data`);
      return data;
    },
    subscribe: (query, variables, next, failed) => {
      socket.subscribe(
        { query, variables },
        {
          next: ({ data, errors }) => {
            if (errors?.[0]) failed(errors[0]);
            else next(data as never);
          },
          error: failed,
          complete: () => undefined,
        },
      );
    },
    close: async () => {
      await socket.dispose();
    },
  };
};
