import { isFluxKustomization } from "../flux/kinds.ts";
import type { Cluster } from "../flux/types.ts";
import { rootIsRenamed } from "./guards.ts";
import { resourceOf } from "./runbook-commands.ts";
import type { Landmarks, RunbookInput } from "./runbook-landmarks.ts";
import type { RunbookStep } from "./types.ts";

/** What no controller removes and the owner may delete by hand after cleanup, each with the check to make before. */
export function listLeftovers(input: RunbookInput, marks: Landmarks): RunbookStep[] {
  return [
    ...orphanedRoot(input, marks),
    ...orphanedSource(input, marks),
    unsuffixedRoles(marks),
    ...releaseRecords(marks),
  ];
}

/** Under `rename` the old root was orphaned on purpose; deleted while it still prunes, it takes every app along (trap 8c). */
function orphanedRoot(input: RunbookInput, marks: Landmarks): RunbookStep[] {
  if (!rootIsRenamed(input.cluster, input.options)) return [];
  const { root } = marks;
  const object = `-n ${root.namespace} get ${resourceOf("Kustomization")} ${root.name}`;
  return [
    {
      title: `Delete the old root ${root.name}, if it is still there`,
      body: [
        "An orphaned root goes on reconciling as a second root. Delete it only while the first command prints `false` or `Orphan`: a root that prunes takes every app with it when it is deleted.",
      ],
      commands: [
        `kubectl ${object} --ignore-not-found -o jsonpath='{.spec.prune} {.spec.deletionPolicy}{"\\n"}'`,
        `kubectl -n ${root.namespace} delete ${resourceOf("Kustomization")} ${root.name} --ignore-not-found`,
      ],
      expect: "`false`, or `Orphan`; nothing when it is gone already.",
    },
  ];
}

/** Objects that a root with `prune: false` leaves in the cluster when they leave Git (flux-semantics 2.4 item 6). */
function orphanedSource({ cluster }: RunbookInput, { oldSource, namespace }: Landmarks): RunbookStep[] {
  if (!oldSource || !keepsOrphans(cluster)) return [];
  const place = `-n ${oldSource.namespace || namespace}`;
  const object = `${resourceOf(oldSource.kind)} ${oldSource.name}`;
  return [
    {
      title: `Delete the old source ${oldSource.name}`,
      body: [
        "The root does not prune, so the source stays in the cluster and keeps fetching. Nothing reads from it any more.",
      ],
      commands: [`kubectl ${place} delete ${object} --ignore-not-found`],
      expect: `\`${oldSource.name}\` deleted, or nothing when it is gone already.`,
    },
  ];
}

/**
 * The same for what applied the old install, at cutover. Its finalizer would prune what it still owns, which after the
 * adoption check is nothing; `prune: false` makes sure of it (2.4 item 3).
 */
export function listOrphanedInstallers({ cluster }: RunbookInput, { installers, namespace }: Landmarks): RunbookStep[] {
  if (!keepsOrphans(cluster) || installers.length === 0) return [];
  const place = `kubectl -n ${namespace}`;
  return [
    {
      title: "Delete what applied the old install",
      body: [
        "The root does not prune, so these objects stay in the cluster although their files are gone. Only after the adoption check: the first command makes sure that nothing is deleted along with them.",
      ],
      commands: [
        ...installers
          .filter(isFluxKustomization)
          .map(
            ({ kind, name }) => `${place} patch ${resourceOf(kind)} ${name} --type merge -p '{"spec":{"prune":false}}'`,
          ),
        ...installers.map(({ kind, name }) => `${place} delete ${resourceOf(kind)} ${name} --ignore-not-found`),
      ],
      expect: "The objects are deleted, and every controller is still there.",
    },
  ];
}

function keepsOrphans(cluster: Cluster): boolean {
  return (cluster.kustomizations[0]?.effective ?? cluster.root.data)?.spec?.prune === false;
}

/** `manifests/install` and the flux2 chart name their RBAC without a suffix; the operator never adopts it (trap 45). */
function unsuffixedRoles({ namespace }: Landmarks): RunbookStep {
  return {
    title: "Look for RBAC that the operator does not own",
    body: [
      `Installs made with \`kubectl apply -k …/manifests/install\` or the flux2 chart leave roles without the \`-${namespace}\` suffix. The operator has its own; what the last three commands list is unused, and \`cluster-reconciler\` among it is a second cluster-admin binding. Delete it by hand once the first command shows the suffixed ones.`,
    ],
    commands: [
      `kubectl get clusterrolebinding cluster-reconciler-${namespace} crd-controller-${namespace}`,
      "kubectl get clusterrolebinding cluster-reconciler crd-controller --ignore-not-found",
      "kubectl get clusterrole crd-controller flux-edit flux-view --ignore-not-found",
      `kubectl -n ${namespace} get resourcequota critical-pods --ignore-not-found`,
    ],
    expect: "Two bindings from the first command, nothing from the others when the old install had suffixed names.",
  };
}

/** Helm keeps its records when a suspended release is deleted (trap 62). */
function releaseRecords({ chartRelease, namespace }: Landmarks): RunbookStep[] {
  if (!chartRelease) return [];
  const spec = chartRelease.data?.spec ?? {};
  const place = spec.storageNamespace ?? (chartRelease.namespace || namespace);
  const release =
    spec.releaseName ?? (spec.targetNamespace ? `${spec.targetNamespace}-${chartRelease.name}` : chartRelease.name);
  return [
    {
      title: `Delete the Helm records of ${release}`,
      body: [
        `The suspended release was not uninstalled, so its records stay. Never run \`helm uninstall ${release}\`: it deletes Flux. Deleting the records only makes Helm forget.`,
      ],
      commands: [
        `kubectl -n ${place} get secrets -l owner=helm,name=${release}`,
        `kubectl -n ${place} delete secrets -l owner=helm,name=${release}`,
      ],
      expect: `Secrets named \`sh.helm.release.v1.${release}.v…\` are deleted.`,
    },
  ];
}
