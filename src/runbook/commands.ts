import { ofOwn } from "../contract/of-own.ts";
import type { Ref } from "../contract/runbook.ts";
import { type Command, operand, sh } from "../contract/shell.ts";
import type { ChartApp } from "./facts.ts";

/** Resource name for kubectl that no other API group can shadow. */
const RESOURCES: Record<string, string> = {
  Kustomization: "kustomizations.kustomize.toolkit.fluxcd.io",
  GitRepository: "gitrepositories.source.toolkit.fluxcd.io",
  OCIRepository: "ocirepositories.source.toolkit.fluxcd.io",
  Bucket: "buckets.source.toolkit.fluxcd.io",
  HelmRepository: "helmrepositories.source.toolkit.fluxcd.io",
  HelmChart: "helmcharts.source.toolkit.fluxcd.io",
  HelmRelease: "helmreleases.helm.toolkit.fluxcd.io",
};

export function resourceOf(kind: string): string {
  return ofOwn(RESOURCES, kind) ?? kind.toLowerCase();
}

export const slashed = ({ kind, name }: Pick<Ref, "kind" | "name">) => `${resourceOf(kind)}/${name}`;

/** A verb of kubectl on one live object. */
export const kubectl = (verb: "get" | "delete" | "patch", { kind, name, namespace }: Ref) =>
  sh`kubectl -n ${namespace} ${verb} ${resourceOf(kind)} ${name}`;
export const remove = (object: Ref) => sh`${kubectl("delete", object)} --ignore-not-found`;
export const getIfThere = (object: Ref) => sh`kubectl -n ${object.namespace} get ${slashed(object)} --ignore-not-found`;

export const getInstance = (namespace: string) => sh`kubectl -n ${namespace} get fluxinstance flux`;
export const waitForInstance = (namespace: string, timeout: string) =>
  sh`kubectl -n ${namespace} wait fluxinstance/flux --for=condition=Ready --timeout=${timeout}`;
export const waitFor = (object: Ref, timeout: string) =>
  sh`kubectl -n ${object.namespace} wait ${slashed(object)} --for=condition=Ready --timeout=${timeout}`;
/** `kubectl wait` fails on what does not exist yet. */
export const until = (command: Command) => sh`until ${command} >/dev/null 2>&1; do sleep 5; done`;

/** Shows nothing but its header line when every Flux object is healthy. */
export const NOT_READY = [
  sh`flux get sources all -A --status-selector ready=false`,
  sh`flux get kustomizations -A --status-selector ready=false`,
  sh`flux get helmreleases -A --status-selector ready=false`,
];

/** What reads from a source, one a line: FluxKustomizations, and the charts of HelmReleases. Both kinds come with every install. */
export function listReaders({ kind, name }: Ref): Command {
  const path = `{range .items[?(@.spec.sourceRef.name=="${name}")]}{.spec.sourceRef.kind}: {.kind} {.metadata.namespace}/{.metadata.name}{"\\n"}{end}`;
  const kinds = ["Kustomization", "HelmChart"].map(resourceOf).join(",");
  return sh`kubectl get ${kinds} -A -o jsonpath=${path} | grep ${`^${kind}: `}`;
}

/** `flux reconcile` of the root with its source, to save the wait for the interval. */
export const reconcile = (namespace: string, name: string) =>
  sh`flux -n ${namespace} reconcile kustomization ${name} --with-source`;
export const suspend = (namespace: string, name: string) => sh`flux -n ${namespace} suspend helmrelease ${name}`;

export const resume = (namespace: string, name: string) => sh`flux -n ${namespace} resume helmrelease ${name}`;

export const applyFile = (namespace: string, file: string) =>
  sh`kubectl -n ${namespace} apply --server-side -f ${file}`;

/** One kind of what a FluxKustomization would apply of the checkout, with what it fills in. */
export const applyBuilt = ({ name, namespace, path }: Ref & { path: string }, kind: string) =>
  sh`flux -n ${namespace} build kustomization ${name} --path ${operand(path)} | yq ${`select(.kind == "${kind}")`} | kubectl apply --server-side -f -`;

/**
 * `helm upgrade --install` of a generated app, its values read where the generated HelmRelease has them. Only the operator
 * is waited for: Helm 4 waits for a FluxInstance too, which may need what comes after it (flux-facts 5.1).
 * @param isEmpty whether nothing else is in the cluster yet
 */
export function helmInstall(app: ChartApp, which: "operator" | "instance", isEmpty = false): Command {
  const { release, namespace, chart, among, escaped, version, inline } = app;
  const file = app.file && operand(app.file);
  const valuesFiles = (app.valuesFiles ?? []).map(operand);
  const install = sh`helm upgrade --install ${release} ${chart}`;
  const wait = which === "operator" ? [sh` --wait`] : [];
  if (file === undefined) return sh`${install} --namespace ${namespace}${wait}`;
  const pinned = version ? ["--version", version] : [];
  // Helm refuses the whole release while the API server does not know a kind of it; Flux turns it on later.
  const later = isEmpty && app.monitored ? [sh` --set serviceMonitor.create=false`] : [];
  const target = sh`${[install, ...pinned]} --namespace ${namespace}${later}`;
  const undouble = escaped ? [sh`| sed 's/[$][$]/$/g'`] : [];
  // helm-controller puts inline values over those of files. Of those, one alone can be piped; Flux mends the `$$` of others.
  const [only, ...others] = valuesFiles;
  if (only !== undefined && !inline) {
    if (escaped && others.length === 0) return sh`sed 's/[$][$]/$/g' ${only} | ${target} --values -${wait}`;
    return sh`${target} ${valuesFiles.flatMap((path) => ["--values", path])}${wait}`;
  }
  const files = valuesFiles.length > 0 ? [sh` ${valuesFiles.flatMap((path) => ["--values", path])}`] : [];
  // Of several documents Helm reads the first, whichever that is.
  const one = among ? `select(.kind == "HelmRelease" and .metadata.name == "${among}") | ` : "";
  const values = [sh`yq ${`${one}.spec.values // {}`} ${file}`, ...undouble];
  return sh`${values} | ${target}${files} --values -${wait}`;
}

/** Takes back what was merged. @param merge stands for the commit: only the owner knows it */
export const revert = (merge: "MERGE_COMMIT" | "MERGE_COMMIT_OF_CLEANUP" | "MERGE_COMMIT_OF_SWITCH") =>
  sh`git revert --mainline 1 ${merge}   # without --mainline 1 where the merge was squashed or rebased`;
