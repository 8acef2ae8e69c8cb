import type { InstanceDescription } from "../../../src/cluster/types.ts";
import type { Loc } from "../../../src/contract/errors.ts";
import type { DraftFinding } from "../../../src/contract/finding.ts";
import type { YamlData } from "../../../src/contract/objects.ts";
import type { Forge } from "../../../src/contract/options.ts";
import type { SyncSpec } from "../../../src/release/generated-sync.ts";
import type { FluxVersion } from "../../../src/release/releases.ts";
import type { InstanceTarget } from "../apps/types.ts";

/** What the FluxInstance of a cluster syncs, and where that is written. */
export interface InstanceSync extends Omit<SyncSpec, "provider"> {
  instance: InstanceDescription;
  target: InstanceTarget;
  /** Name of the generated source and root (flux-facts 1.5); it cannot change. */
  name: string;
  namespace: string;
  /** Oldest Flux the instance allows, for the choice of apiVersions. */
  version: FluxVersion;
}

/** A `flux push artifact` that CI or a task runs already. */
export interface Publisher {
  file: string;
  line: number;
  /** Address without the tag, with what only the run knows as it is written. */
  address: string;
  /** The address, where all of it can be read from the file. */
  url?: string;
  /** Folder of the repository that is pushed. */
  path: string;
  /** All of that file. */
  text: string;
  /** Whether branch and commit go into the artifact's metadata. */
  hasRevision: boolean;
}

/** Everything the transforms of `fluxlift oci` agree on for one cluster. */
export interface OciTarget {
  sync: InstanceSync;
  at: Loc;
  /** Without a tag. */
  url: string;
  host: string;
  tag: string;
  provider?: string;
  /** Secret to pull with; none for a provider's workload identity or a public artifact. */
  pullSecret?: string;
  /** Folder of the repository that becomes the root of the artifact; `''` for all of it. */
  artifactPath: string;
  forge?: Forge;
  /** Branch that Flux reads today; absent once it reads the artifact. */
  branch?: string;
  /** `host/owner/name` of what Flux clones today, else of the remote. */
  identity?: string;
  /** CI signs the artifact and Flux verifies it. */
  sign: boolean;
  /** `spec.verify` of the source; absent when nothing is signed. */
  verify?: YamlData;
  /** False when somebody else publishes the artifact. */
  publishes: boolean;
  /** CI that publishes this very artifact already. */
  publisher?: Publisher;
  /** Flags that say something else than the tree, which decides once the artifact is declared. */
  unheard?: readonly string[];
}

export type SettledTarget = { target: OciTarget } | { target?: undefined; finding: DraftFinding };
