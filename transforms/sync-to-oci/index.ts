import { readable } from "../../src/contract/answer.ts";
import { normalizePath } from "../../src/delivery/paths.ts";
import { RawYaml } from "../../src/yaml/raw.ts";
import type { YamlOp } from "../../src/yaml/types.ts";
import { combine, defineTransform, withTarget } from "../contract.ts";
import { listItem } from "../shared/apps/instance-target.ts";
import { fluxPathOf } from "../shared/apps/placement.ts";
import { editFile } from "../shared/edit-file.ts";
import { rerootIgnore } from "../shared/oci/ignore-rules.ts";
import { ignoreNotMovable, movePatches } from "../shared/oci/instance-patches.ts";
import { rootOutside } from "../shared/oci/reroot.ts";
import { effectiveSource } from "../shared/oci/sync.ts";
import type { OciTarget } from "../shared/oci/types.ts";
import { verificationPatch } from "../shared/oci/verification.ts";

/** Lets the FluxInstance sync the artifact, and says its patches on the GitRepository for the OCIRepository. */
export default defineTransform({
  id: "sync-to-oci",
  title: "Sync the artifact",
  phases: ["switch"],
  run: withTarget((context, target) => {
    const { sync } = target;
    if (sync.kind !== "GitRepository") return {};
    const path = normalizePath(sync.path) ?? "";
    const outside = rootOutside(target);
    if (outside.length > 0) return { findings: outside };
    const moved = movePatches(context.tree, target);
    if (
      readable(effectiveSource(sync))?.spec?.ignore === undefined &&
      rerootIgnore(context.tree, "", target.artifactPath) === undefined
    )
      moved.findings.push(ignoreNotMovable(target.at, target.artifactPath));
    const why = `Read ${target.url}:${target.tag}; the generated GitRepository ${sync.name} goes, the root stays as it is.`;
    const ops = [...moved.ops, ...verifyOperations(target), ...syncOperations(target, path)];
    return combine({ findings: moved.findings }, editFile(context.tree, sync.target.file, ops, why, [target.at]));
  }),
});

function verifyOperations(target: OciTarget): YamlOp[] {
  if (!target.sign) return [];
  const { doc, base, spec } = target.sync.target;
  const path = [...base, "kustomize", "patches"];
  const raw = verificationPatch(target.verify, target.sync.name);
  if (Array.isArray(spec.kustomize?.patches)) return [{ op: "insert", doc, path, value: new RawYaml(raw) }];
  return [{ op: "set", doc, path, value: new RawYaml(listItem(raw)) }];
}

/** `sync.name` never changes: it is the identity of root and inventory. */
function syncOperations({ sync, url, tag, provider, pullSecret, artifactPath }: OciTarget, path: string): YamlOp[] {
  const { doc, base, spec } = sync.target;
  const set = (key: string, value: string): YamlOp => ({ op: "set", doc, path: [...base, "sync", key], value });
  const replace = (key: "pullSecret" | "provider", value: string | undefined): YamlOp[] => {
    if (value !== undefined) return [set(key, value)];
    return spec.sync?.[key] === undefined ? [] : [{ op: "delete", doc, path: [...base, "sync", key] }];
  };
  return [
    set("kind", "OCIRepository"),
    set("url", url),
    set("ref", tag),
    ...(artifactPath === "" ? [] : [set("path", fluxPathOf(artifactPath, path))]),
    ...replace("pullSecret", pullSecret),
    ...replace("provider", provider),
  ];
}
