import type { Transform } from "../../transforms/contract.ts";
import { parseFacts } from "../cluster/facts.ts";
import { fluxUrlOf, parseAddress } from "../contract/address.ts";
import { cutEnd } from "../contract/cut.ts";
import { UsageError } from "../contract/errors.ts";
import { given } from "../contract/given.ts";
import { isBranchName, isObjectName } from "../contract/names.ts";
import type { Facts, Options } from "../contract/options.ts";
import { DEFAULT_OPERATOR_VERSION, EMBEDDED_FLUX, releaseOf } from "../release/releases.ts";
import type { Flags } from "./flags.ts";
import { checkFolders } from "./folders.ts";
import { readInput } from "./input.ts";

/**
 * Turns flags into the options of a plan.
 * @throws UsageError for flags that contradict each other, an unknown transform, a facts file that cannot be read.
 */
export function readOptions(flags: Flags, transforms: readonly Transform[], cwd: string): Options {
  const phase = flags.phase ?? "install";
  const direct = flags.direct ?? false;
  if (phase === "all" && !direct) {
    throw new UsageError(
      "all-needs-direct",
      "--phase all would remove the old Flux before the operator has adopted anything; Flux would delete itself.",
      "Run the phases one by one, or install operator and instance by hand first and say so with --direct.",
    );
  }
  if (flags.operatorUpgrades === "auto" && !direct) {
    throw new UsageError(
      "auto-needs-direct",
      "--operator-upgrades auto is a ResourceSet, which can only upgrade an operator that was installed before it.",
      "Install the operator by hand first and say so with --direct, or leave the chart pinned.",
    );
  }
  const perCluster = Object.entries(flags.settled?.perCluster ?? {}).map(([name, { operatorUpgrades, ...own }]) => {
    checkVersions(own);
    return [name, { ...own, ...given({ operatorUpgrades: direct ? operatorUpgrades : undefined }) }] as const;
  });
  checkVersions(flags);
  checkFolders(flags);
  const { artifactPath, accept, facts, url, branch, path, secretName } = flags;
  if (url !== undefined && parseAddress(url).hasSecret) {
    throw new UsageError(
      "secret-in-url",
      "--url holds a password or a token, which would go into files and commands.",
      "Give the address alone; Flux takes the password from the secret that --secret-name names.",
    );
  }
  checkBootstrap(flags);
  const { conventions, rebuild } = flags.settled?.read.config ?? {};
  const bootstrap = given({ url, branch, path, secretName });
  const { fluxVersion, operatorVersion, operatorUpgrades, upgradeApis, unpushed } = flags;
  const { chartMirrors, config, trustConfig } = flags;
  const typed = given({ facts, chartMirrors, config, trustConfig });
  return {
    phase,
    direct,
    sync: flags.sync ?? "adopt",
    clusters: unique(flags.cluster),
    only: knownTransforms("--only", unique(flags.only), transforms),
    skip: knownTransforms("--skip", unique(flags.skip), transforms),
    serviceMonitor: flags.serviceMonitor ?? false,
    layout: flags.layout ?? "auto",
    ...given({ fluxVersion, operatorVersion, operatorUpgrades, upgradeApis, unpushed }),
    ...given({
      artifactPath: artifactPath && cutEnd(artifactPath.replace(/^(?:\.?\/)+/, ""), "/").replace(/^\.$/, ""),
      accept: accept && unique(accept),
      bootstrap: Object.keys(bootstrap).length > 0 ? bootstrap : undefined,
      conventions,
      rebuildCommands: rebuild?.commands,
      rebuild: flags.bootstrap,
      perCluster: perCluster.length > 0 ? Object.fromEntries(perCluster) : undefined,
      facts: facts === undefined ? undefined : readFacts(cwd, facts),
      typed: Object.keys(typed).length > 0 ? typed : undefined,
    }),
  };
}

/** @throws UsageError for what Flux could not clone with */
function checkBootstrap({ url, branch, secretName }: Pick<Flags, "url" | "branch" | "secretName">): void {
  const refuse = (flag: string, value: string, hint: string) => {
    throw new UsageError("bad-bootstrap", `--${flag} ${value} is none that Flux takes.`, hint);
  };
  if (url !== undefined && fluxUrlOf(url) === undefined)
    refuse("url", url, "Give what Flux clones: https://HOST/OWNER/NAME.git or ssh://git@HOST/OWNER/NAME.git");
  if (branch !== undefined && !isBranchName(branch))
    refuse("branch", branch, "Give the name of a branch, such as main.");
  if (secretName !== undefined && !isObjectName(secretName))
    refuse("secret-name", secretName, "Names are lower-case letters, digits, dots and dashes.");
}

/** @throws UsageError for a version that is none */
function checkVersions({ fluxVersion, operatorVersion }: Pick<Flags, "fluxVersion" | "operatorVersion">): void {
  if (fluxVersion !== undefined && releaseOf(fluxVersion) === undefined) {
    const [first, last] = [EMBEDDED_FLUX[0], EMBEDDED_FLUX.at(-1)];
    throw new UsageError(
      "bad-version",
      `--flux-version ${fluxVersion} is no version of Flux that is known here.`,
      `Write a release such as ${last} or a minor such as ${last?.replace(/\d+$/, "x")}; known are ${first} to ${last}. Without it the version that runs is kept.`,
    );
  }
  if (operatorVersion === undefined || /^\d+\.\d+\.\d+(?:-[\w.-]+)?$/.test(operatorVersion)) return;
  throw new UsageError(
    "bad-version",
    `--operator-version ${operatorVersion} is no version of the chart.`,
    `Write it as the charts do, such as ${DEFAULT_OPERATOR_VERSION}, without a v. Without it ${DEFAULT_OPERATOR_VERSION} is used, or what the tree pins.`,
  );
}

/** Options of a command that asks for nothing in particular: what the next `migrate` would use, by the configuration. */
export function defaultOptions(flags: Flags = {}, transforms: readonly Transform[] = []): Options {
  // What keeps the operator is a question of the direct route.
  const { operatorUpgrades: _, ...migrate } = flags.settled?.read.config.migrate ?? {};
  return readOptions({ ...migrate, ...flags }, transforms, "");
}

function readFacts(cwd: string, file: string): Facts {
  const hint = "Run preflight.sh against the cluster and give its output: sh preflight.sh > facts.json";
  return parseFacts(readInput(cwd, file, { code: "no-facts", what: "The facts file", hint }), file);
}

function unique(names: string[] | undefined): string[] {
  return [...new Set(names)];
}

function knownTransforms(flag: string, ids: string[], transforms: readonly Transform[]): string[] {
  const unknown = ids.find((id) => !transforms.some((transform) => transform.id === id));
  if (unknown === undefined) return ids;
  throw new UsageError(
    "unknown-transform",
    `${flag} names no transform: ${unknown}`,
    `There are: ${transforms.map((transform) => transform.id).join(", ")}.`,
  );
}
