import { countEach } from "../../../src/contract/group-by.ts";
import { once } from "../../../src/contract/once.ts";

/** A file whose lines are searched. */
export interface Page {
  lines: readonly string[];
  /** How often each word is used, and how often what comes next is a slash. Read once, when first asked. */
  uses(): Uses;
}

interface Uses {
  words: ReadonlyMap<string, Count>;
  /** How many lines have the same text. */
  alike: ReadonlyMap<string, number>;
}

interface Count {
  all: number;
  leads: number;
}

/** One pass over the file answers for all of its lines. */
export function openPage(text: string): Page {
  const lines = text.split("\n");
  return { lines, uses: once(() => readUses(lines)) };
}

/**
 * Whether a line sets a variable that the rest of its file uses to name what lies below, or to go there:
 * `{{.BOOTSTRAP_DIR}}/key.yaml`, `cd {{ bootstrap_dir }}`.
 */
export function onlyLeadsOn(line: string, page: Page): boolean {
  const name = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*[:?]?[=:]/.exec(line)?.[1];
  if (name === undefined) return false;
  const { words, alike } = page.uses();
  const whole = words.get(name) ?? NONE;
  const own = countWords([line]).get(name) ?? NONE;
  const times = alike.get(line) ?? 0;
  const all = whole.all - times * own.all;
  return all > 0 && all === whole.leads - times * own.leads;
}

const NONE: Count = { all: 0, leads: 0 };

function readUses(lines: readonly string[]): Uses {
  const alike = countEach(lines);
  // `kustomize build | kubectl apply -f -` builds the folder that it stands in, and names none.
  const isBuiltHere = lines.some((line) => /\bkustomize(?:\s+build)?\s*(?:[|>]|$)/.test(line));
  return { words: countWords(lines, !isBuiltHere), alike };
}

function countWords(lines: readonly string[], entersLead = true): Map<string, Count> {
  const words = new Map<string, Count>();
  for (const line of lines) {
    const entered = entersLead ? ENTERS.exec(line)?.[1] : undefined;
    for (const { 0: word, index } of line.matchAll(/\w+/g)) {
      const count = words.get(word) ?? { all: 0, leads: 0 };
      LEADS.lastIndex = index + word.length;
      words.set(word, { all: count.all + 1, leads: count.leads + (word === entered || LEADS.test(line) ? 1 : 0) });
    }
  }
  return words;
}

const LEADS = /[\s)}]*\//y;
/** A line that does nothing but change into the folder of a variable: what is done there stands in lines of its own. */
const ENTERS = /^\s*(?:-\s+)?(?:cd|pushd)\s+["']?(?:\$\(?\{?|\{\{\s*\.?)([A-Za-z_]\w*)[\s)}]*["']?\s*$/;
