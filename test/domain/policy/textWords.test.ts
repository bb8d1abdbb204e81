import { describe, expect, test } from '@jest/globals';
import { meaningOf } from '../../../src/domain/policy/textWords.ts';

const listed = [
  'stop',
  'quit',
  'end',
  'revoke',
  'opt out',
  'cancel',
  'unsubscribe',
  'stopall',
  'optout',
  'opt-out',
  'arret',
  'arrêt',
];
const spellings = [
  (word: string) => word,
  (word: string) => word.toUpperCase(),
  (word: string) => word.charAt(0).toUpperCase() + word.slice(1),
  (word: string) => `${word}.`,
  (word: string) => `${word}!!!`,
  (word: string) => `"${word}"`,
  (word: string) => `  ${word}\n`,
  (word: string) => `${word} ${word}`,
  (word: string) => `${word}?`,
  (word: string) => `(${word})`,
  (word: string) => `*${word}*`,
  (word: string) => `${word}…`,
];
const sentences = [
  (word: string) => `please ${word}`,
  (word: string) => `${word} please`,
  (word: string) => `${word} these messages`,
  (word: string) => `Please ${word} all texts!`,
  (word: string) => `I want to ${word} these texts`,
  (word: string) => `${word} me from this list`,
  (word: string) => `Hi, can you ${word} these messages? Thanks`,
  (word: string) => `${word.toUpperCase()} SMS`,
  (word: string) => `kindly ${word} the messages`,
  (word: string) => `${word} now please`,
  (word: string) => `I said ${word} all messages`,
  (word: string) => `you must ${word} contacting me`,
  (word: string) => `how do i ${word} this subscription`,
];
const corpus = listed.flatMap((word) => [
  ...spellings.map((spelled) => spelled(word)),
  ...sentences.map((say) => say(word)),
]);
const idioms = [
  'STOP texting me',
  'Stop it',
  'stop sending me this',
  'I would like to opt out',
  'opting out',
  'Please opt me out',
  'unsub',
  'Unsubscribed',
  'UNSUBSCRIBE ME NOW',
  'stop all',
  'Stop all messages',
  's t o p',
  'I revoke my consent',
  'quit messaging me',
  'Remove me from your list',
  'Wrong number, stop',
  'pls stop',
  'STOPP',
  'stop stop stop',
  'stopping',
  'cancel my subscription',
  'end texts',
  'Stop! I mean it.',
  'ok stop now',
];

test('every listed word is a STOP, in any case and punctuation, alone and in sentences', () => {
  const all = [...new Set([...corpus, ...idioms])];
  expect(all.length).toBeGreaterThanOrEqual(300);
  expect(all.filter((text) => meaningOf(text) !== 'stop')).toEqual([]);
});

describe('what is not said plainly', () => {
  test.each([
    "don't stop",
    'Please do not cancel',
    'never stop these messages',
    'Cancel my appointment',
    'the end of the week',
    'no more',
    'No more texts, thanks',
    "Don't text me",
    'do not contact me again',
    'leave me alone',
  ])('is for a person to judge: %s', (text) => {
    expect(meaningOf(text)).toBe('unclear');
  });

  test.each(['Thanks!', 'ok', '', '👍', 'When is my appointment?', 'Yesterday', 'helpful', '42'])(
    'means nothing of the kind: %j',
    (text) => {
      expect(meaningOf(text)).toBe('other');
    },
  );
});

describe('START and HELP', () => {
  test.each(['start', 'START!', 'Unstop', 'yes', 'YES.', 'Yes please'])('%s opts in', (text) => {
    expect(meaningOf(text)).toBe('start');
  });
  test.each(['help', 'HELP?', 'info', 'Info!'])('%s asks for help', (text) => {
    expect(meaningOf(text)).toBe('help');
  });
  test.each(['when does it start', 'yes I got it', 'I need info on my order'])(
    'are nothing in a sentence: %s',
    (text) => {
      expect(meaningOf(text)).toBe('other');
    },
  );
});
