import type { OutlineNode } from "../../yaml/outline.ts";

/** Half-open range of offsets. */
export interface Range {
  start: number;
  end: number;
}

/**
 * Whether a text holds a Secret with values, such as a patch in a block scalar or a document that is commented out. A reference,
 * `kind: Secret` without `data`, is none.
 */
export function holdsSecret(text: string): boolean {
  if (/stringData|encryptedData|secretGenerator|path["']?:\s*["']?\/data\//.test(text)) return true;
  return /kind["']?:\s*["']?Secret\b/.test(text) && /(?:^|[\s"'{,])data["']?\s*:/.test(text);
}

/** `names`: only `literals` below it are secret, as in a secretGenerator. */
type Cover = "all" | "names" | undefined;

interface Visit {
  node: OutlineNode;
  cover: Cover;
}

/**
 * Scalars of a document whose text is a secret: in Secrets at any depth (items of Lists, patches), in secretGenerators, in what SOPS
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
      if (node.kind === "alias" && cover === "all") aliases.add(node.alias!);
      if (node.kind === "scalar" && (cover === "all" || holdsSecret(sourceOf(node)))) nodes.push(rangeOf(node));
      if (node.kind === "map") isSecret ||= isSecretMap(node) && VALUES.some((key) => valueAt(node, key));
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

function visitsBelow(node: OutlineNode, cover: Cover, isRoot: boolean): Visit[] {
  const coverOf = node.kind === "map" ? coverKeys(node, isRoot) : () => undefined;
  return node.entries.map(({ key, value }) => {
    const own = key === undefined ? undefined : cover === "names" && key === "literals" ? "all" : coverOf(key);
    return { node: value, cover: cover === "all" ? cover : (own ?? cover) };
  });
}

/** What the keys of a map cover. */
function coverKeys(map: OutlineNode, isRoot: boolean): (key: string) => Cover {
  const own = new Set(["stringData", "encryptedData"]);
  const merges = map.entries.some(({ key }) => key === "<<");
  if (merges || isSecretMap(map)) own.add("data");
  const target = valueAt(map, "target");
  if (target && isSecretMap(target)) own.add("patch");
  const path = valueAt(map, "path");
  if (path && valueAt(map, "op") && /^["']?\/(?:data|stringData)\b/.test(sourceOf(path))) own.add("value");
  if (isRoot) own.add("sops");
  return (key) => (own.has(key) ? "all" : key === "secretGenerator" ? "names" : undefined);
}

const VALUES = ["data", "stringData"];

/** A Secret, or what names one. */
function isSecretMap(map: OutlineNode): boolean {
  const kind = valueAt(map, "kind");
  return kind?.kind === "alias" || (kind?.kind === "scalar" && /^["']?Secret["']?$/.test(sourceOf(kind)));
}

function valueAt(map: OutlineNode, name: string): OutlineNode | undefined {
  return map.entries.find(({ key }) => key === name)?.value;
}

function sourceOf({ token }: OutlineNode): string {
  return token && "source" in token ? token.source.trim() : "";
}

/** Of `KEY=value` in `literals` the value. */
function rangeOf(node: OutlineNode): Range {
  const isLiteral = node.owner?.parent.owner?.key === "literals";
  const key = isLiteral ? /^["']?[\w.-]+=/.exec(sourceOf(node)) : null;
  return { start: node.start + (key?.[0].length ?? 0), end: node.end };
}
