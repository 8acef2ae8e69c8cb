import { mapAddresses, parseAddress, publicAddress } from "../contract/address.ts";

/** Stands for a value that is not shown; its length says nothing. */
export const HIDDEN = "••••••";

/** `user:password@host:path`; not `image:tag@sha256:…`. */
const LOGIN = /\b([\w.-]{1,64}:)(?!\/\/)[^\s'"]{1,256}(?=@(?!sha\d+:)[\w-]{1,63}\.[\w.-]{1,190}:[\w~/])/g;
/** What follows is all that it takes to post there. */
const WEBHOOK =
  /(\bhooks\.slack\.com\/(?:services|workflows|triggers)\/|\bdiscord(?:app)?\.com\/api\/webhooks\/|\bwebhook\.office\.com\/|\bapi\.telegram\.org\/(?:file\/)?bot)[^\s'"`<>]+/g;
/** Tokens that say what they are. */
const TOKEN =
  /\b(?:gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[a-z]-[\w-]{10,}|dckr_pat_[\w-]{20,}|hv[sb]\.[\w-]{20,}|glsa_\w{20,}|npm_\w{20,}|tskey-[a-z]+-[\w-]{10,}|[sr]k_live_\w{16,}|AIza[\w-]{30,}|AKIA[A-Z\d]{16}|eyJ[\w-]{10,}\.eyJ[\w-]{10,}(?:\.[\w-]+)?)/g;
const BEARER = /(\b(?:Bearer|Basic)[ \t]+)[\w.~+/=-]{8,}/g;

/** As in `.netrc`, on one line or three. */
const NETRC = /(\bmachine\s{1,40}\S{1,200}\s{1,40}(?:login\s{1,40}\S{1,200}\s{1,40})?password\s{1,40})\S+/g;

/** Hides passwords in addresses, and tokens that can be told by their form, in any text. */
export function hideTokens(text: string): string {
  return mapAddresses(text, hideInAddress)
    .replace(LOGIN, `$1${HIDDEN}`)
    .replace(WEBHOOK, `$1${HIDDEN}`)
    .replace(TOKEN, HIDDEN)
    .replace(NETRC, `$1${HIDDEN}`)
    .replace(BEARER, `$1${HIDDEN}`);
}

function hideInAddress(url: string): string {
  const { hasSecret, scheme } = parseAddress(url);
  const shown = publicAddress(url);
  const [old, now] = [url, shown].map((text) => text.split(/[?#]/, 1)[0]);
  if (!hasSecret && old === now) return url;
  return shown.replace(`${scheme}://`, `${scheme}://${HIDDEN}@`);
}

/** How the name of what holds a password ends. `secretKey` names a key of a Secret, in ExternalSecrets. */
const NAME =
  "(?:passw(?:or)?d|passphrase|token|api[-_]?key|access[-_]?key|private[-_]?key|secret[-_]key|encryption[-_]?key|client[-_]?secret|webhook[-_]?secret|client-key-data|account[-_]?key|shared[-_]?key|[-_]pass|[-_]pwd|[-_]pat|authorization|credentials?|htpasswd)";
const END = String.raw`["']?[ \t\r]*(?:[,}#\n]|$)`;
/** Of a value that holds no password by itself: a variable, a template, a switch, nothing, an alias, or what goes on below. */
const NONE = String.raw`(?!["']?(?:\$(?:\{[^}\n]{0,200}\}|\([^)\n]{0,200}\)|[A-Z_]{1,80})${END}|\{\{|(?:true|false|null|yes|no|~|${HIDDEN})${END}|["']${END})|[*&!|>{[])`;
const VALUE = String.raw`(?:\\"(?:[^"\\\n]|\\\\(?:\\")?)*\\?"|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[^\s,}\]"'#][^\s,}\]]*)`;
/** A tag of YAML's own, or an anchor, before the value. */
const PROPS = String.raw`(?:(?:!!|&)[\w-]{1,80}[ \t]{1,4}){0,2}`;
/** JSON needs no blank, and stands with its quotes escaped in another text. */
const SIGN = String.raw`(?:\\?["'][ \t]{0,4}:[ \t]{0,4}|["']?[ \t]{0,4}(?::[ \t]{1,4}|=[ \t]{0,4}))`;
const NAMED = new RegExp(`(${NAME}${SIGN}${PROPS})${NONE}${VALUE}`, "gi");
/** As the only thing of its line, with blanks and commas in it. */
const WHOLE_LINE = new RegExp(
  String.raw`^([ \t]*(?:-[ \t]+)?["']?[\w.-]{0,100}?${NAME}["']?[ \t]{0,4}(?::[ \t]{1,4}|=[ \t]{0,4}))${NONE}([^\s"'#][^\n\r]*)`,
  "gim",
);
/** A variable of a container, as `name` and `value`, on one line or two. */
const PAIR = new RegExp(
  String.raw`(\bname["']?:[ \t]{1,4}["']?[\w.-]{0,100}?${NAME}["']?[ \t]{0,4}(?:,\s{0,4}|\r?\n[ \t]{0,40})["']?value["']?:[ \t]{1,4})${NONE}${VALUE}`,
  "gi",
);
const FLAG = new RegExp(
  String.raw`((?<![\w-])--[\w-]{0,40}?${NAME} )(?!["']?[$-]|\{\{)(?:"[^"\n]*"|'[^'\n]*'|[^\s"',\]]+)`,
  "gi",
);

/** A name whose value stands in the lines below. */
const ABOVE = new RegExp(
  String.raw`^([ \t]*(?:-[ \t]{1,8})?)["']?[\w.-]{0,100}?${NAME}s?["']?[ \t]{0,4}:[ \t]{0,4}${PROPS}([|>][-+\d]{0,2})?[ \t]{0,4}(?:#.*)?$`,
  "i",
);

/** Hides a block of text below such a name, and a text or a list of texts; a map has names of its own. */
function hideBelow(text: string): string {
  let above: { indent: number; isBlock: boolean } | undefined;
  const lines = text.split("\n").map((line) => {
    const [, blanks = "", item = "", rest = ""] = /^(\s*)(-\s+)?(.*)$/s.exec(line) ?? [];
    if (rest.trim() === "" || (rest.startsWith("#") && !above?.isBlock)) return line;
    const isBelow =
      above && (blanks.length > above.indent || (!above.isBlock && item !== "" && blanks.length === above.indent));
    const end = line.endsWith("\r") ? "\r" : "";
    if (isBelow && above?.isBlock) return `${blanks}${HIDDEN}${end}`;
    if (isBelow && isText(rest)) return `${blanks}${item}${HIDDEN}${end}`;
    const [whole, start = "", block] = ABOVE.exec(line.trimEnd()) ?? [];
    above = whole === undefined ? undefined : { indent: start.length, isBlock: block !== undefined };
    return line;
  });
  return lines.join("\n");
}

/** Whether a line is no entry of a map, and nothing that says it is no password. */
function isText(line: string): boolean {
  return !/^(?:[*&!|>{[]|-\s*$|["']?[\w.-]{1,100}["']?\s*:(?:\s|$)|\$[{(]|["']?\{\{)/.test(line);
}

/** Hides what stands behind a name that speaks of a password, a key or a token, in a file: errs towards hiding. */
export function hidePasswords(text: string): string {
  const shown = hideBelow(text).replace(WHOLE_LINE, `$1${HIDDEN}`).replace(NAMED, `$1${HIDDEN}`);
  return shown.replace(PAIR, `$1${HIDDEN}`).replace(FLAG, `$1${HIDDEN}`);
}
