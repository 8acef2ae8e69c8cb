import { listNames, listSome } from "../contract/list-some.ts";
import { type Catalogue, rule } from "./rule-text.ts";

/** Why what a variable comes to cannot be written in. */
function whyOpen({ isKnown, isUnset }: { isKnown?: boolean | undefined; isUnset?: true | undefined }): string {
  if (isUnset) return "nothing sets it, which Flux before 2.9 reads as empty,";
  return isKnown ? "what it comes to is no text" : "its value is not known from Git";
}

export const PATCH_RULES = {
  "patch-unreadable": rule("blocker", "A patch of the install cannot be read", {
    what: ({ reason }) => `This patch of the Flux install cannot be carried over: ${reason}.`,
    meaning: "It cannot be carried over, and without it the controllers would change.",
    next: "Repair or remove the patch, then run again.",
  }),
  "patch-breaks-build": rule("blocker", "A patch does not fit the operator's manifests", {
    what: ({ title }) =>
      `flux-operator would fail to build the FluxInstance with the patch "${title}", and Flux would stay as it is.`,
    why: ({ failure }) => `On the operator's base: ${failure}.`,
    meaning: "The instance would fail to build and stay stalled; Flux keeps running as it is.",
    next: "Change the patch so that it does not rely on that place, then run again.",
  }),
  "patch-matches-nothing": rule("caution", "A patch matches nothing the operator generates", {
    what: ({ title }) => `The patch "${title}" is left out: it would change nothing flux-operator generates.`,
    why: ({ ids }) =>
      `The patches of a FluxInstance reach only what the operator generates, and ${ids.length > 0 ? `${ids.join(", ")} is not part of the new install` : "its target names nothing in it"}.`,
    meaning: "It is left out: patches of an instance reach only what the operator generates.",
    next: "If it was meant for another object of this folder, keep it in the kustomization that delivers that object; if for a controller that is not installed, give it to the FluxInstance with that component.",
  }),
  "patch-selects-nobody": rule("caution", "A patch selects pods by a label that goes", {
    what: ({ controllers, field, label }) =>
      `${field} of ${controllers.join(", ")} asks for pods with the label ${label}, which flux-operator gives to none.`,
    meaning:
      "It finds no pod of Flux any more: what is spread or kept apart may come to one node, and what is kept together may find none.",
    next: "Ask for app.kubernetes.io/part-of: flux alone in that patch of the FluxInstance, or for app, which names the controller.",
  }),
  "pods-not-found": rule("caution", "An object selects the pods of Flux by a label that goes", {
    what: ({ resource, label }) =>
      `${resource} asks for pods with the label ${label}, which flux-operator gives to none.`,
    meaning:
      "It finds no pod of Flux any more once the operator runs the controllers: what it lets through, scrapes or protects today it does not then.",
    next: "Ask for app.kubernetes.io/part-of: flux there, which the pods have before and after, and merge that with this phase at the latest.",
  }),
  "patch-crd-version": rule("info", "A patch names another version of a CRD", {
    what: ({ title }) => `The patch "${title}" changes another version index of the CRD than before.`,
    meaning:
      "The CRD has other versions in the Flux release that flux-operator installs (Alert and Receiver lost some).",
    next: "Nothing to do.",
  }),
  "patch-escaped": rule("info", "Dollar signs in a patch are doubled", {
    what: ({ owner }) => `In ${owner} every \`\${\` and \`$$\` is written with doubled dollar signs.`,
    meaning: "The FluxKustomization that delivers the instance substitutes variables; one pass restores the text.",
    next: "Halve them again should that substitution be turned off.",
  }),
  "patch-substitution-lost": rule("blocker", "Variables in a patch would not be filled in as today", {
    what: ({ owner, variable, field, isKnown, isUnset, isOther }) =>
      isOther
        ? `The variable ${variable} in ${owner} would be filled in otherwise: the FluxKustomization that delivers the instance has a postBuild of its own, without that value.`
        : `The variable ${variable} in ${owner} would reach the cluster as literal text${
            field === undefined ? "" : `: ${whyOpen({ isKnown, isUnset })} in ${field}`
          }.`,
    why: ({ isOther }) =>
      isOther && "A variable that nothing sets becomes an empty text, and from Flux 2.9 on it fails the build.",
    meaning:
      "Post-build substitution fills them in today, and the instance is delivered without it. What postBuild.substitute says in Git is written in, but not where one of the values comes from elsewhere, is not set, or would be read as a number or a flag rather than as text.",
    next: "Write the values in; or, where the root itself fills them in (the install lies in what it builds, and the values are in its postBuild), take the direct route (`--phase all --direct`): there the instance goes through the same.",
    advice: ({ isOther }) =>
      isOther &&
      "Write the value in; or have what gives every child of the root its postBuild give it this value, too.",
  }),
  "patch-names-generated": rule("blocker", "A patch names what a generator makes", {
    what: ({ name }) =>
      `A patch of the controllers names ${name}, which a generator makes: in the cluster its name ends in a hash of its content.`,
    meaning:
      "kustomize writes the hash into all that it builds together. A patch of a FluxInstance is not built with it, so the controller would ask for an object that does not exist and not start.",
    next: "Set options.disableNameSuffixHash: true on that generator, let Flux reconcile it, and run fluxlift again.",
  }),
  "install-shaped-otherwise": rule("blocker", "A controller is not what release and patches make of it", {
    what: ({ resource, field }) =>
      field === ""
        ? `${resource} is applied today, while release and patches do not leave it there.`
        : `${resource} differs today from what its release, its hand edits and its patches make: ${field}.`,
    meaning:
      "Something else on the way to the cluster shapes it, so the FluxInstance would not say all that runs today. fluxlift reads patches, labels, images and replicas of every kustomization on the way.",
    next: "Say it as a patch on this install, let Flux reconcile it, and run fluxlift again.",
  }),
  "controllers-idle": rule("blocker", "A controller is switched off or deleted", {
    what: ({ controllers, isDeleted }) => {
      const how = isDeleted
        ? `a patch deletes ${controllers.length > 1 ? "them" : "it"}, so nothing would install the operator and the FluxInstance, which would keep it so`
        : "this sets replicas to 0, so nothing that is merged arrives, and the FluxInstance would keep it so";
      return `Flux runs without ${controllers.join(" and ")}: ${how}.`;
    },
    meaning:
      "These controllers apply the operator and the instance; an instance that switches them off can no longer be changed from Git.",
    next: "Take it out, let Flux reconcile it (what has no replicas has to be scaled up by hand first), and run fluxlift again.",
    advice: ({ isDeleted }) =>
      isDeleted &&
      "Take the patch out, let Flux reconcile that, and run fluxlift again. Or make the move by hand, as the guide of Flux Operator shows.",
  }),
  "controllers-deleted": rule("info", "A patch deletes a controller that the instance lists", {
    what: ({ controllers }) =>
      `A patch deletes ${listNames(controllers)}, as it does today, and the FluxInstance lists ${controllers.length > 1 ? "them" : "it"} all the same.`,
    meaning:
      "A component that the instance leaves out loses its CRDs, and every object of those kinds goes with them; that is no part of a move.",
    next: "When the migration is done and the cluster holds no object of those kinds, take the components and this patch out of the instance.",
    why: ({ withKinds }) =>
      withKinds &&
      "Their CRDs are deleted by patches as well, so nothing goes with a component that the instance leaves out.",
    advice: ({ withKinds }) =>
      withKinds &&
      "When the migration is done, take the components and all patches that delete what is theirs out of the instance.",
  }),
  "patch-marker-idle": rule("caution", "Image automation writes into a patch of the install", {
    what: ({ fields }) =>
      `Image automation sets ${listSome(fields, 6)} in the file of this patch, and in the FluxInstance the patch is text, in which it finds no marker.`,
    meaning:
      "The operator keeps the value of today, also while the automation goes on writing the file until the cutover.",
    next: "Let something else follow the image there, such as Renovate, or raise it by hand from now on.",
  }),
  "image-marker-idle": rule("caution", "Image automation sets the image of a controller", {
    what: ({ fields }) =>
      `Image automation sets ${listSome(fields, 6)} here, and once the operator runs the controllers nothing of it reaches one.`,
    meaning: "The operator runs the images of its release, whatever the automation goes on writing.",
    next: "Nothing to do where the images of the release will do: take the policy of that image away after the cutover. Else raise distribution.version of the FluxInstance by hand, or let Renovate follow it.",
  }),
  "patch-holds-image": rule("caution", "A patch holds a controller at an image", {
    what: ({ controller, image }) =>
      `A patch holds ${controller} at ${image}, also when the operator installs another release.`,
    meaning:
      "A newer image of the line is not taken, and with the next release CRDs, rights and flags come that this image does not know.",
    next: "Take the image out of the patch where the one of the release will do; else raise it together with the version of the FluxInstance.",
  }),
  "patch-result-differs": rule("caution", "A controller will differ after the takeover", {
    what: ({ objects }) =>
      `After the takeover ${objects.join(", ")} will not be exactly what the old patches make of them.`,
    meaning:
      "The patches meet another base under flux-operator: arguments it appends, or fields only bootstrap writes.",
    next: "Compare `flux-operator build instance` with the live objects and adjust the ported patches.",
  }),
  "patches-not-checked": rule("caution", "The patches could not be checked", {
    what: ({ version }) => `The patches are carried over without knowing whether they fit Flux ${version}.`,
    meaning: "flux-operator embeds no manifests of that Flux minor.",
    next: "Move the old install to a Flux version that flux-operator manages, then run again.",
  }),
  "feature-gate-refused": rule("caution", "A controller does not know a feature gate", {
    what: ({ controller, gate }) => `${controller} will exit at start, as it does not accept the feature gate ${gate}.`,
    why: ({ minor, refusal }) => `In Flux ${minor}: ${refusal}.`,
    advice: ({ gate }) => `Take ${gate} out of the patch, or narrow its target to the controller it belongs to.`,
    meaning: "It exits at start.",
    next: "Take the gate out of the patch, or narrow its target.",
  }),
  "workload-identity-wider": rule("info", "The workload identity gate is on for more controllers", {
    what: ({ controllers }) =>
      `\`cluster.objectLevelWorkloadIdentity\` turns the gate on for ${controllers.join(", ")} as well.`,
    meaning:
      "The field is for all controllers, the old patch named some; the RBAC rule the gate needs comes only with the field.",
    next: "Nothing to do.",
  }),
  "external-artifact-gate": rule("info", "The operator turns the ExternalArtifact gate on", {
    what: ({ controllers }) => `flux-operator turns the ExternalArtifact gate on for ${controllers.join(" and ")}.`,
    meaning:
      "It does so wherever source-watcher is installed; the remote base of flux2 does not. Without such sources it changes nothing.",
    next: "Nothing to do.",
  }),
  "chart-version-read": rule(["info", "caution"], "The Flux version comes from the chart version", {
    what: ({ chart, version, isExact }) =>
      `flux2 chart ${chart} installs Flux ${isExact ? version : `${version.replace(/\.\d+$/, "")}, of which patch release is not recorded`}; the operator stays on that minor.`,
    advice: ({ isExact }) =>
      isExact ? "Nothing to do." : "Compare with `flux version`; pass --flux-version if it differs.",
    meaning: "The chart version says which Flux it installs only through a table.",
    next: "Compare with `flux version` where only the minor is known; pass `--flux-version` if it differs.",
  }),
  "chart-copied": rule("blocker", "The flux2 chart is a copy", {
    what: ({ chart, source }) => `The chart of this release is a copy of flux2 that lies in ${source}, at ${chart}.`,
    meaning:
      "What was changed in its templates or its default values is in no published chart, so nothing here can carry it into a FluxInstance.",
    next: "Take the published chart first, flux2 of https://fluxcd-community.github.io/helm-charts in the version of the copy, and put what was changed into spec.values and spec.postRenderers. Merge that, let it reconcile, and run fluxlift again.",
  }),
  "chart-values-elsewhere": rule("blocker", "Chart values lie outside the repository", {
    what: ({ from }) =>
      `The values of this release come in part from ${from}, which is not in this repository, so settings of the running Flux are unknown.`,
    meaning:
      "Every setting has to be said again in the FluxInstance; one that is not seen would be lost at the takeover.",
    next: "Put these values into the HelmRelease or a generated ConfigMap, or take an entry out whose object the cluster does not have. Commit, and run fluxlift again.",
  }),
  "chart-value-unknown": rule("caution", "A value of the flux2 chart is not understood", {
    what: ({ value }) => `The chart value \`${value}\` is not carried over.`,
    meaning: "It is none of the values fluxlift knows of the flux2 chart, so the chart probably ignores it too.",
    next: "If it has an effect today, add a patch for it to the FluxInstance.",
  }),
  "chart-value-lost": rule(["blocker", "caution", "info"], "A value of the flux2 chart does not come along", {
    what: ({ value }) => `The chart value \`${value}\` has no counterpart in a FluxInstance.`,
    why: ({ why }) => why,
    advice: ({ next }) => next,
    meaning: "It concerns something the operator does not install or does in another way.",
    next: "Read the finding for what takes its place.",
  }),
  "definitions-twice": rule("caution", "Something else goes on applying the CRDs of Flux", {
    what: ({ url }) =>
      `This line goes on applying the CRDs of an old Flux release (${url}), and the operator those of its own: each overwrites the other.`,
    meaning:
      "An older definition drops fields that newer controllers write. Taken out just so, the line makes Flux prune the definitions, and with them every object of these kinds.",
    why: ({ keeper }) => keeper && "An older definition drops fields that newer controllers write.",
    next: "First give what it brings the annotation kustomize.toolkit.fluxcd.io/prune: disabled by a patch of the same kustomization, and let that reconcile. Then take out line and patch.",
    advice: ({ keeper }) => keeper && `Take the line out: ${keeper} has prune: false, so the definitions stay.`,
  }),
} satisfies Partial<Catalogue>;
