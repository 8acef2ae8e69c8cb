import { findHandEdits } from "../cluster/gotk/hand-edits.ts";
import type { Install } from "../cluster/types.ts";
import type { Loc } from "../contract/errors.ts";
import type { DraftFinding } from "../contract/finding.ts";
import { given } from "../contract/given.ts";
import { readableSpec } from "../contract/objects.ts";
import type { PatchMapping } from "../contract/plan.ts";
import { fillIn } from "../delivery/kustomize/index.ts";
import { CORE_COMPONENTS, nearestFlux } from "../release/releases.ts";
import type { SimObject } from "../release/types.ts";
import { checkApplied, listApplied } from "./applied.ts";
import { findGenerated, withoutHashes } from "./generated-names.ts";
import { fillPatches } from "./patches/filled.ts";
import { reportOtherValues } from "./patches/other-values.ts";
import { portPatches } from "./patches/port.ts";
import type { InstallResult, Passage, WantInput } from "./types.ts";

/** What manifests of a release and the patches on them say. */
export function portManifests(input: WantInput, passage: Passage): InstallResult {
  const { tree, cluster, versions, strategy, substitution } = input;
  const { install, version, written } = versions;
  const components = install.components.length > 0 ? install.components : [...CORE_COMPONENTS];
  // Hand edits of a bootstrapped file come first, as they are there before any kustomization runs.
  const edits = install.gotk
    ? findHandEdits(install.gotk, written, install.components, cluster.namespace)
    : { patches: [], findings: [] };
  const account = readableSpec(cluster.kustomizations[0])?.serviceAccountName;
  const patches = [...edits.patches, ...install.patches];
  const others = passage.oldSubstituted && passage.substituted ? reportOtherValues(tree, install, substitution) : [];
  const isLeaving = passage.oldSubstituted && (!passage.substituted || others.length > 0);
  const filled = isLeaving && substitution.values ? fillPatches(patches, substitution.values) : undefined;
  const generated = findGenerated(tree, cluster, install);
  const names = generated.map(({ name }) => name);
  const listAsPatched = () =>
    (filled ? listFilled(input) : listApplied(tree, cluster, install)).map((object) => {
      return { ...object, data: withoutHashes(object.data, names) };
    });
  const result = portPatches({
    ...passage,
    ...(filled ? { patches: filled, oldSubstituted: false } : { patches }),
    style: install.style,
    ...given({ suffix: install.gotk?.suffix, lacksPolicies: install.lacksPolicies }),
    fluxVersion: written,
    ...given({ targetVersion: nearestFlux(version) }),
    components,
    namespace: cluster.namespace,
    ...(cluster.source ? { sourceKind: cluster.source.kind } : {}),
    syncName: strategy === "adopt" ? cluster.root.name : cluster.namespace,
    ...(account ? { rootServiceAccountName: String(account) } : {}),
    checkOld: (old) => checkApplied(listAsPatched(), old, install),
    readText: (path) => tree.read(path),
  });
  return {
    components,
    ...result,
    mapping: [...result.mapping, ...syncPatchRows(install)],
    findings: [...edits.findings, ...generated.map(reportGenerated), ...(filled ? [] : others), ...result.findings],
  };
}

function reportGenerated({ at, name }: { at: Loc; name: string }): DraftFinding {
  return { rule: "patch-names-generated", level: "blocker", at, facts: { name } };
}

/** What Flux applies today, after the substitution that the patches are filled in by. */
function listFilled({ tree, cluster, versions, substitution }: WantInput): SimObject[] {
  return listApplied(tree, cluster, versions.install).map((object) => {
    return { ...object, data: fillIn(object.data, substitution.values) ?? object.data };
  });
}

/** Rows for the patches that come along with the source and the root they shape. */
function syncPatchRows(install: Install): PatchMapping[] {
  return (install.gotk?.syncPatches ?? []).map((patch) => ({
    from: patch.at,
    title: `${patch.target?.kind ?? "patch"} ${patch.target?.name ?? "of the sync"}`,
    to: "spec.kustomize.patches",
    note: "its effect is part of the source and root below",
  }));
}
