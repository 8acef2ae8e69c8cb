import artifactSource from "./artifact-source/index.ts";
import chartsToOci from "./charts-to-oci/index.ts";
import type { Transform } from "./contract.ts";
import gitSource from "./git-source/index.ts";
import notificationsToOci from "./notifications-to-oci/index.ts";
import publishWorkflow from "./publish-workflow/index.ts";
import pullSecret from "./pull-secret/index.ts";
import sourcesToOci from "./sources-to-oci/index.ts";
import syncToOci from "./sync-to-oci/index.ts";
import typescriptToOci from "./typescript-to-oci/index.ts";

/** The transforms of `fluxlift oci`, in the order they run; each sees the tree as the ones before it left it. */
export const OCI_TRANSFORMS: readonly Transform[] = [
  publishWorkflow,
  pullSecret,
  artifactSource,
  gitSource,
  chartsToOci,
  sourcesToOci,
  notificationsToOci,
  typescriptToOci,
  // Last of the switch: the others read from the sync which GitRepository they are looking for.
  syncToOci,
];
