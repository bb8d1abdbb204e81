import type { Category, Channel } from '../../domain/vocabulary.ts';
import { escaped, type Page } from '../page.ts';
import { channelPhrases } from '../unsubscribe/choice.ts';
import type { Board, Fixed, Row, Switch } from './board.ts';

const style = `
table { border-collapse: collapse; margin: 1rem 0; width: 100%; }
caption { font-weight: bold; text-align: left; }
th, td { border-bottom: 1px solid; padding: .5rem .25rem; text-align: center; }
th:first-child { font-weight: normal; text-align: left; }
input { height: 1.5rem; width: 1.5rem; }
[role=status] { border-left: .3rem solid; padding-left: .7rem; }
`;

const headings: Readonly<Record<Channel, string>> = {
  email: 'Email',
  sms: 'Text message',
  push: 'Push',
  in_app: 'Inbox',
};

const kindNames: Readonly<Record<Category, string>> = {
  transactional: 'About what you do or order',
  marketing: 'Offers and news',
  system: 'About your account and the service',
};

const why: Readonly<Record<Fixed, string>> = {
  required: 'always sent',
  unsubscribed: 'unsubscribed',
  stopped: 'stopped',
};

/** The page on which somebody chooses what comes; works without a script and by keyboard alone. */
export const preferencesPage = (board: Board, said?: string): Page => ({
  title: 'Your messages',
  style,
  body: [
    '<main><h1>Your messages</h1>',
    said === undefined ? '' : `<p role="status">${escaped(said)}</p>`,
    ...board.walls.map(wallForm),
    ...board.stopped.map(
      (channel) =>
        `<p>You said STOP to messages ${channelPhrases[channel]}. Answer START to one of them to get them again.</p>`,
    ),
    '<form method="post"><p>Choose what you want to get, and where.</p>',
    table('Kinds of messages', board, board.kinds, (name) => kindNames[name]),
    board.topics.length === 0 ? '' : table('Single messages', board, board.topics, topicName),
    '<p><button name="do" value="save">Save</button></p></form>',
    board.walls.includes('all') ? '' : leaveForm,
    '</main>',
  ].join(''),
});

/** Somebody who is not known any more. */
export const gonePage: Page = {
  title: 'Your messages',
  body: '<main><h1>Your messages</h1><p>You get no messages from us.</p></main>',
};

const table = <N extends string>(
  caption: string,
  { channels }: Board,
  rows: readonly Row<N>[],
  nameOf: (name: N) => string,
): string => {
  const heads = channels.map((channel) => `<th scope="col">${headings[channel]}</th>`);
  const lines = rows.map(({ name, switches }) => {
    const label = escaped(nameOf(name));
    const cells = channels.map((channel) => {
      const found = switches.find((one) => one.channel === channel);
      return `<td>${found ? box(found, label) : '<span aria-hidden="true">–</span>'}</td>`;
    });
    const always = switches.some(({ fixed }) => fixed === 'required') ? ` (${why.required})` : '';
    return `<tr><th scope="row">${label}${always}</th>${cells.join('')}</tr>`;
  });
  return `<table><caption>${caption}</caption><thead><tr><td></td>${heads.join('')}</tr></thead><tbody>${lines.join('')}</tbody></table>`;
};

const box = ({ key, channel, on, fixed }: Switch, label: string): string => {
  const reason = fixed === undefined ? '' : `, ${why[fixed]}`;
  const name = `aria-label="${label}, ${channelPhrases[channel]}${reason}"`;
  const checked = on ? ' checked' : '';
  if (fixed !== undefined) return `<input type="checkbox" ${name}${checked} disabled>`;
  const value = escaped(key);
  return `<input type="hidden" name="was" value="${value}=${on ? 'on' : 'off'}"><input type="checkbox" name="on" value="${value}" ${name}${checked}>`;
};

const wallNames: Readonly<Record<Board['walls'][number], string>> = {
  all: 'everything',
  email: 'all messages by email',
  sms: 'all text messages',
  push: 'all push notifications',
  in_app: 'all messages in your inbox',
  transactional: 'all messages about what you do or order',
  marketing: 'all offers and news',
  system: 'all messages about your account and the service',
};

const wallForm = (wall: Board['walls'][number]): string =>
  `<form method="post"><p>You unsubscribed from ${wallNames[wall]}. <input type="hidden" name="to" value="${wall}"><button name="do" value="resubscribe" aria-label="Subscribe again to ${wallNames[wall]}">Subscribe again</button></p></form>`;

const leaveForm =
  '<form method="post"><h2>Nothing at all</h2><p>Only what has to be sent still comes.</p><p><button name="do" value="unsubscribe">Unsubscribe from everything</button></p></form>';

/** `order-shipped` as people read it. */
const topicName = (name: string): string => {
  const words = name.replace(/[-_.~]+/g, ' ').trim();
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
};
