import type { Transform } from "../src/engine/transform.ts";
import artifactSource from "./artifact-source.ts";
import chartsToOci from "./charts-to-oci.ts";
import gitSource from "./git-source.ts";
import notificationsToOci from "./notifications-to-oci.ts";
import publishWorkflow from "./publish-workflow.ts";
import pullSecret from "./pull-secret.ts";
import sourcesToOci from "./sources-to-oci.ts";
import syncToOci from "./sync-to-oci.ts";
import typescriptToOci from "./typescript-to-oci.ts";

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
