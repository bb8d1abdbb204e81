/** What operators may ask beyond EventStoreDB's protocol; answered to those who know the password. */
import { timingSafeEqual } from 'node:crypto';
import { Code, GrpcError } from '../errors.ts';
import type { Call, Route } from '../transport.ts';
import { unary, type Encodable } from '../unary.ts';

const SERVICE = '/tidings.embedded.EventStoreOperator';

export const OPERATOR_BACKUP = `${SERVICE}/Backup`;
export const OPERATOR_SCAVENGE = `${SERVICE}/Scavenge`;
/** Header that carries the password. */
export const PASSWORD_HEADER = 'tidings-operator';

/** Requests and answers are texts. */
const text = (value: string): Encodable => ({ serializeBinary: () => Buffer.from(value) });

const allowed = (call: Call, password: string): void => {
  const given = call.headers[PASSWORD_HEADER];
  const known = Buffer.from(password);
  const said = Buffer.from(typeof given === 'string' ? given : '');
  if (said.length === known.length && timingSafeEqual(said, known)) return;
  throw new GrpcError(Code.permissionDenied, 'This is for operators of the data directory.');
};

const guarded = (password: string, act: (argument: string) => Promise<string>): Route =>
  unary(
    (bytes) => Buffer.from(bytes).toString('utf8'),
    async (argument, call) => {
      allowed(call, password);
      return text(await act(argument));
    },
  );

/** `backup` is given a folder; `scavenge` resolves with the number of events removed. */
export const operatorRoutes = (
  password: string,
  backup: (folder: string) => Promise<void>,
  scavenge: () => Promise<number>,
): readonly (readonly [string, Route])[] => [
  [
    OPERATOR_BACKUP,
    guarded(password, async (folder) => {
      await backup(folder);
      return folder;
    }),
  ],
  [OPERATOR_SCAVENGE, guarded(password, async () => String(await scavenge()))],
];
