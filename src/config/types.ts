import type { ConventionOverrides, Options } from "../contract/options.ts";

/** What `fluxlift.config.yaml` may say; `schemas/config.json` is the same for editors and for the check. */
export interface Config {
  migrate?: SectionValues;
  oci?: SectionValues;
  verify?: VerifyConfig;
  clusters?: Record<string, ClusterSettings>;
  conventions?: ConventionOverrides;
  rebuild?: { commands?: readonly string[] };
  ignore?: IgnoreEntry[];
  output?: SectionValues;
}

/** Flags by their names in camel case. */
export type SectionValues = Record<string, string | boolean | number | readonly string[]>;

/** Settings that a cluster may have of its own. */
export type ClusterSettings = NonNullable<Options["perCluster"]>[string];

interface VerifyConfig {
  accept?: readonly string[];
  artifactPath?: string;
  root?: readonly string[];
  unproven?: "fail" | "pass";
  massCount?: number;
  massShare?: number;
  dataKinds?: readonly { kind: string; takes: string; source?: string }[];
  immutableKinds?: readonly { kind: string; fields: readonly string[]; except?: readonly string[]; source?: string }[];
}

/** A finding that the owner has read and does not want to see again. */
export interface IgnoreEntry {
  rule: string;
  path?: string;
  resource?: string;
  cluster?: string;
  reason: string;
  /** Last day on which it holds: `2027-03-31`. */
  until?: string;
}
