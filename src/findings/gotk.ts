import type { BrokenInstall } from "../contract/install-ways.ts";
import { listSome } from "../contract/list-some.ts";
import type { ImageTags, SharedInstall } from "../contract/rule-facts.ts";
import { operand, sh } from "../contract/shell.ts";
import { sayMadeAnew } from "./made-anew.ts";
import { OPERATOR_RULES } from "./operators.ts";
import { type Catalogue, rule } from "./rule-text.ts";
import { ADD_COMPONENT } from "./versions.ts";

/** Other clusters need the block, and the module that makes it may make more: the cluster itself, or the key that Flux clones with. */
export const LEAVE_SHARED_BLOCK =
  "let Terraform make it for this cluster no longer, while other clusters are made of the same block: by a count or for_each in it that leaves this one out, or, only where its module makes nothing else, by deleting the call of that module or the key of this cluster in it, for that destroys all that it makes (deleted while another cluster is in the state, the block takes the Flux of that one along)";

/** The command that takes a block out of the state of its folder, or of one that has it as a module. */
function sayRemoval({ address, dir, isUnit }: { address: string; dir?: string; isUnit?: true }): string {
  const command = sh`${isUnit ? "terragrunt" : "terraform"} state rm ${address}`.line;
  return dir === undefined ? command : `in ${dir === "" ? "the root of the repository" : dir}, ${command}`;
}

/** In which way the file of an install cannot be what Flux applies. */
function sayBroken(facts: BrokenInstall): { what: string; why: string; next?: string } {
  switch (facts.how) {
    case "no-controller":
      return {
        what: "This file holds CRDs of Flux but no controller: it is cut off, or Flux is installed in another way beside it.",
        why: "Version, components and settings of what runs cannot be read from it.",
      };
    case "apart":
      return {
        what: `Flux is installed in two parts: this file holds its CRDs, which ${facts.owner} applies, and ${facts.file} its controllers, which ${facts.other} applies.`,
        why: "An install is handed over as one: the guards that keep Flux from deleting itself are set where all of it is applied.",
        next: `Let ${facts.owner} apply all of it. Give both Kustomizations prune: false and let that reconcile; then list ${facts.file} where ${facts.owner} builds from, take it out of what ${facts.other} builds (with its patches), and let that reconcile as well. What ${facts.other} leaves is not deleted as long as it has prune: false. Then run fluxlift again.`,
      };
    case "no-yaml":
      return {
        what: `${facts.resource} of the install is not valid YAML, so Flux cannot apply the file and nobody can tell what runs.`,
        why: "An edit in an object that cannot be read would be lost silently.",
      };
    case "cut-off":
      return {
        what: `${facts.resource} ${facts.what}: the file is cut off there.`,
        why: "What is missing would be carried over as if you had taken it out.",
      };
    case "in-part":
      return {
        what: `The file holds ${facts.count === 1 ? "an object" : `${facts.count} objects`} of ${facts.component}, but no Deployment that runs its image: it is cut off, or edited in a way that cannot be followed.`,
        why: "The FluxInstance would leave the component out, and its CRDs would go with the file, together with every object of their kinds.",
        next: `Restore the file (flux install --export for the running version), or take ${facts.component} out of it altogether if it is not wanted; let that reconcile, and run fluxlift again.`,
      };
    case "twice":
      return {
        what: `${facts.resource} stands in the install twice, so kustomize refuses to build it.`,
        why: "Two installs were put together; which of them runs cannot be told from here.",
        next: "Keep the one that runs (see flux version), let that reconcile, and run fluxlift again.",
      };
  }
}

const sayTags = ({ component, tag, release, expected, next }: ImageTags) =>
  `${component} runs ${tag}, while the operator knows Flux ${release} with ${expected}; it will run ${next}.`;

const sayUsers = ({ clusters, overlays, remotes }: SharedInstall) =>
  [
    ...(clusters.length > 0 ? [`${clusters.length === 1 ? "cluster" : "the clusters"} ${clusters.join(", ")}`] : []),
    ...overlays,
    ...remotes.map((remote) => `${remote}, for another cluster,`),
  ].join(" and ");

/** Which other Flux there is, or may be. */
function sayOther(namespace: string | undefined, isSuspended = false): string {
  if (namespace === undefined)
    return "These controllers watch their own namespace alone. If another Flux runs in the cluster,";
  return isSuspended
    ? `Another Flux is described here, suspended, for namespace ${namespace} alone. It stays as it is. If it runs,`
    : `Another Flux is installed here, for namespace ${namespace} alone, and stays as it is:`;
}

/** Findings about installs of `flux bootstrap`. */
export const GOTK_RULES = {
  "gotk-broken": rule("blocker", "The install file is cut off, put together, or not valid YAML", {
    what: (facts) => sayBroken(facts).what,
    meaning: "Flux cannot apply it, or what runs in the cluster cannot be read from it.",
    why: (facts) => sayBroken(facts).why,
    next: "Restore the file (flux install --export for the running version), commit, and run fluxlift again.",
    advice: (facts) => sayBroken(facts).next,
  }),
  "gotk-version-differs": rule("caution", "Header and labels name two versions", {
    what: ({ header, label, isAlone }) =>
      isAlone
        ? `The header of the install says Flux ${header}, labels and images of its objects are those of ${label}; fluxlift goes by the objects.`
        : `The header of the install says Flux ${header}, its objects are labelled ${label}; fluxlift goes by the header.`,
    meaning: "The file was edited by hand or put together from two versions; the operator installs one whole release.",
    why: ({ isAlone }) =>
      isAlone &&
      "The header is a comment that was changed alone; what Flux applies, and so what runs, are the objects.",
    next: "Check with `flux version` and pass --flux-version vX.Y.Z if the header is wrong.",
    advice: ({ label, isAlone }) =>
      isAlone && `Nothing to do if \`flux version\` says ${label}; else pass --flux-version vX.Y.Z.`,
  }),
  "gotk-image-built": rule("blocker", "A controller runs a build of your own", {
    what: ({ components, image, tag, next }) =>
      `${components.join(", ")} ${components.length === 1 ? "runs an image" : "run images"} by a tag that no release of Flux has: ${components[0]} is ${image}:${tag}, and the operator would pull ${image}:${next}.`,
    meaning:
      "A FluxInstance has a registry; the tags are always those of the release, and a controller whose image is not there does not start.",
    next: "Provide the images by the tags of the release and name those, or turn each into a patch of the Deployment's image in the kustomization, which comes along; commit, let it reconcile, and run fluxlift again.",
  }),
  "gotk-image-differs": rule("caution", "A controller runs an image of another release", {
    what: sayTags,
    meaning: "The operator pins the images of one whole release; a tag bumped alone does not come along.",
    next: "Nothing to do if the release's own image is wanted; else keep it with an instance patch on the image.",
  }),
  "gotk-image-pinned": rule("info", "A controller is pinned by digest", {
    what: ({ components, registry }) =>
      `${components.join(", ")} ${components.length === 1 ? "is" : "are"} pinned by digest here; ${registry === undefined ? "the operator pins the digests of the release it installs" : `from ${registry} the operator pulls by tag`}.`,
    meaning: "A digest holds for one release only, and the operator takes every patch release of the line.",
    next: "Nothing to do, unless the image is one you built.",
    advice: ({ registry }) =>
      registry !== undefined && "Nothing to do, or keep a digest with an instance patch on the image.",
  }),
  "gotk-image-newer": rule("blocker", "A controller runs a newer image than the operator would", {
    what: sayTags,
    meaning: "That would downgrade a running controller below CRDs it may already have written.",
    next: "Bring the whole install to one Flux release first (flux install --export), or pass the release that really runs: --flux-version vX.Y.Z.",
  }),
  "gotk-components-differ": rule("caution", "The header lists other components than the file installs", {
    what: ({ header, found }) =>
      `The header lists ${header.join(", ")}, the file installs ${found.join(", ") || "none"}; the FluxInstance gets what the file installs.`,
    meaning: "Flux applies the objects, the header is a comment.",
    next: "Nothing to do if the file is right; a controller that is missing by accident has to be added to components.",
  }),
  "gotk-image-renamed": rule("blocker", "A controller runs an image of another name", {
    what: ({ components, registry, image }) =>
      `${components.join(", ")} ${components.length === 1 ? "runs an image" : "run images"} of another name: ${components[0]} is ${registry}/${image}, and the operator would pull ${registry}/${components[0]}.`,
    meaning: "A FluxInstance has a registry; the image in it always has the name of its controller.",
    next: "Provide the images as <registry>/<controller> and name those, or turn the entry of images into a patch of the Deployment's image, which comes along; commit, let it reconcile, and run fluxlift again.",
  }),
  "gotk-registry-mixed": rule("blocker", "The controllers come from several registries", {
    what: ({ registries }) =>
      `The controllers come from several registries (${registries.map(({ registry, components }) => `${registry}: ${components.join(", ")}`).join("; ")}); a FluxInstance has one.`,
    meaning: "Pulling from another registry than today can fail behind a firewall or without the pull secret.",
    next: "Bring all controllers to one registry, such as by an entry of images for each of the others, commit, and run fluxlift again.",
  }),
  "registry-without-variant": rule("caution", "A registry the operator does not know", {
    what: ({ registry }) =>
      `The operator will pull the controllers from ${registry} by the tags of the release, without digests, and log an error about it.`,
    meaning: "It pins digests only for registries it knows, or with distribution.variant.",
    next: "If this is an unchanged mirror of ghcr.io/fluxcd, set distribution.variant: upstream-alpine. Check that <registry>/<component> exists for every component.",
  }),
  "registry-operator-elsewhere": rule("caution", "The controllers come from another registry than the operator", {
    what: ({ registry }) =>
      `The controllers stay on ${registry}, while the operator's charts, its image and its manifests are pulled from ghcr.io/controlplaneio-fluxcd.`,
    meaning:
      "Where this cluster cannot reach ghcr.io, the operator never starts, or cannot fetch its manifests and reconciles nothing. The old install keeps running until cutover.",
    next: "Nothing to do if ghcr.io answers from the cluster. Else mirror all three, and name the mirror after migrate: the url of both chart sources, image.repository in the values of flux-operator (and image.pullSecrets, where the mirror wants credentials), and instance.distribution.artifact (or leave it empty, for the manifests in the operator's image).",
  }),
  "install-beside-others": rule("caution", "Several Flux may run in this cluster", {
    what: ({ namespace, isSuspended }) =>
      `${sayOther(namespace, isSuspended)} the operator takes over the CRDs that both use, at the version of this install, and the other Flux no longer updates them. A second operator takes the rights of the first.`,
    meaning:
      "CRDs belong to the cluster, and what the operator owns kustomize-controller leaves alone. The chart of the operator binds its account to cluster-admin by a ClusterRoleBinding of one name, which goes to whichever release is installed last.",
    next: "Nothing to do where this is the only Flux. Else bring all of them to one version first, and migrate this one last, or only with the others' agreement. Where more than one of them gets an operator, give each a fullnameOverride of its own, such as flux-operator-team, in the values of its release, before any of it is merged.",
    advice: ({ namespace, isSuspended }) =>
      namespace !== undefined &&
      `${isSuspended ? "Nothing to do where that Flux does not run. Else bring" : "Bring"} both to one version first, and migrate this one last, or only with the other's agreement. If the other gets an operator too, give each a fullnameOverride of its own, such as flux-operator-team, in the values of its release, before any of it is merged.`,
  }),
  "commented-out-lost": rule("info", "Commented-out settings go with the old install", {
    what: ({ last }) =>
      `The settings that are commented out here (to line ${last}) go with the old install: nothing applies them, so nothing carries them over.`,
    meaning: "Comments of patches and fields that are carried over come along; these belong to none.",
    next: "Copy them to the FluxInstance if you may want them again. Git keeps them in any case.",
  }),
  ...OPERATOR_RULES,
  "gotk-crd-edited": rule("caution", "A CRD was edited by hand", {
    what: () => "This CRD is not the one of its Flux release; the operator will replace it with the release's own.",
    meaning: "Objects that rely on the edited schema may be rejected or lose fields afterwards.",
    next: "Undo the edit first, or say it again as an instance patch on this CRD.",
  }),
  "gotk-not-compared": rule("caution", "The release cannot be compared with", {
    what: ({ version, isNear }) =>
      `Hand edits of ${isNear ? "CRDs, RBAC and services in " : ""}this file ${isNear ? "would go unnoticed" : "do not come along"}: the manifests of Flux ${version} are not known here.${isNear ? " The Deployments were compared with the closest release." : ""}`,
    meaning: "No operator that is known here embeds this release.",
    next: "If you edited the file by hand, compare it with `flux install --export` of that version, and make patches of what differs.",
  }),
  "gotk-foreign-object": rule("info", "An object of yours stands in the install file", {
    what: ({ resource }) =>
      `${resource} stands in the file of the Flux install but is no part of it; it stays there, delivered as before.`,
    meaning: "Only what the release itself installs is removed; deleting the whole file would prune this object.",
    next: "Nothing to do; you may move it to a file with a better name.",
  }),
  "gotk-overlay-unsupported": rule("blocker", "Flux is installed through settings no FluxInstance has", {
    what: ({ setting }) =>
      `Flux is installed through ${setting}; a FluxInstance cannot say that, so the operator would change or duplicate the controllers.`,
    meaning: "The operator knows patches, labels and annotations on metadata, one registry and one namespace.",
    next: "Take it off the install (keep it for the other files of this folder), let that reconcile, and run fluxlift again.",
    advice: ({ selectors, moved }) => {
      if (moved?.to.includes("$"))
        return `Write the namespace that ${moved.to} stands for in its place, in ${moved.field}, merge that, and run fluxlift again. Where it is that of the install, it is then none that moves anything.`;
      if (moved)
        return `Write that namespace into the files first, so that ${moved.field} changes nothing: the install again with ${sh`flux install --export --namespace=${moved.to}`.line} and the version and components that it has, and metadata.namespace of source and root. Merge that, and run fluxlift again. Taken off instead, it gives the root another namespace, and the one that is left deletes all that it has applied.`;
      if (!selectors) return undefined;
      return sayMadeAnew(selectors, sh`--filename ${operand(selectors.file)}`);
    },
  }),
  "gotk-second-set": rule("blocker", "A second set of controllers is built from the install", {
    what: ({ settings, folders, own }) => {
      const [build, each, those] =
        folders.length > 1 ? ["build", " each", "the folders"] : ["builds", "", "the folder"];
      const breaks = own ? "" : `, and ${those} no longer ${build} when the install goes`;
      return `${listSome(folders, 3)} ${build} the controllers once more${each}, under other names (${listSome(settings, 3)}), beside those of the install; the operator would not take these over${breaks}.`;
    },
    meaning: "Shards of Flux are made this way. A FluxInstance makes them by itself, from its field sharding.",
    next: "Delete the second set first: its folder, its entry in the kustomization that lists it, and what tells the other controllers to leave work to it. Run fluxlift again when that is reconciled.",
    advice: ({ folders, key, shards = [] }) =>
      key !== undefined &&
      `Take the label ${shards.length > 1 ? `${key} (${listSome(shards, 3)})` : `${key}=${shards[0]}`} off your objects and let that reconcile, so that the other controllers have them. Then delete ${listSome(folders, 3)}, ${folders.length > 1 ? "their entries in the kustomization that lists them" : "its entry in the kustomization that lists it"}, and the patch that adds --watch-label-selector to the other controllers. When Flux has deleted the ${shards.length > 1 ? "shards" : "shard"}, run fluxlift again. After the migration give the FluxInstance sharding.shards: [${shards.join(", ")}]${key === "sharding.fluxcd.io/key" ? "" : ` and sharding.key: ${key}`} (in the values of its chart: instance.sharding), and your objects their label again.`,
  }),
  "helm-controller-missing": rule("blocker", "No helm-controller to install the charts", {
    what: () =>
      "The install has no helm-controller, so nothing would ever install the flux-operator and flux-instance HelmReleases that fluxlift writes.",
    meaning: "Operator and instance come as Helm charts on this route.",
    next: "Add helm-controller first, in the way Flux was installed (flux bootstrap --components, or the values of the chart), let that reconcile, and run fluxlift again. Or make the move by hand, as the guide of Flux Operator shows.",
  }),
  "gotk-base-shared": rule("caution", "The install stays for other clusters", {
    what: (facts) => {
      const { file, clusters, overlays, remotes } = facts;
      const isOne = clusters.length + overlays.length + remotes.length === 1;
      return `${file} stays, because ${sayUsers(facts)} still build${isOne ? "s" : ""} from it; only this cluster stops listing it.`;
    },
    meaning: "Deleting a shared base takes Flux from every cluster that has not adopted it yet.",
    next: "Migrate the others too; with the last one the file goes. Delete it by hand if nothing needs it any more.",
    advice: ({ remotes }) => {
      if (remotes.length === 0) return undefined;
      const [go, each] = remotes.length > 1 ? ["go", "each of them"] : ["goes", "it"];
      return `Migrate the others too. ${listSome(remotes, 5)} ${go} on applying it to another cluster: before that is taken out, or this file, give ${each} prune: false and let that reconcile, or what no operator has adopted there is deleted, Flux itself among it.`;
    },
  }),
  "remote-start-lost": rule("caution", "A hub no longer starts this cluster from nothing", {
    what: ({ resource, hub, name, file }) =>
      `${resource} of ${hub} applies ${file} to ${name} through a kubeconfig. Without it nothing that it applies brings the CRDs of Flux, so it fails on an empty cluster.`,
    meaning: "A cluster that runs keeps running; one that is made, or made anew, stays without Flux.",
    next: "Let what makes the cluster install flux-operator and flux-instance first: the rebuild section of the runbook has the commands.",
  }),
  "gotk-base-inseparable": rule("blocker", "The shared install cannot leave one cluster alone", {
    what: (facts) => `${facts.file} cannot leave this cluster without leaving ${sayUsers(facts)} as well.`,
    meaning:
      "They reach it through the same kustomization, or together with files that have to stay; a cluster that has not adopted Flux yet would delete it.",
    next: "Give this cluster a kustomization of its own that lists the install by itself, merge that, and run fluxlift again.",
    advice: ({ clusters, overlays, remotes, isObject }) => {
      const own = isObject
        ? "a copy of that file, listed in the place of it,"
        : "a kustomization of its own that lists the install by itself,";
      const alone = `give this cluster ${own} merge that, and run fluxlift again.`;
      if (clusters.length === 0 || overlays.length + remotes.length > 0) return isObject && `G${alone.slice(1)}`;
      return `Take all of them through this phase in one run (without --cluster), or with --cluster those that reach it by the same kustomization, once the FluxInstance of each is Ready and no other blocker stops one of them; or ${alone}`;
    },
  }),
  "gotk-overlay-breaks": rule("caution", "An undelivered overlay loses its base", {
    what: ({ overlays, file, isBuilt }) =>
      isBuilt
        ? `${overlays.join(", ")} ${overlays.length > 1 ? "build" : "builds"} the old install (${file}) as well, through a folder that stays; from this merge on without it.`
        : `${overlays.join(", ")} ${overlays.length > 1 ? "list" : "lists"} the old install (${file}), which goes; ${overlays.length > 1 ? "they no longer build" : "it no longer builds"} then.`,
    meaning:
      "No FluxKustomization of this repository delivers it, so Flux does not notice; a test or a cluster with its sync elsewhere may.",
    next: "Point it at its own copy of the install, or delete it if nothing uses it.",
    advice: ({ isBuilt }) =>
      isBuilt &&
      "Nothing, if it is only built. Where a cluster is made with it, install Flux Operator there first, or point it at its own copy of the install.",
  }),
  "root-path-shared": rule("caution", "A second sync builds the same folder", {
    what: ({ resource, path, root }) =>
      `${resource} in this file builds ./${path} too, the folder of ${root}: if another cluster was started from it, every phase reaches that one as well.`,
    meaning: "What Flux adopts or prunes is decided cluster by cluster, but both read the same commits.",
    next: "Go on to the next phase only when the checks of the runbook hold in each of them; delete the file if it is only a copy.",
  }),
  "gotk-undelivered": rule(["caution", "info"], "An install file that nothing delivers", {
    meaning: "Flux does not notice it; applied by hand it would put an old Flux beside the operator's.",
    next: "Delete it if nothing uses it.",
  }),
  "terraform-owns-flux": rule("caution", "Terraform owns this install", {
    what: ({ address }) =>
      `Terraform (${address}) owns this install: its next apply writes the gotk files back and bootstraps again, and its destroy deletes the operator's Flux too.`,
    meaning: "The provider keeps the text of the files in its state and deletes by the label all Flux objects carry.",
    next: "Take the resource out of the state before the cutover, then out of the code, where no other cluster is still made of the same block; never destroy it.",
    advice: ({ removals, namedBy, isShared }) => {
      const block = `the block${namedBy.length > 0 ? ` and what names it (${listSome(namedBy, 5)})` : ""}`;
      const after = isShared
        ? `, then ${LEAVE_SHARED_BLOCK}`
        : ` (or a removed block with lifecycle { destroy = false }), then delete ${block}`;
      const which = removals.length > 1 ? "for the one of these that makes this cluster, " : "";
      return `Before the cutover: ${which}${removals.map(sayRemoval).join(", or ")}${after}; never destroy it. To install from Terraform again use the module controlplaneio-fluxcd/flux-operator-bootstrap/kubernetes.`;
    },
  }),
  "terraform-version-differs": rule("caution", "Terraform and Git name two Flux versions", {
    what: ({ said, version }) =>
      `Terraform says Flux ${said}, the file in Git says ${version}; fluxlift goes by Git, which Flux applies.`,
    meaning: "An apply in between would change the running version.",
    next: "Check with `flux version`, and pass --flux-version if the file is behind.",
  }),
  "bootstrap-unfilled": rule("caution", "flux bootstrap has not filled in this folder", {
    meaning:
      "Its files are placeholders; fluxlift reads them as bootstrap would write them, and there is no running install to compare with.",
    next: "Check what the finding lists, and give what is wrong with bootstrap's own flags.",
  }),
  "bootstrap-flag-idle": rule("caution", "A flag says what flux bootstrap has been told already", {
    meaning: "`--url`, `--branch`, `--path` and `--secret-name` count for nothing where the files say it.",
    next: "Leave it out, or change the source or the root in the files first.",
  }),
  "bootstrap-unknown": rule("blocker", "Nothing says what flux bootstrap would be told", {
    meaning: "The FluxInstance needs the repository, the branch and the Flux version; a guess could downgrade Flux.",
    next: "Give them as you would to flux bootstrap: --url, --branch, --flux-version.",
  }),
  "api-version-removed": rule("blocker", "Flux no longer knows the API version of an object", {
    what: ({ version, api, places, isHeld }) =>
      `Flux ${version} does not know ${api} any more: ${listSome(places, 5)}.${isHeld ? " Nothing applies that now, for what delivers it is suspended." : ""}`,
    meaning: "kustomize-controller applies nothing of a folder in which one object has no known API version.",
    next: "Run fluxlift again with --upgrade-apis, or upgrade the objects by hand first.",
    advice: ({ newest, isHeld }) =>
      `Run fluxlift again with --upgrade-apis, which writes ${newest} and the field changes that go with it, or upgrade them by hand ${isHeld ? "before you resume it" : "first"}.`,
  }),
  "api-version-early": rule("caution", "An API version is newer than the Flux of the install", {
    what: ({ version, kinds, places }) =>
      `Flux ${version} does not know these API versions yet, which came with the release in brackets: ${kinds.join(", ")}; ${listSome(places, 5)}.`,
    meaning:
      "Either these objects are refused today, or a newer Flux runs than this repository says, which the operator would take down again.",
    next: "Compare with `flux version` before you merge. If it is newer, run fluxlift with --flux-version; else give the objects a version that this Flux takes.",
  }),
  "api-version-kept": rule("blocker", "An object cannot be upgraded by itself", {
    what: ({ resource, newest, reason }) => `${resource} cannot become ${newest} by itself: ${reason}.`,
    meaning: "An object that is only half upgraded may be refused, or lose what the newer version no longer has.",
    next: "Upgrade it by hand, or first the Flux of the cluster that holds it back, commit, and run fluxlift again.",
    advice: ({ other }) =>
      `${other ? `Upgrade the Flux of cluster ${other} first` : "Upgrade it by hand"}, commit, and run fluxlift again.`,
  }),
  "component-missing": rule("blocker", "An object needs a component the install lacks", {
    what: ({ resource, component }) =>
      `${resource} needs ${component}, which the install does not have, so the FluxInstance would not have it either.`,
    meaning: "Without the component the operator installs no CRD of the kind, and prunes one that is left.",
    why: ({ isReader }) =>
      isReader &&
      "It reads an ExternalArtifact; without the component nothing makes one, and the controllers refuse to read it.",
    next: "Add the component first, or stop delivering the objects that need it.",
    advice: ({ component, style, tooOld }) =>
      tooOld === undefined
        ? `Add ${component} to the install first${ADD_COMPONENT[style]}, or stop delivering the objects that need it.`
        : `Flux ${tooOld} has no ${component}, it came with 2.7: upgrade Flux first, say which one runs with --flux-version, or stop delivering the objects that need it.`,
  }),
} satisfies Partial<Catalogue>;
