import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Transform } from "../../transforms/contract.ts";
import { parseFacts } from "../cluster/facts.ts";
import { UsageError } from "../contract/errors.ts";
import type { Facts, Options } from "../contract/options.ts";
import type { Flags } from "./flags.ts";

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
  return {
    phase,
    direct,
    sync: flags.sync ?? "adopt",
    clusters: unique(flags.cluster),
    only: knownTransforms("--only", unique(flags.only), transforms),
    skip: knownTransforms("--skip", unique(flags.skip), transforms),
    serviceMonitor: flags.serviceMonitor ?? false,
    layout: flags.layout ?? "auto",
    ...(flags.fluxVersion === undefined ? {} : { fluxVersion: flags.fluxVersion }),
    ...(flags.operatorVersion === undefined ? {} : { operatorVersion: flags.operatorVersion }),
    ...(flags.artifactPath === undefined ? {} : { artifactPath: trimSlashes(flags.artifactPath) }),
    ...(flags.operatorUpgrades === undefined ? {} : { operatorUpgrades: flags.operatorUpgrades }),
    ...(flags.upgradeApis ? { upgradeApis: true } : {}),
    ...(flags.accept === undefined ? {} : { accept: unique(flags.accept) }),
    ...readBootstrap(flags),
    ...(flags.facts === undefined ? {} : { facts: readFacts(resolve(cwd, flags.facts), flags.facts) }),
  };
}

function readBootstrap({ url, branch, path, secretName }: Flags): Pick<Options, "bootstrap"> {
  const given = { url, branch, path, secretName };
  const bootstrap = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return Object.keys(bootstrap).length > 0 ? { bootstrap } : {};
}

/** Options of a command that asks for nothing in particular: what the next `migrate` would use. */
export function defaultOptions(): Options {
  return readOptions({}, [], "");
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

function trimSlashes(folder: string): string {
  return folder.replace(/^(?:\.?\/)+|\/+$/g, "").replace(/^\.$/, "");
}

function readFacts(path: string, shown: string): Facts {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new UsageError(
      "no-facts",
      `The facts file ${shown} cannot be read (${(error as NodeJS.ErrnoException).code}).`,
      "Run preflight.sh against the cluster and give its output: sh preflight.sh > facts.json",
    );
  }
  return parseFacts(text, shown);
}
