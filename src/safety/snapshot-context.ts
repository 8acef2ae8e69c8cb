import type { ArtifactView } from "../change/artifact-views.ts";
import type { ClusterChange, Side } from "../change/change.ts";
import type { ReadContext } from "../change/read-object.ts";
import type { SourceTable } from "../change/source-facts.ts";
import type { YamlData } from "../contract/objects.ts";
import type { RenderChart } from "../files/helm.ts";
import type { ApplyingContext } from "./sources/appliers.ts";

export interface SnapshotContext extends ClusterChange {
  /** Both trees as a source, `Kind/name`, passes them on. */
  viewOf: (source: string) => ArtifactView;
  /** Files of either tree that may hold FluxKustomizations. */
  fluxFiles: ReadonlySet<string>;
  /** `Kind/name` of the ConfigMaps and Secrets that may change, with their keys that do; `undefined` for all of them. */
  values: ReadonlyMap<string, ReadonlySet<string> | undefined>;
  /** What some of them hold, where documents do not say it. */
  delivered?: Record<Side, ReadonlyMap<string, YamlData>> | undefined;
  /** How each tree reads objects: an ArtifactGenerator may copy otherwise afterwards. */
  reads: Record<Side, ReadContext>;
  /** What else applies objects, as far as the change may alter what it makes from elsewhere. */
  applying: ApplyingContext;
  /** Sources as each tree makes them. */
  tables: Record<Side, SourceTable>;
  /** Renders charts that lie in this repository. */
  render?: RenderChart | undefined;
}
