import type { AppliedInstance, AutomationRuleFacts } from "./automation-facts.ts";
import type { BrokenInstall, InstallElsewhere, KeptOperator, MissingComponent, Selected } from "./install-ways.ts";
import type { InstallStyle } from "./objects.ts";
import type { NoFacts, OciRuleFacts } from "./oci-facts.ts";

/** The image of a controller beside the one of its release. */
export interface ImageTags {
  component: string;
  tag: string;
  /** `v2.6.4`. */
  release: string;
  expected: string;
  /** What the operator will run. */
  next: string;
}

/** The file of an install, and who else builds from it. */
export interface SharedInstall {
  file: string;
  clusters: readonly string[];
  overlays: readonly string[];
  remotes: readonly string[];
  /** Whether it is an object of Flux that installs it, so that the file itself has to leave. */
  isObject?: boolean;
}

/** Objects in a state that stops them; whether they are the source or the root. */
interface Conditions {
  names: readonly string[];
  isSync: boolean;
}

/** A field of the source of the old manifests. */
export type InstallSourceField =
  | "url"
  | "verify"
  | "secretRef"
  | "serviceAccountName"
  | "certSecretRef"
  | "proxySecretRef"
  | "insecure"
  | "provider"
  | "ignore";

/** The newest operator that fluxlift knows, and the day it came out. */
type KnownReleases = Record<"operator" | "until", string>;

type OfControllers = {
  "controllers-idle": { controllers: readonly string[]; isDeleted?: true };
  "controllers-deleted": { controllers: readonly string[]; withKinds?: true };
};
/** What a place says about itself when it reports a rule; `src/findings` makes sentences of it. */
export interface RuleFacts extends AutomationRuleFacts, OciRuleFacts, OfControllers {
  "ignore-idle": { how: "ended" | "unused" | "unknown" | "blocker"; rule: string; until: string };
  "config-changed": { file: string; base: string };
  /** `says`: what is wrong, `todo`: what to do, as whole sentences but for a stop */
  "tree-half-written": { says: string; todo: string };
  /** `chart`: where the community chart is installed, for clusters without the extension */
  "managed-by-azure": { chart?: string };
  "artifact-assumed": { source: string };
  "artifact-unread": { source: string; name: string; readers: readonly string[] };
  /** `root`: the FluxKustomization that the operator makes of it */
  "sync-path-missing": { path: string; root: string };
  /** `path`: where Flux starts; `file`: what makes the FluxInstance */
  "instance-elsewhere": { file: string; path: string };
  "content-elsewhere": { resource: string; folders: readonly string[]; by: "submodule" | "include" };
  "files-not-here": { file: string; count: number; isSparse?: true };
  "changes-overlooked": { files: string[]; differ?: true };
  "install-not-found": {
    bootstrap?: { file: string; line: number } | undefined;
    /** File of an OCIRepository of flux-manifests that the root delivers, and from which nothing installs Flux. */
    release?: string | undefined;
    /** Where what runs can be written down; `isApart`: not where the root lists files, which changes them. */
    into?: { file: string; isApart: boolean } | undefined;
    /** What installs the flux2 chart, or the manifests, without Flux. */
    elsewhere?: InstallElsewhere | undefined;
    /** Where something other than Flux installs the chart of a FluxInstance, or the manifest of one, which nothing here applies; `isBare`: without a sync. */
    operated?: { file: string; line: number; isManifest?: boolean; isBare?: boolean } | undefined;
    /** Where something other than Flux names the manifests of a release. */
    released?: { file: string; line: number } | undefined;
    /** Files that install Flux and that nothing delivers: one of them may have been applied by hand. */
    idle?: readonly string[] | undefined;
    /** A file below the root that cannot be read: it may be the install. */
    unread?: string | undefined;
    /** A base of another repository that the root builds, and that may be the install. */
    remote?: { file: string; line: number; url: string } | undefined;
    /** The root, and another start on its source which installs Flux; each with the folder that it builds. */
    starts?: readonly { name: string; file: string; folder: string }[] | undefined;
  };
  "version-unknown": { chart?: string | undefined };
  "controllers-elsewhere": { namespace: string; own: string; given?: string; isShut?: true };
  "flux-too-old": { version: string; style: InstallStyle; isChart: boolean };
  "flux-not-embedded": { version: string; operator: string; newest: string; isLater: boolean; known: KnownReleases };
  "flux-unknown": { version: string; newest: string; isMinor: boolean; known: KnownReleases };
  "version-lowered": { asked: string; installed: string };
  "version-raised": { asked: string; installed: string };
  "operator-cannot-run": { operator: string; embedded?: string | undefined; version: string };
  "operator-unknown": { operator: string; newest: string; until: string };
  "patch-upgrade": { version: string; newest: string; isAsked: boolean; pinned?: string };
  "bootstrap-newer": { bootstrap: string; installed?: string | undefined };
  "install-undecided": { install: string; version?: string | undefined; other?: string | undefined };
  "bootstrap-differs": { bootstrap: string; installed?: string | undefined } | { patches: string[] };
  "operator-too-old": { pinned: string; embedded?: string | undefined; next: string };
  "install-patches-overridden": { by: string; lost: number };
  /** `folder` builds the controllers without what it puts on their selectors, once that is taken off. */
  "install-setting-lost": { field: string; so: string; selectors?: Selected & { folder: string } };
  "install-source-lost": { field: InstallSourceField; url?: string | undefined };
  "install-pin-widened": { pin: string; range: string };
  "namespace-adopted": NoFacts;

  "patch-unreadable": { reason: string };
  "patch-breaks-build": { title: string; failure: string };
  "patch-matches-nothing": { title: string; ids: readonly string[] };
  /** Controllers with the field, and the label that it asks for. */
  "patch-selects-nobody": { controllers: readonly string[]; field: string; label: string };
  "pods-not-found": { resource: string; label: string };
  "patch-crd-version": { title: string };
  "patch-escaped": { owner: string };
  /** `field`: which one of it stops the others; `isKnown`: whether its value is, and no text. */
  "patch-substitution-lost": {
    owner: string;
    variable: string;
    field?: string;
    isKnown?: boolean;
    isUnset?: true;
    /** What delivers the instance substitutes as well, from other values. */
    isOther?: true;
  };
  "patch-names-generated": { name: string };
  "sync-names-generated": { owner: string; name: string };
  "install-shaped-otherwise": { resource: string; field: string };
  "patch-marker-idle": { fields: readonly string[] };
  "patch-holds-image": { controller: string; image: string };
  "patch-result-differs": { objects: readonly string[] };
  "patches-not-checked": { version: string };
  "feature-gate-refused": { controller: string; gate: string; minor: string; refusal: string };
  "workload-identity-wider": { controllers: readonly string[] };
  "external-artifact-gate": { controllers: readonly string[] };
  "chart-version-read": { chart: string; version: string; isExact: boolean };
  "chart-copied": { chart: string; source: string };
  "chart-values-elsewhere": { from: string };
  "chart-value-unknown": { value: string };
  /** `keeper` delivers the line with `prune: false`, and nothing else does. */
  "definitions-twice": { url: string; keeper?: string | undefined };
  "chart-value-lost": { value: string; why: string; next: string };

  "sync-not-expressible":
    | { kind: string }
    | { resource: string; namespace: string; instead: string }
    | { resource: string; pin: string; to: string }
    | { reads: string; source: string }
    | { from: string; namespace: string }
    | { resources: readonly string[]; chart: string }
    | { resource: string; url: string; begins: string }
    | { resource: string; field: string; open?: string; isName?: true };
  "sync-url-secret": { resource: string };
  "sync-field-automated": { fields: readonly string[]; owner: string };
  "sync-marker-idle": { fields: readonly string[]; owner: string };
  "sync-name-taken": { kind: string; name: string };
  "sync-provider-refused": { provider: string; why: string };
  "sync-metadata-lost": { resource: string; field: string };
  "sync-field-lost": { field: string; why: string; isHarmless: boolean };
  "sync-field-unsaid": { fields: string[] };
  "sync-ref-patched": { holds: string };
  "sync-ref-by-name": { ref: string };
  "sync-suspended": { resource: string };
  /** `resources`: what stays of source and root; `clusters`: who starts from them still */
  "sync-base-shared": { resources: readonly string[]; clusters: readonly string[] };
  "sync-root-waits": NoFacts;
  "sync-release-goes": { resource: string; release: string; namespace: string };
  "sync-release-left": { resource: string; release: string; namespace: string };

  "delivery-unknown": { resource: string; unread: string };
  "root-dependency-dropped": { installers: readonly string[] };

  "chart-source-lost": { resource: string; cluster: string; source?: string };
  "helmfile-created": { path: string };
  "rebuild-by-hand": { cluster: string; commands: readonly string[]; rest?: readonly string[] };
  "helmfile-not-possible": { cluster: string; reason: string; commands: readonly string[] };
  "helmfile-by-hand": { release?: string; reason: string; advice: string };
  "helmfile-ambiguous": { cluster: string; paths: readonly string[] };
  "helmfile-entry-without-app": { release: string };
  "helmfile-version": { release: string; version?: string | undefined; wanted: string };
  "helmfile-release-name": { found: string; namespace: string; release: string };
  "helmfile-values-differ": { release: string; file: string };
  "helmfile-values-substituted": { helmfile?: string; release: string; variables: readonly string[] };
  "helmfile-values-elsewhere": { helmfile?: string; release: string; sources: readonly string[] };
  "helmfile-order": { namespace: string };
  "helmfile-missing-crd": NoFacts;
  "helmfile-old-chart": { reason: string };
  "helmfile-entry-lost": { fields: readonly string[] };
  "gotk-broken": BrokenInstall;
  "gotk-version-differs": { header: string; label: string; isAlone: boolean };
  "gotk-image-built": { components: readonly string[]; image: string; tag: string; next: string };
  "gotk-image-differs": ImageTags;
  "gotk-image-newer": ImageTags;
  "gotk-image-pinned": { components: readonly string[]; registry?: string | undefined };
  "gotk-components-differ": { header: readonly string[]; found: readonly string[] };
  "gotk-image-renamed": { components: readonly string[]; registry: string; image: string };
  "gotk-registry-mixed": { registries: readonly { registry: string; components: readonly string[] }[] };
  "registry-without-variant": { registry: string };
  "registry-operator-elsewhere": { registry: string };
  /** Of the other one, where it is known. */
  "install-beside-others": { namespace?: string; isSuspended?: boolean };
  "commented-out-lost": { last: number };
  "operator-kept-elsewhere": KeptOperator;
  "operator-pod-differs": { fields: readonly string[] } | { policy: string };
  "operator-rights-missing": { account: string };
  "operator-over-quota": Record<"quota" | "resource" | "limit", string> | Record<"quota" | "says", string>;
  "gotk-crd-edited": NoFacts;
  /** `isNear`: there is a release near enough to compare the Deployments with. */
  "gotk-not-compared": { version: string; isNear: boolean };
  "gotk-foreign-object": { resource: string };
  "gotk-overlay-unsupported": {
    setting: string;
    /** `file` has them without. */
    selectors?: (Selected & { file: string }) | undefined;
    /** The field that gives everything, the root included, another namespace. */
    moved?: { field: "namespace" | "targetNamespace"; to: string };
  };
  "gotk-second-set": { settings: string[]; folders: string[]; key?: string; shards?: string[]; own?: boolean };
  "helm-controller-missing": NoFacts;
  "gotk-base-shared": SharedInstall;
  "remote-start-lost": { resource: string; hub: string; name: string; file: string };
  "gotk-base-inseparable": SharedInstall;
  /** `isBuilt`: they go on building, without it */
  "gotk-overlay-breaks": { overlays: readonly string[]; file: string; isBuilt?: true };
  "root-path-shared": { resource: string; path: string; root: string };
  "terraform-owns-flux": {
    address: string;
    /** What to take out of which state; without a folder, that of the file. */
    removals: readonly { address: string; dir?: string; isUnit?: true }[];
    namedBy: readonly string[];
    /** Whether other clusters are made of the block as well. */
    isShared: boolean;
  };
  "terraform-version-differs": { said: string; version: string };
  "component-missing": MissingComponent;
  "api-version-removed": { version: string; api: string; places: readonly string[]; newest: string; isHeld?: boolean };
  "api-version-early": { version: string; kinds: readonly string[]; places: readonly string[] };
  "api-version-kept": { resource: string; newest: string; reason: string; other?: string | undefined };
  "facts-wrong-cluster": { url: string; cluster: string };
  "facts-version-mismatch": { runs: string; says: string; planned: string; minor: string };
  "facts-stored-versions": { crds: readonly string[] };
  "facts-suspended": Conditions;
  "facts-not-ready": Conditions;
  "facts-missing-secret": { names: readonly string[] };
  "facts-instance-not-ready": { resource: string; namespace: string; phase: string };
  "facts-not-adopted": { names: readonly string[]; namespace: string; phase: string };
  "facts-guards-missing": { guards: readonly string[]; namespace: string; root: string; phase: string };
  "app-shared": { app: string; other: string; change: string };
  "no-safe-place": { reason: string; namespace: string };
  "chart-digest-missing": { chart: string };
  "path-taken": { app: string } | { isJob: true } | { file: string; like?: string; isFolder?: true };
  "app-prunable": { app: string; guardedBy?: string; byRoot?: true; isManifest?: boolean };
  "app-without-owner": { app: string };
  /** `by`: whose patches bring it, where the release does not say it itself. */
  "release-may-uninstall": { app: string; how: string; by?: "parent" | "kustomization" };
  "instance-contradiction": { path: string; now: unknown; wanted: unknown; isSync?: boolean };
  "instance-duplicate": { isDelivered: boolean; applied?: AppliedInstance };
  "instance-patches-joined": { own: number; added: number };
  /** `hasRelease`: the tree holds the HelmRelease already, and it goes to another namespace. */
  "instance-displaced": { name: string; how: string; namespace: string; hasRelease?: true };
  "instance-before-crd": { owner: string };
  "instance-waits-for-root": { how: string };
  "instance-field-ignored": { path: string; value?: unknown };
  "instance-changes-more": { path: string; value: unknown } | { path: string; objects: readonly string[] };
  "instance-field-unknown": { says: readonly string[] };
  "guard-added": { resource: string; field: string; value: boolean; reason: string };
  "guard-by-hand": { resource: string };
  "phase-waits": { phase: string; isOneMerge?: boolean };
  "protection-undone": {
    app: string;
    how: string;
    by: "instance" | "parent" | "kustomization";
    /** What the app needs of the same patches. */
    needs?: string;
  };
  "builds-nothing": { resource: string; folder: string };
  "orphan-left": { resource: string; parent?: string | undefined; isSuspended: boolean; shared?: string | undefined };
  "parent-suspended": { resource: string };
  "kustomization-broken": { resource: string; reason: string } | { resource: string; child: string; lacks: string };
  "kustomization-repeats": NoFacts;
  "kustomization-incomplete": { resource: string; field: string; target: string };
  "other-revision": {
    readers: readonly string[];
    revision: string;
    name: string;
    to: string;
    between: readonly [from: string, until: string];
  };
  "template-names-source": { name: string; to: string };
  "rendered-reference": { name: string; to: string; release: string };
  "undelivered-reference": { files: readonly string[]; name: string; instead: string };
  "edit-refused": { reason: string; change: string };
}
