import { pushAll } from "../contract/push-all.ts";
import type { OutlineNode } from "../yaml/outline.ts";
import { holdsSecret } from "../yaml/secret.ts";

/** Half-open range of offsets. */
export interface Range {
  start: number;
  end: number;
}

/**
 * `names`: a secretGenerator, which names files and more beside what is secret. `keys`: a map whose keys are names, and whose values are
 * secret as a `whole`: tags, and keys of what should have been a text.
 */
type Cover = "all" | "names" | "keys" | "whole" | undefined;

interface Visit {
  node: OutlineNode;
  cover: Cover;
}

/**
 * Parts of a document whose text is a secret: in Secrets at any depth (items of Lists, patches), in secretGenerators, in what SOPS
 * or kubeseal wrote, and where an alias there points to.
 */
export function findSecretNodes(root: OutlineNode | undefined): { nodes: Range[]; isSecret: boolean } {
  const nodes: Range[] = [];
  if (!root) return { nodes, isSecret: false };
  const anchors = new Map<string, OutlineNode>();
  const aliases = new Set<string>();
  let isSecret = false;
  const scan = (first: Visit) => {
    const todo = [first];
    for (let next = todo.pop(); next; next = todo.pop()) {
      const { node, cover } = next;
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
      if (node.kind === "alias" && isCovered(cover)) aliases.add(node.alias!);
      if (node.kind === "scalar" && isFetched(node)) continue;
      pushAll(nodes, secretRanges(node, cover));
      if (node.kind === "map") isSecret ||= isWholeSecret(node);
      for (const visit of visitsBelow(node, cover, node === root)) todo.push(visit);
    }
  };
  scan({ node: root, cover: undefined });
  for (const name of aliases) {
    const node = anchors.get(name);
    if (node) scan({ node, cover: "all" });
  }
  return { nodes, isSecret };
}

const isCovered = (cover: Cover): boolean => cover !== undefined && cover !== "names";

/** What of a node by itself is a secret, what lies below it left out. */
function secretRanges(node: OutlineNode, cover: Cover): Range[] {
  const names = cover === "keys" ? noNames(node) : [];
  if (node.kind === "scalar" && (isCovered(cover) || holdsSecret(sourceOf(node)))) return [rangeOf(node), ...names];
  const isWhole = cover === "whole" && (node.props !== undefined || node.kind === "map" || node.kind === "seq");
  return isWhole ? [{ start: node.props ?? node.start, end: Math.max(node.end, node.slot) }] : names;
}

function visitsBelow(node: OutlineNode, cover: Cover, isRoot: boolean): Visit[] {
  const coverOf = node.kind === "map" ? coverKeys(node, isRoot) : () => undefined;
  return node.entries.map(({ key, value }) => {
    if (cover === "keys") return { node: value, cover: "whole" };
    if (cover === "all" || cover === "whole") return { node: value, cover: "all" };
    if (key === undefined) return { node: value, cover };
    if (cover === "names") return { node: value, cover: GENERATOR.has(key) ? undefined : "all" };
    return { node: value, cover: coverOf(key) ?? cover };
  });
}

/** Keys of a map that no Secret can have: somebody may have written a value there. */
function noNames({ kind, entries }: OutlineNode): Range[] {
  const wrong = kind === "map" ? entries.filter(({ key = "" }) => !/^(?:[-._a-zA-Z0-9]{1,253}|<<)$/.test(key)) : [];
  return wrong.map(({ keyStart, keyEnd }) => ({ start: keyStart, end: keyEnd }));
}

/** What the keys of a map cover. */
function coverKeys(map: OutlineNode, isRoot: boolean): (key: string) => Cover {
  // Whatever else stands in a Secret may be its content under a misspelt name.
  if (isWholeSecret(map)) return (key) => (HEAD.has(key) ? undefined : isRoot && key === "sops" ? "all" : "keys");
  const own = new Set(["stringData", "encryptedData"]);
  const merges = map.entries.some(({ key }) => key === "<<");
  // Whatever kind it is said to be: only a Secret has both.
  if (merges || isSecretMap(map) || valueAt(map, "stringData")) own.add("data");
  // What a SealedSecret or an ExternalSecret puts into the Secret that it makes, beside what it fetches.
  if (map.owner?.key === "template") own.add("data");
  const target = valueAt(map, "target");
  const all = new Set(target && isSecretMap(target) ? ["patch"] : []);
  const path = valueAt(map, "path");
  if (path && valueAt(map, "op") && /^["']?\/(?:data|stringData)\b/.test(sourceOf(path))) own.add("value");
  if (copiesToSecret(map)) own.add("sourceValue");
  if (isRoot) all.add("sops");
  return (key) => (all.has(key) ? "all" : own.has(key) ? "keys" : key === "secretGenerator" ? "names" : undefined);
}

/** A replacement of a text that stands there; what selects no kind may find a Secret. */
function copiesToSecret(map: OutlineNode): boolean {
  if (!valueAt(map, "sourceValue")) return false;
  const targets = valueAt(map, "targets")?.entries ?? [];
  return targets.some(({ value }) => {
    const select = valueAt(value, "select");
    return !select || !valueAt(select, "kind") || isSecretMap(select);
  });
}

/** What a secretGenerator says beside its content, which may stand under a misspelt name. */
const GENERATOR = new Set(["name", "namespace", "type", "behavior", "options", "files", "env", "envs"]);
const HEAD = new Set(["apiVersion", "kind", "metadata", "type", "immutable"]);
const VALUES = ["data", "stringData"];

/** A Secret, or what names one. */
function isSecretMap(map: OutlineNode): boolean {
  const kind = valueAt(map, "kind");
  return kind?.kind === "alias" || (kind?.kind === "scalar" && /^["']?Secret["']?$/.test(sourceOf(kind)));
}

/** A Secret that is written out; others only name one. */
function isWholeSecret(map: OutlineNode): boolean {
  return isSecretMap(map) && [...VALUES, "metadata"].some((key) => valueAt(map, key));
}

function valueAt(map: OutlineNode, name: string): OutlineNode | undefined {
  return map.entries.find(({ key }) => key === name)?.value;
}

function sourceOf({ token }: OutlineNode): string {
  return token && "source" in token ? token.source.trim() : "";
}

/** Whether a text is nothing but the name under which a template fetches a value, as in ExternalSecrets: `"{{ .password }}"`. */
function isFetched(node: OutlineNode): boolean {
  const text = sourceOf(node).replace(/^(["'])(.*)\1$/s, "$2");
  return FETCHED.test(text.replace(/^[|>][-+\d]{0,2}\s{1,80}/, "").trim());
}

const FETCHED = /^\{\{-?[ \t]{0,8}\.[\w.-]{1,200}[ \t]{0,8}(?:\|[ \t]{0,8}[a-zA-Z]\w{0,40}[ \t]{0,8}){0,8}-?\}\}$/;

/** Of `KEY=value` in `literals` the value. */
function rangeOf(node: OutlineNode): Range {
  const isLiteral = node.owner?.parent.owner?.key === "literals";
  const key = isLiteral ? /^["']?[\w.-]+=/.exec(sourceOf(node)) : null;
  return { start: key ? node.start + key[0].length : (node.props ?? node.start), end: node.end };
}
