import type { Cluster } from "../../src/cluster/types.ts";
import { getOrMake } from "../../src/contract/group-by.ts";
import { itemsOf, type YamlData } from "../../src/contract/objects.ts";
import { isKustomizationFile, kustomizationOf } from "../../src/delivery/kustomize/index.ts";
import { dirname } from "../../src/delivery/paths.ts";
import type { Tree } from "../../src/files/tree.ts";
import { standingOf } from "../../src/release/flux-apis.ts";
import type { FluxVersion } from "../../src/release/releases.ts";
import { editYaml } from "../../src/yaml/edit.ts";
import type { YamlOp, YamlPath } from "../../src/yaml/types.ts";
import { FORMS } from "../shared/automation/stale-patches.ts";
import { docsIn } from "../shared/read.ts";

/**
 * Operations on everything that names an object by its API version: inline patches select by it, `target.version` and
 * health checks too. An object that moves to a newer version alone would no longer be found (flux-facts 3).
 */
export function followVersions(tree: Tree, cluster: Cluster, version: FluxVersion): Map<string, YamlOp[]> {
  const ops = new Map<string, YamlOp[]>();
  const add = (file: string, more: YamlOp[]) => {
    if (more.length > 0) getOrMake(ops, file, () => []).push(...more);
  };
  for (const file of cluster.files) {
    const own = isKustomizationFile(file) ? kustomizationOf(tree, dirname(file)) : undefined;
    if (own?.path === file) add(file, patchOps(own.data, 0, [], version));
  }
  for (const { object } of cluster.kustomizations) {
    const spec = object.data.spec ?? {};
    add(object.file, patchOps(spec, object.doc, ["spec"], version));
    add(object.file, checkOps(spec.healthChecks, object.doc, version));
  }
  return ops;
}

function patchOps(data: YamlData, doc: number, at: YamlPath, version: FluxVersion): YamlOp[] {
  return FORMS.flatMap((field) => {
    return itemsOf(data[field]).flatMap((item, index) => {
      const ops: YamlOp[] = [];
      const path = [...at, field, index];
      const isText = typeof item === "string";
      const value = rewriteBody(isText ? item : item.patch, version);
      if (value !== undefined) ops.push({ op: "set", doc, path: isText ? path : [...path, "patch"], value });
      const target: YamlData = isText ? undefined : item.target;
      const wanted = target?.version && standingOf(`${target.group}/${target.version}`, target.kind, version);
      const newest = wanted?.newest.split("/")[1];
      if (newest) ops.push({ op: "set", doc, path: [...path, "target", "version"], value: newest });
      return ops;
    });
  });
}

/** The text of a patch with the apiVersions of its documents brought up; undefined when there is nothing to do. */
function rewriteBody(body: unknown, version: FluxVersion): string | undefined {
  if (typeof body !== "string" || !body.includes("apiVersion")) return undefined;
  const ops = docsIn(body).flatMap(({ index, data }): YamlOp[] => {
    const standing = data?.apiVersion && standingOf(String(data.apiVersion), String(data.kind), version);
    return standing ? [{ op: "set", doc: index, path: ["apiVersion"], value: standing.newest }] : [];
  });
  if (ops.length === 0) return undefined;
  const edited = editYaml(body, ops);
  return edited.ok ? edited.text : undefined;
}

function checkOps(checks: YamlData, doc: number, version: FluxVersion): YamlOp[] {
  return itemsOf(checks).flatMap((check, index): YamlOp[] => {
    const standing = standingOf(String(check.apiVersion ?? ""), String(check.kind ?? ""), version);
    const path = ["spec", "healthChecks", index, "apiVersion"];
    return standing ? [{ op: "set", doc, path, value: standing.newest }] : [];
  });
}
