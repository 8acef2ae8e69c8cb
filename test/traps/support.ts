import type { Finding } from "../../src/contract/finding.ts";
import type { Options } from "../../src/contract/options.ts";
import type { ClusterPlan, Plan } from "../../src/contract/plan.ts";
import type { RunbookStep } from "../../src/contract/runbook.ts";
import type { GitFacts } from "../../src/files/git.ts";
import type { Workspace } from "../../src/files/snapshot.ts";
import { makePlan } from "../../src/plan/plan.ts";
import { readYaml } from "../../src/yaml/read.ts";
import { memoryTree } from "../support/memory.ts";

export type Files = Record<string, string>;
// biome-ignore lint/suspicious/noExplicitAny: parsed YAML has no static shape
export type Data = any;

export const APPS = "kubernetes/apps/flux-system";
export const INSTANCE = `${APPS}/flux-instance/app/helmrelease.yaml`;
export const OPERATOR = `${APPS}/flux-operator/app/helmrelease.yaml`;
export const CLUSTER = "kubernetes/flux/config/cluster.yaml";
export const FLUX = "kubernetes/flux/config/flux.yaml";

export const OPTIONS: Options = {
  phase: "install",
  sync: "adopt",
  clusters: [],
  direct: false,
  only: [],
  skip: [],
  serviceMonitor: false,
  layout: "auto",
};

export const list = (...resources: string[]): string =>
  `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n${resources.map((item) => `  - ${item}\n`).join("")}`;

/** Lines of text below a `spec:`, indented by two. */
export const fluxKustomization = (name: string, path: string, spec = ""): string => `---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: ${name}
  namespace: flux-system
spec:
  interval: 30m
  path: ./${path}
  prune: true
${spec.includes("sourceRef:") ? "" : "  sourceRef:\n    kind: GitRepository\n    name: home\n"}${spec}`;

export interface HomeSettings {
  version?: string;
  /** Spec lines of the source, the root, cluster-apps and the FluxKustomization `flux`, indented by two. */
  source?: string;
  root?: string;
  apps?: string;
  flux?: string;
  /** Lines added to `kubernetes/apps/flux-system/kustomization.yaml` and `kubernetes/apps/kustomization.yaml`. */
  listing?: string;
  appsListing?: string;
}

/** A home-ops repository whose Flux comes from the flux-manifests artifact; source `home`, root `cluster`. */
export function homeOps(settings: HomeSettings = {}): Files {
  const { version = "v2.6.4", source = "", root = "", apps = "", flux = "", listing = "", appsListing = "" } = settings;
  const app = (namespace: string, name: string): Files => ({
    [`kubernetes/apps/${namespace}/${name}/ks.yaml`]: fluxKustomization(
      name,
      `kubernetes/apps/${namespace}/${name}/app`,
      `  targetNamespace: ${namespace}\n`,
    ),
    [`kubernetes/apps/${namespace}/${name}/app/kustomization.yaml`]: list("./configmap.yaml"),
    [`kubernetes/apps/${namespace}/${name}/app/configmap.yaml`]: `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`,
  });
  return {
    [CLUSTER]: `---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata:
  name: home
  namespace: flux-system
spec:
  interval: 30m
  url: https://github.com/example/home-ops
${source.includes("ref:") ? "" : "  ref:\n    branch: main\n"}${source}${fluxKustomization("cluster", "kubernetes/flux", root)}`,
    [FLUX]: `---
apiVersion: source.toolkit.fluxcd.io/${/v2\.[2-5]\./.test(version) ? "v1beta2" : "v1"}
kind: OCIRepository
metadata:
  name: flux-manifests
  namespace: flux-system
spec:
  interval: 10m
  url: oci://ghcr.io/fluxcd/flux-manifests
  ref:
    tag: ${version}
${fluxKustomization("flux", "", `  sourceRef:\n    kind: OCIRepository\n    name: flux-manifests\n${flux}`)}`,
    "kubernetes/flux/config/kustomization.yaml": list("./cluster.yaml", "./flux.yaml"),
    "kubernetes/flux/apps.yaml": fluxKustomization("cluster-apps", "kubernetes/apps", apps),
    "kubernetes/apps/kustomization.yaml": `${list("./flux-system", "./default")}${appsListing}`,
    [`${APPS}/kustomization.yaml`]: `${list("./namespace.yaml", "./addons/ks.yaml")}${listing}`,
    [`${APPS}/namespace.yaml`]: "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: flux-system\n",
    "kubernetes/apps/default/kustomization.yaml": list("./echo/ks.yaml"),
    ...app("default", "echo"),
    ...app("flux-system", "addons"),
  };
}

/** Everything is committed on `main`, and nothing is known of a remote. */
const GIT = {
  topLevel: "/",
  prefix: "",
  head: "0".repeat(40),
  branch: "main",
  detached: false,
  dirty: () => [],
  remotes: () => [],
  stateDir: "fluxlift",
} satisfies GitFacts;

/** Plans without a disk: the tree itself is the commit the cluster reads. */
export function planOf(files: Files, options: Partial<Options> = {}, remotes: readonly string[] = []): Plan {
  const git = { ...GIT, remotes: () => remotes.map((url) => ({ name: "origin", url })) };
  const workspace = { root: "/", tree: memoryTree(files), git } as unknown as Workspace;
  return makePlan(workspace, { ...OPTIONS, ...options });
}

export interface Migrated {
  files: Files;
  plan: Plan;
  cluster: ClusterPlan;
  findings: Finding[];
}

/** One phase of the first cluster, and the files after it. */
export function run(files: Files, options: Partial<Options> = {}, remotes: readonly string[] = []): Migrated {
  const plan = planOf(files, options, remotes);
  const after = { ...files };
  for (const phase of plan.phases) {
    for (const change of phase.files) {
      if (change.after === undefined) delete after[change.path];
      else after[change.path] = change.after;
    }
  }
  const clusters = plan.phases.flatMap((phase) => phase.clusters);
  const cluster = clusters[0];
  if (!cluster) throw new Error(`no cluster: ${plan.findings.map(({ what }) => what).join("; ")}`);
  return {
    files: after,
    plan,
    cluster,
    findings: [...plan.findings, ...clusters.flatMap(({ findings }) => findings)],
  };
}

/** Like `run`, and fails when anything blocks. */
export function migrate(files: Files, options: Partial<Options> = {}): Migrated {
  const result = run(files, options);
  const blocked = result.findings.filter(({ level }) => level === "blocker");
  if (blocked.length > 0) throw new Error(blocked.map(({ rule, what }) => `${rule}: ${what}`).join("\n"));
  return result;
}

/** The tree after install, cutover and cleanup. */
export function migrateAll(files: Files, options: Partial<Options> = {}): Files {
  let tree = files;
  for (const phase of ["install", "cutover", "cleanup"] as const) tree = migrate(tree, { ...options, phase }).files;
  return tree;
}

/** `rule` of every blocker, with its file. */
export const blockers = ({ findings }: Migrated): string[] =>
  findings.filter(({ level }) => level === "blocker").map(({ rule, at }) => `${rule} ${at?.file}`);

export function yamlOf(files: Files, path: string): Data[] {
  const parsed = readYaml(files[path] ?? "");
  if (!parsed.ok) throw new Error(`${path}: ${JSON.stringify(parsed)}`);
  return parsed.docs.map(({ data }) => data);
}

/** `values.instance` of the generated app. */
export const instanceOf = (files: Files): Data => yamlOf(files, INSTANCE)[0].spec.values.instance;

/** Every patch of the instance as text. */
export const patchesOf = (files: Files): string[] =>
  (instanceOf(files).kustomize?.patches ?? []).map((item: Data) => String(item.patch));

/** Replaces text that must be there exactly once. */
export function change(files: Files, path: string, from: string, to: string): Files {
  const text = files[path];
  if (text === undefined || text.split(from).length !== 2) throw new Error(`${path} does not hold once: ${from}`);
  return { ...files, [path]: text.replace(from, () => to) };
}

/** All commands and prose of some steps, one text. */
export const textOf = (steps: readonly RunbookStep[]): string =>
  steps.flatMap(({ title, body, commands, expect }) => [title, ...body, ...commands, expect ?? ""]).join("\n");
