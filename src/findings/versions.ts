import { listSome } from "../contract/list-some.ts";
import { type Catalogue, rule } from "./rule-text.ts";

const IN_LINE = "write the next minor in place of the version that this line names";
/** How to take Flux to its next release, by what installs it today. */
const TAKE_TO_NEXT = {
  gotk: "let the flux command of the next minor make this file as the first time (`flux bootstrap`, or `flux install --export`)",
  "oci-manifests": IN_LINE,
  "remote-install": IN_LINE,
  "community-chart": "raise the version of the chart by one release",
  operator: "raise it in the FluxInstance",
};

/** How an install gets one more component, by what it is made with; where it brings all of them, something takes it out. */
export const ADD_COMPONENT = {
  gotk: " (flux bootstrap --components-extra)",
  "oci-manifests": "",
  "remote-install": "",
  "community-chart": " (`create: true` of this controller in the values of the flux2 chart)",
  operator: "",
};

export const VERSION_RULES = {
  "version-unknown": rule("blocker", "The running Flux version is unknown", {
    what: ({ chart }) =>
      `The Flux version of this install${chart ? ` (flux2 chart ${chart})` : ""} is not pinned to a release that fluxlift knows, so the operator could down- or upgrade the running controllers.`,
    meaning: "On its first reconcile the operator has no downgrade guard.",
    next: "Pass the running version: --flux-version vX.Y.Z, or --facts with the output of preflight.sh.",
  }),
  "flux-too-old": rule("blocker", "Flux is older than the operator can manage", {
    what: ({ version, isChart }) =>
      isChart
        ? `Version ${version} of the chart flux2, whose numbers are not those of Flux, installs a Flux older than 2.2.0, the oldest version flux-operator can manage.`
        : `Flux ${version} is older than 2.2.0, the oldest version flux-operator can manage.`,
    meaning: "The operator embeds manifests from 2.2.3 on and refuses anything older.",
    next: "Upgrade Flux with the present install, one minor at a time, to 2.2.3 or later.",
    advice: ({ style }) =>
      `Upgrade Flux first, one minor at a time, to 2.2.3 or later: ${TAKE_TO_NEXT[style]}, merge it, and wait until Flux is Ready before the next one. Then run fluxlift again.`,
  }),
  "flux-not-embedded": rule("blocker", "No known operator embeds this Flux version", {
    what: ({ version, operator, newest, known }) =>
      `flux-operator ${operator} does not embed the minor of Flux ${version}: ${known.operator} of ${known.until}, the newest release this fluxlift knows, goes up to ${newest}.`,
    meaning:
      "An operator installs only minors that it embeds, whatever the manifests hold that it fetches: the FluxInstance never becomes Ready, and the merge after it would remove the Flux that runs.",
    next: "Use a newer fluxlift; or, if a later release of flux-operator embeds this minor, name that one with --operator-version.",
    advice: ({ isLater }) =>
      !isLater && "Use a newer fluxlift; this one knows nothing of another major version of Flux.",
  }),
  "flux-unknown": rule("caution", "This Flux is newer than the ones known here", {
    what: ({ version, newest, isMinor, known }) =>
      `Flux ${version} is newer than ${newest}, the newest release${isMinor ? "" : " of its minor"} that this fluxlift knows (from flux-operator ${known.operator} of ${known.until}): whether your operator can install it, and what it changes, was not checked.`,
    meaning:
      "The operator installs the newest patch release that the manifests it fetches hold, of a minor that it embeds. These manifests move by themselves, so a later patch is probably there. While it is not, the first reconcile takes the controllers back to an earlier one; a minor that the operator does not embed it refuses.",
    why: ({ isMinor, newest }) =>
      isMinor
        ? "The operator refuses a minor that it does not embed; the FluxInstance then never becomes Ready."
        : `The manifests that the operator fetches move by themselves, so this release is probably there; if not, the controllers go back to ${newest}.`,
    next: "Use a newer fluxlift if there is one. Otherwise see in the release notes of flux-operator that it embeds this Flux, before you merge.",
  }),
  "version-lowered": rule("blocker", "The version asked for is lower than the installed one", {
    what: ({ asked, installed }) =>
      `--flux-version asks for ${asked}, and the repository installs ${installed}: the operator would take Flux back.`,
    meaning:
      "An older Flux does not know the stored versions of newer CRDs, and may refuse the objects that are there.",
    next: "Leave --flux-version out, or name the version that runs; take Flux back, if at all, before the migration.",
  }),
  "version-raised": rule("caution", "The version asked for is another minor of Flux", {
    what: ({ asked, installed }) =>
      `${asked} is asked for, by --flux-version or the FluxInstance, and the repository installs ${installed}: the merge upgrades Flux on the way.`,
    meaning:
      "A minor release drops API versions and changes defaults; what fails then is hard to tell from the migration.",
    next: "Ask for the installed minor and upgrade afterwards; or read the release notes of each minor in between, and see --upgrade-apis.",
  }),
  "operator-cannot-run": rule("blocker", "The operator asked for does not embed this Flux", {
    what: ({ operator, embedded, version }) =>
      `--operator-version ${operator} ${embedded === undefined ? "is older than any release fluxlift knows the contents of" : `embeds Flux up to ${embedded}`}; the instance needs ${version}.`,
    meaning: "The operator can only run Flux versions it embeds.",
    next: "Name a newer release, or leave --operator-version out.",
  }),
  "operator-unknown": rule("caution", "The operator asked for is newer than the ones known here", {
    what: ({ operator, newest, until }) =>
      `--operator-version ${operator} is newer than ${newest} of ${until}, the newest release this fluxlift knows: that it exists, what it embeds and what its chart takes was not checked.`,
    meaning: "Charts and CRDs of a release that came later may differ from what was checked here.",
    next: "Look the release up, or leave --operator-version out and let Renovate raise it after the migration.",
  }),
  "patch-upgrade": rule("info", "The operator runs a newer patch release", {
    what: ({ version, newest, isAsked, pinned }) =>
      `The operator will run ${pinned === undefined ? `the newest ${newest.split(".").slice(0, 2).join(".")} release it embeds, at least ${newest}` : `Flux ${pinned}, as the FluxInstance says`}; ${isAsked ? `--flux-version asks for ${version}` : `the tree installs ${version} today`}.`,
    meaning:
      "distribution.version stays on the installed minor; exact patch releases that no operator embeds cannot be pinned.",
    next: "Nothing to do; pin an exact version later if you want one.",
  }),
  "bootstrap-newer": rule("blocker", "Bootstrap installs a newer Flux", {
    what: ({ bootstrap, installed = "another version" }) =>
      `Bootstrap installs Flux ${bootstrap}, while the install that Flux keeps applying says ${installed}.`,
    meaning: "If the cluster really runs the newer version, the operator would downgrade its controllers and CRDs.",
    next: "Check with `flux version`, then pass --flux-version vX.Y.Z or --facts with the output of preflight.sh.",
  }),
  "bootstrap-differs": rule("info", "Bootstrap installs another Flux", {
    what: (said) =>
      "patches" in said
        ? `Bootstrap patches Flux as the install that Flux keeps applying does not: ${listSome(said.patches, 5)}.`
        : `Bootstrap installs Flux ${said.bootstrap}, while the install that Flux keeps applying says ${said.installed ?? "another version"}.`,
    meaning: "The install that Flux reconciles decides; what bootstrap says was applied once.",
    next: "Nothing to do; cleanup replaces the bootstrap.",
    advice: (said) =>
      "patches" in said
        ? "Where Flux is to have them, give them to that install first and let it reconcile. Else there is nothing to do; cleanup takes them away with the bootstrap."
        : undefined,
  }),
  "operator-too-old": rule("info", "The pinned operator is too old", {
    what: ({ pinned, embedded, next }) =>
      `flux-operator ${pinned} ${embedded === undefined ? "is older than any release fluxlift knows the contents of" : `embeds Flux up to ${embedded}, not the installed one`}, so the chart moves to ${next}.`,
    meaning: "The operator can only run Flux versions it embeds.",
    next: "Nothing to do; --operator-version takes another release, also the one that is pinned.",
  }),
} satisfies Partial<Catalogue>;
