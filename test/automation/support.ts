import { buildModel } from "../../src/cluster/model.ts";
import type { DraftEdit } from "../../src/contract/edit.ts";
import type { SaidFinding } from "../../src/contract/finding.ts";
import type { Options } from "../../src/contract/options.ts";
import { spliceRanges } from "../../src/files/edits.ts";
import { sayFinding } from "../../src/findings/say.ts";
import { agreeOn } from "../../src/plan/agreed.ts";
import type { Transform, TransformContext } from "../../transforms/contract.ts";
import { memoryTree } from "../support/memory.ts";

export type Files = Record<string, string>;

const OPTIONS: Options = {
  phase: "cleanup",
  sync: "adopt",
  clusters: [],
  direct: false,
  only: [],
  skip: [],
  serviceMonitor: false,
  layout: "auto",
};

export interface AppOptions {
  version?: string;
  operatorValues?: string;
  instanceValues?: string;
  operatorFile?: string;
}

const kustomization = (...resources: string[]) =>
  `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n${resources.map((item) => `  - ${item}\n`).join("")}`;

const fluxKustomization = (name: string, path: string, source: string, extra = "") =>
  `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: ${name}\n  namespace: flux-system\nspec:\n  path: ./${path}\n  prune: true\n  sourceRef:\n    kind: GitRepository\n    name: ${source}\n${extra}`;

/** A cluster below `home` as it is after the cutover: both apps there, old source, root and bootstrap still in the tree. */
export function clusterFiles(
  home: string,
  { version = "0.58.0", operatorValues, instanceValues = "", operatorFile }: AppOptions = {},
): Files {
  const apps = `${home}/apps/flux-system`;
  const files: Files = {
    [`${home}/flux/config/cluster.yaml`]: `apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata:\n  name: home-kubernetes\n  namespace: flux-system\nspec:\n  url: https://github.com/example/home.git\n  ref:\n    branch: main\n---\n${fluxKustomization("cluster", `${home}/flux`, "home-kubernetes")}`,
    [`${home}/flux/config/kustomization.yaml`]: kustomization("./cluster.yaml"),
    [`${home}/flux/apps.yaml`]: fluxKustomization("cluster-apps", `${home}/apps`, "cluster"),
    [`${home}/bootstrap/flux/kustomization.yaml`]: kustomization(
      "github.com/fluxcd/flux2/manifests/install?ref=v2.6.4",
    ),
    [`${home}/apps/kustomization.yaml`]: kustomization("./flux-system"),
    [`${apps}/kustomization.yaml`]: kustomization("./flux-operator/ks.yaml", "./flux-instance/ks.yaml"),
  };
  for (const name of ["flux-operator", "flux-instance"]) {
    const values =
      name === "flux-operator"
        ? operatorValues
        : `    instance:\n      sync:\n        name: cluster\n        kind: GitRepository\n        url: https://github.com/example/home.git\n        ref: refs/heads/main\n        path: ./${home}/flux\n${instanceValues}`;
    const release = `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: ${name}\nspec:\n  chartRef:\n    kind: OCIRepository\n    name: ${name}\n${values ? `  values:\n${values}` : ""}`;
    const file = name === "flux-operator" ? (operatorFile ?? "helmrelease.yaml") : "helmrelease.yaml";
    files[`${apps}/${name}/ks.yaml`] = fluxKustomization(name, `${apps}/${name}/app`, "cluster");
    files[`${apps}/${name}/app/kustomization.yaml`] = kustomization(`./${file}`, "./ocirepository.yaml");
    files[`${apps}/${name}/app/${file}`] = release;
    files[`${apps}/${name}/app/ocirepository.yaml`] =
      `apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata:\n  name: ${name}\nspec:\n  url: oci://ghcr.io/controlplaneio-fluxcd/charts/${name}\n  ref:\n    tag: ${version}\n`;
  }
  return files;
}

/** A helmfile with both releases, aligned with the apps of `clusterFiles`. */
export const HELMFILE = `releases:
  - name: flux-operator
    namespace: flux-system
    chart: oci://ghcr.io/controlplaneio-fluxcd/charts/flux-operator
    version: 0.58.0
  - name: flux-instance
    namespace: flux-system
    chart: oci://ghcr.io/controlplaneio-fluxcd/charts/flux-instance
    version: 0.58.0
    values:
      - ./templates/values.yaml.gotmpl
    needs:
      - flux-system/flux-operator
`;

export function contextOf(files: Files, cluster?: string, options: Partial<Options> = {}): TransformContext {
  const tree = memoryTree(files);
  const all = { ...OPTIONS, ...options };
  const model = buildModel({ tree, remotes: [], options: all });
  const found = cluster === undefined ? model.clusters[0] : model.clusters.find(({ name }) => name === cluster);
  if (!found) throw new Error(`no cluster ${cluster ?? ""} in the model`);
  const agreed = agreeOn(model, () => all);
  return { tree, before: tree, model, cluster: found, phase: "cleanup", options: all, edited: new Set(), agreed };
}

export interface Outcome {
  /** Text of every file that was created or edited. */
  texts: Files;
  findings: SaidFinding[];
  rules: string[];
}

/** Runs a transform and gives the texts it leaves. */
export function runTransform(transform: Transform, context: TransformContext): Outcome {
  const { edits, findings: drafts } = transform.run(context);
  const findings = drafts.map(sayFinding);
  const texts = Object.fromEntries(edits.map((edit) => [edit.path, textAfter(context, edit)]));
  return { texts, findings, rules: findings.map(({ rule }) => rule) };
}

function textAfter({ tree }: TransformContext, edit: DraftEdit): string {
  if (edit.kind === "create") return edit.text;
  if (edit.kind !== "replace") throw new Error(`unexpected ${edit.kind} of ${edit.path}`);
  return spliceRanges(tree.read(edit.path) ?? "", edit.ranges, edit.path);
}

const GOTMPL =
  '{{ (fromYaml (readFile (printf "../../apps/%s/%s/app/helmrelease.yaml" .Release.Namespace .Release.Name))).spec.values | toYaml }}\n';

/** One cluster with an aligned helmfile in its bootstrap folder. */
export function homeWith(files: Files, home = "kubernetes"): Files {
  return {
    ...clusterFiles(home),
    [`${home}/bootstrap/helmfile.yaml`]: HELMFILE,
    [`${home}/bootstrap/templates/values.yaml.gotmpl`]: GOTMPL,
    ...files,
  };
}
