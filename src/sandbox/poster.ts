import http from 'node:http';
import https from 'node:https';

export interface Poster {
  /** Posts and says whether the answer was a 2xx; never rejects. */
  post(url: string, headers: Readonly<Record<string, string>>, body: string): Promise<boolean>;
  /** Cuts what is under way. */
  close(): void;
}

const ANSWER_WITHIN_MS = 15_000;

/** Posts callbacks over keep-alive sockets. */
export function createPoster(): Poster {
  const plain = new http.Agent({ keepAlive: true, maxSockets: 64, scheduling: 'lifo' });
  const secure = new https.Agent({ keepAlive: true, maxSockets: 64, scheduling: 'lifo' });
  const abort = new AbortController();

  return {
    post: (url, headers, body) =>
      new Promise((resolve) => {
        const isSecure = url.startsWith('https:');
        const request = (isSecure ? https : http).request(
          url,
          {
            method: 'POST',
            agent: isSecure ? secure : plain,
            headers: { ...headers, 'content-length': Buffer.byteLength(body) },
            signal: abort.signal,
            timeout: ANSWER_WITHIN_MS,
          },
          (response) => {
            const { statusCode = 0 } = response;
            response.resume();
            response.on('end', () => resolve(statusCode >= 200 && statusCode < 300));
            response.on('error', () => resolve(false));
          },
        );
        request.on('timeout', () => request.destroy());
        request.on('error', () => resolve(false));
        request.end(body);
      }),
    close: () => {
      abort.abort();
      plain.destroy();
      secure.destroy();
    },
  };
}
