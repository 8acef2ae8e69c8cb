import type { TransformContext } from "../../engine/transform.ts";
import type { Tree } from "../../workspace/tree.ts";
import { readYamlCached } from "../../yaml/read.ts";
import type { YamlPath } from "../../yaml/types.ts";
import { readHelmValues } from "../helm-values.ts";
import { instanceOf } from "../state.ts";
import type { YamlData } from "../types.ts";
import type { AppContext } from "./context.ts";

/** Where the FluxInstance spec of a cluster is written, and what it says now. */
export interface InstanceTarget {
  file: string;
  doc: number;
  /** Path of the spec: `spec`, `spec.values.instance`, or `instance` of a values file. */
  base: YamlPath;
  spec: YamlData;
}

/** Finds it in the tree as the transforms before left it; undefined when nothing describes an instance yet. */
export function findInstanceTarget(context: TransformContext, app: AppContext | undefined): InstanceTarget | undefined {
  const { tree, cluster } = context;
  const instance = instanceOf(cluster);
  if (instance) {
    const { object, form } = instance;
    if (form === "manifest") return readTarget(context, object.file, object.doc, ["spec"]);
    if (object.data?.spec?.values?.instance !== undefined) {
      return readTarget(context, object.file, object.doc, ["spec", "values", "instance"]);
    }
    const [file] = readHelmValues(tree, object, object.data?.spec).files;
    return file === undefined
      ? readTarget(context, object.file, object.doc, ["spec", "values", "instance"])
      : readTarget(context, file, 0, ["instance"]);
  }
  if (!app) return undefined;
  const { direct } = app.placement;
  if (direct) return tree.has(direct.instance) ? readTarget(context, direct.instance, 0, ["spec"]) : undefined;
  const file = `${app.placement.apps["flux-instance"].folder}/helmrelease${app.conventions.extension}`;
  return tree.has(file) ? readTarget(context, file, 0, ["spec", "values", "instance"]) : undefined;
}

function readTarget({ tree }: TransformContext, file: string, doc: number, base: YamlPath): InstanceTarget | undefined {
  return readTargetAt(tree, file, doc, base);
}

/** Reads the spec at a known place of any tree. */
export function readTargetAt(tree: Tree, file: string, doc: number, base: YamlPath): InstanceTarget | undefined {
  const parsed = readYamlCached(tree.read(file) ?? "");
  if (!parsed.ok) return undefined;
  const data = parsed.docs.find(({ index }) => index === doc)?.data;
  const spec = base.reduce((value: YamlData, key) => value?.[key], data as YamlData) ?? {};
  return { file, doc, base, spec };
}
