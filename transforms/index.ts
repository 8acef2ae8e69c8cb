import automationMentions from "./automation-mentions/index.ts";
import bootstrapHelmfile from "./bootstrap-helmfile/index.ts";
import carrySync from "./carry-sync/index.ts";
import type { Transform } from "./contract.ts";
import docsMentions from "./docs-mentions/index.ts";
import guards from "./guards/index.ts";
import instanceApp from "./instance-app/index.ts";
import operatorApp from "./operator-app/index.ts";
import portPatches from "./port-patches/index.ts";
import protections from "./protections/index.ts";
import removeBootstrap from "./remove-bootstrap/index.ts";
import rewriteReferences from "./rewrite-references/index.ts";
import suspendedParents from "./suspended-parents/index.ts";
import typescriptReferences from "./typescript-references/index.ts";
import upgradeApis from "./upgrade-apis/index.ts";

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
