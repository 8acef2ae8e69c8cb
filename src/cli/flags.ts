import { type Command, InvalidArgumentError, Option } from "commander";
import type { Forge, Phase } from "../contract/options.ts";

/** What commander hands to an action; every flag is optional because no command has all of them. */
export interface Flags {
  phase?: Phase | "all";
  direct?: boolean;
  cluster?: string[];
  sync?: "adopt" | "rename" | "keep";
  layout?: "apps" | "manifests" | "auto";
  only?: string[];
  skip?: string[];
  facts?: string;
  accept?: string[];
  base?: string;
  head?: string;
  fluxVersion?: string;
  operatorVersion?: string;
  serviceMonitor?: boolean;
  upgradeApis?: boolean;
  operatorUpgrades?: "auto" | "pinned";
  artifactPath?: string;
  url?: string;
  branch?: string;
  path?: string;
  secretName?: string;
  forge?: Forge | "none";
  registry?: string;
  tag?: string;
  pullSecret?: string;
  sign?: boolean;
  charts?: boolean;
  chartMirrors?: string;
  format?: Format;
  output?: string;
  check?: boolean;
  dryRun?: boolean;
  yes?: boolean;
  commit?: boolean;
  allowDirty?: boolean;
  verbose?: boolean;
}

export type Format = "text" | "diff" | "json" | "markdown" | "preflight" | "sarif";
const FORMATS: readonly Format[] = ["text", "diff", "json", "markdown", "preflight", "sarif"];

const GROUP = {
  what: "What to migrate:",
  how: "How the result looks:",
  bootstrap: "For folders that flux bootstrap has not filled in:",
  output: "Output:",
  writing: "Writing:",
  general: "General:",
} as const;

/** Collects a repeatable flag whose values may also be joined with commas: `--cluster main,edge --cluster lab`. */
function collectNames(value: string, previous: string[] | undefined): string[] {
  const names = value
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  if (names.length === 0) throw new InvalidArgumentError("Give at least one name.");
  return [...(previous ?? []), ...names];
}

/** `--accept`, for the commands that judge a merge. */
export function addAcceptFlag(command: Command): Command {
  return command.option(
    "--accept <what>",
    "settle a loss or an unknown, as 'Kind namespace/name'; repeat or join with commas",
    collectNames,
  );
}

/** Flags that decide what a plan contains; `plan` and `migrate` share them, so one schema serves both. */
export function addPlanFlags(command: Command): Command {
  return addAcceptFlag(command.optionsGroup(GROUP.what))
    .addOption(
      new Option("--phase <phase>", "which step of the migration")
        .choices(["install", "cutover", "cleanup", "all"])
        .default("install"),
    )
    .option("--direct", "operator and instance already run in the cluster (needed by --phase all)")
    .option("--cluster <name>", "only this cluster; repeat or join with commas", collectNames)
    .addOption(
      new Option("--sync <strategy>", "what happens to the old source and root Kustomization")
        .choices(["adopt", "rename", "keep"])
        .default("adopt"),
    )
    .option("--only <transform>", "run only these transforms; repeat or join with commas", collectNames)
    .option("--skip <transform>", "leave these transforms out; repeat or join with commas", collectNames)
    .option("--facts <file>", "what preflight.sh measured on the live cluster, as JSON")
    .optionsGroup(GROUP.how)
    .addOption(
      new Option("--layout <layout>", "apps: home-ops folders with ks.yaml; manifests: plain files")
        .choices(["apps", "manifests", "auto"])
        .default("auto"),
    )
    .option("--flux-version <version>", "Flux version of the instance, instead of the detected one")
    .option("--operator-version <version>", "chart version of the operator and the instance")
    .addOption(
      new Option(
        "--operator-upgrades <how>",
        "with --direct: pinned, a chart for Renovate to follow; auto, the operator follows releases by itself",
      ).choices(["pinned", "auto"]),
    )
    .option("--upgrade-apis", "bring Flux objects to the API versions of that Flux, fields included")
    .option("--service-monitor", "turn on the operator's ServiceMonitor")
    .option("--artifact-path <folder>", "folder of this repository that is the root of the OCI or Bucket artifact")
    .optionsGroup(GROUP.bootstrap)
    .option("--url <url>", "what Flux clones, instead of the git remote")
    .option("--branch <branch>", "branch it reads, instead of the one checked out")
    .option("--path <folder>", "folder of the cluster, instead of the one above the placeholders")
    .option("--secret-name <name>", "secret it clones with, instead of flux-system")
    .optionsGroup(GROUP.output)
    .option("--check", "exit 1 when changes are pending; writes nothing");
}

const FORGES: readonly Forge[] = ["github", "gitlab", "azure", "forgejo", "bitbucket"];

/** Flags of `oci` that decide what a plan contains. */
export function addOciFlags(command: Command): Command {
  return addAcceptFlag(command.optionsGroup(GROUP.what))
    .addOption(
      new Option("--phase <phase>", "which step of the move to OCI")
        .choices(["prepare", "switch", "cleanup", "all"])
        .default("prepare"),
    )
    .option("--direct", "the artifact of this change is published from a branch first (needed by --phase all)")
    .option("--cluster <name>", "only this cluster; repeat or join with commas", collectNames)
    .option("--only <transform>", "run only these transforms; repeat or join with commas", collectNames)
    .option("--skip <transform>", "leave these transforms out; repeat or join with commas", collectNames)
    .optionsGroup(GROUP.how)
    .addOption(
      new Option(
        "--forge <forge>",
        "whose CI publishes, instead of the detected one; none: something else does",
      ).choices([...FORGES, "none"]),
    )
    .option("--registry <address>", "where the artifact goes: oci://HOST/PATH, or a host alone")
    .option("--tag <tag>", "tag that Flux follows; by default latest, or the name of another branch")
    .option("--pull-secret <name>", "secret that Flux pulls with; '' for a public artifact")
    .option("--artifact-path <folder>", "folder of this repository that becomes the root of the artifact")
    .option("--sign", "let CI sign the artifact with cosign, and Flux verify it")
    .option("--charts", "also let HelmReleases read their charts from OCI registries (chartRef)")
    .option("--chart-mirrors <file>", "more chart repositories that publish OCI artifacts, as YAML or JSON")
    .optionsGroup(GROUP.output)
    .option("--check", "exit 1 when changes are pending; writes nothing");
}

/** `--format` and `--output`, for the commands that print a plan. */
export function addOutputFlags(command: Command, formats: readonly Format[] = FORMATS): Command {
  return command
    .optionsGroup(GROUP.output)
    .addOption(new Option("--format <format>", "what to print on stdout").choices([...formats]))
    .option("-o, --output <file>", "save it; .json (for apply), .md, .patch, .sh, .sarif and .txt choose the format");
}

/** Flags of the commands that change files. */
export function addWriteFlags(command: Command): Command {
  return command
    .optionsGroup(GROUP.writing)
    .option("-y, --yes", "write without asking")
    .option("--commit", "one git commit a phase")
    .option("--allow-dirty", "write although the git tree has uncommitted changes");
}

/** Flags every command has. */
export function addGeneralFlags(command: Command): Command {
  return command
    .optionsGroup(GROUP.general)
    .option("--verbose", "show the reason of every edit, and stacks of errors")
    .option("--no-color", "no colours (also NO_COLOR; FORCE_COLOR turns them on)")
    .helpOption("-h, --help", "show this help");
}
