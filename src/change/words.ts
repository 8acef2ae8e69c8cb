import { getOrMake } from "../contract/group-by.ts";

/** Whether a text holds a word that is no part of a longer name. */
export function makeWordTest(word: string): (text: string) => boolean {
  return (text) => {
    for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
      if (!isNameChar(text[at - 1]) && !isNameChar(text[at + word.length])) return true;
    }
    return false;
  };
}

/** Words looked for together. */
export interface Words {
  list: readonly string[];
  /** So few that git looks for each of them. */
  isFew: boolean;
  /** Whether a text holds one of them that is no part of a longer name. */
  isIn: (text: string) => boolean;
}

const FEW = 8;

/** No name in Kubernetes is longer, and node takes the square of a long word where a text is much like it. */
const LONGEST = 253;

/** Words to look for, without those that are no name; a text is read once, however many they are. */
export function makeWords(words: Iterable<string>): Words {
  const list = [...new Set(words)].filter((word) => word !== "" && word.length <= LONGEST);
  if (list.length > FEW) return { list, isIn: makeWordsTest(list), isFew: false };
  const tests = list.map(makeWordTest);
  return { list, isIn: (text) => tests.some((test) => test(text)), isFew: true };
}

/**
 * Words by their first run of name characters, then by where it starts in them and their length: at each run of a text,
 * what stands around it is looked up. Those without such a run, such as `*`, are looked for one by one.
 */
function makeWordsTest(words: readonly string[]): (text: string) => boolean {
  const byRun = new Map<string, Map<string, { from: number; length: number; words: Set<string> }>>();
  const others: ((text: string) => boolean)[] = [];
  for (const word of words) {
    const run = /[\w-]+/.exec(word);
    if (!run) {
      others.push(makeWordTest(word));
      continue;
    }
    const shapes = getOrMake(byRun, run[0], () => new Map());
    const shape = `${run.index} ${word.length}`;
    getOrMake(shapes, shape, () => ({ from: -run.index, length: word.length, words: new Set() })).words.add(word);
  }
  return (text) => {
    for (const { 0: run, index } of text.matchAll(/[\w-]+/g)) {
      for (const { from, length, words: wanted } of byRun.get(run)?.values() ?? []) {
        const at = index + from;
        if (at < 0 || !wanted.has(text.slice(at, at + length))) continue;
        if (!isNameChar(text[at - 1]) && !isNameChar(text[at + length])) return true;
      }
    }
    return others.some((test) => test(text));
  };
}

function isNameChar(char: string | undefined): boolean {
  return char !== undefined && /[\w-]/.test(char);
}
