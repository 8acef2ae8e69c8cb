import type { ObjectKey } from "../admission/key.ts";
import type { ClusterChange } from "../change/change.ts";
import type { Given } from "../change/given.ts";
import type { OpenPoint } from "../change/types.ts";
import type { Loc } from "../contract/errors.ts";
import type { SaidFinding } from "../contract/finding.ts";
import type { YamlData } from "../contract/objects.ts";
import { findUnserved } from "./apis.ts";
import { reportCautions } from "./cautions.ts";
import { findStrayBranches } from "./flux/automation-branches.ts";
import { findLostPaths } from "./flux/automation-paths.ts";
import { findCircles } from "./flux/circles.ts";
import { findMissingComponents } from "./flux/components.ts";
import { findAbsentMarks } from "./flux/condition-marks.ts";
import { findUnreadableExpressions } from "./flux/expressions.ts";
import { findLostFlags, findRemoteBases, findSwitchedOff, listControllers } from "./flux/flags.ts";
import { findVainChecks } from "./flux/health-checks.ts";
import { findIdlePatches } from "./flux/idle-patches.ts";
import { findIdleAutomation, findIdleSelectors } from "./flux/idle-selectors.ts";
import { findWaitsForLeft } from "./flux/left-failing.ts";
import { findLostCharts, findSpoiltCharts, type LocalChartInput } from "./flux/local-charts.ts";
import { findOwnNeeds } from "./flux/own-needs.ts";
import { findLostMarkers } from "./flux/policy-markers.ts";
import { findRefusedFlags } from "./flux/refused-flags.ts";
import { findLostShards, findUnselected } from "./flux/shards.ts";
import { findLostSparse } from "./flux/sparse-folders.ts";
import { findSpoiltInstall } from "./flux/spoilt-install.ts";
import { findSpoiltRenderers } from "./flux/spoilt-renderers.ts";
import { findBrokenReferences } from "./graph.ts";
import { findKindSlips } from "./kind-slips.ts";
import { findUnfit } from "./misfits.ts";
import { findMovedMounts } from "./moved-mounts.ts";
import { findHomeless } from "./namespaces.ts";
import { findUnadmitted } from "./network/admitted.ts";
import { findCutOff } from "./network/cut-off.ts";
import { findDenied } from "./network/denied.ts";
import { findLostEndpoints } from "./network/endpoints.ts";
import { findUngranted } from "./network/grants.ts";
import { findIdleServices } from "./network/idle-services.ts";
import { findLostListeners } from "./network/listeners.ts";
import { findLostAddresses } from "./network/lost-addresses.ts";
import { findLostMiddlewares } from "./network/middlewares.ts";
import { findLostNetworks } from "./network/networks.ts";
import { findUnpooled } from "./network/pools.ts";
import { findLostPorts } from "./network/ports.ts";
import { findSameAddresses } from "./network/same-address.ts";
import { findTaken } from "./network/taken.ts";
import { openReferences, type ReportInput, reportBroken } from "./report.ts";
import { findEnforcedPolicies } from "./rights/enforced-policies.ts";
import { findFailingPods } from "./rights/failing-pods.ts";
import { findIdleOperator } from "./rights/idle-operator.ts";
import { findOverBudget } from "./rights/pod-budgets.ts";
import { findRefusedPods } from "./rights/refused-pods.ts";
import { findRefusingPolicies } from "./rights/refusing-policies.ts";
import { findRemoteAccounts } from "./rights/remote-accounts.ts";
import { findRightSlips } from "./rights/right-slips.ts";
import { findLostRights } from "./rights/rights.ts";
import { findUnnamedSets } from "./rights/set-accounts.ts";
import { findDeadWebhooks } from "./rights/webhooks.ts";
import { reportHomeless, reportStops, reportUnserved } from "./say-apis.ts";
import { findHandedOver } from "./secrets/handed-over.ts";
import { findUnsent } from "./secrets/notifiers.ts";
import { findPointers } from "./secrets/pointers.ts";
import { findOtherRecipients } from "./secrets/recipients.ts";
import { findDecryptedObjects, findMovedSeals, findSpoiltObjects } from "./secrets/spoilt.ts";
import { findLostClones } from "./settings/cloned.ts";
import { findUnquotedDates } from "./settings/dates.ts";
import { findEmptied } from "./settings/emptied.ts";
import { findEmptiedCopies } from "./settings/emptied-copies.ts";
import { findFixedClaims } from "./settings/fixed-claims.ts";
import { findLostKeys } from "./settings/keys.ts";
import { findMisnamedKeys } from "./settings/misnamed-keys.ts";
import { findUnreadableSettings } from "./settings/unreadable-settings.ts";
import { findStops } from "./stops.ts";
import { findTwins } from "./twins.ts";
import { findUnmadeClasses } from "./unmade-classes.ts";
import { findUnreadClaims } from "./unread-claims.ts";
import { findUnreadableValues } from "./unreadable.ts";

/** What Flux stops applying although no object goes (docs/verify.md). */
export interface StoppedAnswer {
  findings: SaidFinding[];
  open: OpenPoint[];
}

interface StoppedInput extends LocalChartInput {
  change: ClusterChange;
  /** Where a finding stands that has no place of its own. */
  fallback: Loc;
  /**
   * The change is one that fluxlift makes: only what it takes away is looked at, and what would wait in a circle. What it
   * adds is brought by other edits of the same plan, or by a step of its runbook.
   */
  planned: boolean;
  fluxNamespace: string;
  /** What leaves Git, stays in the cluster and fails from then on, with why. */
  failing: ReadonlyMap<ObjectKey, string>;
  /** FluxKustomizations of which is said that they do not build. */
  unbuilt: ReadonlySet<ObjectKey>;
  /** `spec.sharding` of the FluxInstance, where one is known. */
  sharding: YamlData;
}

/** Everything that Flux applies no more, or never will, because something it needs is not there. */
export function findStopped(
  given: Given,
  { change, fallback, planned, fluxNamespace, sharding, failing, unbuilt, ...place }: StoppedInput,
): StoppedAnswer {
  const input: ReportInput = { change, after: given.after, fallback };
  const { broken, unproven } = findBrokenReferences(given, change, fluxNamespace);
  const gone = broken.filter(({ isGone }) => isGone);
  const circles = reportStops(input, findCircles(given));
  if (planned) return { findings: [...reportBroken(input, gone), ...circles.findings], open: circles.open };
  const controllers = listControllers(given, fluxNamespace);
  const parts = [
    { findings: reportBroken(input, broken), open: openReferences(input, unproven) },
    reportStops(input, findLostKeys(given)),
    reportStops(input, findMissingComponents(given, change.before, change.after, place.artifactRoot)),
    circles,
    reportStops(input, findDecryptedObjects(given)),
    { findings: reportCautions(input, given), open: [] },
    reportStops(input, findUnreadClaims(given)),
    reportStops(input, findMovedMounts(given)),
    reportStops(input, findEmptied(given, change.after, place.artifactRoot)),
    reportUnserved(input, findUnserved(given, change)),
    reportHomeless(input, findHomeless(given, fluxNamespace)),
    reportStops(input, findLostCharts(given, { change, ...place })),
    reportStops(
      input,
      [
        findStops(given, change, sharding),
        findWaitsForLeft(given, failing),
        findLostShards(given),
        findSpoiltObjects(given),
        findMovedSeals(given),
        findUnfit(given),
        findKindSlips(given),
        findOwnNeeds(given),
        findUnsent(given),
        findHandedOver(given),
        findOtherRecipients(given, change),
        findPointers(given),
        findUnreadableExpressions(given),
        findAbsentMarks(given),
        findUnreadableValues(given),
        findUnreadableSettings(given),
        findUnquotedDates(given),
        findMisnamedKeys(given, unbuilt),
        findEmptiedCopies(given),
        findLostClones(given),
        findVainChecks(given),
        findSpoiltRenderers(given),
        findIdlePatches(given, change, place.artifactRoot),
        findIdleOperator(given, change),
        findUnnamedSets(given, change),
        findIdleSelectors(given),
        findIdleAutomation(given),
        findIdleServices(given),
        findLostPorts(given),
        findTaken(given),
        findTwins(given),
        findUnmadeClasses(given, change),
        findUnpooled(given),
        findSameAddresses(given),
        findLostListeners(given),
        findLostAddresses(given),
        findLostNetworks(given),
        findLostEndpoints(given),
        findLostMiddlewares(given),
        findUnadmitted(given),
        findUngranted(given),
        findFailingPods(given),
        findRefusedPods(given, change),
        findOverBudget(given, change),
        findFixedClaims(given),
        findDeadWebhooks(given),
        findCutOff(given, fluxNamespace),
        findDenied(given, fluxNamespace),
        findEnforcedPolicies(given, fluxNamespace),
        findRefusingPolicies(given),
        findSpoiltCharts(given, { change, ...place }),
        findLostPaths(given, { change, ...place }),
        findStrayBranches(given),
        findLostSparse(given, { change, ...place }),
        findLostMarkers(given, change),
        findLostRights(given, controllers),
        findRemoteAccounts(given, controllers),
        findRightSlips(given),
        findSwitchedOff(given, controllers, fluxNamespace),
        findUnselected(given, controllers),
        findRemoteBases(given, controllers),
        findRefusedFlags(given, controllers),
        findLostFlags(controllers),
        findSpoiltInstall(given, fluxNamespace),
      ].flat(),
    ),
  ];
  return { findings: parts.flatMap(({ findings }) => findings), open: parts.flatMap(({ open }) => open) };
}
