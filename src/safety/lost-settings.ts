import type { Tree } from "../files/tree.ts";
import { readFiles } from "./touched.ts";
import type { Comparison, FluxSpec, Snapshot } from "./types.ts";

/** A setting that a FluxKustomization needs for what it builds, and has no more after the change. */
export interface LostSetting {
  /** `namespace/name` of the FluxKustomization. */
  name: string;
  field: "decryption" | "postBuild";
  /** A file that needs it. */
  file: string;
}

/**
 * Roots and children that stop decrypting or substituting although files still need it: kustomize-controller then writes
 * the ciphertext of a Secret with `stringData` and refuses other encrypted objects (trap 25; docs/live-proof.md), or
 * applies `${NAME}` literally.
 */
export function findLostSettings(
  { respecced }: Comparison,
  after: Snapshot,
  tree: Tree,
  artifactRoot: string,
): LostSetting[] {
  const lost: LostSetting[] = [];
  for (const { name, before, after: later } of respecced) {
    const had = (field: string) => before.length > 0 && before.every(({ data }) => data?.spec?.[field] !== undefined);
    for (const spec of later) {
      const lacks = (field: string) => spec.data?.isLocal && spec.data.spec?.[field] === undefined && had(field);
      const secret = lacks("decryption") ? findEncrypted(after, spec) : undefined;
      if (secret !== undefined) lost.push({ name, field: "decryption", file: secret });
      const files = lacks("postBuild") ? [...readFiles(tree, spec.data.spec, artifactRoot)] : [];
      const template = files.find((file) => /(^|[^$])\$\{[A-Za-z_]/.test(tree.read(file) ?? ""));
      if (template !== undefined) lost.push({ name, field: "postBuild", file: template });
    }
  }
  return lost;
}

function findEncrypted(snapshot: Snapshot, spec: FluxSpec): string | undefined {
  const build = snapshot.build(spec);
  if (!build.ok) return undefined;
  return [...build.objects.values()].find(({ encrypted }) => encrypted)?.at?.file;
}
