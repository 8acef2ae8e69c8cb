import { lineOf } from "../contract/errors.ts";
import type { Finding } from "../contract/finding.ts";
import type { KubeObject } from "../contract/objects.ts";
import { describe } from "../delivery/kinds.ts";
import type { Tree } from "../files/tree.ts";
import { isArchived } from "./automation-files.ts";
import { chartOf } from "./sync-charts.ts";
import type { Cluster } from "./types.ts";

/**
 * A caution where a chart of this repository has the source or the root of a cluster among its templates as well, by kind, name and
 * namespace; one that takes the namespace of its release may mean it. A name that is filled in is none.
 */
export function reportMadeTwice(
  tree: Tree,
  { source, root, rootFrom }: Pick<Cluster, "source" | "root" | "rootFrom">,
): Finding | undefined {
  if (rootFrom === "instance") return undefined;
  const pair = [source, root].filter((object) => object !== undefined);
  for (const file of tree.grep("toolkit.fluxcd.io")) {
    const chart = isArchived(file) ? undefined : chartOf(tree, file);
    if (chart === undefined || pair.some((object) => object.file === file)) continue;
    const lines = (tree.read(file) ?? "").split("\n");
    const made = listHeads(lines).flatMap(({ line, ...head }) => {
      const twin = pair.find((object) => isSame(head, object));
      return twin ? [{ line, twin }] : [];
    });
    const [first] = made;
    if (!first) continue;
    const names = [...new Set(made.map(({ twin }) => describe(twin)))].join(" and ");
    const own = [...new Set(made.map(({ twin }) => twin.file))].join(" and ");
    return {
      rule: "sync-made-twice",
      level: "caution",
      resource: describe(first.twin),
      at: lineOf(file, first.line),
      what: `The chart ${chart} makes ${names} as well, which ${own} has in Git.`,
      why: "Each upgrade of its release puts them back to what the chart says. Where the release goes, or its chart makes them no more, Helm deletes them, also where the operator has taken them over: the root goes with all that it delivers.",
      next: "If a release of that chart is in this cluster, annotate both in the chart with helm.sh/resource-policy: keep and upgrade the release; then take them out of the chart, before you merge a phase. If none is, leave it.",
    };
  }
  return undefined;
}

interface Head {
  kind: string;
  name: string;
  namespace: string;
  line: number;
}

const FIELD = /^(\s*)(kind|name|namespace|metadata):\s*(.*)$/;

/** Kind, name and namespace of every document of a template, which is no YAML yet. */
function listHeads(lines: readonly string[]): Head[] {
  const heads: Head[] = [];
  let head: Head = { kind: "", name: "", namespace: "", line: 1 };
  /** How far the fields of `metadata` stand in; undefined outside of it. */
  let inner: string | undefined;
  for (const [index, line] of lines.entries()) {
    if (/^---/.test(line)) {
      heads.push(head);
      head = { kind: "", name: "", namespace: "", line: index + 2 };
    }
    if (/^\w/.test(line)) inner = undefined;
    const [, indent = "", field, rest = ""] = FIELD.exec(line) ?? [];
    const value = rest
      .replace(/\s+#.*$/, "")
      .trim()
      .replace(/^(["'])(.*)\1$/, "$2");
    if (inner === "") inner = /^\s*(?=\w)/.exec(line)?.[0] ?? "";
    if (indent === "" && field === "metadata") inner = "";
    else if (indent === "" && field === "kind") head = { ...head, kind: value, line: index + 1 };
    else if (indent !== "" && indent === inner && (field === "name" || field === "namespace")) head[field] ||= value;
  }
  return [...heads, head];
}

function isSame({ kind, name, namespace }: Omit<Head, "line">, object: KubeObject): boolean {
  const isOpen = namespace === "" || namespace.includes("{{");
  return kind === object.kind && name === object.name && (isOpen || namespace === object.namespace);
}
