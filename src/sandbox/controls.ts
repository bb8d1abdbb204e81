import { byProvider, isProvider, PROVIDERS, readFaults } from './faults.ts';
import type { FaultBoard, ProviderName } from './faults.ts';
import type { Ledger, ProviderSummary } from './ledger.ts';
import type { SnsSigner } from './topic.ts';
import { parseJson } from './vendor.ts';
import type { Answer } from './vendor.ts';

const MOST_ROWS = 10_000;

/**
 * The switches and the books under `/sandbox/`: `GET faults`, `PUT faults/{provider}`, `DELETE faults[/{provider}]`,
 * `GET ledger?after=&limit=` (`{rows, next}`; `next` is the `after` of the next page, null at the end) and
 * `GET ledger/summary`; `GET sns-certificate` (PEM), what messages of SNS are signed with;
 * `GET subscriptions/{browser}`, a browser's subscription to push messages, to be registered as a device. Wrong input: 400 `{error: {field, reason}}`.
 */
export function control(
  method: string,
  url: URL,
  body: string,
  parts: {
    readonly snsSigner: Pick<SnsSigner, 'certificate'>;
    subscription(id: string): object;
    readonly board: FaultBoard;
    readonly ledger: Ledger;
    readonly requests: Readonly<Record<ProviderName, number>>;
  },
): Answer {
  const [, , subject, name] = url.pathname.split('/');
  switch (`${method} ${subject ?? ''}`) {
    case 'GET faults':
      return ok(parts.board.all());
    case 'GET subscriptions':
      return /^[\w-]{1,64}$/.test(name ?? '')
        ? ok(parts.subscription(name ?? ''))
        : wrong('browser', 'must be 1 to 64 letters, digits, _ or -');
    case 'PUT faults':
    case 'DELETE faults':
      return switchFaults(method, name, body, parts.board);
    case 'GET sns-certificate':
      return { status: 200, body: parts.snsSigner.certificate() };
    case 'GET ledger':
      return name === 'summary'
        ? ok(summary(parts.ledger, parts.requests))
        : readLedger(url.searchParams, parts.ledger);
    default:
      return { status: 404, body: { error: { reason: 'no such page of the sandbox' } } };
  }
}

const ok = (body: object): Answer => ({ status: 200, body });

function summary(
  ledger: Ledger,
  requests: Readonly<Record<ProviderName, number>>,
): Readonly<Record<ProviderName, ProviderSummary>> {
  const books = ledger.summary();
  return byProvider((provider) => ({ requests: requests[provider], ...books[provider] }));
}

const wrong = (field: string, reason: string): Answer => ({
  status: 400,
  body: { error: { field, reason } },
});

function switchFaults(
  method: string,
  name: string | undefined,
  body: string,
  board: FaultBoard,
): Answer {
  if (name !== undefined && !isProvider(name)) {
    return wrong('provider', `must be one of ${PROVIDERS.join(', ')}`);
  }
  if (method === 'DELETE') {
    board.clear(name);
    return ok(board.all());
  }
  if (name === undefined) return wrong('provider', `must be one of ${PROVIDERS.join(', ')}`);
  const reading = readFaults(parseJson(body));
  if (!reading.ok) return wrong(reading.field, reading.reason);
  board.set(name, reading.faults);
  return ok(board.all());
}

function readLedger(query: URLSearchParams, ledger: Ledger): Answer {
  const after = Number(query.get('after') ?? 0);
  const limit = Number(query.get('limit') ?? 1000);
  if (!Number.isSafeInteger(after) || after < 0) return wrong('after', 'must be a whole number');
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > MOST_ROWS) {
    return wrong('limit', `must be a whole number from 1 to ${MOST_ROWS}`);
  }
  const rows = ledger.page(after, limit);
  return ok({ rows, next: rows.length < limit ? null : (rows.at(-1)?.seq ?? null) });
}
