import { isMap, parseAllDocuments, visit } from "yaml";

/** A way to write a YAML file otherwise that says the same, and how to compare what was planned for it. */
export interface Variant {
  change: (text: string) => string;
  /** What is left when the other writing is taken off again. */
  plain: (text: string) => string;
  /** `verify` leaves it to the owner whether every parser reads past it. */
  isDoubtful?: true;
}

/** Encrypted files, templates and block text would say something else with other quotes or comments in them. */
const hasTextInIt = (text: string) => /sops|\{\{|[|>]/.test(text);
const FIELD =
  /^((?:[ ]{2})*(?:- )?(?:name|namespace|kind|url|path|tag|branch|interval|chart|version): )([a-z./][\w./@:-]*)$/gm;
const KEYWORDS = /^(?:true|false|null|yes|no|on|off|y|n|\.)$/;

function respell(text: string, spell: (value: string) => string): string {
  if (hasTextInIt(text)) return text;
  return text.replaceAll(FIELD, (all, key, value) => (KEYWORDS.test(value) ? all : `${key}${spell(value)}`));
}

/** Each map of a file of objects upside down; what is shared by anchors has to stand where it stands. */
function turnKeys(text: string): string {
  if (/sops|\{\{|&\w|\*\w|<<:/.test(text)) return text;
  const docs = parseAllDocuments(text, { logLevel: "silent" });
  const isRead = docs.every((doc) => "contents" in doc && doc.errors.length === 0 && doc.warnings.length === 0);
  if (!isRead || !docs.some((doc) => isMap(doc.contents) && doc.has("kind"))) return text;
  for (const doc of docs) visit(doc, { Map: (_, map) => void map.items.reverse() });
  return docs.map((doc) => doc.toString({ lineWidth: 0 })).join("---\n");
}

/** What the documents of a text hold, in one order of keys; the text where it is no YAML. */
function valuesIn(text: string): string {
  const docs = parseAllDocuments(text, { logLevel: "silent" });
  if (docs.some((doc) => !("contents" in doc) || doc.errors.length > 0)) return text;
  const sort = (_: string, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value;
  return JSON.stringify(
    docs.map((doc) => doc.toJS()),
    sort,
  );
}

export const VARIANTS: Record<string, Variant> = {
  crlf: {
    change: (text) => text.replaceAll("\r\n", "\n").replaceAll("\n", "\r\n"),
    plain: (text) => text.replaceAll("\r\n", "\n"),
  },
  bom: {
    change: (text) => (text.startsWith("\uFEFF") ? text : `\uFEFF${text}`),
    plain: (text) => text.replace("\uFEFF", ""),
    isDoubtful: true,
  },
  "no-newline": { change: (text) => text.trimEnd(), plain: (text) => text.trimEnd() },
  marker: {
    change: (text) => (/^(?:#[^\n]*\n|\s)*---/.test(text) ? text : `---\n${text}`),
    plain: (text) => text.replace(/^---\n/, ""),
  },
  comment: { change: (text) => `# note\n${text}`, plain: (text) => text.replaceAll(/^ *# note\n/gm, "") },
  quotes: {
    change: (text) => respell(text, (value) => `"${value}"`),
    plain: (text) => text.replaceAll(/["']/g, ""),
  },
  "key-order": { change: turnKeys, plain: valuesIn },
  tags: {
    change: (text) => respell(text, (value) => `!!str ${value}`),
    plain: (text) => text.replaceAll("!!str ", ""),
  },
  anchors: {
    change: (text) => {
      let count = 0;
      return respell(text, (value) => `&of-${count++} ${value}`);
    },
    plain: (text) => text.replaceAll(/&of-\d+ /g, ""),
  },
};
