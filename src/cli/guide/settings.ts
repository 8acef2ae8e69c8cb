import { UsageError } from "../../contract/errors.ts";
import type { Options, SyncStrategy } from "../../contract/options.ts";
import type { ClusterPlan } from "../../contract/plan.ts";
import { readOptions } from "../options.ts";
import type { Choice, Prompts } from "./prompts.ts";

/** Asks what the tree cannot say for the first phase; later phases follow the tree. */
export async function askSettings(
  prompts: Prompts,
  options: Options,
  clusters: readonly ClusterPlan[],
): Promise<Options> {
  const asked = { ...options };
  if (clusters.some(hasTwoNames)) {
    asked.sync = await prompts.choose("What becomes of the old source and root?", syncChoices(clusters), options.sync);
  }
  if (clusters.some(({ detected }) => detected.appsDir !== undefined)) {
    asked.layout = await prompts.choose("Where do the new files go?", layoutChoices(clusters), options.layout);
  }
  const pinned = await prompts.enter(
    "Which chart version of the operator? (--operator-version; enter keeps what fluxlift would take)",
    options.operatorVersion ?? "",
    refuseVersion,
  );
  if (pinned !== "") asked.operatorVersion = pinned;
  return asked;
}

/** Where source and root have one name, and that of the namespace, the operator adopts both: there is nothing to choose. */
function hasTwoNames({ detected: { source, root, namespace } }: ClusterPlan): boolean {
  return source !== undefined && root !== undefined && (source.name !== namespace || root.name !== namespace);
}

function syncChoices(clusters: readonly ClusterPlan[]): Choice<SyncStrategy>[] {
  const { source, root, namespace } = clusters.find(hasTwoNames)!.detected;
  const from = `${source!.kind} ${source!.name}`;
  return [
    {
      value: "adopt",
      label: `adopt: Kustomization ${root!.name} keeps its name, and so does what it owns (--sync adopt)`,
      hint: `references to ${from} are renamed to ${root!.name} at cutover`,
    },
    {
      value: "rename",
      label: `rename: source and root become ${namespace}, as a new installation names them (--sync rename)`,
      hint: "every object changes its owner; guarded against pruning meanwhile",
    },
    {
      value: "keep",
      label: `keep: the operator runs the controllers only (--sync keep)`,
      hint: `${from} and Kustomization ${root!.name} stay yours, nothing is renamed`,
    },
  ];
}

function layoutChoices(clusters: readonly ClusterPlan[]): Choice<Options["layout"]>[] {
  const apps = clusters.map(({ detected }) => detected.appsDir).find((dir) => dir !== undefined);
  return [
    { value: "auto", label: "as this repository does it", hint: `${apps} where it has apps with a ks.yaml` },
    { value: "apps", label: "beside the apps (--layout apps)", hint: apps },
    { value: "manifests", label: "as plain manifests, apart from the apps (--layout manifests)" },
  ].map(({ hint, ...rest }) => ({ ...rest, ...(hint === undefined ? {} : { hint }) })) as Choice<Options["layout"]>[];
}

/** What is wrong with a version, in the words of the flag. */
function refuseVersion(operatorVersion: string): string | undefined {
  if (operatorVersion === "") return undefined;
  try {
    readOptions({ operatorVersion }, [], "");
    return undefined;
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
}
