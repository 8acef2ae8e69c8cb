import { listSome } from "../contract/list-some.ts";
import { sh } from "../contract/shell.ts";
import { type Catalogue, rule } from "./rule-text.ts";

const SHOWN = 5;

export const FACTS_RULES = {
  "facts-wrong-cluster": rule("blocker", "The facts come from another cluster", {
    what: ({ url, cluster }) =>
      `The facts were measured on a cluster that syncs ${url}, not the repository that ${cluster} syncs.`,
    meaning: "Checks made on another cluster say nothing about this one.",
    next: "Run preflight.sh with the right context and pass its output again.",
    advice: ({ cluster }) => `Run preflight.sh with the context of ${cluster} and pass its output again.`,
  }),
  "facts-version-mismatch": rule("blocker", "Another Flux minor runs than the repository says", {
    what: ({ runs, says, planned }) =>
      `The cluster runs Flux ${runs}, but ${says}: the operator would install Flux ${planned}.x over it.`,
    meaning:
      "On its first reconcile the operator has no downgrade guard: it replaces controllers and CRDs by those of the version it is given.",
    next: "Make the repository say what runs, or pass the running version with --flux-version.",
    advice: ({ minor }) => `Make the repository say what runs, or pass --flux-version ${minor}.x, and plan again.`,
  }),
  "facts-stored-versions": rule(["caution", "blocker"], "CRDs still list old stored versions", {
    what: ({ crds }) =>
      `${crds.length} ${crds.length === 1 ? "CRD" : "CRDs"} still list old stored versions: ${listSome(crds, SHOWN)}.`,
    meaning:
      "The API server refuses a CRD that drops a version which objects may still be stored in, so an upgrade to a Flux minor without that version cannot be applied.",
    next: "Run `flux migrate` (Flux CLI 2.7 or newer) against the cluster before the Flux minor is raised.",
  }),
  "facts-suspended": rule(["caution", "blocker"], "Flux objects are suspended", {
    what: ({ names, isSync }) =>
      `${listSome(names, SHOWN)} is suspended${isSync ? ": Flux will not read what you merge" : " and will not follow the change"}.`,
    meaning:
      "A suspended object keeps its last state: it neither applies new files nor prunes until it is resumed, and then does both at once.",
    next: "Resume it (`flux resume`), wait until it is Ready, and measure again; or leave it suspended on purpose and check it by hand after each phase.",
  }),
  "facts-not-ready": rule(["caution", "blocker"], "Sources or FluxKustomizations are not Ready", {
    what: ({ names, isSync }) =>
      `${listSome(names, SHOWN)} is not Ready${isSync ? ": Flux cannot apply what you merge" : " before the change"}.`,
    meaning:
      "What fails before a migration cannot be told from what the migration breaks, and a failing root keeps the FluxInstance from becoming Ready.",
    next: "Repair it first (`flux get all -A --status-selector ready=false`), and measure again.",
  }),
  "facts-missing-secret": rule("caution", "A Secret or ConfigMap of the sync is missing", {
    what: ({ names }) =>
      `${listSome(names, SHOWN)} ${names.length === 1 ? "is named by the sync but is" : "are named by the sync but are"} not in the cluster.`,
    meaning:
      "The root cannot be built without what it decrypts with and substitutes from, and its source cannot be fetched without its credentials.",
    next: "Create it in the cluster, or remove the reference if it is a leftover.",
  }),
  "facts-instance-not-ready": rule("blocker", "The FluxInstance is not Ready, or paused", {
    what: ({ resource, phase }) =>
      `${resource} is not Ready, or paused: Flux could prune its own controllers if ${phase} were merged now.`,
    meaning:
      "Until the operator has adopted the controllers they still belong to the old install, and removing its files deletes them with all Flux CRDs.",
    next: "Repair the instance, or let a paused one go on, and wait for Ready before cutover or cleanup.",
    advice: ({ namespace }) =>
      `Look at \`${sh`kubectl -n ${namespace} describe fluxinstance flux`.line}\`, repair it, wait for Ready, and measure again.`,
  }),
  "facts-not-adopted": rule("blocker", "The operator has not adopted every object", {
    what: ({ names, phase }) =>
      `Objects of the old install still carry its owner labels or lack \`prune: Disabled\`${names.length > 0 ? ` (${listSome(names, SHOWN)})` : ""}: Flux would delete them after ${phase}.`,
    meaning:
      "kustomize-controller deletes what leaves Git when the live object carries its owner labels and no protection; only the live object counts.",
    next: "Let the operator reconcile the instance again, and measure again.",
    advice: ({ namespace }) =>
      `Reconcile the instance (\`${sh`kubectl -n ${namespace} annotate --overwrite fluxinstance flux reconcile.fluxcd.io/requestedAt="$(date +%s)"`.line}\`), and measure again.`,
  }),
  "facts-guards-missing": rule("blocker", "A guard is not in effect", {
    what: ({ guards, phase }) =>
      `A guard is in Git but not in effect in the cluster (${listSome(guards, SHOWN)}): ${phase} could delete what it protects.`,
    meaning: "Flux decides what to prune from the live object, so a guard protects only after it was reconciled.",
    next: "Reconcile the root, and measure again.",
    advice: ({ namespace, root }) =>
      `Reconcile the root (\`${sh`flux -n ${namespace} reconcile kustomization ${root} --with-source`.line}\`), and measure again.`,
  }),
} satisfies Partial<Catalogue>;
