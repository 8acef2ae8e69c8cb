import { listNames } from "../contract/list-some.ts";
import type { InstallSourceField } from "../contract/rule-facts.ts";
import { DELETE_ORPHANS, SUSPEND_RELEASE } from "../contract/runbook.ts";
import { operand, sh } from "../contract/shell.ts";
import { sayMadeAnew } from "./made-anew.ts";
import { type Catalogue, rule } from "./rule-text.ts";

const SOURCE_FIELDS: Readonly<Record<Exclude<InstallSourceField, "url">, string>> = {
  verify: "Its signature is checked today; the operator checks none on the manifests it applies.",
  secretRef: "It logs in with a Secret; the operator does not use that one.",
  serviceAccountName: "It logs in through a ServiceAccount; the operator does not use that one.",
  certSecretRef: "It trusts a CA of your own; the operator does not know it.",
  proxySecretRef: "It goes through a proxy; the operator does not know it.",
  insecure: "It is fetched over plain HTTP; the operator uses HTTPS.",
  provider: "It logs in with the cloud's identity; the operator does not.",
  ignore: "It leaves files of the artifact out; the operator applies what the instance lists.",
};

const sayPatches = (by: "parent" | "kustomization") =>
  by === "kustomization"
    ? "Patches in a kustomization that this FluxKustomization builds"
    : "Patches of this FluxKustomization";

export const APP_RULES = {
  "install-undecided": rule("caution", "Two installs are applied by hand", {
    what: ({ install, version = "of an unknown version", other = "of an unknown version" }) =>
      `Nothing in Git applies ${install} (Flux ${version}), and nothing applies this install (Flux ${other}), which says something else. The FluxInstance says what the first one does.`,
    why: () => "Which of the two runs was decided by who applied it last, and stands in no file.",
    meaning:
      "Where the other one runs, its patches do not come along, and what they took away, such as network policies, comes back.",
    next: "Look at what runs (flux version, kubectl -n flux-system get deploy,networkpolicy). Where it is this install, bring the first one to its version and give the kustomization beside that its patches, then run fluxlift again.",
  }),
  "app-shared": rule("blocker", "Another cluster reads the app that has to change", {
    what: ({ app, other, change }) =>
      `${app} has to change in this file, which cluster ${other} reads as well: ${change}`,
    meaning: "A merge for one cluster would change the operator of another that nobody looked at.",
    next: "Have the other cluster planned too (leave --cluster out, and settle what stops it), or make this change first and let it reconcile everywhere.",
    advice: ({ other }) =>
      `Have ${other} planned too: leave --cluster out, and settle what stops it, if anything does. Or make this change first and let it reconcile everywhere.`,
  }),
  "no-safe-place": rule("blocker", "No folder can hold operator and instance", {
    what: ({ reason }) => `No folder was found where the operator and the instance can live: ${reason}.`,
    meaning:
      "A FluxInstance inside a folder that is built recursively is applied before its CRD exists and stalls the root.",
    next: "Let the source's ignore rules keep the folder the finding names, or give the root's folder a kustomization.yaml.",
    advice: ({ namespace }) =>
      `Let spec.ignore and .sourceignore keep a folder ${namespace}-apps beside the one of the sync, or give the folder of the root a kustomization.yaml that lists what it delivers today; merge that, and run fluxlift again.`,
  }),
  "path-taken": rule("blocker", "A file is in the way", {
    what: (facts) => {
      if ("like" in facts)
        return `fluxlift would create ${facts.file}, and ${facts.like} is the same file on Windows and macOS: one of them would be lost there.`;
      if ("isFolder" in facts)
        return `fluxlift would create ${facts.file}, and this file lies in a folder of that name.`;
      if ("file" in facts) return `${facts.file} needs a folder here, and this is a file or a link.`;
      return "isJob" in facts
        ? "The publish job would be written here, but the file is there and publishes something else."
        : `fluxlift would create this file for ${facts.app}, but it exists and is not a ${facts.app} app that could be completed.`;
    },
    meaning: "Overwriting a file that means something else could delete what it delivers.",
    next: "If it is an app of yours for this, list it in what the cluster builds: fluxlift then completes it. Otherwise move it. Commit, and run fluxlift again.",
    advice: (facts) =>
      "like" in facts
        ? "Give it the same upper and lower case, commit, and run fluxlift again."
        : "isJob" in facts && "Rename that file, or let it publish this artifact, commit, and run fluxlift oci again.",
  }),
  "app-prunable": rule(["caution", "info"], "The app of operator or instance may be pruned", {
    what: ({ app, guardedBy, isManifest }) =>
      guardedBy !== undefined
        ? `Only prune: false on ${guardedBy} keeps Flux from pruning this ${isManifest ? "FluxInstance" : `release of ${app}`}, which carries no protection itself.`
        : isManifest
          ? "Should this file ever leave its folder, Flux prunes the FluxInstance, and the operator uninstalls Flux itself."
          : `Should the files of ${app} ever leave this folder, Flux prunes its HelmRelease and Helm uninstalls ${app === "flux-instance" ? "Flux itself" : "the operator"}.`,
    meaning: "A deleted HelmRelease runs helm uninstall, whatever the labels; a patch of a parent could turn prune on.",
    why: ({ isManifest }) =>
      isManifest && "With a deleted FluxInstance go the controllers; a patch of a parent could turn prune on.",
    next: "Set spec.prune: false here.",
    advice: ({ guardedBy, byRoot, isManifest }) =>
      (guardedBy !== undefined || byRoot === true || isManifest === true) &&
      "Annotate it with kustomize.toolkit.fluxcd.io/prune: disabled.",
  }),
  "app-without-owner": rule("blocker", "An unfinished app that nothing delivers", {
    what: ({ app }) =>
      `A ${app} HelmRelease lies here, but no FluxKustomization builds its folder, so Flux will never install it.`,
    meaning:
      "fluxlift completes what is there instead of adding a second copy, and cannot tell how this one should be delivered.",
    next: "Add a FluxKustomization for this folder or delete it, commit, and run fluxlift again.",
  }),
  "release-may-uninstall": rule(["blocker", "caution"], "A failed release would be uninstalled", {
    what: ({ app, how, by }) =>
      `${by ? `${sayPatches(by)} reach ${app}, and a` : "A"} failed ${app} release would be uninstalled: ${how}.`,
    meaning: "Without the FluxInstance all of Flux goes; without the operator nothing is managed until the next retry.",
    why: ({ app }) =>
      app === "flux-instance"
        ? "That deletes the FluxInstance and with it all of Flux."
        : "The operator would be gone until the next retry.",
    next: "Remove the remediation, or from Flux 2.7 set strategy.name: RetryOnFailure on install and upgrade.",
    advice: ({ app, by }) =>
      by && `Let the patch's target leave ${app} out, for example with labelSelector: fluxlift.dev/plain notin (true).`,
  }),
  "instance-contradiction": rule("blocker", "The FluxInstance contradicts the running install", {
    what: ({ path, now, wanted, isSync }) =>
      isSync
        ? `The FluxInstance syncs with ${path}: ${JSON.stringify(now)}, while the cluster syncs ${wanted === "" ? "without one" : `with ${JSON.stringify(wanted)}`} today.`
        : `The FluxInstance says ${path}: ${JSON.stringify(now)}, while the install that Flux runs today means ${JSON.stringify(wanted)}.`,
    meaning:
      "When the operator adopts the controllers it makes the first of the two true; components that are left out lose their CRDs and everything of those kinds.",
    why: ({ isSync }) => isSync && "Another path, source or name makes the root drop everything it delivered before.",
    next: "Make both say the same, commit, and run fluxlift again.",
    advice: ({ path, isSync }) =>
      isSync
        ? "Make both say the same, or choose another --sync strategy, commit, and run fluxlift again."
        : path === "distribution.version" &&
          "Make both say the same, commit, and run fluxlift again. Look first what runs (`flux version`): an operator that has installed a newer minor refuses an older one, and then it is the file of the old install that has to follow.",
  }),
  "instance-duplicate": rule(["blocker", "caution"], "A second FluxInstance", {
    what: ({ isDelivered, applied }) =>
      applied
        ? `${applied.file}:${applied.line} applies this FluxInstance, which is called as the one of this phase and differs in ${listNames(applied.fields)}: ${applied.isOpen ? "if that is to this cluster, " : ""}each run of it changes Flux, and Flux changes it back.`
        : isDelivered
          ? "A second FluxInstance is delivered to this cluster; two owners would fight over the one named flux."
          : "Flux does not deliver this FluxInstance. Where somebody applied it by hand, the one of this plan takes it over and overwrites it.",
    meaning:
      "A cluster has exactly one FluxInstance, called flux, in the namespace of the operator; from Flux 2.5 on helm-controller adopts it from its earlier owner.",
    next: "Before one of the two is taken out, set prune: false on the FluxKustomization that applies it (suspend: true on a HelmRelease) and let that reconcile: deleting the FluxInstance uninstalls Flux. Take it out, let that reconcile, set prune back, and run fluxlift again.",
    advice: ({ isDelivered, applied }) =>
      applied
        ? applied.isOpen
          ? "If it goes to another cluster alone, leave it. Else write the same fields into it as the plan wants, or take it out of what that command applies."
          : "Write the same fields into it as the plan wants, or take it out of what that command applies; then run fluxlift again."
        : !isDelivered && "Compare it with that one, and remove the file once it is no longer applied.",
  }),
  "instance-patches-joined": rule("caution", "Patches of the old install come behind those of the FluxInstance", {
    what: ({ own, added }) =>
      `Patches of the FluxInstance that the running install has not: ${own}. Behind them come those of that install: ${added}.`,
    meaning:
      "The operator applies patches in their order: where two set the same field or flag, the last one wins, and that is what runs today.",
    next: "Read the list in the diff, and take out of it what you no longer want once the operator has adopted Flux.",
  }),
  "install-setting-lost": rule(["blocker", "caution"], "A setting of the old install is no patch", {
    what: ({ field, so }) => `${field} of the old install does not come along, so ${so}.`,
    meaning:
      "fluxlift carries patches, version and components of this kind of install; the FluxInstance has other fields for the rest.",
    next: "Say it as a patch or take it out, let that reconcile, and run fluxlift again.",
    advice: ({ selectors }) => selectors && sayMadeAnew(selectors, sh`--kustomize ${operand(selectors.folder)}`),
  }),
  "install-patches-overridden": rule("caution", "Patches that stand here do not reach Flux", {
    what: ({ by, lost }) =>
      `${by} puts others in the place of spec.patches: ${lost === 1 ? "1 patch that stands here does" : `${lost} patches that stand here do`} not reach Flux, and ${lost === 1 ? "is" : "are"} not in the FluxInstance.`,
    meaning:
      "A strategic merge takes the place of the whole list. The FluxInstance gets what reaches Flux today, so the controllers stay as they are.",
    next: "Where it is meant to reach Flux, add it to the patches of the FluxInstance; else there is nothing to do.",
  }),
  "install-source-lost": rule("caution", "The source of the old manifests does more than fetch them", {
    what: ({ field, url = "elsewhere" }) =>
      field === "url"
        ? `The manifests come from ${url} today; the operator takes its own from ghcr.io/controlplaneio-fluxcd, or from its image.`
        : SOURCE_FIELDS[field],
    meaning:
      "The FluxInstance fetches another artifact (distribution.artifact, with artifactPullSecret), and controller images come from distribution.registry.",
    next: "If the cluster reaches only your own registry, mirror flux-operator-manifests, both charts and the images there, and name them in the values of flux-instance before you merge.",
  }),
  "install-pin-widened": rule("caution", "A digest or commit pins the manifests today", {
    what: ({ pin, range }) =>
      `The manifests are pinned to ${pin} today; distribution.version ${range} follows patch releases instead.`,
    meaning:
      "No digest of the old artifact fits the operator, which builds the manifests itself; a version is all that pins them.",
    next: "Nothing to do if patch releases may arrive by themselves; else write the whole release into distribution.version before you merge.",
  }),
  "instance-displaced": rule("blocker", "Operator or instance arrive under another name or namespace", {
    what: ({ name, how }) => `${name} does not come to the cluster as it has to: ${how}.`,
    meaning:
      "The operator only looks at a FluxInstance called flux in its own namespace; anything else is refused or ignored without a word.",
    why: ({ namespace }) =>
      `The operator only looks at a FluxInstance called flux in its own namespace, ${namespace}; anything else is refused or ignored without a word.`,
    next: "Take the prefix, suffix, namespace or override away for these apps. Where the rest needs it, have the root build a folder above whose kustomization lists this one, and let it reconcile: the apps then go there. Run fluxlift again.",
    advice: ({ name, namespace, hasRelease }) =>
      name === "flux-operator" && hasRelease
        ? `Have its release go to ${namespace}, merge that, let it reconcile, and run fluxlift again. Helm takes the operator off where it is now: look first what depends on it (kubectl get resourcesets -A).`
        : undefined,
  }),
  "instance-before-crd": rule("blocker", "The FluxInstance comes before its CRD", {
    what: ({ owner }) =>
      `${owner} applies this FluxInstance together with what brings its CRD, so on a cluster without the operator nothing of it is applied.`,
    meaning: "One object without its CRD stops the whole FluxKustomization, the operator behind it included.",
    next: "Move the FluxInstance into a FluxKustomization of its own that depends on the operator's, or install the operator first and pass --direct.",
  }),
  "instance-waits-for-root": rule("blocker", "Root and instance would wait for each other", {
    what: ({ how }) =>
      `The root would never become Ready: ${how}, and the FluxInstance waits for the root it generates.`,
    meaning: "Each waits for the other until it times out, and the takeover never counts as done.",
    next: "Let nothing between the root and the instance check the instance's health, commit, and run fluxlift again.",
  }),
  "instance-field-ignored": rule("caution", "The chart drops a field of the instance", {
    what: ({ path, value }) =>
      value === undefined
        ? `The FluxInstance is made without ${path}: the chart leaves the whole block out while its url is empty.`
        : `The FluxInstance is made without ${path}: ${JSON.stringify(value)}, for which the flux-instance chart has no place.`,
    meaning: "The chart renders only the fields it knows.",
    why: ({ value }) => value === undefined && "Source and root then stay as they are, as under --sync keep.",
    next: "Remove the value, or describe the FluxInstance as a manifest.",
    advice: ({ value }) => value === undefined && "Write the url, or take the block out.",
  }),
  "instance-changes-more": rule("caution", "The FluxInstance says more than the running install", {
    what: (facts) =>
      "objects" in facts
        ? `At the takeover ${facts.path} of the FluxInstance also change ${listNames(facts.objects)}: the running install has no such patches.`
        : `The takeover also brings ${facts.path}: ${JSON.stringify(facts.value)}, which the running install does not have.`,
    meaning: "It changes flags, resources or rights of the controllers in the same step in which their owner changes.",
    next: "Take it out until the migration is done, unless it is wanted now.",
  }),
  "instance-field-unknown": rule("caution", "The API server refuses the FluxInstance as it is written", {
    what: ({ says }) => `No FluxInstance can say what this one does: ${listNames(says)}.`,
    meaning:
      "What its CRD does not have makes a server-side apply fail: the object stays as it is, and so does what is applied with it.",
    next: "Correct it, or take it out: arguments, resources and volumes of the controllers belong into kustomize.patches. Where an operator newer than fluxlift brings the field, nothing.",
  }),
  "namespace-adopted": rule("info", "The operator adopts the Namespace", {
    what: () =>
      "Flux stops applying this file's labels and annotations once the operator has adopted the Namespace; they are carried over as an instance patch.",
    meaning: "The operator marks what it owns with ssa: Ignore and drops fields its template does not name.",
    next: "Change them in the instance patch from now on.",
  }),
  "chart-digest-missing": rule("caution", "A chart is pinned without the digest that your others have", {
    what: ({ chart }) => `${chart} is pinned by its tag alone, while every other chart here has a digest as well.`,
    meaning: "A tag may be moved by its publisher; a digest is known to the registry alone, and fluxlift asks none.",
    next: "Let Renovate add it, or write it below the tag.",
    advice: ({ chart }) => `Let Renovate add it, or write what \`crane digest ${chart}\` says below the tag.`,
  }),
  "guard-added": rule("info", "A guard for the time of the migration", {
    what: ({ resource, field, value }) => `${resource} gets ${field}: ${value} for the time of the migration.`,
    meaning: "A field that keeps Flux from deleting what later phases remove; cleanup takes it out again.",
    why: ({ reason }) => reason,
    next: "Wait until it is reconciled before the cutover phase is merged.",
  }),
  "guard-by-hand": rule("caution", "A guard that only a person can set", {
    what: ({ resource }) =>
      `${resource} has to be suspended by hand before the merge: its file goes in the same one, so Git never suspends it.`,
    meaning: "Deleting a HelmRelease uninstalls what it installed, here Flux; a suspended one is left alone.",
    next: `Do the step “${SUSPEND_RELEASE}” of the runbook first; preflight.sh checks it.`,
  }),
  "protection-undone": rule("blocker", "A parent patches the protections away", {
    what: ({ app, how, by, needs }) => {
      if (by === "instance")
        return `Patches of the parents reach ${app}, and a failed release would take Flux away: ${how}.`;
      const rest = needs === undefined ? "" : ` They also bring ${needs}, which it may need.`;
      return `${sayPatches(by)} reach ${app} and undo its protection: ${how}.${rest}`;
    },
    meaning:
      "Without it a failed release or a moved file could uninstall Flux, or the two apps start in the wrong order.",
    next: "Narrow the parent's patch so that it leaves the two apps alone.",
    advice: ({ app, by, needs }) => {
      if (by === "instance") return `Let the patch's target leave ${app} out, commit, and run fluxlift again.`;
      return needs === undefined
        ? `Let the patch's target leave ${app} out, for example with labelSelector: fluxlift.dev/plain notin (true), commit, and run fluxlift again.`
        : `Move what brings ${needs} into a patch of its own, let the target of the rest leave ${app} out, for example with labelSelector: fluxlift.dev/plain notin (true), commit, and run fluxlift again.`;
    },
  }),
  "builds-nothing": rule("info", "A Kustomization that has nothing left to apply", {
    what: ({ resource, folder }) =>
      `${resource} builds ${folder}, in which nothing is left: it applies nothing any more.`,
    meaning:
      "It delivered the old install, which the operator makes now. The list of its folder stays, empty: without one its build would fail.",
    next: "Once this phase is reconciled, take it out of Git, with its folder and with what waits for it in a dependsOn; Flux deletes nothing with it.",
  }),
  "orphan-left": rule("caution", "An object stays after its file is gone", {
    what: ({ resource, isSuspended, shared }) =>
      shared === undefined
        ? `${resource} stays in the cluster${isSuspended ? ", suspended," : " and goes on reconciling"} after this file is gone.`
        : `${resource} may stay in the cluster and go on reconciling after this file is gone.`,
    meaning: "The root has prune: false, so Flux deletes nothing that leaves Git, and the object goes on reconciling.",
    why: ({ parent, shared }) => {
      if (parent === undefined)
        return "No FluxKustomization delivers this file: somebody applied it by hand, and only somebody's hand deletes it.";
      return shared === undefined
        ? `${parent} has prune: false, so Flux deletes nothing that leaves its folder.`
        : `${parent}, which has prune: false, and the generated root ${shared} both deliver it: Flux deletes it only where the latter applied it last.`;
    },
    next: `Once everything is Ready, delete it by hand: step “${DELETE_ORPHANS}” of the runbook of this phase.`,
    advice: ({ shared }) =>
      shared !== undefined &&
      `Once everything is Ready, look for it, and delete what is left by hand: step “${DELETE_ORPHANS}” of the runbook of this phase.`,
  }),
} satisfies Partial<Catalogue>;
