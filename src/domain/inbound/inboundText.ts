import type { Decider, Event } from '../decider.ts';
import { DomainError } from '../errors.ts';
import type { TextMeaning } from '../policy/textWords.ts';
import type { SchemasOf } from '../schema.ts';

/** The provider's own id of the text: a text that is delivered again finds its stream (facts W1). */
export const inboundTextStream = (textId: string): string => `text-${textId}`;

/** What an operator takes an unclear text for: the end of all texts, of marketing only, or nothing of it. */
export const textDecisions = ['stop', 'marketing only', 'nothing'] as const;
export type TextDecision = (typeof textDecisions)[number];

export type InboundTextEvent =
  | Event<
      'TextReceived',
      {
        readonly provider: string;
        /** The keyed hash of the sender's number. */
        readonly addressHash: string;
        readonly meaning: TextMeaning;
        /** Who had this number then. */
        readonly userIds: readonly string[];
        /** Of what a person has to judge, under the key of the first of them. */
        readonly body?: string;
      }
    >
  | Event<
      'TextHandled',
      {
        /** Whether what it asked for was news. */
        readonly changed: boolean;
      }
    >
  | Event<
      'TextSettled',
      { readonly decision: TextDecision; readonly by: string; readonly why: string }
    >;

export const inboundTextSchemas: SchemasOf<InboundTextEvent> = {
  TextReceived: {
    version: 1,
    fields: {
      provider: 'none',
      addressHash: 'identifier',
      meaning: 'none',
      userIds: 'identifier',
      body: 'content',
    },
  },
  TextHandled: { version: 1, fields: { changed: 'none' } },
  TextSettled: { version: 1, fields: { decision: 'none', by: 'identifier', why: 'none' } },
};

type Received = Extract<InboundTextEvent, { type: 'TextReceived' }>['data'];

export type InboundTextState =
  | { readonly status: 'none' }
  | (Received & { readonly status: 'received' })
  | (Received & { readonly status: 'handled'; readonly changed: boolean })
  | (Received & {
      readonly status: 'settled';
      readonly changed: boolean;
      readonly decision: TextDecision;
    });

export type InboundTextCommand =
  | ({ readonly type: 'ReceiveText' } & Received)
  | { readonly type: 'HandleText'; readonly changed: boolean }
  | {
      readonly type: 'SettleText';
      readonly decision: TextDecision;
      readonly by: string;
      readonly why: string;
    };

const evolve = (state: InboundTextState, event: InboundTextEvent): InboundTextState => {
  if (event.type === 'TextReceived') return { ...event.data, status: 'received' };
  if (state.status === 'none') return state;
  switch (event.type) {
    case 'TextHandled':
      return { ...state, status: 'handled', changed: event.data.changed };
    case 'TextSettled': {
      const changed = state.status !== 'received' && state.changed;
      return { ...state, status: 'settled', changed, decision: event.data.decision };
    }
    default:
      return state;
  }
};

const decide = (
  command: InboundTextCommand,
  state: InboundTextState,
): readonly InboundTextEvent[] => {
  switch (command.type) {
    case 'ReceiveText': {
      const { type: _, ...data } = command;
      return state.status === 'none' ? [{ type: 'TextReceived', data }] : [];
    }
    case 'HandleText':
      return state.status === 'received'
        ? [{ type: 'TextHandled', data: { changed: command.changed } }]
        : [];
    case 'SettleText': {
      const { type: _, ...data } = command;
      if (state.status === 'none') {
        throw new DomainError('UNKNOWN_TEXT', 'there is no such text', 'id');
      }
      if (state.meaning !== 'unclear') {
        throw new DomainError('TEXT_SETTLED', 'what this text means was clear', 'id');
      }
      if (state.status !== 'settled') return [{ type: 'TextSettled', data }];
      if (state.decision === data.decision) return [];
      throw new DomainError('TEXT_SETTLED', `it was settled as "${state.decision}"`, 'id');
    }
  }
};

/** A text message that came back, what it was taken for and what an operator made of it. */
export const inboundText: Decider<InboundTextState, InboundTextCommand, InboundTextEvent> = {
  initialState: { status: 'none' },
  decide,
  evolve,
};
