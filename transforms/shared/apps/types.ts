import type { DraftFinding } from "../../../src/contract/finding.ts";
import type { YamlData } from "../../../src/contract/objects.ts";
import type { WantedInstance } from "../../../src/instance/want.ts";
import type { YamlPath } from "../../../src/yaml/types.ts";
import type { Conventions } from "./conventions.ts";
import type { AppName, Placement } from "./placement.ts";

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
  return `${placement.apps[name].folder}/helmrelease${conventions.extension}`;
}

/** Where the FluxInstance spec of a cluster is written, and what it says now. */
export interface InstanceTarget {
  file: string;
  doc: number;
  /** Path of the spec: `spec`, `spec.values.instance`, or `instance` of a values file. */
  base: YamlPath;
  spec: YamlData;
}
