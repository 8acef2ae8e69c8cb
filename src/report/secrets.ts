import { pushAll } from "../contract/push-all.ts";
import { splitDocuments } from "../yaml/documents.ts";
import { openDocument } from "../yaml/outline.ts";
import { readYamlCached } from "../yaml/read.ts";
import { holdsSecret } from "../yaml/secret.ts";
import { detectTemplate } from "../yaml/template.ts";
import type { NetChange } from "./diff.ts";
import { HIDDEN, hidePasswords, hideTokens } from "./passwords.ts";
import { findSecretNodes, type Range } from "./secret-nodes.ts";

const CIPHER = /ENC\[[^\]\n]*\]?/g;
const ARMOUR =
  /(-----BEGIN [A-Z ]{0,30}(?:PRIVATE KEY|ENCRYPTED FILE|PGP MESSAGE)[A-Z ]{0,10}-----)([\s\S]*?)(?=-----END |$)/g;
const VAULT = /(\$ANSIBLE_VAULT;[^\n]*\n)((?:[ \t]*[0-9a-f]+[ \t]*\r?(?:\n|$))+)/g;
const AGE_KEY = /AGE-SECRET-KEY-[A-Z0-9]+/g;
/** Hides what is a secret wherever it stands: encrypted values, private keys, passwords in URLs, tokens. Lines stay lines. */
export function hideCiphers(text: string): string {
  const open = hideTokens(text);
  if (!/ENC\[|-----BEGIN |AGE-SECRET|ANSIBLE_VAULT/.test(open)) return open;
  return open
    .replace(CIPHER, HIDDEN)
    .replace(ARMOUR, (_, begin: string, body: string) => begin + hideLines(body))
    .replace(VAULT, (_, begin: string, body: string) => begin + hideLines(body))
    .replace(AGE_KEY, HIDDEN);
}

const YAML_FILE = /\.(?:ya?ml|json)$/;

/** Files that hold nothing but what a secretGenerator or a tool reads from them. */
const SECRET_FILE =
  /(?:^|\/)(?:[^/]*(?:secret|credential|password|token|id_rsa|id_ed25519)[^/]*|[^/]*\.(?:env|key|pem)(?:\.[^/]*)?)$/i;

/**
 * A file as it may be shown, with as many lines as it has: the values of Secrets, of secretGenerators and of what SOPS or kubeseal
 * encrypted are hidden, in comments of Secrets as well, and what a name calls a password. Errs towards hiding: a text that speaks of a Secret and does not parse
 * loses all its values.
 * @param isSecret whether its whole content is known to become a Secret
 */
export function hideSecrets(path: string, text: string, isSecret = false): string {
  if (isSecret || (SECRET_FILE.test(path) && !YAML_FILE.test(path))) return hideAllValues(text);
  const open = hidePasswords(hideCiphers(text));
  if (!/secret|sops|encryptedData|stringData|sourceValue|\/data/i.test(open)) return open;
  if (YAML_FILE.test(path) && readYamlCached(open).ok && !detectTemplate(open)) {
    try {
      return hideRanges(open, findSecretRanges(open));
    } catch (error) {
      // Nested deeper than the stack: what is in it stays unread.
      if (!(error instanceof RangeError)) throw error;
    }
  }
  return holdsSecret(open) ? hideAllValues(open) : open;
}

/** What a file was and is, as it may be shown. */
export function withoutSecrets(change: NetChange): NetChange {
  const { path, movedFrom = path, before, after } = change;
  return {
    ...change,
    ...(before === undefined ? {} : { before: hideSecrets(movedFrom, before) }),
    ...(after === undefined ? {} : { after: hideSecrets(path, after) }),
  };
}

/** Stretches of a file whose text is not to be shown, in order. */
function findSecretRanges(text: string): Range[] {
  const ranges = splitDocuments(text).flatMap((slice) => {
    const document = openDocument(text, slice);
    if (!document) return [];
    const { start, source, root } = document;
    const { nodes, isSecret } = findSecretNodes(root);
    const found = [...nodes, ...secretComments(source, isSecret)];
    return found.map((range) => ({ start: range.start + start, end: range.end + start }));
  });
  return ranges.sort((a, b) => a.start - b.start);
}

/** Comments of a Secret, and a Secret that is commented out. */
function secretComments(source: string, isSecret: boolean): Range[] {
  const ranges: Range[] = [];
  let run: Range[] = [];
  const close = () => {
    if (isSecret || holdsSecret(run.map(({ start, end }) => source.slice(start, end)).join("\n"))) pushAll(ranges, run);
    run = [];
  };
  let at = 0;
  for (const line of source.split("\n")) {
    const comment = (isSecret ? /(?:^|\s)#/ : /^\s*#/).exec(line);
    if (comment) run.push({ start: at + comment.index + comment[0].length, end: at + line.length });
    else close();
    at += line.length + 1;
  }
  close();
  return ranges;
}

/** Puts dots in place of ranges, line by line. */
function hideRanges(text: string, ranges: readonly Range[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const { start, end } of ranges) {
    if (end <= at) continue;
    parts.push(text.slice(at, Math.max(at, start)), hideLines(text.slice(Math.max(at, start), end)));
    at = end;
  }
  return parts.join("") + text.slice(at);
}

/** Every line with something on it becomes dots; indents stay. */
function hideLines(text: string): string {
  return text.replace(/\S[^\n]*/g, (line) => (line.endsWith("\r") ? `${HIDDEN}\r` : HIDDEN));
}

/** Keeps keys and hides the rest of each line. */
function hideAllValues(text: string): string {
  const lines = text.split("\n").map((line) => {
    const [key = ""] = /^\s*(?:- |export )?["']?[\w./-]{1,80}["']?\s?[:=](?=\s|[^:/]|$)/.exec(line) ?? [];
    return key + hideLines(line.slice(key.length));
  });
  return lines.join("\n");
}
