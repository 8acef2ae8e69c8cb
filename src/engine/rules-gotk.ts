import type { RuleText } from "./rule-text.ts";

/** Findings about installs of `flux bootstrap`. */
export const GOTK_RULES: Record<string, RuleText> = {
  "gotk-broken": {
    levels: ["blocker"],
    title: "The install file is cut off, put together, or not valid YAML",
    meaning: "Flux cannot apply it, or what runs in the cluster cannot be read from it.",
    next: "Restore the file with flux install --export for the running version.",
  },
  "gotk-version-differs": {
    levels: ["caution"],
    title: "Header and labels name two versions",
    meaning: "The file was edited by hand or put together from two releases; the operator installs one whole release.",
    next: "Check with flux version and pass --flux-version if the header is wrong.",
  },
  "gotk-image-differs": {
    levels: ["caution"],
    title: "A controller runs an image of another release",
    meaning: "The operator pins the images of one whole release; a tag bumped alone does not come along.",
    next: "Nothing to do, or keep the tag with an instance patch on the image.",
  },
  "gotk-image-pinned": {
    levels: ["info"],
    title: "A controller is pinned by digest",
    meaning: "The operator writes the digests of the release it installs, or none for a registry it does not know.",
    next: "Nothing to do, or keep the digest with an instance patch on the image.",
  },
  "gotk-image-newer": {
    levels: ["blocker"],
    title: "A controller runs a newer image than the operator would",
    meaning: "The operator would downgrade a running controller.",
    next: "Bring the whole install to one Flux release first.",
  },
  "gotk-components-differ": {
    levels: ["caution"],
    title: "The header lists other components than the file installs",
    meaning: "Flux applies the objects; the FluxInstance gets what they install.",
    next: "Nothing to do if the file is right.",
  },
  "gotk-registry-mixed": {
    levels: ["blocker"],
    title: "The controllers come from several registries",
    meaning: "A FluxInstance has one registry; the others would be pulled from a place they never were.",
    next: "Bring all controllers to one registry first.",
  },
  "registry-without-variant": {
    levels: ["caution"],
    title: "A registry the operator does not know",
    meaning: "Images are pulled by tag, without digests, and the operator logs an error about it.",
    next: "Set distribution.variant if it is an unchanged mirror.",
  },
  "registry-operator-elsewhere": {
    levels: ["caution"],
    title: "The controllers come from another registry than the operator",
    meaning:
      "Charts, image and manifests of the operator are pulled from ghcr.io, which a cluster with a mirror may not reach.",
    next: "Nothing to do if ghcr.io answers; else mirror them and name the mirror.",
  },
  "gotk-crd-edited": {
    levels: ["caution"],
    title: "A CRD was edited by hand",
    meaning: "The operator replaces it with the CRD of the release.",
    next: "Undo the edit, or say it again as an instance patch.",
  },
  "gotk-not-compared": {
    levels: ["caution"],
    title: "The release cannot be compared with",
    meaning: "Hand edits of CRDs, RBAC and services would go unnoticed.",
    next: "Compare the file with flux install --export of that version.",
  },
  "gotk-foreign-object": {
    levels: ["info"],
    title: "An object of yours stands in the install file",
    meaning: "It stays there and is delivered as before; only what the release installs is removed.",
    next: "Nothing to do.",
  },
  "gotk-other-namespace": {
    levels: ["blocker"],
    title: "Controllers and root live in two namespaces",
    meaning: "The operator generates both in the namespace of the FluxInstance, so one would exist twice.",
    next: "Move source and root first, or use --sync keep.",
  },
  "gotk-overlay-unsupported": {
    levels: ["blocker"],
    title: "Flux is installed through settings no FluxInstance has",
    meaning: "The operator would rename, change or duplicate the controllers.",
    next: "Take the setting off the install and let that reconcile first.",
  },
  "helm-controller-missing": {
    levels: ["blocker"],
    title: "No helm-controller to install the charts",
    meaning: "The HelmReleases of operator and instance would never be installed.",
    next: "Add helm-controller first, or install the operator by hand.",
  },
  "gotk-base-shared": {
    levels: ["caution"],
    title: "The install stays for other clusters",
    meaning: "Only this cluster stops listing the shared file; deleting it would take Flux from the others.",
    next: "Migrate the others too; with the last one the file goes.",
  },
  "gotk-base-inseparable": {
    levels: ["blocker"],
    title: "The shared install cannot leave one cluster alone",
    meaning: "Another cluster reaches it through the same kustomization and would delete its Flux.",
    next: "Give this cluster a kustomization of its own that lists the install by itself.",
  },
  "gotk-overlay-breaks": {
    levels: ["caution"],
    title: "An undelivered overlay loses its base",
    meaning: "It lists the old install and no longer builds once that is gone.",
    next: "Point it at its own copy, or delete it.",
  },
  "root-path-shared": {
    levels: ["caution"],
    title: "A second sync builds the same folder",
    meaning: "A cluster that was started from it reads the same commits, so every phase reaches it too.",
    next: "Check each cluster before the next phase, or delete the file if it is only a copy.",
  },
  "gotk-undelivered": {
    levels: ["info"],
    title: "An install file that nothing delivers",
    meaning: "Flux does not notice it; applied by hand it would put an old Flux beside the operator's.",
    next: "Delete it if nothing uses it.",
  },
  "terraform-owns-flux": {
    levels: ["caution"],
    title: "Terraform owns this install",
    meaning:
      "Its next apply writes the gotk files back and bootstraps again; its destroy deletes the operator's Flux too.",
    next: "Take the resource out of the state before the cutover, then out of the code; never destroy it.",
  },
  "terraform-version-differs": {
    levels: ["caution"],
    title: "Terraform and Git name two Flux versions",
    meaning: "fluxlift goes by Git, which Flux applies; an apply in between would change the running version.",
    next: "Check with flux version, and pass --flux-version if the file is behind.",
  },
  "bootstrap-unfilled": {
    levels: ["caution"],
    title: "flux bootstrap has not filled in this folder",
    meaning:
      "Its files are placeholders; fluxlift reads them as bootstrap would write them, and there is no running install to compare with.",
    next: "Check what the finding lists, and give what is wrong with bootstrap's own flags.",
  },
  "bootstrap-unknown": {
    levels: ["blocker"],
    title: "Nothing says what flux bootstrap would be told",
    meaning: "The FluxInstance needs the repository, the branch and the Flux version; a guess could downgrade Flux.",
    next: "Give them as you would to flux bootstrap: --url, --branch, --flux-version.",
  },
  "api-version-removed": {
    levels: ["blocker"],
    title: "Flux no longer knows the API version of an object",
    meaning: "kustomize-controller applies nothing of a folder in which one object has no known API version.",
    next: "Run fluxlift again with --upgrade-apis, or upgrade the objects by hand first.",
  },
  "api-version-early": {
    levels: ["caution"],
    title: "An API version is newer than the Flux of the install",
    meaning:
      "Either the object is refused today, or a newer Flux runs than the repository says, which the operator would take down again.",
    next: "Compare with `flux version`; give a newer one with --flux-version, or the object a version that this Flux takes.",
  },
  "api-version-kept": {
    levels: ["blocker"],
    title: "An object cannot be upgraded by itself",
    meaning: "What it says has no place in the newer version, or another cluster with an older Flux gets it too.",
    next: "Upgrade it by hand, or the other cluster first.",
  },
  "component-missing": {
    levels: ["blocker"],
    title: "An object needs a component the install lacks",
    meaning: "The operator would install no CRD of that kind, and prune one that is left.",
    next: "Add the component first, or stop delivering the objects that need it.",
  },
};
