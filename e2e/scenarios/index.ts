import { ACCIDENTS } from "./accidents.ts";
import { gotkDirect, gotkDirectAuto, homeOpsDirect } from "./direct.ts";
import * as facts from "./facts.ts";
import { helmCliFacts } from "./helm-facts.ts";
import * as luck from "./luck.ts";
import * as oci from "./oci.ts";
import { ociBack } from "./oci-back.ts";
import * as operator from "./operator-facts.ts";
import { residualRace } from "./race-facts.ts";
import * as gotk from "./right-gotk.ts";
import * as home from "./right-home-ops.ts";
import type { Scenario } from "./scenario.ts";
import { ignoredFolders } from "./source-facts.ts";
import * as later from "./wrong-later.ts";
import * as order from "./wrong-order.ts";

/** What `--part` runs: each takes less than an hour on two cores, both Flux releases included. */
export const PARTS = {
  right: [
    home.homeOpsAdopt,
    home.homeOpsRename,
    home.homeOpsKeep,
    home.homeOpsNarrowed,
    home.homeOpsBare,
    home.fluxTalosAdopt,
    home.fluxTalosRename,
    home.twoClusters,
    home.twoClustersRename,
    gotk.gotkPlain,
    gotk.keepElsewhere,
    gotk.gotkForeign,
    gotk.gotkImages,
    gotk.gotkOmitted,
    gotk.gotkRootFields,
    gotk.sharedBase,
  ],
  "wrong-order": [
    order.allInOneMerge,
    order.allInOneGotk,
    order.cutoverWithoutOperator,
    order.unguardedRename,
    order.foreignDeleted,
    order.componentOmitted,
    order.componentDropped,
    order.syncRemoved,
  ],
  "wrong-later": [
    later.childrenRenamed,
    later.rootPathChanged,
    later.syncNameDropped,
    later.syncNameSet,
    later.syncNameChanged,
    later.decryptionDropped,
    later.namespaceDropped,
    later.instanceRemoved,
    later.instanceUnprotected,
  ],
  facts: [
    facts.ignoreFacts,
    facts.ownerFacts,
    facts.pruneFacts,
    facts.helmFacts,
    helmCliFacts,
    facts.storedVersionFacts,
    residualRace,
    ignoredFolders,
    operator.failingAdoption,
    operator.badPatch,
    operator.flagFacts,
    operator.decryptionFacts,
  ],
  luck: [
    luck.operatorKilled,
    luck.kustomizeControllerKilled,
    luck.gitAway,
    luck.apiServerRestarted,
    luck.registryBroken,
    luck.editedByHand,
    luck.mergedTooEarly,
  ],
  direct: [homeOpsDirect, gotkDirect, gotkDirectAuto],
  oci: [oci.ociUnsigned, oci.ociSigned, ociBack],
  verify: ACCIDENTS,
} satisfies Record<string, Scenario[]>;

/** Those of docs/live-proof.md. What goes wrong in the world, the direct route, the move to OCI and what verify stops have pages of their own. */
export const SCENARIOS: Scenario[] = [...PARTS.right, ...PARTS["wrong-order"], ...PARTS["wrong-later"], ...PARTS.facts];
