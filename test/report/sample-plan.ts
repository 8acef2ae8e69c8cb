import type { Edit, FileChange } from "../../src/contract/edit.ts";
import type { Finding } from "../../src/contract/finding.ts";
import type { Options, Phase } from "../../src/contract/options.ts";
import type { ClusterPlan, DetectedInstall, Plan } from "../../src/contract/plan.ts";
import { buildRunbook } from "../../src/plan/runbook/build.ts";
import { sampleCluster, sampleInstallEdits, sampleOptions, sampleTree, withEdits } from "./sample-cluster.ts";

const at = (file: string, line: number, col = 1) => ({ file, line, col });

function detected(name: string, version: string): DetectedInstall {
  const config = `kubernetes/${name}/flux/config`;
  return {
    style: "oci-manifests",
    namespace: "flux-system",
    version: { value: version, at: at(`${config}/flux.yaml`, 10, 10) },
    components: [
      ...["source-controller", "kustomize-controller", "helm-controller", "notification-controller"],
      ...["image-reflector-controller", "image-automation-controller"],
    ],
    source: {
      kind: "GitRepository",
      name: "hearth",
      url: "https://github.com/mira/hearth.git",
      ref: `branch ${name}`,
      at: at(`${config}/cluster.yaml`, 2),
    },
    root: { name: "cluster", path: `./kubernetes/${name}/flux`, at: at(`${config}/cluster.yaml`, 15) },
    continuous: { style: "oci-manifests", at: at(`${config}/flux.yaml`, 13) },
    bootstrap: [
      {
        style: "remote-install",
        version: "v2.5.1",
        at: at(`kubernetes/${name}/bootstrap/flux/kustomization.yaml`, 6, 5),
      },
    ],
    patches: 4,
    layout: "apps",
    appsDir: `kubernetes/${name}/apps`,
  };
}

const CAUTIONS: Finding[] = [
  {
    rule: "bootstrap-differs",
    level: "caution",
    cluster: "main",
    phase: "install",
    at: at("kubernetes/main/bootstrap/flux/kustomization.yaml", 6, 5),
    what: "A new cluster starts with Flux v2.5.1 from here, and the first reconcile replaces it by v2.6.4.",
    why: "The bootstrap kustomization is applied by hand and pins its own version; the reconciled install decides.",
    next: "Nothing for this migration: cleanup replaces the bootstrap kustomization by the operator.",
  },
  {
    rule: "sync-ref-patched",
    level: "caution",
    cluster: "main",
    phase: "install",
    resource: "GitRepository flux-system/hearth",
    at: at("kubernetes/main/flux/config/cluster.yaml", 9, 3),
    what: "The operator would drop `spec.ignore` of the source; a patch in the FluxInstance keeps it.",
    why: "The generated source says only interval, url, ref and secret, and the operator takes over every other field.",
    next: "Look at the patch for GitRepository in flux-instance and change the ignore list there from now on.",
  },
];

const NOTES: Finding[] = Array.from({ length: 6 }, (_, index) => ({
  rule: "docs-name-removed",
  level: "info" as const,
  cluster: "main",
  phase: "install" as const,
  at: at(`docs/${["setup", "upgrade", "restore", "network", "nodes", "secrets"][index]}.md`, 12 + index * 7, 3),
  what: "Names kubernetes/main/flux/config/flux.yaml, which cutover removes.",
  why: "Prose is not edited where its meaning is not certain.",
  next: "Reword it once cutover is merged.",
}));

const BLOCKER: Finding = {
  rule: "flux-not-embedded",
  level: "blocker",
  cluster: "edge",
  phase: "install",
  at: at("kubernetes/edge/flux/config/flux.yaml", 10, 10),
  what: "The operator cannot install Flux v2.1.2: the oldest version it embeds is 2.2.3.",
  why: "A FluxInstance for an unknown version stays in BuildFailed and never retries, and a newer one would be a Flux upgrade inside the migration.",
  next: "Upgrade Flux to 2.2.3 or later with the install you have (set the tag in kubernetes/edge/flux/config/flux.yaml), then plan again.",
};

function filesOf(edits: Edit[]): FileChange[] {
  const files = edits.map((edit): FileChange => {
    if (edit.kind === "create") return { path: edit.path, after: edit.text };
    if (edit.kind === "delete") return { path: edit.path, before: "kind: Old\n" };
    return { path: edit.path, before: "resources:\n  - ./webhook/ks.yaml\n", after: "resources:\n  - ./new\n" };
  });
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function clusterPlan(name: string, phase: Phase, options: Options, edits: Edit[], findings: Finding[]): ClusterPlan {
  const before = sampleTree(name);
  const cluster = sampleCluster(name, before);
  const tree = withEdits(before, edits);
  const runbook = buildRunbook({
    cluster,
    model: { clusters: [cluster], leftOut: [] },
    phase,
    options,
    tree,
    edits,
    findings,
    branch: "main",
  });
  const states = { install: "not-started", cutover: "installed", cleanup: "cut-over" } as const;
  const patches =
    phase === "install" && edits.length > 0
      ? [
          {
            from: at(`kubernetes/${name}/flux/config/flux.yaml`, 27, 7),
            title: "Delete every NetworkPolicy",
            to: "instance.cluster.networkPolicy: false",
            note: "Exactly what the field does",
          },
          {
            from: at(`kubernetes/${name}/flux/config/flux.yaml`, 38, 7),
            title: "--concurrent=8 on (kustomize|helm|source)-controller",
            to: "instance.kustomize.patches[0]",
            note: "Copied with its comment",
          },
          {
            from: at(`kubernetes/${name}/bootstrap/flux/kustomization.yaml`, 9, 5),
            title: "Rename crd-controller | critical-pods",
            note: "Dropped: the operator uses the suffixed names already",
          },
        ]
      : [];
  return {
    cluster: name,
    state: states[phase as keyof typeof states],
    detected: detected(name, name === "edge" ? "v2.1.2" : "v2.6.4"),
    edits,
    findings,
    patches,
    runbook,
  };
}

/** Install for two clusters: main with a full set of changes and findings, edge stopped by a blocker. */
export function samplePlan(changes: Partial<Options> = {}): Plan {
  const options = sampleOptions(changes);
  const edits = sampleInstallEdits("main");
  const clusters = [
    clusterPlan("main", "install", options, edits, [...NOTES, ...CAUTIONS]),
    clusterPlan("edge", "install", options, [], [BLOCKER]),
  ];
  return {
    ...emptyPlan(options),
    scanned: { files: 1135, fluxFiles: 362, git: { head: "3f9c2d1a7be04c55", branch: "main" } },
    phases: [{ phase: "install", clusters, files: filesOf(edits) }],
    base: { "kubernetes/main/flux/config/flux.yaml": "a".repeat(64), "kubernetes/main/apps/x.yaml": "b".repeat(64) },
  };
}

/** All three phases of main at once, as `--phase all --direct` gives them. */
export function sampleDirectPlan(): Plan {
  const options = sampleOptions({ phase: "all", direct: true });
  const edit = (phase: Phase, kind: "replace" | "delete", path: string, why: string): Edit => ({
    ...(kind === "replace" ? { kind, ranges: [] } : { kind }),
    ...{ path, why, transform: "remove-install", phase, cluster: "main", evidence: [] },
  });
  const edits: Record<"install" | "cutover" | "cleanup", Edit[]> = {
    install: sampleInstallEdits("main"),
    cutover: [
      edit("cutover", "delete", "kubernetes/main/flux/config/flux.yaml", "The FluxInstance installs Flux now"),
      edit("cutover", "replace", "kubernetes/main/flux/config/kustomization.yaml", "No longer lists flux.yaml"),
      ...["apps", "vars", "repositories"].map((name) =>
        edit("cutover", "replace", `kubernetes/main/flux/${name}.yaml`, "Reads from the generated source"),
      ),
    ],
    cleanup: [edit("cleanup", "delete", "kubernetes/main/flux/config/cluster.yaml", "Replaced by the generated sync")],
  };
  return {
    ...emptyPlan(options),
    phases: (["install", "cutover", "cleanup"] as const).map((phase) => ({
      phase,
      clusters: [clusterPlan("main", phase, options, edits[phase], phase === "install" ? CAUTIONS : [])],
      files: filesOf(edits[phase]),
    })),
  };
}

/** A folder in which no cluster was recognised. */
/** Of a repository whose FluxInstance Terraform makes. */
export function elsewherePlan(): Plan {
  const what = "Flux Operator runs this Flux: terraform/flux.tf makes its FluxInstance.";
  return {
    ...emptyPlan(),
    findings: [{ rule: "instance-elsewhere", level: "info", what, why: "All is delivered.", next: "Nothing." }],
  };
}

export function emptyPlan(options: Options = sampleOptions()): Plan {
  return {
    tool: "fluxlift",
    version: "0.1.0",
    schema: 1,
    options,
    scanned: { files: 312, fluxFiles: 0, git: null },
    phases: [],
    findings: [],
    base: {},
  };
}
