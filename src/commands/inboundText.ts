import type { TextDecision } from '../domain/inbound/inboundText.ts';
import { meaningOf, type TextMeaning } from '../domain/policy/textWords.ts';
import { inboundTexts } from './aggregates.ts';
import type { CommandContext, Execute } from './execute.ts';
import { checkWhy, type HashAddress, type SuppressionCommands } from './suppressions.ts';
import type { UserCommands } from './users.ts';

/** A text message that came back. */
export interface InboundText {
  /** The provider's id of it. */
  readonly id: string;
  readonly provider: string;
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

export interface InboundTextCommands {
  /**
   * Carries out what the sender of a text message wants. A text that is delivered again, however late,
   * changes nothing and has the same result.
   */
  receive(text: InboundText, context: CommandContext): Promise<InboundResult>;
  /**
   * An operator's word on a text that was unclear.
   *
   * @throws DomainError UNKNOWN_TEXT, TEXT_SETTLED, BAD_INPUT
   */
  settle(
    textId: string,
    decision: TextDecision,
    why: string,
    context: CommandContext,
  ): Promise<{ readonly changed: boolean; readonly cursor?: string }>;
}

export interface InboundPorts {
  readonly execute: Execute;
  readonly users: UserCommands;
  readonly suppressions: SuppressionCommands;
  readonly hashesOf: HashAddress;
  /** Everybody who has this number. */
  findUserIds(phone: string): Promise<readonly string[]>;
  /** How far a STOP goes (facts L18). */
  readonly stopScope: 'all' | 'marketing';
}

const source = 'text message';

export const createInboundTextCommands = (ports: InboundPorts): InboundTextCommands => {
  const { users, suppressions, execute } = ports;

  /** The number itself, so that it holds for who has it next, and everybody who has it now. */
  const stop = async (
    hash: string,
    userIds: readonly string[],
    scope: 'all' | 'marketing',
    context: CommandContext,
  ) => {
    const about = { scope, reason: 'stop', source } as const;
    const { changed } = await suppressions.suppressHashed('sms', hash, about, context);
    // What is only about marketing is held by the number alone, so that START takes all of it back.
    if (scope === 'marketing') return changed;
    for (const userId of userIds) await users.stopChannel(userId, 'sms', source, context);
    return changed;
  };

  const start = async (phone: string, userIds: readonly string[], context: CommandContext) => {
    const named = { channel: 'sms', address: phone } as const;
    const why = 'the recipient said START';
    const { changed } = await suppressions.lift(named, why, context, ['stop']);
    for (const userId of userIds) await users.resumeChannel(userId, 'sms', source, context);
    return changed;
  };

  return {
    receive: async ({ id, provider, from, body, heardAs }, context) => {
      const meaning = heardAs ?? meaningOf(body);
      const userIds = await ports.findUserIds(from);
      const [addressHash = ''] = ports.hashesOf(from);
      const judged = meaning === 'unclear' && userIds.length > 0 ? { body } : {};
      const told = { provider, addressHash, meaning, userIds, ...judged };
      const command = { type: 'ReceiveText', ...told } as const;
      const { state } = await execute(inboundTexts, id, [command], context);
      if (state.status === 'handled' || state.status === 'settled') {
        return { meaning: state.meaning, changed: state.changed };
      }
      const carriedOut = async (): Promise<boolean> => {
        switch (meaning) {
          case 'stop':
            return stop(addressHash, userIds, ports.stopScope, context);
          // Until somebody has judged: no marketing, and nothing that is needed is lost.
          case 'unclear':
            return stop(addressHash, userIds, 'marketing', context);
          case 'start':
            return start(from, userIds, context);
          case 'help':
          case 'other':
            return false;
        }
      };
      const changed = await carriedOut();
      await execute(inboundTexts, id, [{ type: 'HandleText', changed }], context);
      return { meaning, changed };
    },

    settle: async (textId, decision, why, context) => {
      checkWhy(why);
      const by = context.actor;
      const command = { type: 'SettleText', decision, by, why } as const;
      const { state, events, cursor } = await execute(inboundTexts, textId, [command], context);
      if (state.status !== 'none') {
        const { addressHash, userIds } = state;
        // Repeated like the command, so that a crash in between leaves nothing half done.
        if (decision === 'stop') await stop(addressHash, userIds, 'all', context);
        // Only what this text began: who said STOP before or after it meant that.
        if (decision === 'nothing' && state.status === 'settled' && state.changed) {
          await suppressions.liftHashed(addressHash, why, context, ['stop'], 'marketing');
        }
      }
      return { changed: events.length > 0, ...(cursor === undefined ? {} : { cursor }) };
    },
  };
};
