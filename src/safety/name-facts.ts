/** What a file may make objects of, told from its text alone. Errs towards more. */
export interface NameFacts {
  kinds: ReadonlySet<string>;
  names: ReadonlySet<string>;
  /** A name that is not written out: a variable, or a text over several lines. */
  isOpen: boolean;
  /** Names that generators begin with; a hash may follow. */
  stems: readonly string[];
}

const KIND = /\bkind["']?\s*:\s*["']?([\w.$]+)/g;
/** The value of a `name`, its anchor left out; an alias stands for a value that has its anchor in the same file. */
const NAME = /\bname["']?[ \t]*:[ \t]*(?:&[^\s,]+[ \t]+)?(?:"([^"\n]*)"|'([^'\n]*)'|([^\s,}\]"'*][^\s,}\]]*))?/g;
const ANCHORED = /&[^\s,&]+[ \t]+["']?([\w.-]+)/g;

export function readNameFacts(text: string): NameFacts {
  const kinds = new Set<string>();
  for (const [, kind] of text.matchAll(KIND)) kinds.add(kind!.startsWith("$") ? "$" : kind!);
  const names = new Set<string>();
  let isOpen = false;
  for (const [whole, double, single, plain] of text.matchAll(NAME)) {
    const value = double ?? single ?? plain;
    if (value === undefined) isOpen ||= !whole.includes("&");
    else if (/[$\\|>]/.test(value)) isOpen = true;
    else names.add(value);
  }
  for (const [, value] of text.matchAll(ANCHORED)) names.add(value!);
  return { kinds, names, isOpen, stems: /generator/i.test(text) ? [...names] : [] };
}

/** Whether a file may make an object, given that nothing renames it. */
export function mayMake({ kinds, names, isOpen, stems }: NameFacts, kind: string, name: string): boolean {
  if ((kinds.has(kind) || kinds.has("$") || kinds.has("List")) && (isOpen || names.has(name))) return true;
  const isGenerated = kind === "ConfigMap" || kind === "Secret";
  return isGenerated && stems.some((stem) => name === stem || name.startsWith(`${stem}-`));
}
