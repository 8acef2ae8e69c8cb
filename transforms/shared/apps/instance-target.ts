import { readHelmValues } from "../../../src/cluster/helm-values.ts";
import { instanceOf } from "../../../src/cluster/instances.ts";
import { readObjects } from "../../../src/cluster/objects.ts";
import type { Cluster } from "../../../src/cluster/types.ts";
import type { DraftFinding } from "../../../src/contract/finding.ts";
import type { Yaml } from "../../../src/contract/media.ts";
import { itemsOf, sortKeys, valueAt, type YamlData } from "../../../src/contract/objects.ts";
import { isHelmRelease } from "../../../src/delivery/kinds.ts";
import { locateField } from "../../../src/delivery/locations.ts";
import type { Tree } from "../../../src/files/tree.ts";
import { tidyTarget } from "../../../src/instance/patches/raw.ts";
import type { PortedPatch } from "../../../src/instance/types.ts";
import { isMap } from "../../../src/yaml/is-map.ts";
import { RawYaml } from "../../../src/yaml/raw.ts";
import { readYamlCached } from "../../../src/yaml/read.ts";
import { joinYaml, yaml, yamlLines } from "../../../src/yaml/text.ts";
import type { YamlOp, YamlPath } from "../../../src/yaml/types.ts";
import { type AppContext, type InstanceTarget, releaseFile } from "./types.ts";
import { valuesFileOf } from "./values-file.ts";

/** Finds it in a tree; undefined when nothing describes an instance yet. */
export function findInstanceTarget(tree: Tree, cluster: Cluster, app?: AppContext): InstanceTarget | undefined {
  const instance = instanceOf(cluster);
  if (instance) {
    const { object, form } = instance;
    if (form === "manifest") return readTargetAt(tree, object.file, object.doc, ["spec"]);
    const isInline = object.data.spec?.values?.instance !== undefined;
    const [file] = isInline ? [] : readHelmValues(tree, object, object.data.spec).files;
    return file === undefined
      ? readTargetAt(tree, object.file, object.doc, ["spec", "values", "instance"])
      : readTargetAt(tree, file, 0, ["instance"]);
  }
  if (!app) return undefined;
  const { direct } = app.placement;
  const file = direct?.instance ?? releaseFile(app, "flux-instance");
  if (!tree.has(file)) return undefined;
  if (direct) return readTargetAt(tree, file, 0, ["spec"]);
  const split = valuesFileOf(app, "flux-instance");
  if (split !== undefined && tree.has(split)) return readTargetAt(tree, split, 0, ["instance"]);
  const doc = readObjects(tree, file).objects.find(isHelmRelease)?.doc ?? 0;
  return readTargetAt(tree, file, doc, ["spec", "values", "instance"]);
}

/**
 * What it takes for an instance to say what is wanted: missing fields are added; fields that say something else contradict
 * the running install and stop the cluster.
 */
export function compareFields(
  tree: Tree,
  target: InstanceTarget,
  wanted: Record<string, YamlData>,
  agrees: (path: readonly string[], wanted: YamlData, now: YamlData) => boolean,
): { ops: YamlOp[]; findings: DraftFinding[] } {
  const ops: YamlOp[] = [];
  const findings: DraftFinding[] = [];
  const visit = (path: string[], value: YamlData, now: YamlData) => {
    const isSync = path[0] === "sync";
    const place = [...target.base, ...path];
    if (now === undefined || (isSync && now === "")) ops.push({ op: "set", doc: target.doc, path: place, value });
    else if (isMap(value) && isMap(now))
      for (const [key, field] of Object.entries(value)) visit([...path, key], field, now[key]);
    else if (isSync && path[1] === "interval")
      return; // How often the source is fetched is the owner's to say, and takes nothing along.
    else if (!agrees(path, value, now)) {
      const at = locateField(tree, { file: target.file, doc: target.doc }, place);
      const facts = { path: (isSync ? path.slice(1) : path).join("."), now, wanted: value, isSync };
      findings.push({ rule: "instance-contradiction", level: "blocker", resource: "FluxInstance flux", at, facts });
    }
  };
  const spec: YamlData = target.spec;
  for (const [field, value] of Object.entries(wanted)) visit([field], value, spec[field]);
  return { ops, findings };
}

/** Reads the spec at a known place. */
export function readTargetAt(tree: Tree, file: string, doc: number, base: YamlPath): InstanceTarget | undefined {
  return readTargetIn(tree.read(file) ?? "", file, doc, base);
}

/** The same in a text that is in no tree yet. */
export function readTargetIn(text: string, file: string, doc: number, base: YamlPath): InstanceTarget | undefined {
  const parsed = readYamlCached(text);
  if (!parsed.ok) return undefined;
  const data = parsed.docs.find(({ index }) => index === doc)?.data;
  const spec = valueAt(data, base) ?? {};
  return { file, doc, base, spec };
}

/** Operations that add the patches an instance does not have yet, in order, with the owner's comments. */
export function patchOperations(target: InstanceTarget, patches: readonly PortedPatch[]): YamlOp[] {
  const now: YamlData[] = itemsOf(target.spec.kustomize?.patches);
  const known = new Set(now.map(printPatch));
  const missing = patches.filter(({ data }) => !known.has(printPatch(data)));
  const path = [...target.base, "kustomize", "patches"];
  const { doc } = target;
  if (missing.length === 0) return [];
  if (now.length > 0) return missing.map(({ raw }) => ({ op: "insert", doc, path, value: new RawYaml(raw) }));
  const list = joinYaml(
    missing.map(({ raw }) => listItem(raw)),
    "\n",
  );
  return [{ op: "set", doc, path, value: new RawYaml(list) }];
}

/** How many patches an instance has that the old install has not. */
export function countOwnPatches({ spec }: InstanceTarget, patches: readonly PortedPatch[]): number {
  const now: YamlData[] = itemsOf(spec.kustomize?.patches);
  const ported = new Set(patches.map(({ data }) => printPatch(data)));
  return now.filter((item) => !ported.has(printPatch(item))).length;
}

/** An item of a block sequence at indent 0; comments above it stay above its dash. */
export function listItem(raw: Yaml): Yaml {
  const lines = yamlLines(raw);
  while (lines.at(-1) === "") lines.pop();
  const first = lines.findIndex((line) => !line.startsWith("#"));
  const indented = lines.map((line, index) => (index < first || line === "" ? line : yaml`  ${line}`));
  return joinYaml(indented.with(first, yaml`- ${lines[first]!}`), "\n");
}

/** Equal for patches that are the same: bodies are compared as data, so that a reformatted patch counts as there. */
function printPatch(item: YamlData): string {
  return JSON.stringify(sortKeys([tidyTarget(item?.target ?? {}), bodyOf(item?.patch)]));
}

function bodyOf(patch: unknown): unknown {
  if (typeof patch !== "string") return patch;
  const parsed = readYamlCached(patch);
  return parsed.ok ? plain(parsed.docs.map(({ data }) => data)) : patch;
}

function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
