import { findHelmfile } from "../../../transforms/shared/automation/helmfile-find.ts";
import { isYamlPath, readObjects } from "../../cluster/objects.ts";
import type { SyncNeed } from "../../cluster/sync-needs.ts";
import { sharedSegments } from "../../delivery/paths.ts";
import type { RunbookFacts } from "../../runbook/facts.ts";
import type { RunbookInput } from "./input.ts";

/** The file that declares what the sync needs, closest to the root's own file. */
export function findProvider({ cluster, tree }: RunbookInput, { kind, name }: SyncNeed) {
  const [file] = tree
    .grep(name)
    .filter(isYamlPath)
    .filter((path) => readObjects(tree, path).objects.some((object) => object.kind === kind && object.name === name))
    .sort((a, b) => sharedSegments(b, cluster.root.file) - sharedSegments(a, cluster.root.file));
  if (file === undefined) return { encrypted: false };
  return { file, encrypted: /^sops:/m.test(tree.read(file) ?? "") };
}

/** The helmfile of this cluster, once it lists the instance. */
export function findRebuild(input: RunbookInput): RunbookFacts["helmfile"] {
  const { helmfile } = findHelmfile(input);
  if (!helmfile?.text.includes("flux-instance")) return undefined;
  return { file: helmfile.path, ...(helmfile.crds === undefined ? {} : { crds: helmfile.crds }) };
}
