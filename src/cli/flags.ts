import { type Command, InvalidArgumentError, Option } from "commander";
import type { Settled } from "../config/read.ts";
import type { FleetAction } from "../contract/fleet.ts";
import { listNames } from "../contract/list-some.ts";
import type { OciOptions, Options } from "../contract/options.ts";
import type { ForgeName } from "../publish/forge-names.ts";
import { withSlashes } from "./slashes.ts";

type Bootstrap = NonNullable<Options["bootstrap"]>;

/** Settings that only a file has. */
type OfFile = "perCluster" | "conventions" | "names" | "rebuildCommands";

/** What commander hands to an action; every flag is optional because no command has all of them. */
export interface Flags
  extends Partial<Omit<Options, "clusters" | "facts" | "oci" | "bootstrap" | "rebuild" | OfFile>>,
    Partial<Omit<OciOptions, "chartMirrors" | "remote">>,
    Bootstrap {
  cluster?: string[];
  /** `Options.rebuild`. */
  bootstrap?: "helmfile";
  facts?: string;
  base?: string;
  head?: string;
  staged?: boolean;
  acceptTrailers?: boolean;
  root?: string[];
  helm?: string;
  chartMirrors?: string;
  format?: Format;
  output?: string;
  publish?: ForgeName | "auto";
  reports?: string;
  from?: string;
  pull?: number;
  to?: ForgeName | "auto";
  check?: boolean;
  dryRun?: boolean;
  yes?: boolean;
  commit?: boolean;
  detached?: boolean;
  full?: boolean;
  committed?: boolean;
  allowDirty?: boolean;
  verbose?: boolean;
  config?: string;
  trustConfig?: boolean;
  schema?: boolean;
  action?: FleetAction;
  jobs?: string;
  timeout?: string;
  shard?: string;
  html?: string;
  branchAndCommit?: boolean;
  clones?: string;
  /** The folder that was named, where it is another than the one the person stands in. */
  folder?: string;
  exitZero?: boolean;
  /** What the configuration adds. */
  settled?: Settled;
}

const FORMATS = ["text", "diff", "json", "markdown", "html", "preflight", "sarif"] as const;
export type Format = (typeof FORMATS)[number];

/** Collects a repeatable flag whose values may also be joined with commas: `--cluster main,edge --cluster lab`. */
function collectNames(value: string, previous: string[] | undefined): string[] {
  const names = value
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  if (names.length === 0) throw new InvalidArgumentError("Give at least one name.");
  return [...(previous ?? []), ...names];
}

/** A flag with a fixed set of values. */
function choice(flag: string, says: string, values: readonly string[], preset?: string): Option {
  return new Option(flag, says).choices([...values]).default(preset);
}

const ARTIFACT_PATH = [
  "--artifact-path <folder>",
  "folder of this repository that is the root of the OCI or Bucket artifact, NAME=FOLDER of the source NAME alone; repeat or join with commas",
  (value: string, previous: string | undefined) => [previous ?? [], withSlashes(value)].flat().join(","),
] as const;
const ACCEPT = [
  "--accept <what>",
  "settle a loss or an unknown, as 'Kind namespace/name'; repeat or join with commas",
  collectNames,
] as const;
const ROOT = [
  "--root <folder>",
  "a folder that Flux starts from though no root of it is in the repository; repeat or join with commas",
  (value: string, previous: string[] | undefined) => collectNames(withSlashes(value), previous),
] as const;
const CLUSTER = ["--cluster <name>", "only this cluster; repeat or join with commas", collectNames] as const;
const ONLY = ["--only <transform>", "run only these transforms; repeat or join with commas", collectNames] as const;
const SKIP = ["--skip <transform>", "leave these transforms out; repeat or join with commas", collectNames] as const;
const FULL = ["--full", "show the lines of deleted files, too; a patch in a pipe always has them"] as const;
const CHECK = ["--check", "exit 1 when anything is left to do, with --phase in that phase; writes nothing"] as const;

/** Flags that decide what a plan contains; `plan` and `migrate` share them, so one schema serves both. */
export function addPlanFlags(command: Command): Command {
  const phases = ["install", "cutover", "cleanup", "all"];
  const strategies = ["adopt", "rename", "keep"];
  const layouts = ["apps", "manifests", "auto"];
  return command
    .optionsGroup("What to migrate:")
    .option(...ACCEPT)
    .addOption(choice("--phase <phase>", "which step of the migration; install where none is named", phases))
    .option("--direct", "operator and instance already run in the cluster (needed by --phase all)")
    .option("--unpushed", "the phase before is pushed, though the remote branch known here lacks it")
    .option(...CLUSTER)
    .addOption(
      choice("--sync <strategy>", "what happens to the old source and root Kustomization", strategies, "adopt"),
    )
    .option(...ONLY)
    .option(...SKIP)
    .option("--facts <file>", "what preflight.sh measured on the live cluster, as JSON")
    .optionsGroup("How the result looks:")
    .addOption(
      choice("--layout <layout>", "apps: home-ops folders with ks.yaml; manifests: plain files", layouts, "auto"),
    )
    .addOption(
      choice("--bootstrap <how>", "write a helmfile for empty clusters, CRDs first, where none is used", ["helmfile"]),
    )
    .option("--flux-version <version>", "Flux version of the instance, instead of the detected one")
    .option("--operator-version <version>", "chart version of the operator and the instance")
    .addOption(
      choice(
        "--operator-upgrades <how>",
        "with --direct: pinned, a chart for Renovate to follow; auto, the operator follows releases by itself",
        ["pinned", "auto"],
      ),
    )
    .option("--upgrade-apis", "bring Flux objects to the API versions of that Flux, fields included")
    .option("--service-monitor", "turn on the operator's ServiceMonitor")
    .option(...ARTIFACT_PATH)
    .optionsGroup("For folders that flux bootstrap has not filled in:")
    .option("--url <url>", "what Flux clones, instead of the git remote")
    .option("--branch <branch>", "branch it reads, instead of the one checked out")
    .option("--path <folder>", "folder of the cluster, instead of the one above the placeholders", withSlashes)
    .option("--secret-name <name>", "secret it clones with, instead of flux-system")
    .optionsGroup("Output:")
    .option(...CHECK)
    .option(...FULL);
}

/** Flags of `oci` that decide what a plan contains. */
export function addOciFlags(command: Command): Command {
  const forges = ["github", "gitlab", "azure", "forgejo", "bitbucket", "none"] satisfies OciOptions["forge"][];
  const phases = ["prepare", "switch", "cleanup", "all"];
  return command
    .optionsGroup("What to migrate:")
    .option(...ACCEPT)
    .addOption(choice("--phase <phase>", "which step of the move to OCI", phases, "prepare"))
    .option("--direct", "the artifact of this change is published from a branch first (needed by --phase all)")
    .option("--unpushed", "the phase before is pushed, though the remote branch known here lacks it")
    .option(...CLUSTER)
    .option(...ONLY)
    .option(...SKIP)
    .optionsGroup("How the result looks:")
    .addOption(
      choice("--forge <forge>", "whose CI publishes, instead of the detected one; none: something else does", forges),
    )
    .option("--registry <address>", "where the artifact goes: oci://HOST/PATH, or a host alone")
    .option("--tag <tag>", "tag that Flux follows; by default latest, or the name of another branch")
    .option("--pull-secret <name>", "secret that Flux pulls with; '' for a public artifact")
    .option("--artifact-path <folder>", "folder of this repository that becomes the root of the artifact", withSlashes)
    .option("--sign", "let CI sign the artifact with cosign, and Flux verify it")
    .option("--charts", "also let HelmReleases read their charts from OCI registries (chartRef)")
    .option("--chart-mirrors <file>", "more chart repositories that publish OCI artifacts, as YAML or JSON")
    .optionsGroup("Output:")
    .option(...CHECK)
    .option(...FULL);
}

/** What `verify` can be written as. */
export const VERIFY_FORMATS: readonly Format[] = ["text", "json", "markdown", "html", "sarif"];

/** Flags of `verify`. */
export function addVerifyFlags(command: Command): Command {
  command
    .optionsGroup("What to compare:")
    .option("--base <rev>", "what the change is merged into, such as origin/main")
    .option("--head <rev>", "the change (default: HEAD); WORKTREE: every file as it lies on disk, committed or not")
    .option("--staged", "the change is what the next git commit takes, as for a hook")
    .option(...ARTIFACT_PATH)
    .option(...ROOT)
    .option("--helm <path>", "the helm to render charts of this repository with; without it they are not known")
    .optionsGroup("What is accepted:")
    .option(...ACCEPT)
    .option("--accept-trailers", "let Fluxlift-Accept trailers in the commits of the change count as well");
  return addPublishFlags(addOutputFlags(command, VERIFY_FORMATS));
}

const PUBLISH_TO = ["auto", "github", "gitea", "forgejo", "gitlab", "azure", "bitbucket"] satisfies (
  | ForgeName
  | "auto"
)[];

/** Flags of `publish`. */
export function addPublishFromFlags(command: Command): Command {
  return command
    .requiredOption("--from <file>", "report.json of the other run; whoever wrote it is not trusted")
    .option("--pull <number>", "number of the pull request, where the job does not tell", readNumber)
    .addOption(choice("--to <forge>", "the forge; auto: the one whose job this is", PUBLISH_TO, "auto"));
}

function readNumber(value: string): number {
  if (!/^[1-9]\d{0,9}$/.test(value)) throw new InvalidArgumentError("Give the number of the pull request.");
  return Number(value);
}

/** `-` is meant for stdout. */
function readFile(value: string): string {
  if (value === "-")
    throw new InvalidArgumentError("Leave it out: the output goes to stdout then. A file of that name is ./-.");
  return value;
}

/** Flags of the commands that tell a pull request. */
export function addPublishFlags(command: Command): Command {
  return command
    .optionsGroup("In a pull request (docs/ci.md):")
    .addOption(choice("--publish <forge>", "comment and set a status; auto: the forge whose job this is", PUBLISH_TO))
    .option(
      "--reports <folder>",
      "write the answer there: report.html, .json and .md, fluxlift.sarif, code-quality.json",
    );
}

/** What `scan` can be written as. */
export const SCAN_FORMATS: readonly Format[] = ["text", "json", "markdown"];

/** Flags of `scan`. */
export function addScanFlags(command: Command): Command {
  const flags = command.optionsGroup("What to look at:").option(...CLUSTER);
  return addOutputFlags(flags.option(...ARTIFACT_PATH), SCAN_FORMATS);
}

/** `--format` and `--output`, for the commands that print a plan. */
export function addOutputFlags(command: Command, formats: readonly Format[] = FORMATS): Command {
  return command
    .optionsGroup("Output:")
    .addOption(choice("--format <format>", "what to print on stdout", formats))
    .option("-o, --output <file>", `save it; ${sayEndings(formats)} choose the format`, readFile);
}

const ENDINGS: Readonly<Record<Format, string>> = {
  json: ".json",
  markdown: ".md",
  html: ".html",
  diff: ".patch",
  preflight: ".sh",
  sarif: ".sarif",
  text: ".txt",
};

function sayEndings(formats: readonly Format[]): string {
  const said = Object.entries(ENDINGS).filter(([format]) => formats.includes(format as Format));
  const names = said.map(([, ending]) => (ending === ".json" && formats === FORMATS ? ".json (for apply)" : ending));
  return listNames(names);
}

/** Flags of the commands that change files. */
export function addWriteFlags(command: Command): Command {
  return command
    .optionsGroup("Writing:")
    .option("-y, --yes", "write without asking")
    .option("--commit", "one git commit a phase; runs your git hooks, filters and signing, nothing else does")
    .option("--detached", "with --commit: commit although no branch is checked out")
    .option("--allow-dirty", "write although the git tree has uncommitted changes");
}

/** Flags of `undo`. */
export function addUndoFlags(command: Command): Command {
  return command
    .optionsGroup("Writing:")
    .option("-y, --yes", "restore without asking")
    .option("--committed", "with --yes: restore files although they are committed; the commits stay");
}

/** Flags of `fleet`. */
export function addFleetFlags(command: Command): Command {
  const actions = ["scan", "plan", "verify"];
  const phases = ["install", "cutover", "cleanup"];
  return command
    .optionsGroup("What to run:")
    .addOption(choice("--action <action>", "the command to run in each repository; scan where none is named", actions))
    .addOption(choice("--phase <phase>", "of plan; install where none is named", phases))
    .option("--base <rev>", "of verify; HEAD~1 where none is named, which a clone of this command has")
    .option("--head <rev>", "of verify (default: HEAD)")
    .option("--jobs <n>", "processes at the same time; as many as there are processors")
    .option("--timeout <seconds>", "a repository that takes longer has failed; 600")
    .option("--shard <i/n>", "only part i of n; job/n in a pod of an Indexed Job")
    .option("--exit-zero", "exit 0 where a person has to act; 2 where a repository failed stays")
    .optionsGroup("Writing:")
    .option("--branch-and-commit", "prepare a branch in each repository with the edits of plan; nothing is pushed")
    .option("--branch <name>", "its name; by default fluxlift/ and the phase")
    .option("--clones <folder>", "keep the clones of addresses there, with their branches")
    .optionsGroup("Output:")
    .option("-o, --output <file>", "a JSON line a repository; a run that was stopped goes on where it was", readFile)
    .option("--html <file>", "with -o: one page over all of them");
}

/** Flags of `config`. */
export function addConfigFlags(command: Command): Command {
  return command.option("--schema", "print the JSON schema of the file instead, for editors");
}

/** Flags every command has. */
export function addGeneralFlags(command: Command): Command {
  return command
    .optionsGroup("General:")
    .option("--config <file>", "settings from this file, instead of the fluxlift.config.* of the repository")
    .option("--trust-config", "run a fluxlift.config.ts or .js of the repository")
    .option("--verbose", "show the reason of every edit, and stacks of errors")
    .option("--no-color", "no colours (also NO_COLOR; FORCE_COLOR turns them on)")
    .helpOption("-h, --help", "show this help");
}
