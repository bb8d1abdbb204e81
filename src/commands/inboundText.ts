import { meaningOf, type TextMeaning } from '../domain/policy/textWords.ts';
import type { CommandContext } from './execute.ts';
import type { SuppressionCommands } from './suppressions.ts';
import type { UserCommands } from './users.ts';

/** A text message that came back. */
export interface InboundText {
  /** E.164. */
  readonly from: string;
  readonly body: string;
  /** What the provider took it for, and answers itself. */
  readonly heardAs?: Extract<TextMeaning, 'stop' | 'start' | 'help'>;
}

/** What it meant, and whether that was news. */
export interface InboundResult {
  readonly meaning: TextMeaning;
  readonly changed: boolean;
}

/** Carries out what the sender of a text message wants. May be repeated; a repeat changes nothing. */
export type ReceiveText = (text: InboundText, context: CommandContext) => Promise<InboundResult>;

export interface InboundPorts {
  readonly users: UserCommands;
  readonly suppressions: SuppressionCommands;
  /** Everybody who has this number. */
  findUserIds(phone: string): Promise<readonly string[]>;
  /** How far a STOP goes (facts L18). */
  readonly stopScope: 'all' | 'marketing';
}

const source = 'text message';

export const createReceiveText = (ports: InboundPorts): ReceiveText => {
  const { users, suppressions } = ports;
  /** The number itself, so that it holds for who has it next, and everybody who has it now. */
  const stop = async (phone: string, scope: 'all' | 'marketing', context: CommandContext) => {
    const named = { channel: 'sms', address: phone } as const;
    const { changed } = await suppressions.suppress(
      named,
      { scope, reason: 'stop', source },
      context,
    );
    // What is only about marketing is held by the number alone, so that START takes all of it back.
    if (scope === 'marketing') return changed;
    for (const userId of await ports.findUserIds(phone)) {
      await users.stopChannel(userId, 'sms', source, context);
    }
    return changed;
  };

  const start = async (phone: string, context: CommandContext) => {
    const named = { channel: 'sms', address: phone } as const;
    const why = 'the recipient said START';
    const { changed } = await suppressions.lift(named, why, context, ['stop']);
    for (const userId of await ports.findUserIds(phone)) {
      await users.resumeChannel(userId, 'sms', source, context);
    }
    return changed;
  };

  return async ({ from, body, heardAs }, context) => {
    const meaning = heardAs ?? meaningOf(body);
    switch (meaning) {
      case 'stop':
        return { meaning, changed: await stop(from, ports.stopScope, context) };
      // Until somebody has asked: no marketing, and nothing that is needed is lost.
      case 'unclear':
        return { meaning, changed: await stop(from, 'marketing', context) };
      case 'start':
        return { meaning, changed: await start(from, context) };
      case 'help':
      case 'other':
        return { meaning, changed: false };
    }
  };
};
