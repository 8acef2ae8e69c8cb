import { fluxUrlOf, publicAddress } from "../../contract/address.ts";
import type { DraftFinding, Finding } from "../../contract/finding.ts";
import { given } from "../../contract/given.ts";
import { listSome } from "../../contract/list-some.ts";
import type { YamlData } from "../../contract/objects.ts";
import type { Options } from "../../contract/options.ts";
import { pushAll } from "../../contract/push-all.ts";
import { sh } from "../../contract/shell.ts";
import { normalizePath } from "../../delivery/paths.ts";
import { overlayTree } from "../../files/overlay.ts";
import type { Tree } from "../../files/tree.ts";
import { CORE_COMPONENTS, hasComponent, parseFluxVersion, releaseOf } from "../../release/releases.ts";
import { isArchived } from "../automation-files.ts";
import { componentsInUse } from "../components-in-use.ts";
import { findInstances } from "../instances.ts";
import { buildModel } from "../model.ts";
import { scanFluxObjects } from "../scan.ts";
import type { InstanceDescription, RepoModel } from "../types.ts";
import { findUnfilled, type UnfilledFolder } from "./find.ts";
import { writeComponents, writeSync } from "./texts.ts";
import { readPlannedInstall } from "./version.ts";

const CHECKED_OUT = "the branch checked out";

interface FillInput {
  tree: Tree;
  /** Clone URLs of the git remotes, `origin` first. */
  remotes: readonly string[];
  /** Branch that is checked out. */
  branch: string | undefined;
  options: Options;
}

/** A tree in which the placeholders of bootstrap hold what bootstrap would write; the files themselves never change. */
interface FilledTree {
  tree: Tree;
  /** What the placeholders really hold. */
  placeholders: ReadonlyMap<string, string>;
  /** Adds to the clusters of a model what was taken from where, and what is missing. */
  report(model: RepoModel): void;
}

/** A folder with everything bootstrap would be told, and where each of it comes from. */
interface Filling extends UnfilledFolder {
  /** `spec.path`, without `./`. */
  syncPath: string;
  url?: Told;
  branch?: Told;
  version?: Told;
  secretName: string;
  extras: string[];
  /** An instance is there already, so nothing had to be concluded. */
  isKnown: boolean;
  /** Versions that contradict each other. */
  rivals: string[];
}

interface Told {
  value: string;
  from: string;
}

/**
 * Reads the placeholders of trees that bootstrap has not filled in: the sync comes from bootstrap's own flags, else from
 * the git remote, the checked-out branch and the folder; the version from `--flux-version` or what installs it here. Every
 * assumption is a finding, and what cannot be concluded a blocker.
 */
export function fillIn(input: FillInput): FilledTree {
  const found = findUnfilled(input.tree).filter(({ sync }) => !isArchived(sync));
  const folders = found.length > 0 ? withoutStarted(input, found) : found;
  const unasked = (model: RepoModel) => pushAll(model.findings, reportIdleFlags(input.options));
  if (folders.length === 0) return { tree: input.tree, placeholders: new Map(), report: unasked };
  const instances = findInstances(input.tree, scanFluxObjects(input.tree).objects);
  const paths = pathsOf(folders, input.options.bootstrap?.path);
  const fillings = folders.flatMap((folder) => {
    const path = paths.get(folder);
    return path === undefined ? [] : [conclude(input, folder, path, instances)];
  });
  const first = write(input.tree, fillings);
  // Only with the sync in place the model can tell what the cluster gets, and so which components it needs.
  const model = buildModel({ tree: first, remotes: input.remotes, options: input.options });
  for (const filling of fillings) {
    const cluster = model.clusters.find(({ root }) => root.file === filling.sync);
    const used = cluster ? [...componentsInUse(cluster).keys()] : [];
    const own = cluster && input.options.perCluster?.[cluster.name]?.branch;
    // The flag and an instance that is there say it more surely than where somebody stands.
    if (own !== undefined && filling.branch?.from === CHECKED_OUT)
      filling.branch = { value: own, from: "the configuration" };
    const version = parseFluxVersion(filling.version?.value ?? "");
    // What a release does not have, bootstrap refuses to install; the objects that need it are a finding of their own.
    filling.extras = [...new Set([...filling.extras, ...used])].filter(
      (name) => !CORE_COMPONENTS.includes(name) && (!version || hasComponent(version, name)),
    );
  }
  const tree = write(input.tree, fillings);
  const files = fillings.flatMap(({ sync, components }) => [sync, ...(components === undefined ? [] : [components])]);
  return {
    tree,
    placeholders: new Map(files.map((file) => [file, input.tree.read(file) ?? ""])),
    report: fillings.length === 0 ? unasked : (built) => reportFillings(built, fillings),
  };
}

/** What a root that is written down delivers was started from there: emptied files in it are leftovers, no cluster. */
function withoutStarted({ tree, remotes, options }: FillInput, folders: readonly UnfilledFolder[]): UnfilledFolder[] {
  const started = buildModel({ tree, remotes, options }).clusters.filter(({ rootFrom }) => rootFrom === "manifest");
  return folders.filter(({ sync }) => !started.some(({ files }) => files.has(sync)));
}

/** `--path` names one of the folders, or gives the only one another path. */
function pathsOf(folders: readonly UnfilledFolder[], given: string | undefined): Map<UnfilledFolder, string> {
  const wanted = given === undefined ? undefined : normalizePath(given);
  const named = folders.filter(({ path }) => path === wanted);
  if (wanted === undefined) return new Map(folders.map((folder) => [folder, folder.path]));
  return new Map((named.length > 0 || folders.length > 1 ? named : folders).map((folder) => [folder, wanted]));
}

function conclude(
  { tree, remotes, branch, options }: FillInput,
  folder: UnfilledFolder,
  syncPath: string,
  instances: readonly InstanceDescription[],
): Filling {
  const { bootstrap, fluxVersion } = options;
  const instance = instances.find(({ spec }) => normalizePath(String(spec.sync?.path ?? "..")) === syncPath);
  const known: YamlData = instance?.spec ?? {};
  const ref = /^refs\/heads\/(.+)$/.exec(String(known.sync?.ref ?? ""))?.[1];
  const planned = readPlannedInstall(tree, syncPath);
  const versions = [...new Map(planned.versions.map((claim) => [claim.value, claim])).values()];
  const [only] = versions;
  const remote = remotes.map(fluxUrlOf).find((url) => url !== undefined);
  const url = tell(
    [bootstrap?.url, "--url"],
    [known.sync?.url && publicAddress(String(known.sync.url)), "the FluxInstance"],
    [remote, "the git remote"],
  );
  const head = tell([bootstrap?.branch, "--branch"], [ref, "the FluxInstance"], [branch, CHECKED_OUT]);
  const version = tell(
    [releaseOf(fluxVersion ?? ""), "--flux-version"],
    [releaseOf(String(known.distribution?.version ?? "")), "the FluxInstance"],
    [versions.length === 1 ? only!.value : undefined, only ? `${only.at.file}:${only.at.line}` : ""],
  );
  return {
    ...folder,
    syncPath,
    ...given({ url, branch: head, version }),
    secretName: bootstrap?.secretName ?? known.sync?.pullSecret ?? "flux-system",
    extras: [...new Set([...planned.extras, ...(known.components ?? [])])],
    isKnown: instance !== undefined,
    rivals: versions.length > 1 ? versions.map(({ value, at }) => `${value} (${at.file}:${at.line})`) : [],
  };
}

function tell(...choices: [unknown, string][]): Told | undefined {
  const found = choices.find(([value]) => typeof value === "string" && value !== "");
  return found ? { value: found[0] as string, from: found[1] } : undefined;
}

function write(tree: Tree, fillings: readonly Filling[]): Tree {
  const changes = fillings.flatMap((filling) => {
    const { sync, components, namespace, secretName, syncPath, url, branch, version, extras } = filling;
    const flags = { url: url?.value ?? "", branch: branch?.value ?? "main", path: `./${syncPath}` };
    const parsed = parseFluxVersion(version?.value ?? "");
    const names = [...CORE_COMPONENTS, ...extras.filter((name) => !CORE_COMPONENTS.includes(name))];
    const text = parsed ? writeComponents(parsed, names, namespace) : undefined;
    return [
      { path: sync, after: writeSync({ ...flags, namespace, secretName }) },
      ...(text === undefined || components === undefined ? [] : [{ path: components, after: text }]),
    ];
  });
  return overlayTree(tree, changes);
}

/** Flags that say what bootstrap would be told, where it has been told: the instance says what stands in the tree. */
function reportIdleFlags({ bootstrap = {}, phase }: Options): Finding[] {
  const flags = Object.keys(bootstrap).map((name) => (name === "secretName" ? "--secret-name" : `--${name}`));
  // What the first phase needs is given to all of them.
  if (flags.length === 0 || ["cutover", "cleanup"].includes(phase)) return [];
  return [
    {
      rule: "bootstrap-flag-idle",
      level: "caution",
      what: `${listSome(flags, 4)} ${flags.length === 1 ? "counts" : "count"} for nothing: no folder that ${flags.length === 1 ? "it is" : "they are"} for is left for flux bootstrap to fill in.`,
      why: "What Flux reads is taken from the files as they are, and the instance will say the same.",
      next: "Leave it out where the files are right; else change the source or the root in them first.",
    },
  ];
}

function reportFillings(model: RepoModel, fillings: readonly Filling[]): void {
  const unfilled = model.clusters.filter(({ root }) => fillings.some(({ sync }) => root.file === sync));
  // A version that is given counts for every cluster, those that run another one included.
  const names = unfilled.length < model.clusters.length ? unfilled.map(({ name }) => name) : [];
  for (const filling of fillings) {
    const cluster = unfilled.find(({ root }) => root.file === filling.sync);
    if (!cluster) continue;
    const add = (finding: DraftFinding): void => {
      cluster.findings.push({ ...finding, cluster: cluster.name } as Finding);
    };
    const missing = listMissing(filling);
    if (missing.length > 0) add(unknown(filling, missing, names));
    else if (!filling.isKnown) add(assumed(filling));
  }
}

/** What nobody says, and the flag that does. */
interface Missing {
  what: string;
  flag: string;
}

function listMissing({ url, branch, version, rivals }: Filling): Missing[] {
  const found = rivals.length > 0 ? `; found ${rivals.join(", ")}` : "";
  return [
    ...(url ? [] : [{ what: "where the repository is (--url)", flag: "--url URL" }]),
    ...(branch ? [] : [{ what: "which branch the cluster reads (--branch)", flag: "--branch NAME" }]),
    ...(version ? [] : [{ what: `which Flux runs there (--flux-version${found})`, flag: "--flux-version vX.Y.Z" }]),
  ];
}

/** @param alone clusters that the flags are for, where there are others */
function unknown({ sync }: Filling, missing: readonly Missing[], alone: readonly string[]): DraftFinding {
  const only = alone.length > 0 ? [sh`--cluster ${alone.join(",")}`.line] : [];
  const flags = [...only, ...missing.map(({ flag }) => flag)].join(" ");
  return {
    rule: "bootstrap-unknown",
    level: "blocker",
    at: { file: sync, line: 1, col: 1 },
    what: `flux bootstrap has not filled in this folder, and nothing in the repository says ${missing.map(({ what }) => what).join(", nor ")}.`,
    why: "The FluxInstance has to say what bootstrap would be told; a guess could downgrade a running Flux or sync from elsewhere.",
    next: `Run the command again with ${flags}, as you would give it to flux bootstrap (--path and --secret-name too, where they are not the usual ones).`,
  };
}

function assumed(filling: Filling): DraftFinding {
  const { sync, url, branch, version, syncPath, secretName, extras } = filling;
  return {
    rule: "bootstrap-unfilled",
    level: "caution",
    at: { file: sync, line: 1, col: 1 },
    what: `flux bootstrap has not filled in this folder. fluxlift reads it as bootstrap would write it: ${url!.value} (${url!.from}), branch ${branch!.value} (${branch!.from}), path ./${syncPath}, secret ${secretName}, Flux ${version!.value} (${version!.from})${extras.length > 0 ? `, with ${extras.join(", ")}` : ""}.`,
    why: "Nothing was installed from these files, so there is nothing to compare with: a cluster that runs already may differ.",
    next: "Check each of them, and give what is wrong: --url, --branch, --path, --secret-name, --flux-version. A cluster that does not exist yet starts with the rebuild section of the runbook.",
  };
}
