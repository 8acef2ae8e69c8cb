import type { Transform } from "../src/engine/transform.ts";
import automationMentions from "./automation-mentions.ts";
import bootstrapHelmfile from "./bootstrap-helmfile.ts";
import carrySync from "./carry-sync.ts";
import docsMentions from "./docs-mentions.ts";
import guards from "./guards.ts";
import instanceApp from "./instance-app.ts";
import operatorApp from "./operator-app.ts";
import portPatches from "./port-patches.ts";
import protections from "./protections.ts";
import removeBootstrap from "./remove-bootstrap.ts";
import rewriteReferences from "./rewrite-references.ts";
import suspendedParents from "./suspended-parents.ts";
import typescriptReferences from "./typescript-references.ts";
import upgradeApis from "./upgrade-apis.ts";

/** In the order they run; each sees the tree as the ones before it left it. */
export const TRANSFORMS: readonly Transform[] = [
  operatorApp,
  instanceApp,
  portPatches,
  carrySync,
  // After the apps are complete: looks at them as the cluster will see them.
  protections,
  suspendedParents,
  guards,
  // After everything that install writes: it changes files that are there already.
  upgradeApis,
  rewriteReferences,
  typescriptReferences,
  // Before anything is removed, so that they still see what is going.
  bootstrapHelmfile,
  automationMentions,
  docsMentions,
  removeBootstrap,
];
