import { listNames, listSome } from "../contract/list-some.ts";
import type { RuleFacts } from "../contract/rule-facts.ts";
import { sh } from "../contract/shell.ts";
import { type Catalogue, listAll, rule } from "./rule-text.ts";

function whyNotExpressible(facts: RuleFacts["sync-not-expressible"]): string {
  if ("kind" in facts) return `flux-operator cannot generate a ${facts.kind} as sync source.`;
  if ("chart" in facts)
    return `The chart ${facts.chart} makes ${facts.resources.join(" and ")}, and Helm keeps account of what it makes.`;
  if ("field" in facts && facts.isName)
    return `${facts.resource} has ${facts.open} where \`spec.${facts.field}\` has the name of a field, so what it reads is not known from Git.`;
  if ("field" in facts && facts.open !== undefined)
    return `${facts.resource} says ${facts.open} in \`spec.${facts.field}\`, which no FluxKustomization fills in.`;
  if ("field" in facts) return `${facts.resource} has no \`spec.${facts.field}\`.`;
  if ("url" in facts)
    return `The API server refuses the URL of ${facts.resource}, ${facts.url}: it has to begin with ${facts.begins}.`;
  if ("reads" in facts) return `The root reads ${facts.reads}, not ${facts.source}.`;
  if ("pin" in facts)
    return `${facts.resource} reads ${facts.pin} ${facts.to} and no other, so no phase that is merged reaches the cluster.`;
  if ("from" in facts)
    return `The root reads its source from ${facts.from}; the generated one would read it from ${facts.namespace}.`;
  return `flux-operator would generate ${facts.resource} in ${facts.namespace}, not in ${facts.instead}.`;
}

function whyItMatters(facts: RuleFacts["sync-not-expressible"]): string {
  if ("kind" in facts) return "`sync.kind` takes GitRepository, OCIRepository or Bucket.";
  if ("chart" in facts)
    return "Once the chart makes them no more, Helm deletes them, also where the operator has taken them over: the root goes with all that it delivers.";
  if ("field" in facts && facts.isName)
    return "A FluxInstance says one reference in full, and cannot have the name of a field filled in: the cluster would follow another one than today.";
  if ("field" in facts && facts.open !== undefined)
    return "Something fills it in before the file is applied, and nothing would for the FluxInstance: the operator would generate a source or a root with that very text, and the cluster would follow Git no longer.";
  if ("field" in facts) return "`spec.sync` needs it.";
  if ("url" in facts)
    return "No cluster has the source like this. The operator could not apply the one that it generates either, and the FluxInstance would never become Ready.";
  if ("reads" in facts) return "flux-operator generates the source and the root as one pair.";
  if ("pin" in facts)
    return `A FluxInstance cannot name the ${facts.pin} of what holds it: it would take the cluster back to the one named now.`;
  return "The sync objects live in the namespace of the FluxInstance.";
}

export const SYNC_RULES = {
  "root-undoes-itself": rule("blocker", "The root patches its own patches away", {
    meaning:
      "It applies itself, and one of its patches brings another list of patches for it. Flux then applies all that it delivers with these patches and without them in turns, so nobody can say what is in force.",
    next: "Leave the root out of the target of that patch, and let Flux reconcile that twice.",
  }),
  "root-dependency-dropped": rule("info", "The root no longer waits for the old install", {
    what: ({ installers }) =>
      `The root no longer waits for ${installers.join(", ")}: the operator installs Flux before any root exists.`,
    meaning:
      "What installs Flux from now on lies below the root; waiting for it would close a circle and keep an empty cluster from starting.",
    next: "Nothing to do.",
  }),
  "sync-not-expressible": rule("blocker", "Source or root have a form the instance cannot generate", {
    what: whyNotExpressible,
    why: whyItMatters,
    meaning: "The generated source and root would read or build something else than the old ones.",
    next: "Use `--sync keep` to leave source and root as they are, or bring them into the form of a Flux bootstrap first.",
    advice: (facts) =>
      ("chart" in facts &&
        "Leave source and root to the chart with `--sync keep`. Or move them out of it first: annotate them there with helm.sh/resource-policy: keep and upgrade the release; then take them out of the chart, write them as plain files into the folder that the root builds, merge that, and run fluxlift again.") ||
      ("field" in facts &&
        facts.open !== undefined &&
        "Write the value of this cluster there and run fluxlift again. Or leave source and root as they are with `--sync keep`: what fills them in goes on doing so.") ||
      ("url" in facts &&
        `Write the URL there that ${facts.resource} has in the cluster, or correct it if it is there in none, let that reconcile, and run fluxlift again.`) ||
      ("pin" in facts &&
        `Have the source read a ${facts.pin === "commit" ? "branch or a tag" : "tag"} in place of the ${facts.pin}, let that reconcile, and run fluxlift again.`),
  }),
  "sync-url-secret": rule("blocker", "The URL of the source holds a password", {
    what: ({ resource }) =>
      `The URL of ${resource} holds a password or a token, and fluxlift copies none into a new file.`,
    why: () => "The FluxInstance would name the same URL, so the password would stand in one more file.",
    meaning: "The FluxInstance names the URL of the source, and the password would stand in one more file.",
    next: "Put it into a Secret, name that in `spec.secretRef` of the source, take it out of the URL, and change it: it is in the history of the repository.",
  }),
  "sync-field-automated": rule("blocker", "Image automation writes into the source or the root", {
    what: ({ fields, owner }) =>
      `Image automation sets ${listSome(fields, 6)} of ${owner} here, and in the FluxInstance that would be text of a patch, in which it finds no marker.`,
    meaning:
      "The values would stay as they are today, and the operator would put them back whenever the automation sets them here.",
    next: "Move them first: to the postBuild of the FluxKustomizations that use them, or to a ConfigMap that is delivered before spec.postBuild.substituteFrom names it. Or leave source and root in Git with --sync keep.",
  }),
  "sync-marker-idle": rule("info", "A marker of image automation that no automation reaches", {
    what: ({ fields, owner }) =>
      `No ImageUpdateAutomation of this repository writes where ${listSome(fields, 6)} of ${owner} has its marker; the FluxInstance gets the value of today.`,
    meaning: "There it is text of a patch, in which image automation finds no marker.",
    next: "Nothing to do, unless an automation that is not in these files sets it: then move the value to a ConfigMap that spec.postBuild.substituteFrom names first.",
  }),
  "sync-names-generated": rule("blocker", "Source or root names what a generator makes", {
    what: ({ owner, name }) =>
      `${owner} names the ${name} that this generator makes, whose name in the cluster ends in a hash of its content.`,
    meaning:
      "kustomize writes each new hash into all that it builds together. Source and root of a FluxInstance are not built with it: they would keep the name of today, which Flux prunes once the content changes, and from then on the root could not be built.",
    next: "Set options.disableNameSuffixHash: true on that generator, let Flux reconcile it, and run fluxlift again. Or leave source and root in Git with --sync keep.",
  }),
  "sync-name-taken": rule("blocker", "The name for the generated source is taken", {
    what: ({ kind, name }) => `The operator would generate a ${kind} called ${name} and overwrite this one.`,
    meaning: "Generated source and root share one name, and this name already belongs to another source.",
    next: "Rename the other source, or choose another --sync strategy.",
  }),
  "sync-provider-refused": rule("blocker", "The API server refuses sync.provider", {
    what: ({ provider }) => `The FluxInstance would be refused for \`sync.provider: ${provider}\`.`,
    why: ({ why }) => `For this source ${why}.`,
    meaning: "The FluxInstance is rejected for this kind of source or this Flux version.",
    next: "Correct `spec.provider` of the source, then run again.",
  }),
  "sync-metadata-lost": rule("caution", "Metadata of the sync objects does not come along", {
    what: ({ resource, field }) => `\`metadata.${field}\` of ${resource} does not come along.`,
    meaning: "Patches of a FluxInstance carry labels and annotations of the sync objects only.",
    next: "Take it out of the file, or set it on the live object by hand if it is needed.",
  }),
  "sync-field-lost": rule(["caution", "info"], "A field of the sync does not come along", {
    what: ({ field }) => `\`spec.${field}\` does not come along.`,
    why: ({ why }) => `The API version flux-operator writes has no such field: ${why}.`,
    advice: ({ isHarmless }) => isHarmless && "Nothing to do.",
    meaning: "The API version the operator writes has no such field.",
    next: "Replace what it was for before the migration.",
  }),
  "sync-field-unsaid": rule("caution", "A FluxInstance says less than the old sync", {
    what: ({ fields }) =>
      `${listNames(fields.map((field) => `\`spec.${field}\``))} of this object ${fields.length > 1 ? "go" : "goes"} with its document: the FluxInstance makes it without.`,
    meaning:
      "Once the operator has taken the object over, the cluster has it as the FluxInstance says; a field that only the old document has is then in effect no more, and after this phase it stands nowhere.",
    next: "Have the FluxInstance say what is still wanted, before this is merged: a Secret in spec.sync.pullSecret, all else by a patch in spec.kustomize.patches for that kind and name.",
  }),
  "sync-ref-patched": rule(["caution", "info"], "The reference of the source is kept by a patch", {
    what: () => "flux-operator will generate another reference; a patch puts the old one back.",
    why: ({ holds }) => `\`sync.ref\` holds ${holds}.`,
    meaning: "The instance can only name one kind of reference; the patch puts the old one back.",
    next: "Keep the patch as long as this reference is wanted; `sync.ref` beside it has no effect.",
  }),
  "sync-ref-by-name": rule("info", "The branch is named by its full reference", {
    what: ({ ref }) =>
      `The source will name its branch \`${ref}\` instead of by \`ref.branch\`; it fetches the same commits.`,
    meaning: "flux-operator writes `ref.name` only.",
    next: "An ImageUpdateAutomation on this source that is not in these files needs `spec.git.checkout.ref.branch` of its own; those that are get it.",
  }),
  "sync-suspended": rule("caution", "Source or root are suspended in Git", {
    what: ({ resource }) => `${resource} is suspended and stays so after the takeover.`,
    meaning: "The suspension is carried over as a patch; nothing new is synced while it lasts.",
    next: "Resume it in Git before the migration, unless it is meant to stay suspended.",
  }),
  "sync-base-shared": rule("caution", "The old sync stays for other clusters", {
    what: ({ resources, clusters }) =>
      `${resources.join(" and ")} stay${resources.length === 1 ? "s" : ""} in Git, because ${clusters.join(", ")} still start${clusters.length === 1 ? "s" : ""} from the same manifest${resources.length === 1 ? "" : "s"}.`,
    meaning:
      "A root that is taken out of what it applies deletes itself, and then what it applied, in a cluster whose operator has not adopted it.",
    why: () =>
      "Here the operator owns the objects, and kustomize-controller leaves them alone: that they stay changes nothing.",
    next: "Take the other clusters through the cutover, let that reconcile, and run the cleanup for all of them at once (without --cluster). Until then there is nothing more to do here.",
  }),
  "automation-changes-sync": rule("caution", "A command changes the source or the root that the operator generates", {
    what: ({ places, files }) => {
      const [they, change, set] =
        places.length > 1 ? ["These commands", "change", "set"] : ["This command", "changes", "sets"];
      return files
        ? `${they} ${set} on the source or the root what may be in no file, and the operator takes that back in this phase${listAll(places)}.`
        : `${they} ${change} the source or the root in the cluster, which the operator takes back within the hour${listAll(places)}.`;
    },
    why: ({ files }) =>
      files &&
      `Nothing delivers ${listSome(files, 2)}, so what was set in the cluster has stayed so far. The FluxInstance is written from what is in Git, and the operator writes source and root whole.`,
    meaning:
      "The operator writes both whole, also what kubectl or the flux CLI set on them, a suspend included. A branch that is set has no effect at all: the source names its own by ref.name, which counts before ref.branch.",
    next: "Pause the operator around it (annotate the FluxInstance with fluxcd.controlplane.io/reconcile: disabled, then enabled), and set spec.ref.name to refs/heads/<branch>.",
    advice: ({ namespace, files }) =>
      files
        ? `Look what the cluster has (flux export source …, flux export kustomization …), write what is missing into ${listSome(files, 2)}, and run fluxlift again: then the FluxInstance says it, too.`
        : `Pause the operator around it: ${sh`kubectl annotate --overwrite fluxinstance flux --namespace ${namespace} fluxcd.controlplane.io/reconcile=disabled`.line}, and =enabled afterwards. For another branch of Git set spec.ref.name to refs/heads/<branch>.`,
  }),
  "sync-release-goes": rule("info", "The release that made source and root goes", {
    what: ({ resource }) =>
      `${resource}, by which Helm made source and root (chart flux2-sync), goes from Git. It is suspended, so Helm uninstalls nothing.`,
    meaning: "The FluxInstance makes both now, and the records of Helm stay in the cluster.",
    next: "See that it is suspended in the cluster before this is merged, and let Helm forget it afterwards: delete its records, never run helm uninstall.",
    advice: ({ release, namespace }) =>
      `Before this is merged see that it is suspended in the cluster. Afterwards let Helm forget it: ${sh`kubectl -n ${namespace} delete secrets -l owner=helm,name=${release}`.line}. Never run helm uninstall: it deletes the root, and with it all that Flux has applied.`,
  }),
  "sync-release-left": rule("caution", "A release still holds source and root", {
    what: ({ resource }) =>
      `${resource} has Helm make source and root (chart flux2-sync), and is not suspended, so it stays in Git.`,
    meaning:
      "An upgrade of it writes both as they were, and deleting it uninstalls the root, and with it all that Flux has applied.",
    next: "Set suspend: true on it, merge that and wait until it is reconciled, and run fluxlift again, which then takes it out. Never run helm uninstall.",
  }),
  "sync-root-waits": rule("info", "The root waits for what it delivers", {
    what: () => "The FluxInstance becomes Ready only after everything the root waits for is ready.",
    meaning: "The operator waits for the generated root, and the root for its own health checks.",
    next: "Make sure that nothing the root waits for is the FluxInstance itself; the generated apps do not wait for it.",
  }),
} satisfies Partial<Catalogue>;
