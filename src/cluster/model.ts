import type { Finding } from "../contract/finding.ts";
import { listSome } from "../contract/list-some.ts";
import type { KubeObject } from "../contract/objects.ts";
import { pushAll } from "../contract/push-all.ts";
import { sh } from "../contract/shell.ts";
import { describe } from "../delivery/kinds.ts";
import { findKustomization, reach } from "../delivery/kustomize/index.ts";
import { locateField } from "../delivery/locations.ts";
import { dirname, isWithin } from "../delivery/paths.ts";
import type { Tree } from "../files/tree.ts";
import { objectsOf } from "./all-installs.ts";
import { survey } from "./assemble.ts";
import { sayInstanceSteps } from "./chart-elsewhere.ts";
import { nameClusters } from "./clusters.ts";
import { reportUndelivered } from "./gotk/detect.ts";
import { listBuilders } from "./gotk/shared.ts";
import { repositoryPath } from "./graph.ts";
import { findBootstraps } from "./install.ts";
import { sharesApps } from "./layout.ts";
import { findLeftOut } from "./left-out.ts";
import { reportMadeTwice } from "./made-twice.ts";
import type { ObjectScan } from "./objects.ts";
import { reportOtherSelf } from "./other-self.ts";
import { refuseCiphers } from "./refused-ciphers.ts";
import { refuseNames } from "./refused-names.ts";
import { reportIdleFolders } from "./report-idle-folders.ts";
import { reportOpenPush } from "./report-open-push.ts";
import { isKnownBranch } from "./running-source.ts";
import { scanFluxObjects } from "./scan.ts";
import { recogniseClusters } from "./settled.ts";
import { findClusters, type StartSearch } from "./starts.ts";
import { chartOf } from "./sync-charts.ts";
import { reportTerraformInstances } from "./terraform-instance.ts";
import { assignBootstraps, keepBootstraps } from "./territory.ts";
import type { Cluster, RepoModel } from "./types.ts";
import { reportUndoesItself } from "./undoes-itself.ts";
import { reportUnseenRoot } from "./unseen-root.ts";

export interface ModelInput extends StartSearch {
  tree: Tree;
  /** The model of the tree before some phases were carried out: its clusters are recognised, not looked for again. */
  settled?: RepoModel | undefined;
}

/** Builds the meaning of a tree: clusters, how each is installed and synced, and what reaches it. */
export function buildModel(input: ModelInput): RepoModel {
  const { tree, settled } = input;
  const scan = scanFluxObjects(tree);
  const { layout, perCluster = {} } = input.options;
  const hasOwn = Object.values(perCluster).some((own) => own.layout !== undefined);
  const around = survey(tree, scan, { ...input.options, layout: hasOwn ? "auto" : layout });
  const model: RepoModel = {
    tree,
    objects: scan.objects,
    clusters: [],
    leftOut: [],
    strays: [],
    findings: reportBroken(tree, scan),
  };
  model.clusters = settled ? recogniseClusters(settled.clusters, around, input) : findClusters(around, input);
  if (!settled) {
    nameClusters(model.clusters);
    pushAll(model.findings, reportIdleFolders(model, input.options.artifactPath));
  }
  model.leftOut = settled ? settled.leftOut : findLeftOut(around, model.clusters, input.remotes);
  for (const cluster of model.clusters) {
    const { root, rivals, peers, companions, findings, rootFrom, instances } = cluster;
    const unseen = reportUnseenRoot(tree, cluster);
    const open = reportOpenPush(tree, cluster, input.options.artifactPath);
    const twice = reportMadeTwice(tree, cluster);
    const selves = [reportOtherSelf(tree, cluster), reportUndoesItself(tree, cluster)];
    pushAll(
      findings,
      [unseen, open, twice, ...selves].filter((found) => found !== undefined),
    );
    if (rootFrom === "instance" && instances.length === 0) findings.push(reportUndeliveredInstance(tree, root));
    for (const rival of rivals) findings.push(reportRival(root, rival));
    if (peers.length > 0) findings.push(reportPeers(tree, cluster));
    for (const { object } of companions) findings.push(reportCompanion(tree, root, object, rootFrom));
  }
  finishClusters(model, settled);
  for (const cluster of model.clusters) obeyBranch(cluster, perCluster[cluster.name]?.branch);
  for (const cluster of model.clusters) {
    pushAll(cluster.findings, refuseNames(tree, cluster, model.objects));
    pushAll(cluster.findings, refuseCiphers(tree, cluster));
  }
  reportTerraformInstances(tree, model.clusters);
  const wanted = ({ name }: Cluster) => perCluster[name]?.layout ?? layout;
  if (hasOwn) obeyLayout(model.clusters.filter((cluster) => wanted(cluster) === "manifests"));
  refuseLayout(model.clusters.filter((cluster) => wanted(cluster) === "apps"));
  return model;
}

function finishClusters(model: RepoModel, settled: RepoModel | undefined): void {
  for (const cluster of model.clusters) {
    const others = model.clusters.filter((other) => other !== cluster);
    if (sharesApps(cluster.layout, others)) cluster.layout = { kind: "manifests" };
  }
  leaveToOthers(model.clusters);
  const delivered = new Set(model.clusters.flatMap(({ files, elsewhere }) => [...files, ...elsewhere]));
  const bootstraps = findBootstraps(model.tree, delivered);
  if (settled) keepBootstraps(model, settled, bootstraps);
  else assignBootstraps(model, bootstraps);
  for (const { name, findings } of model.clusters) for (const finding of findings) finding.cluster = name;
  // The install of a cluster may have been applied by hand: it goes at cutover, and the plan says so.
  const installed = model.clusters.flatMap(({ install }) =>
    (install ? objectsOf(install) : []).map(({ file }) => file),
  );
  pushAll(
    model.findings,
    reportUndelivered(model.tree, new Set([...delivered, ...installed]), model.clusters, (file) =>
      listBuilders(model.tree, file),
    ),
  );
}

/** What an older install has left beside one cluster may be what another one builds. */
function leaveToOthers(clusters: readonly Cluster[]): void {
  for (const cluster of clusters) {
    const { install } = cluster;
    if (!install?.leftovers) continue;
    const isTheirs = (file: string) => clusters.some((other) => other !== cluster && other.files.has(file));
    install.leftovers = install.leftovers.filter(({ file }) => !isTheirs(file));
  }
}

/** What the source says wins; that it says another branch than the owner does is an error of the plan. */
function obeyBranch(cluster: Cluster, own: string | undefined): void {
  if (own !== undefined && !cluster.tag && !(cluster.branch && isKnownBranch(cluster.branch))) cluster.branch = own;
}

function obeyLayout(clusters: readonly Cluster[]): void {
  for (const cluster of clusters) cluster.layout = { kind: "manifests" };
}

/** Where nothing says what a folder of apps is like here, the wish for one cannot be followed. */
function refuseLayout(clusters: readonly Cluster[]): void {
  for (const { name, layout, instances, root, findings } of clusters) {
    if (layout.kind === "apps" || instances.length > 0) continue;
    findings.push({
      rule: "layout-refused",
      level: "blocker",
      cluster: name,
      at: { file: root.file, line: 1, col: 1 },
      what: `--layout apps cannot be followed for ${name}: no folder of ks.yaml files is built by one FluxKustomization of this cluster alone.`,
      why: "The operator's apps are laid out as the others are, and would have to be guessed here.",
      next: "Leave --layout out, or say --layout manifests.",
    });
  }
}

function reportRival(root: KubeObject, rival: KubeObject): Finding {
  return {
    rule: "root-ambiguous",
    level: "blocker",
    resource: describe(rival),
    at: { file: rival.file, line: 1, col: 1 },
    what: `${describe(root)} (${root.file}) and ${describe(rival)} both start from this repository and build the same part of it.`,
    why: "Objects that two FluxKustomizations deliver have no sure owner, so moving either side may delete them.",
    next:
      sayArtifacts(root, rival) ??
      "Decide which one is the root, remove the other with prune: false reconciled first, then run fluxlift again.",
  };
}

/** Two that build `./` of an artifact of their own each build two folders here, once it is known which. */
function sayArtifacts(...roots: readonly KubeObject[]): string | undefined {
  const refs = roots.flatMap(({ data }) => data.spec?.sourceRef ?? []);
  const names = new Set(refs.filter(({ kind }) => kind !== "GitRepository").map(({ name }) => String(name)));
  if (names.size < roots.length) return undefined;
  const flags = sh`--artifact-path ${[...names].map((name) => `${name}=FOLDER`).join(",")}`.line;
  return `If each has an artifact of its own, give the folder that is published to it: ${flags}. Else decide which one is the root, remove the other with prune: false reconciled first, then run fluxlift again.`;
}

function reportUndeliveredInstance(tree: Tree, root: KubeObject): Finding {
  return {
    rule: "instance-undelivered",
    level: "info",
    at: locateField(tree, root),
    what: `The FluxInstance of this file syncs ${root.data.spec?.path}, and nothing in this repository delivers it: what changes here reaches the cluster only by hand.`,
    why: "Flux applies what a Kustomization builds, and none builds this file.",
    next: "Nothing, if it stays that way; or list it in what the cluster builds.",
  };
}

function reportCompanion(tree: Tree, root: KubeObject, companion: KubeObject, rootFrom: Cluster["rootFrom"]): Finding {
  return {
    rule: "root-beside",
    // Nothing is left to edit once the operator has the root.
    level: rootFrom === "instance" ? "info" : "caution",
    resource: describe(companion),
    at: locateField(tree, companion),
    what: `${describe(companion)} runs beside the root ${root.name}: it delivers itself, and nothing else here delivers it. It is read as a part of this cluster, which needs the sources that it brings.`,
    why: "Both read one source. When that gets another name, both have to follow.",
    next: "Look whether it runs in this cluster (`flux get kustomizations`), and merge nothing if it does not.",
  };
}

function reportPeers(tree: Tree, { root, peers, install }: Pick<Cluster, "root" | "peers" | "install">): Finding {
  const all = [root, ...peers];
  const names = all.map((object) => `${object.name} (${object.file})`).join(", ");
  const refused = all.flatMap(({ name, data }) => {
    const path = repositoryPath(data.spec, "");
    const [first] = path !== undefined && tree.isDir(path) ? reach(tree, path).broken : [];
    return first ? [{ name, ...first }] : [];
  });
  const [broken] = refused;
  if (broken) {
    return {
      rule: "root-ambiguous",
      level: "blocker",
      resource: describe(root),
      at: broken.at,
      what: `Kustomization ${broken.name} cannot be built (${broken.reason}), so what it delivers is unknown, and which of these is the root: ${names}.`,
      why: "kustomize refuses such a file, so Flux applies nothing of that folder until it is mended.",
      next: "Mend it, let Flux reconcile it, and run fluxlift again.",
    };
  }
  const said = install ? undefined : sayInstanceSteps(tree);
  const operated = said === undefined ? "" : `${said} Else: `;
  return {
    rule: "root-ambiguous",
    level: "blocker",
    resource: describe(root),
    at: { file: peers[0]!.file, line: 1, col: 1 },
    what: `These FluxKustomizations read the same source, and nothing that can be read here delivers them, so which one is the root is unknown: ${names}.`,
    why: "A FluxInstance syncs one path. It would take over one of them, and the others would lose the source they read.",
    next: `${operated}If a template fills in a path, run fluxlift on the tree as it is rendered. If one in the cluster delivers them that is not in Git (applied by Terraform, a chart such as flux2-sync, or by hand), commit it as it is (flux export kustomization …). ${sayHowToJoin(tree, all)}`,
  };
}

/**
 * One that lies in the folder which it builds is a root but for its list: it may name itself there, and the others. Else one
 * more is wanted, which nothing applies by itself the first time.
 */
function sayHowToJoin(tree: Tree, all: readonly KubeObject[]): string {
  const files = listSome([...new Set(all.map(({ file }) => file))], 12);
  const folders = all.flatMap(({ file, data }) => {
    const path = repositoryPath(data.spec, "");
    return path && isWithin(file, path) && findKustomization(tree, path) ? path : [];
  });
  if (folders.length > 0)
    return `Else have one of them deliver itself and the others: list ${files} in the kustomization of ${folders.join(" or ")}. Merge that, let it reconcile, and run fluxlift again.`;
  const [dir, ...others] = new Set(all.map(({ file }) => dirname(file)));
  const where =
    dir && others.length === 0 && !findKustomization(tree, dir)
      ? `a FluxKustomization in ${dir} that builds ${dir}`
      : `one FluxKustomization that builds its own folder and lists ${files} there`;
  return `Else have ${where} deliver them all, with prune: false until that is reconciled: merge it, apply it once by hand (kubectl apply -f), and run fluxlift again.`;
}

function reportBroken(tree: Tree, scan: ObjectScan): Finding[] {
  return scan.broken.map(({ file, line, col, reason }): Finding => {
    const at = { file, line, col };
    const chart = tree.read(file)?.includes("{{") ? chartOf(tree, file) : undefined;
    if (chart !== undefined)
      return {
        ...{ rule: "yaml-broken", level: "info", at },
        what: `Helm fills in this template of the chart ${chart === "" ? "at the top of the repository" : chart}, which mentions Flux: nothing in it was read or will be edited.`,
        why: "What a template declares hangs on the values of a release.",
        next: "Check by hand that it names nothing that moves.",
      };
    return {
      ...{ rule: "yaml-broken", level: "caution", at },
      what: `This file mentions Flux but is not valid YAML (${reason}), so nothing in it was read or will be edited.`,
      why: "Flux cannot apply it either; what it was meant to declare is unknown.",
      next: "Correct the file, or leave it if it is a template, and check by hand that it names nothing that moves.",
    };
  });
}
