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
