import * as facts from "./facts.ts";
import { helmCliFacts } from "./helm-facts.ts";
import * as operator from "./operator-facts.ts";
import { residualRace } from "./race-facts.ts";
import * as gotk from "./right-gotk.ts";
import * as home from "./right-home-ops.ts";
import type { Scenario } from "./scenario.ts";
import * as later from "./wrong-later.ts";
import * as order from "./wrong-order.ts";

export const SCENARIOS: Scenario[] = [
  home.homeOpsAdopt,
  home.homeOpsRename,
  home.homeOpsKeep,
  home.fluxTalosAdopt,
  home.fluxTalosRename,
  home.twoClusters,
  home.twoClustersRename,
  gotk.gotkPlain,
  gotk.gotkForeign,
  gotk.gotkImages,
  gotk.gotkOmitted,
  gotk.gotkRootFields,
  gotk.sharedBase,
  order.allInOneMerge,
  order.allInOneGotk,
  order.cutoverWithoutOperator,
  order.unguardedRename,
  order.foreignDeleted,
  order.componentOmitted,
  order.componentDropped,
  order.syncRemoved,
  later.childrenRenamed,
  later.rootPathChanged,
  later.syncNameDropped,
  later.syncNameSet,
  later.syncNameChanged,
  later.decryptionDropped,
  later.namespaceDropped,
  later.instanceRemoved,
  later.instanceUnprotected,
  facts.ignoreFacts,
  facts.ownerFacts,
  facts.pruneFacts,
  facts.helmFacts,
  helmCliFacts,
  facts.storedVersionFacts,
  residualRace,
  operator.failingAdoption,
  operator.badPatch,
  operator.flagFacts,
  operator.decryptionFacts,
];
