import type { PreferenceChanges } from '../../domain/user/commands.ts';
import type { UnsubscribeScope } from '../../domain/user/events.ts';
import { categories, channels } from '../../domain/vocabulary.ts';
import { type Board, switchesOf } from './board.ts';

/** What somebody asks for with the preference page. */
export type Wish =
  | { readonly kind: 'save'; readonly changes: PreferenceChanges }
  | { readonly kind: 'unsubscribe' }
  | { readonly kind: 'resubscribe'; readonly to: UnsubscribeScope };

/**
 * Reads a form of the page; undefined when it is none. `was` names each switch that the form showed, as
 * `key=on` or `key=off`, `on` each that is on now. Only what differs counts, so that a page that was left open
 * undoes nothing that was chosen elsewhere.
 */
export const wishIn = (body: unknown, board: Board): Wish | undefined => {
  const form = new URLSearchParams(typeof body === 'string' ? body : '');
  switch (form.get('do')) {
    case 'save':
      return { kind: 'save', changes: changesIn(form, board) };
    case 'unsubscribe':
      return { kind: 'unsubscribe' };
    case 'resubscribe': {
      const to = scopeOf(form.get('to'));
      return to && { kind: 'resubscribe', to };
    }
    default:
      return undefined;
  }
};

const changesIn = (form: URLSearchParams, board: Board): PreferenceChanges => {
  const were = new Set(form.getAll('was'));
  const on = new Set(form.getAll('on'));
  const turned = switchesOf(board).flatMap(({ key, about }) => {
    const enabled = on.has(key);
    return were.has(`${key}=${enabled ? 'off' : 'on'}`) ? [{ ...about, enabled }] : [];
  });
  return {
    changes: turned.filter((change) => 'category' in change),
    topics: turned.filter((change) => 'topic' in change),
  };
};

const scopeOf = (wall: string | null): UnsubscribeScope | undefined => {
  if (wall === 'all') return { scope: 'all' };
  const channel = channels.find((one) => one === wall);
  if (channel) return { scope: 'channel', channel };
  const category = categories.find((one) => one === wall);
  return category && { scope: 'category', category };
};
