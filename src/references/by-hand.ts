import { keyOfObject } from "../admission/key.ts";
import type { ClusterChange } from "../change/change.ts";
import { listReferencesAndSlips } from "../change/read.ts";
import { listDelivered } from "../delivery/flux-build.ts";
import { dirname } from "../delivery/paths.ts";

/**
 * What the controllers of a Flux name that somebody applied by the kustomization beside its file, as `key target`: their pods
 * run with that already, whatever has made it. Nothing where Flux delivers that file itself, and so has it before the change.
 */
export function listNamedByHand({ before, cluster }: Pick<ClusterChange, "before" | "cluster">): ReadonlySet<string> {
  const { install, root } = cluster;
  if (!install || cluster.files.has(install.at.file)) return new Set();
  const dir = dirname(install.at.file);
  const applied = listDelivered(before, { object: root, spec: { path: `./${dir}` } }, dir);
  const pods = applied.filter(({ kind }) => kind === "Deployment");
  return new Set(
    pods.flatMap(({ body, kind, name, namespace, ...one }) => {
      const key = keyOfObject({ ...one, kind, name, namespace });
      const references = listReferencesAndSlips({ key, kind, name, namespace, spared: false, body });
      return references.map(({ target }) => `${key} ${target}`);
    }),
  );
}
