/** What the recipient of text messages answers with one of their own. */
export type TextMeaning = 'stop' | 'start' | 'help' | 'unclear' | 'other';

/** Words that mean STOP wherever they stand (facts L16). */
const stopWords: ReadonlySet<string> = new Set(
  'stop stopall stopp unsubscribe revoke optout arret quit desabonner abmelden'.split(' '),
);
/** Words that mean it alone, or beside a word of what is to end; else they may mean something else. */
const weakWords: ReadonlySet<string> = new Set('end cancel remove td'.split(' '));
const aboutMessages = new Set(
  'text texts texting message messages messaging sms notification notifications subscription list me these this alerts alert marketing all contact contacting please'.split(
    ' ',
  ),
);
const negations = new Set('dont don not never wont didnt cant unless until no'.split(' '));
/** Other ways to say it, which a person has to judge. */
const pleas =
  /\b(no more|dont|do not|never) (?:\w+ ){0,2}(texts?|texting|messages?|sms|contact|write)\b|\bno more\b|\bleave me alone\b/;

const startWords: ReadonlySet<string> = new Set(['start', 'unstop', 'yes', 'yes please']);
const helpWords: ReadonlySet<string> = new Set(['help', 'info', 'aide', 'hilfe']);

/** Words in lower case without accents and punctuation; `opt out` and `opt-out` are one word. */
const wordsOf = (text: string): readonly string[] =>
  text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f'’`]/g, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
    .replace(/\bopt(?:ing|ed)? (?:me )?out\b/g, 'optout')
    .replace(/\bstop all\b/g, 'stopall')
    .replace(/\bunsub\w*\b/g, 'unsubscribe')
    .replace(/\bstop(?:ping|ped)\b/g, 'stop')
    .replace(/\b(?:s t o p)\b/g, 'stop')
    .split(' ')
    .filter((word) => word !== '');

/**
 * What a text means, in any case and punctuation. STOP is heard in sentences, too; START and HELP only alone,
 * since whoever writes a sentence wants more than that. What could be a STOP and could be something else is
 * `unclear`.
 */
export const meaningOf = (text: string): TextMeaning => {
  const words = wordsOf(text);
  const [first] = words;
  const whole = words.join(' ');
  if (startWords.has(whole)) return 'start';
  if (helpWords.has(whole)) return 'help';
  const stops = words.filter((word) => stopWords.has(word) || weakWords.has(word));
  if (first === undefined || stops.length === 0) return pleas.test(whole) ? 'unclear' : 'other';
  if (words.every((word) => stops.includes(word))) return 'stop';
  if (words.some((word) => negations.has(word)) && !isPlea(words)) return 'unclear';
  if (stops.some((word) => stopWords.has(word))) return 'stop';
  return words.some((word) => aboutMessages.has(word)) ? 'stop' : 'unclear';
};

/** "Do not text me any more, stop": the negation is of the messages, not of the stop. */
const isPlea = (words: readonly string[]): boolean =>
  words.some(
    (word, index) =>
      stopWords.has(word) &&
      !words.slice(Math.max(0, index - 3), index).some((one) => negations.has(one)),
  );
