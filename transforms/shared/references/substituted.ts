import { filesOf } from "../../../src/cluster/graph.ts";
import { isYamlPath } from "../../../src/cluster/objects.ts";
import type { Cluster } from "../../../src/cluster/types.ts";
import { readable } from "../../../src/contract/answer.ts";
import {
  type DeliveredFluxObject,
  type KubeObject,
  readableSpec,
  type YamlData,
} from "../../../src/contract/objects.ts";
import { ExpressionError, expand } from "../../../src/delivery/kustomize/expression.ts";
import { locateField } from "../../../src/delivery/locations.ts";
import type { Tree } from "../../../src/files/tree.ts";
import { readYamlCached } from "../../../src/yaml/read.ts";
import type { Remaining, Rename } from "./renames.ts";

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
  const sources = renames.filter(({ group }) => group === "source.toolkit.fluxcd.io");
  if (sources.length === 0) return [];
  const uses = findUses(tree, cluster);
  if (uses.length === 0) return [];
  const values = findValues(tree, cluster, sources);
  const found = uses.flatMap((use) =>
    cluster.kustomizations
      .filter(({ effective }) => readable(effective)?.spec?.postBuild)
      .filter(({ effective }) => filesOf(tree, readable(effective)?.spec, cluster.artifactRoot).includes(use.file))
      .flatMap((owner) => resolve(shown, use, owner, values, sources) ?? []),
  );
  return [...new Map(found.map((item) => [`${item.at.file}:${item.at.line}`, item])).values()];
}

/** A `sourceRef` with a variable or an alias on its line or the twelve below it. Its four fields take less; errs towards yes. */
const NAMED_BY_VARIABLE = /sourceRef(?:.*\n){0,12}?.*(?:\$\{|\*)/;

function findUses(tree: Tree, cluster: Cluster): Use[] {
  const uses: Use[] = [];
  for (const file of tree.grep("${")) {
    const text = cluster.files.has(file) && isYamlPath(file) ? (tree.read(file) ?? "") : "";
    if (NAMED_BY_VARIABLE.test(text)) collectUses(text, file, uses);
  }
  return uses;
}

function collectUses(text: string, file: string, uses: Use[]): void {
  const visit = (value: YamlData): void => {
    if (typeof value === "string" && value.includes("sourceRef") && value !== text) collectUses(value, file, uses);
    if (typeof value !== "object" || value === null) return;
    const name = value.sourceRef?.name;
    if (typeof name === "string" && name.includes("${")) {
      const { kind } = value.sourceRef;
      uses.push({ file, name, kind: typeof kind === "string" && !kind.includes("${") ? kind : undefined });
    }
    for (const item of Object.values(value)) visit(item);
  };
  const parsed = readYamlCached(text);
  if (parsed.ok) for (const { data } of parsed.docs) visit(data);
}

function findValues(tree: Tree, cluster: Cluster, sources: readonly Rename[]): Values[] {
  const files = new Set(sources.flatMap(({ name }) => tree.grep(name)));
  return [...files].flatMap((file) => {
    const parsed = cluster.files.has(file) && isYamlPath(file) ? readYamlCached(tree.read(file) ?? "") : undefined;
    if (!parsed?.ok) return [];
    return parsed.docs.flatMap(({ data, index }): Values[] => {
      const { kind, metadata, ...rest } = (data ?? {}) as YamlData;
      const field = kind === "ConfigMap" ? "data" : kind === "Secret" ? "stringData" : undefined;
      if (!field || typeof rest[field] !== "object" || rest[field] === null) return [];
      return [{ file, doc: index, kind, name: String(metadata?.name), field, data: rest[field] }];
    });
  });
}

/** Where the old name comes from, if the expression yields it in what this FluxKustomization builds. */
function resolve(
  shown: Tree,
  { file, name, kind }: Use,
  { object, effective }: DeliveredFluxObject,
  values: readonly Values[],
  sources: readonly Rename[],
): Remaining | undefined {
  const { substitute = {}, substituteFrom = [] } = readableSpec({ effective }).postBuild;
  const from = (Array.isArray(substituteFrom) ? substituteFrom : []).flatMap((ref: YamlData) =>
    values.filter((item) => item.kind === ref?.kind && item.name === ref?.name),
  );
  const read: string[] = [];
  const lookup = (variable: string) => {
    read.push(variable);
    const holder = [substitute ?? {}, ...from.map(({ data }) => data).reverse()].find((map) =>
      Object.hasOwn(map, variable),
    );
    return { value: holder === undefined ? undefined : String(holder[variable]) };
  };
  const text = tryExpand(name, lookup);
  const rename = sources.find((item) => item.name === text && (kind ?? item.kind) === item.kind);
  if (!rename) return undefined;
  const variable = read[0] ?? "";
  const holder = from.findLast(({ data }) => Object.hasOwn(data, variable));
  const at = Object.hasOwn(substitute ?? {}, variable)
    ? locateField(shown, object, ["spec", "postBuild", "substitute", variable])
    : holder
      ? locateField(shown, holder, [holder.field, variable])
      : findLine(shown, file, name);
  return { at, rename, expression: name };
}

function tryExpand(text: string, lookup: (name: string) => { value: string | undefined }): string | undefined {
  try {
    return expand(text, lookup).text;
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}

function findLine(tree: Tree, file: string, text: string): { file: string; line: number; col: number } {
  const lines = (tree.read(file) ?? "").split("\n");
  return { file, line: Math.max(1, lines.findIndex((line) => line.includes(text)) + 1), col: 1 };
}
