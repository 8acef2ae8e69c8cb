import { type Loc, lineOf } from "../contract/errors.ts";
import type { Finding } from "../contract/finding.ts";
import { itemsOf, type KubeObject, type YamlData } from "../contract/objects.ts";
import { once } from "../contract/once.ts";
import { describe } from "../delivery/kinds.ts";
import { locateField } from "../delivery/locations.ts";
import { join, normalizePath } from "../delivery/paths.ts";
import { remember } from "../files/remember.ts";
import type { Tree } from "../files/tree.ts";
import { isArchived, isSample } from "./automation-files.ts";
import { makeStanding } from "./chart-conditions.ts";
import { isYamlPath, readObjects } from "./objects.ts";
import { readableText } from "./readable-text.ts";
import { listTemplates } from "./sync-charts.ts";
import type { Cluster } from "./types.ts";

type Started = Pick<Cluster, "source" | "root" | "rootFrom">;

/** A caution where something here makes the source or the root of a cluster as well: a chart, or an object that holds it. */
export function reportMadeTwice(tree: Tree, cluster: Started): Finding | undefined {
  return cluster.rootFrom === "instance" ? undefined : (findInChart(tree, cluster) ?? findWrapped(tree, cluster));
}

/**
 * A chart of this repository has it among its templates, by kind, name and namespace; one that takes the namespace of its release
 * may mean it. A name that is filled in is none.
 */
function findInChart(tree: Tree, { source, root }: Started): Finding | undefined {
  const pair = [source, root].filter((object) => object !== undefined);
  for (const { file, chart } of listInstalled(tree)) {
    if (pair.some((object) => object.file === file)) continue;
    const standingAt = once(() => makeStanding(tree, { chart, file }));
    const made = headsIn(tree, file).flatMap(({ line, path, ...head }) => {
      const twin = pair.find((object) => isSame(head, object));
      if (!twin || !(twin !== root || path === "" || path.includes("{{") || isPathOf(root, path))) return [];
      const standing = standingAt()(line);
      return standing === "off" ? [] : [{ line, twin, isOpen: standing === "open" }];
    });
    const [first] = made;
    if (!first) continue;
    const twins = made.map(({ twin }) => twin);
    const isOpen = made.every((one) => one.isOpen);
    return say(`The chart ${chart} makes`, twins, lineOf(file, first.line), {
      ...(isOpen && { isOpen }),
      why: "Each upgrade of its release puts them back to what the chart says. Where the release goes, or its chart makes them no more, Helm deletes them, also where the operator has taken them over: the root goes with all that it delivers.",
      next: "If a release of that chart is in this cluster, annotate both in the chart with helm.sh/resource-policy: keep and upgrade the release; then take them out of the chart, before you merge a phase. If none is, leave it.",
    });
  }
  return undefined;
}

/** The same for every cluster. */
function listInstalled(tree: Tree): ReturnType<typeof listTemplates> {
  return remember(tree, "templates of releases", "", () =>
    listTemplates(tree).filter(({ file, chart }) => TEMPLATE.test(file) && isInstalled(tree, chart)),
  );
}

/** What Helm makes objects of; `NOTES.txt` is printed. */
const TEMPLATE = /\.(?:ya?ml|json|tpl)$/;

/** Whether a release may be of a chart: none is of a library, nor of an example. */
function isInstalled(tree: Tree, chart: string): boolean {
  return !isSample(`${chart}/`) && !/^type:[ \t]*["']?library\b/m.test(tree.read(join(chart, "Chart.yaml")) ?? "");
}

function isPathOf(root: KubeObject, path: string): boolean {
  return normalizePath(path) === normalizePath(String(root.data.spec?.path ?? ""));
}

const HOLDERS: readonly {
  search: string;
  kind: string;
  by: string;
  keep: string;
  read: (spec: YamlData) => YamlData[];
}[] = [
  {
    search: "kubernetes.crossplane.io/",
    kind: "Object",
    by: "Crossplane",
    keep: "managementPolicies without Delete, or deletionPolicy: Orphan",
    read: (spec) => [spec?.forProvider?.manifest],
  },
  {
    search: "work.open-cluster-management.io/",
    kind: "ManifestWork",
    by: "Open Cluster Management",
    keep: "spec.deleteOption.propagationPolicy: Orphan",
    read: (spec) => itemsOf(spec?.workload?.manifests),
  },
];

/** An object that holds the root has it applied to a cluster; which one only the folder that it builds tells. */
function findWrapped(tree: Tree, { source, root }: Started): Finding | undefined {
  for (const { search, kind, by, keep, read } of HOLDERS) {
    for (const file of tree.grep(search)) {
      if (isArchived(file) || isSample(file) || !isYamlPath(file)) continue;
      const own = readObjects(tree, file).objects.filter(
        (one) => one.kind === kind && one.apiVersion.startsWith(search) && !onlyObserves(one),
      );
      const held = own.flatMap((object) => read((object.data as YamlData).spec).map((body) => ({ object, body })));
      const like = (twin: KubeObject) => held.find(({ body }) => isSame(headOf(body), twin));
      const made = like(root);
      if (!made || !isPathOf(root, String(made.body?.spec?.path ?? ""))) continue;
      const twins = [...(source && like(source) ? [source] : []), root];
      return say(`${describe(made.object)} has ${by} make`, twins, locateField(tree, made.object, []), {
        why: "It puts them back to what it says, and deletes them where it goes itself, also where the operator has taken them over: the root goes with all that it delivers.",
        next: `If it is for this cluster, have it leave behind what it makes (${keep}), let that be reconciled, and take it out before you merge a phase. If it is for another one, leave it.`,
      });
    }
  }
  return undefined;
}

/** Crossplane reads such an object, and neither writes nor deletes it. */
function onlyObserves({ data }: KubeObject): boolean {
  const policies = itemsOf((data as YamlData).spec?.managementPolicies);
  return policies.length > 0 && policies.every((policy) => policy === "Observe");
}

const headOf = (body: YamlData) => ({
  api: String(body?.apiVersion ?? ""),
  kind: String(body?.kind ?? ""),
  name: String(body?.metadata?.name ?? ""),
  namespace: String(body?.metadata?.namespace ?? ""),
});

type Words = Pick<Finding, "why" | "next"> & { isOpen?: boolean };

/** `isOpen`: whether it does make them hangs on values that are not known here. */
function say(who: string, twins: readonly KubeObject[], at: Loc, { isOpen = false, ...words }: Words): Finding {
  const names = [...new Set(twins.map(describe))].join(" and ");
  const files = [...new Set(twins.map(({ file }) => file))].join(" and ");
  return {
    ...{ rule: "sync-made-twice", level: "caution", resource: describe(twins[0]!), at },
    what: `${who} ${names} as well, which ${files} has in Git${isOpen ? ", if its values say so: whether those of a release do is not known here" : ""}.`,
    ...words,
  };
}

interface Head {
  api: string;
  kind: string;
  name: string;
  namespace: string;
  /** Below `spec`. */
  path: string;
  line: number;
}

const FIELD = /^(\s*)(apiVersion|kind|name|namespace|path|metadata|spec):\s*(.*)$/;
const BLANK: Omit<Head, "line"> = { api: "", kind: "", name: "", namespace: "", path: "" };

/** Asked for every cluster, of the same charts. */
function headsIn(tree: Tree, file: string): Head[] {
  return remember(tree, "heads of a template", file, () => listHeads((readableText(tree, file) ?? "").split(/\r?\n/)));
}

/** Lines that no comment of a template takes out, numbered from 1. */
function withoutComments(lines: readonly string[]): { text: string; line: number }[] {
  let isComment = false;
  return lines.flatMap((text, index) => {
    isComment ||= /\{\{-?\s*\/\*/.test(text);
    const isPart = !isComment;
    if (text.includes("*/")) isComment = false;
    return isPart ? [{ text, line: index + 1 }] : [];
  });
}

/** Kind, name and namespace of every document of a template, which is no YAML yet. */
function listHeads(lines: readonly string[]): Head[] {
  const heads: Head[] = [];
  let head: Head = { ...BLANK, line: 1 };
  let block: string | undefined;
  /** How far the fields of that block stand in; empty before the first of them. */
  let inner = "";
  for (const { text, line } of withoutComments(lines)) {
    if (/^---/.test(text)) {
      heads.push(head);
      head = { ...BLANK, line: line + 1 };
    }
    if (/^\w/.test(text)) block = undefined;
    const [, indent = "", field = "", rest = ""] = FIELD.exec(text) ?? [];
    const value = rest
      .replace(/\s+#.*$/, "")
      .trim()
      .replace(/^(["'])(.*)\1$/, "$2");
    if (block !== undefined && inner === "") inner = /^\s*(?=\w)/.exec(text)?.[0] ?? "";
    if (indent === "" && (field === "metadata" || field === "spec")) [block, inner] = [field, ""];
    else if (indent === "") Object.assign(head, topOf(field, value, line));
    else if (indent === inner) fillIn(head, block, field, value);
  }
  return [...heads, head];
}

function topOf(field: string, value: string, line: number): Partial<Head> {
  if (field === "kind") return { kind: value, line };
  return field === "apiVersion" ? { api: value } : {};
}

/** The first one counts: what follows may stand in a branch of the template. */
function fillIn(head: Head, block: string | undefined, field: string, value: string): void {
  if (block === "metadata" && (field === "name" || field === "namespace")) head[field] ||= value;
  if (block === "spec" && field === "path") head.path ||= value;
}

function isSame({ api, kind, name, namespace }: Omit<Head, "line" | "path">, object: KubeObject): boolean {
  const isOpen = namespace === "" || namespace.includes("{{");
  const isFlux = api === "" || api.includes("{{") || api.includes("toolkit.fluxcd.io/");
  return isFlux && kind === object.kind && name === object.name && (isOpen || namespace === object.namespace);
}
