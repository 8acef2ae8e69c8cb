import type { DraftFinding } from "../../../src/contract/finding.ts";
import type { YamlData } from "../../../src/contract/objects.ts";
import type { WantedInstance } from "../../../src/instance/want.ts";
import type { YamlPath } from "../../../src/yaml/types.ts";
import type { Conventions } from "./conventions.ts";
import type { Placement } from "./placement.ts";

/** Everything the transforms of the install phase agree on. */
export interface AppContext {
  wanted: WantedInstance;
  conventions: Conventions;
  placement: Placement;
}

export type PreparedApps =
  | { app: AppContext; findings: DraftFinding[] }
  | { app?: undefined; findings: DraftFinding[] };

/** Where the FluxInstance spec of a cluster is written, and what it says now. */
export interface InstanceTarget {
  file: string;
  doc: number;
  /** Path of the spec: `spec`, `spec.values.instance`, or `instance` of a values file. */
  base: YamlPath;
  spec: YamlData;
}
