/**
 * How an operator's command finds the server that has a data directory open: a file beside the
 * store says where it listens, with a password that only readers of the directory know.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Contact {
  readonly host: string;
  readonly port: number;
  /** To be sent with every request that goes beyond EventStoreDB's protocol. */
  readonly password: string;
}

const pathOf = (dataDir: string): string => join(dataDir, 'eventstore.contact');

export const createPassword = (): string => randomBytes(24).toString('base64url');

/** Leaves the address for operators, readable for the owner of the process alone. */
export function leaveContact(dataDir: string, contact: Contact): void {
  removeContact(dataDir);
  writeFileSync(pathOf(dataDir), JSON.stringify(contact), { mode: 0o600 });
}

export function removeContact(dataDir: string): void {
  rmSync(pathOf(dataDir), { force: true });
}

/** The address that was left last, which a server that was killed leaves too. */
export function readContact(dataDir: string): Contact | undefined {
  try {
    return JSON.parse(readFileSync(pathOf(dataDir), 'utf8')) as Contact;
  } catch {
    return undefined;
  }
}
