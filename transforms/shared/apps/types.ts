import type { DraftFinding } from "../../../src/contract/finding.ts";
import type { FluxObjectSpec } from "../../../src/contract/specs.ts";
import type { WantedInstance } from "../../../src/instance/want.ts";
import type { YamlPath } from "../../../src/yaml/types.ts";
import type { Conventions } from "./conventions.ts";
import { fileNamesFor } from "./learn-files.ts";

export type AppName = "flux-operator" | "flux-instance";

/** Where one generated app goes. */
export interface AppPlace {
  /** Name of the FluxKustomization. */
  name: string;
  /** The owner has it applied by the root itself: no FluxKustomization of its own can be waited for. */
  byRoot?: true;
  /** Name of the HelmRelease. */
  release: string;
  /** File of the FluxKustomization. */
  fluxKustomization: string;
  /** Folder it builds. */
  folder: string;
  /** `spec.path` that names the folder inside the source's artifact. */
  path: string;
  /** Why it lies where nobody would look for it: a comment at the top of its FluxKustomization. */
  note?: string;
  /** Kustomization that has to list the FluxKustomization; undefined where the folder is built recursively. */
  listing?: { dir: string; entry: string };
}

export interface Placement {
  layout: "apps" | "manifests";
  apps: Record<AppName, AppPlace>;
  /** Folder of the Flux namespace, when this migration has to create it. */
  newNamespaceDir?: { dir: string; listedIn?: { dir: string; entry: string } };
  /** Direct route: the root itself delivers both, a FluxInstance manifest and the release of the operator. */
  direct?: { instance: string; listing?: { dir: string; entry: string } };
}

/** Everything the transforms of the install phase agree on. */
export interface AppContext {
  wanted: WantedInstance;
  conventions: Conventions;
  placement: Placement;
}

export interface PreparedApps {
  /** Absent where the findings hold a blocker. */
  app?: AppContext;
  findings: DraftFinding[];
}

/** The HelmRelease of an app that fluxlift writes. */
export function releaseFile({ placement, conventions }: AppContext, name: AppName): string {
  return `${placement.apps[name].folder}/${fileNamesFor(conventions.files, name).release}${conventions.extension}`;
}

/** Where the FluxInstance spec of a cluster is written, and what it says now. */
export interface InstanceTarget {
  file: string;
  doc: number;
  /** Path of the spec: `spec`, `spec.values.instance`, or `instance` of a values file. */
  base: YamlPath;
  spec: FluxObjectSpec;
}
