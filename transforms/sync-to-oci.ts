import { editFile } from "../src/engine/edit-file.ts";
import { defineTransform, type TransformResult } from "../src/engine/transform.ts";
import { rerootIgnore } from "../src/flux/oci/ignore-rules.ts";
import { movePatches } from "../src/flux/oci/instance-patches.ts";
import { rerootPath } from "../src/flux/oci/reroot.ts";
import { effectiveSource } from "../src/flux/oci/sync.ts";
import { ignoreNotMovable, pathLeavesArtifact } from "../src/flux/oci/sync-findings.ts";
import { type OciTarget, settleTarget } from "../src/flux/oci/target.ts";
import { verificationPatch } from "../src/flux/oci/verification.ts";
import { isWithin, normalizePath } from "../src/flux/paths.ts";
import type { YamlOp } from "../src/yaml/types.ts";

/** Lets the FluxInstance sync the artifact, and says its patches on the GitRepository for the OCIRepository. */
export default defineTransform({
  id: "sync-to-oci",
  title: "Sync the artifact",
  phases: ["switch"],
  docs: "docs/transforms/sync-to-oci.md",
  applies: () => true,
  run(context): TransformResult {
    const { target } = settleTarget(context);
    if (target?.sync.kind !== "GitRepository") return { edits: [], findings: [] };
    const { sync } = target;
    const path = normalizePath(sync.path) ?? "";
    if (!isWithin(path, target.artifactPath)) return { edits: [], findings: [pathLeavesArtifact(target)] };
    const moved = movePatches(context.tree, target);
    if (
      effectiveSource(sync).spec.ignore === undefined &&
      rerootIgnore(context.tree, "", target.artifactPath) === undefined
    )
      moved.findings.push(ignoreNotMovable(target.at, target.artifactPath));
    const why = `Read ${target.url}:${target.tag}; the generated GitRepository ${sync.name} goes, the root stays as it is.`;
    const ops = [...moved.ops, ...verifyOperations(target), ...syncOperations(target, path)];
    const { edit, finding } = editFile(context.tree, sync.target.file, ops, why, [target.at]);
    return { edits: edit ? [edit] : [], findings: [...moved.findings, ...(finding ? [finding] : [])] };
  },
});

function verifyOperations(target: OciTarget): YamlOp[] {
  if (!target.sign) return [];
  const { doc, base, spec } = target.sync.target;
  const path = [...base, "kustomize", "patches"];
  const raw = verificationPatch(target);
  if (Array.isArray(spec.kustomize?.patches)) return [{ op: "insert", doc, path, value: { raw } }];
  const lines = raw.split("\n").map((line, index) => (index === 0 ? `- ${line}` : `  ${line}`));
  return [{ op: "set", doc, path, value: { raw: lines.join("\n") } }];
}

/** `sync.name` never changes: it is the identity of root and inventory. */
function syncOperations({ sync, url, tag, provider, pullSecret, artifactPath }: OciTarget, path: string): YamlOp[] {
  const { doc, base, spec } = sync.target;
  const now = spec.sync;
  const set = (key: string, value: string): YamlOp => ({ op: "set", doc, path: [...base, "sync", key], value });
  const replace = (key: string, value: string | undefined): YamlOp[] => {
    if (value !== undefined) return [set(key, value)];
    return now[key] === undefined ? [] : [{ op: "delete", doc, path: [...base, "sync", key] }];
  };
  return [
    set("kind", "OCIRepository"),
    set("url", url),
    set("ref", tag),
    ...(artifactPath === "" ? [] : [set("path", rerootPath(path, artifactPath))]),
    ...replace("pullSecret", pullSecret),
    ...replace("provider", provider),
  ];
}
