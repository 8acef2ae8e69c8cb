import { readsFile } from "../../../src/cluster/graph.ts";
import { isYamlPath } from "../../../src/cluster/objects.ts";
import type { Cluster } from "../../../src/cluster/types.ts";
import { lineOf } from "../../../src/contract/errors.ts";
import {
  type DeliveredFluxObject,
  itemsOf,
  type KubeObject,
  readableSpec,
  type YamlData,
} from "../../../src/contract/objects.ts";
import { ExpressionError, expand, type Lookup } from "../../../src/delivery/kustomize/expression.ts";
import { locateField } from "../../../src/delivery/locations.ts";
import type { Tree } from "../../../src/files/tree.ts";
import { docsIn } from "../read.ts";
import { type Remaining, type Rename, SOURCE } from "./renames.ts";

interface Use {
  file: string;
  /** Text of a `sourceRef.name` with an expression in it. */
  name: string;
  kind: string | undefined;
}

/** A ConfigMap, or a Secret in plain text, that `substituteFrom` may name. */
type Values = Pick<KubeObject, "file" | "doc" | "kind" | "name"> & { field: string; data: Record<string, unknown> };

/** Names of sources that come out of `postBuild.substitute`, `substituteFrom` or a default (flux-facts 2.9). */
export function findSubstituted(shown: Tree, tree: Tree, cluster: Cluster, renames: readonly Rename[]): Remaining[] {
  const sources = renames.filter(({ group }) => group === SOURCE);
  if (sources.length === 0) return [];
  const uses = findUses(tree, cluster);
  if (uses.length === 0) return [];
  const values = findValues(tree, cluster, sources);
  const owners = cluster.kustomizations.filter((item) => readableSpec(item)?.postBuild);
  const found = uses.flatMap((use) =>
    owners
      .filter((owner) => readsFile(tree, readableSpec(owner), cluster.artifactRoot, use.file))
      .flatMap((owner) => resolve(shown, use, owner, values, sources) ?? []),
  );
  return [...new Map(found.map((item) => [`${item.at.file}:${item.at.line}`, item])).values()];
}

/** Lines below a `sourceRef` that are looked at; its four fields take less. */
const LINES = 12;

/** Whether a `sourceRef` has a variable or an alias on its line or one of those below it; errs towards yes. */
function isNamedByVariable(text: string): boolean {
  let left = 0;
  return text.split("\n").some((line) => {
    const start = line.indexOf("sourceRef");
    const near = left-- > 0 ? line : start < 0 ? "" : line.slice(start);
    if (start >= 0) left = LINES;
    return near.includes("${") || near.includes("*");
  });
}

function findUses(tree: Tree, cluster: Cluster): Use[] {
  return tree.grep("${").flatMap((file) => {
    const text = cluster.files.has(file) && isYamlPath(file) ? (tree.read(file) ?? "") : "";
    return isNamedByVariable(text) ? usesIn(text, file) : [];
  });
}

function usesIn(text: string, file: string): Use[] {
  const visit = (value: YamlData): Use[] => {
    if (typeof value === "string") return value.includes("sourceRef") && value !== text ? usesIn(value, file) : [];
    if (typeof value !== "object" || value === null) return [];
    const { name, kind } = value.sourceRef ?? {};
    const isNamed = typeof name === "string" && name.includes("${");
    const use = { file, name, kind: typeof kind === "string" && !kind.includes("${") ? kind : undefined };
    return [...(isNamed ? [use] : []), ...Object.values(value).flatMap(visit)];
  };
  return docsIn(text).flatMap(({ data }) => visit(data));
}

function findValues(tree: Tree, cluster: Cluster, sources: readonly Rename[]): Values[] {
  const files = new Set(sources.flatMap(({ name }) => tree.grep(name)));
  const own = [...files].filter((file) => cluster.files.has(file) && isYamlPath(file));
  return own.flatMap((file) =>
    docsIn(tree.read(file)).flatMap(({ data, index }): Values[] => {
      const { kind, metadata, ...rest } = data ?? {};
      const field = kind === "ConfigMap" ? "data" : kind === "Secret" ? "stringData" : undefined;
      if (!field || typeof rest[field] !== "object" || rest[field] === null) return [];
      return [{ file, doc: index, kind, name: String(metadata?.name), field, data: rest[field] }];
    }),
  );
}

/** Where the old name comes from, if the expression yields it in what this FluxKustomization builds. */
function resolve(
  shown: Tree,
  { file, name, kind }: Use,
  { object, effective }: DeliveredFluxObject,
  values: readonly Values[],
  sources: readonly Rename[],
): Remaining | undefined {
  const { substitute, substituteFrom } = readableSpec({ effective })?.postBuild ?? {};
  const inline: Record<string, unknown> = substitute ?? {};
  const from = itemsOf(substituteFrom).flatMap((ref) =>
    values.filter((item) => item.kind === ref.kind && item.name === ref.name),
  );
  const read: string[] = [];
  const text = tryExpand(name, (variable) => {
    read.push(variable);
    const maps = [inline, ...from.map(({ data }) => data).reverse()];
    const holder = maps.find((map) => Object.hasOwn(map, variable));
    return { value: holder && String(holder[variable]) };
  });
  const rename = sources.find((item) => item.name === text && (kind ?? item.kind) === item.kind);
  if (!rename) return undefined;
  const variable = read[0] ?? "";
  const holder = from.findLast(({ data }) => Object.hasOwn(data, variable));
  const place = () => {
    if (Object.hasOwn(inline, variable))
      return locateField(shown, object, ["spec", "postBuild", "substitute", variable]);
    if (holder) return locateField(shown, holder, [holder.field, variable]);
    const lines = (shown.read(file) ?? "").split("\n");
    return lineOf(file, Math.max(1, lines.findIndex((line) => line.includes(name)) + 1));
  };
  return { at: place(), rename, expression: name };
}

function tryExpand(text: string, lookup: Lookup): string | undefined {
  try {
    return expand(text, lookup).text;
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}
