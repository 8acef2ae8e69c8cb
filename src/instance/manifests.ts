import { readableSpec } from "../contract/objects.ts";
import { CORE_COMPONENTS } from "../release/releases.ts";
import { gotkPatches, syncPatchRows } from "./gotk.ts";
import { portPatches } from "./patches/port.ts";
import type { InstallResult, Passage, WantInput } from "./types.ts";

/** What manifests of a release and the patches on them say. */
export function portManifests({ tree, cluster, versions, strategy }: WantInput, passage: Passage): InstallResult {
  const { install, version } = versions;
  const components = install.components.length > 0 ? install.components : [...CORE_COMPONENTS];
  const { patches, findings } = gotkPatches(install, version, cluster.namespace);
  const account = readableSpec(cluster.kustomizations[0])?.serviceAccountName;
  const result = portPatches({
    ...passage,
    patches,
    style: install.style,
    fluxVersion: version,
    components,
    namespace: cluster.namespace,
    ...(cluster.source ? { sourceKind: cluster.source.kind } : {}),
    syncName: strategy === "adopt" ? cluster.root.name : cluster.namespace,
    ...(account ? { rootServiceAccountName: String(account) } : {}),
    readText: (path) => tree.read(path),
  });
  return {
    components,
    ...result,
    mapping: [...result.mapping, ...syncPatchRows(install)],
    findings: [...findings, ...result.findings],
  };
}
