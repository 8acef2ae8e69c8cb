import { andMoreFiles, listSome } from "../contract/list-some.ts";
import { sh } from "../contract/shell.ts";
import { adviseMissing, sayMissing, whyMissing } from "./install-missing.ts";
import { type Catalogue, rule } from "./rule-text.ts";

const IDLE: Record<"ended" | "unused" | "unknown" | "blocker", (rule: string, until: string) => string> = {
  ended: (rule, until) => `This entry for ${rule} ended on ${until}: its findings are shown again.`,
  unused: (rule) => `No finding of ${rule} fits this entry.`,
  unknown: (rule) => `There is no rule ${rule}: see fluxlift explain.`,
  blocker: (rule) => `What this entry for ${rule} fits is a blocker, which is never left out.`,
};

const LEAVE_AZURE =
  "There is nothing for fluxlift to do as long as the extension is used. To run Flux Operator instead, take the Flux configurations and the extension off the cluster first, as Azure documents it and with pruning switched off, so that what they applied stays; then install the operator with a FluxInstance that syncs the same repository and path.";

export const REPOSITORY_RULES = {
  "parent-suspended": rule("blocker", "What delivers the operator is suspended", {
    what: ({ resource }) =>
      `${resource} is suspended, so Flux will not apply the operator and the instance that lie below it.`,
    meaning: "Removing the old install while they never arrived would delete Flux with nothing to take over.",
    next: "Resume it (remove spec.suspend), merge that and wait until it is reconciled, then run fluxlift again.",
  }),
  "shared-with-blocked": rule("blocker", "A cluster that shares files is blocked or not part of the run", {
    meaning: "This phase would change files of the other one too, where the operator may not have adopted Flux yet.",
    next: "Settle the blockers of the other cluster first, or name it with --cluster too; or give each its own copy of the file.",
  }),
  "phase-waits": rule("info", "Another phase is stopped", {
    what: ({ phase, isOneMerge }) =>
      isOneMerge
        ? `Nothing of this phase is written: it is one merge with ${phase}, which is stopped.`
        : `This phase is not planned before ${phase}, which is stopped.`,
    meaning:
      "What it finds would follow from the phase before. On the direct route all phases are one merge, so one that is stopped holds all of them.",
    next: "Settle the blockers of that phase, then plan again.",
  }),
  "phase-not-proven": rule("blocker", "Nothing here shows that the phase before is reconciled", {
    meaning:
      "There is no git, or the clone lacks the branch or tag that the cluster reads. Phases merged together let Flux delete itself before the operator has adopted it.",
    next: "Run this in the git checkout, or say with `--direct` that operator and instance are installed and Ready. Fetch the branch or tag that the cluster reads, or say with `--unpushed` that it has the phase before.",
  }),
  "phase-not-pushed": rule("blocker", "The phase before is committed but not pushed", {
    meaning:
      "Flux applies the newest commit only; one push of both phases lets it delete itself. The plan is shown, and nothing is written.",
    next: "Push the phase before, wait until it is reconciled, and write this one after that. A remote branch that is out of date here: `git fetch origin`. `--unpushed` where the plan is made says that it is pushed all the same.",
  }),
  "controllers-elsewhere": rule("blocker", "The controllers live in another namespace than source and root", {
    what: ({ namespace, own, given }) =>
      given === undefined
        ? `The controllers run in ${namespace}, while source and root are written for ${own}; a FluxInstance makes both beside its controllers only.`
        : `The controllers run in ${namespace}, and the manifests of source and root do not say that these are there, too: read by themselves they are for ${own}.`,
    meaning: "The operator puts all of them into one namespace, so one of them would be created a second time.",
    next: "Use `--sync keep`, which moves the controllers alone and leaves source and root in Git as they are. Or move source and root into the namespace of the controllers first.",
    advice: ({ given, isShut }) => {
      if (given !== undefined)
        return `A kustomization gives source and root the namespace ${given}. Write it into their manifests too, and run fluxlift again.`;
      return (
        isShut &&
        "The controllers follow no reference to another namespace (`--no-cross-namespace-refs`), so that `--sync keep` does not help either. Move source and root into the namespace of the controllers first, or migrate this cluster by hand."
      );
    },
  }),
  "nothing-recognised": rule("blocker", "No Flux cluster was recognised", {
    meaning: "No source and root that read this repository were found, whatever the files are called.",
    next: "Run fluxlift at the top of the GitOps repository, or name the folder.",
  }),
  "flux-v1": rule("blocker", "A repository of Flux 1", {
    meaning:
      "Nothing here mentions an API group of Flux 2. Flux Operator cannot take Flux 1 over: it is another program, with other kinds.",
    next: "Move to Flux 2 first, as https://fluxcd.io/flux/migration/ says; then run fluxlift again.",
  }),
  "managed-by-azure": rule("blocker", "Azure installs and feeds this Flux", {
    what: ({ chart }) => {
      const [of, others] =
        chart === undefined
          ? ["this repository", ""]
          : ["clusters here", `; other Flux comes with the chart flux2 (${chart})`];
      return `Azure's extension microsoft.flux installs the Flux of ${of}, and makes its sources and its FluxKustomizations${others}.`;
    },
    meaning:
      "The extension puts back its own controllers and what it syncs: a FluxInstance beside it would change the same objects in turn.",
    next: LEAVE_AZURE,
    advice: ({ chart }) =>
      chart !== undefined &&
      `${LEAVE_AZURE} For a cluster whose Flux comes with the chart: commit its source and its root as it has them (flux export source git --all, flux export kustomization …), leave the release as it is, and run fluxlift again.`,
  }),
  "artifact-assumed": rule(["blocker", "caution"], "Nothing says what is published", {
    what: ({ source }) =>
      `No job, task or script here says which folder is published to ${source}; fluxlift takes it for the whole repository.`,
    meaning:
      "Paths of FluxKustomizations count from the folder that is published: with another one, what this phase adds would not be found there.",
    next: "Give the folder with --artifact-path; with --artifact-path . it is the whole repository, and this is settled. Where each source has a folder of its own: NAME=FOLDER, with commas between.",
  }),
  "artifact-unread": rule("caution", "An artifact that may come from here is not looked at", {
    what: ({ source, readers }) =>
      `${listSome(readers, 3)} ${readers.length === 1 ? "reads" : "read"} ${source}, which may be filled from a folder of this repository; which one, nothing here says, and nothing of it is looked at.`,
    meaning:
      "What lies in it is applied to the cluster as well: objects of an API version that the next Flux drops, or another operator, are not seen.",
    next: "Give its folder with --artifact-path NAME=FOLDER, or as artifactPath in the settings. Nothing, where it is filled elsewhere.",
    advice: ({ name }) =>
      `Give its folder with --artifact-path ${name}=FOLDER, or as artifactPath in the settings. Nothing, where it is filled elsewhere.`,
  }),
  "artifact-path-idle": rule("caution", "`--artifact-path` names a source that is not here", {
    meaning: "The folder given for it counts for nothing, as if it had not been said.",
    next: "Write the name that the source has now, on the command line or in the settings.",
  }),
  "root-not-found": rule("blocker", "There are Flux objects, but no root", {
    meaning: "No FluxKustomization is known to be what a cluster starts from, so it is unknown what the cluster reads.",
    next: "Run fluxlift at the top of the repository; for an OCI or Bucket source give the published folder with --artifact-path.",
  }),
  "instance-elsewhere": rule("info", "Flux Operator runs this Flux, by a FluxInstance from outside Git", {
    what: ({ file, path }) =>
      `Flux Operator runs this Flux: ${file} makes its FluxInstance, which starts from ${path}. Nothing is left to migrate.`,
    meaning: "All of Flux that lies here is delivered from that folder, and nothing here installs Flux another way.",
    next: "Nothing. For verify that folder is the one of the root.",
  }),
  "root-ambiguous": rule("blocker", "Which FluxKustomization is the root cannot be told", {
    meaning:
      "Two build the same part of the repository, so what they deliver has no sure owner; or several are applied by hand and none delivers the others, while a FluxInstance syncs one path; or the only one lies with the install in a folder that nothing in Git delivers; or it delivers another manifest of itself, for another folder.",
    next: "Decide on one root, with prune: false reconciled first: remove the other, or deliver them all from one.",
  }),
  "root-applied-differently": rule("blocker", "How the root was applied cannot be told", {
    meaning:
      "Nothing in Git delivers the root, so somebody applied it. Several folders build it with their own patches, and no command in the repository says which one is applied.",
    next: "Write down in a script or a README which folder is applied, and run fluxlift again.",
  }),
  "root-beside": rule(["caution", "info"], "A FluxKustomization runs beside the root", {
    meaning:
      "It delivers itself, and nothing else delivers it. It is read as a part of the cluster, because the cluster reads a source that only it brings, or because it reads what the FluxInstance of this cluster alone generates. After the cutover this is a note only.",
    next: "Nothing, if it runs in this cluster (`flux get kustomizations`); else say so before anything is merged: what it holds is edited as well.",
  }),
  "sync-made-twice": rule("caution", "Something else makes the source or the root as well", {
    meaning:
      "A chart of this repository, or an object that holds them for a cluster, says what they are, and Git does too. Helm, Crossplane and Open Cluster Management put back what they make, and delete it with the release or the object, the root with all that it delivers.",
    next: "If it is for this cluster, have it keep both, and take them out of it, before you merge a phase.",
  }),
  "cluster-left-out": rule(["caution", "info"], "Something looks like a cluster and is none of those recognised", {
    meaning:
      "fluxlift neither edits nor deletes what belongs to it. A copy of what another cluster delivers is a note only.",
    next: "If it is a cluster, do what the finding says and run fluxlift again; if it is not, leave it or delete it.",
  }),
  "instance-undelivered": rule("info", "Nothing here delivers the FluxInstance of a cluster", {
    meaning:
      "The folder it syncs reads the source that it generates, so it is what the cluster starts from; it was installed by hand.",
    next: "Nothing, if it stays that way; or list it in what the cluster builds.",
  }),
  "sync-path-missing": rule("blocker", "The FluxInstance syncs a folder that is not there", {
    what: ({ path, root }) =>
      `The FluxInstance syncs ${path}, which is no folder here, so the Kustomization ${root} that the operator makes of it cannot be built.`,
    meaning:
      "The Kustomization that the operator makes of it fails, so nothing starts this cluster from Git, and no phase can be judged.",
    next: "Correct its sync.path to the folder that the cluster starts from, commit, and run fluxlift again.",
  }),
  "instance-in-terraform": rule("blocker", "Terraform makes the FluxInstance of this cluster", {
    meaning:
      "Another FluxInstance in Git would contend with it, and so would another release of the operator. Either Git has them, or Terraform.",
    next: "Bring the FluxInstance into Git as the cluster has it, and take both out of the Terraform state; or take out of the code what is not applied.",
  }),
  "terraform-module-unread": rule("caution", "A Terraform module that may bootstrap Flux", {
    meaning:
      "Another repository or a registry keeps it, so what it makes cannot be read here. With flux_bootstrap_git in it, Terraform brings the old install back.",
    next: "Look in the Terraform state for flux_bootstrap_git, and take it out of there before the cutover; never destroy it.",
  }),
  "layout-refused": rule("blocker", "`--layout apps` has no folder to follow", {
    meaning:
      "The apps layout puts the operator where the repository keeps its other apps; that is a folder of `ks.yaml` files which one FluxKustomization of this cluster alone builds.",
    next: "Leave --layout out, or say --layout manifests.",
  }),
  "name-refused": rule("blocker", "A name is none that Kubernetes or git takes", {
    meaning:
      "Names end up in commands, scripts and workflows. One that the API server or git would refuse is a mistake, or is meant to be read as something else than a name.",
    next: "Correct the name: lower-case letters, digits, `-` and, for objects, `.`; for a branch what `git check-ref-format` takes.",
  }),
  "ignore-idle": rule("caution", "An entry of `ignore` in the configuration does nothing", {
    what: ({ how, rule, until }) => IDLE[how](rule, until),
    meaning: "An entry that nothing matches hides a finding of the same kind that comes later.",
    next: "Take the entry out of the configuration, or correct it.",
  }),
  "config-changed": rule("caution", "The change edits the configuration that judges it", {
    what: ({ file, base }) =>
      `The change edits ${file}. It was judged with what ${base} holds; the new settings count once it is merged.`,
    meaning:
      "A change must not decide about its own verdict: ignored findings, acceptance and numbers come from the base.",
    next: "Read the edit as you would read a change of the rules of this check.",
  }),
  "tree-half-written": rule("caution", "The files were read while a write was not finished", {
    what: ({ says }) => `The files read here may be half-written: ${says}`,
    meaning: "What was found may be of a state that nobody wanted: some files as before the write, others as after it.",
    next: "Run `fluxlift undo`, or wait where the write is under way; then run the same command again.",
    advice: ({ todo }) => todo,
  }),
  "yaml-broken": rule(["caution", "info"], "A file that mentions Flux is not valid YAML", {
    meaning:
      "Nothing in it was read and nothing in it will be edited; Flux cannot apply it either. A template of a chart is none before Helm fills it in.",
    next: "Correct it, or check by hand that it names nothing that moves.",
  }),
  "kustomization-broken": rule(["blocker", "caution"], "A kustomization cannot be read", {
    what: (facts) =>
      "child" in facts
        ? `Flux applies nothing of ${facts.resource}: ${facts.child} has no ${facts.lacks}, and the API server refuses it.`
        : `Flux cannot build ${facts.resource}: ${facts.reason}.`,
    meaning:
      "What this kustomization lists is unknown, so references in it would be missed, and nothing new below it would reach the cluster.",
    why: (facts) =>
      "child" in facts &&
      "kustomize-controller tries every object before it applies the first, so nothing that this phase adds would reach the cluster either.",
    next: "Mend it, let Flux reconcile it, and run fluxlift again.",
    advice: (facts) =>
      "child" in facts &&
      `Give it a ${facts.lacks}, let Flux reconcile that and what has piled up meanwhile, and run fluxlift again.`,
  }),
  "delivery-unknown": rule(["blocker", "caution"], "What an object is in the cluster cannot be known", {
    what: ({ resource, unread }) => `What ${resource} is in the cluster cannot be known here: ${unread}.`,
    meaning: "A patch that does not apply, or one that lies elsewhere, decides it after what its file says.",
    next: "Mend that patch, or bring what lies elsewhere into this repository, and run fluxlift again.",
  }),
  "kustomization-repeats": rule("caution", "A kustomization says one key twice", {
    what: () =>
      "This kustomization says one key twice: Flux takes the last one and leaves out what the first one lists.",
    meaning: "fluxlift reads it as Flux does, and cannot edit a file with duplicate keys.",
    next: "Join the two, and look at what that newly delivers before it is merged.",
  }),
  "kustomization-incomplete": rule(["blocker", "caution"], "A kustomization names a file that is not there", {
    what: ({ resource, field, target }) => `Flux cannot build ${resource}: ${target}, named in ${field}, is not there.`,
    meaning: "As long as it does not build, nothing of it is applied, and nothing that this phase adds to it either.",
    next: "Add the file or take the entry out, and wait until Flux has reconciled it, before this phase is merged.",
  }),
  "other-branch": rule("caution", "The cluster reads another branch, or a tag", {
    meaning: "Merging into the branch that is checked out changes nothing for this cluster by itself.",
    next: "Check out the branch the cluster reads, or merge every phase into it as well. A tag: move it to every phase by itself.",
  }),
  "published-by-hand": rule("caution", "A person publishes what the cluster reads", {
    meaning:
      "Merging changes nothing for this cluster by itself, and an artifact that brings two phases at once lets Flux delete itself.",
    next: "Publish every phase by itself, and wait until that is reconciled.",
  }),
  "detached-head": rule("caution", "HEAD is detached", {
    meaning: "fluxlift cannot tell which branch the changes will be on, and so which clusters read them.",
    next: "Check out the branch the cluster reads.",
  }),
  "files-not-here": rule(["blocker", "caution"], "Files of the commit are not checked out", {
    what: ({ file, count, isSparse }) => {
      const files = `${file}${andMoreFiles(count)}`;
      if (isSparse) return `A sparse checkout leaves out ${files}, which Flux reads from the commit.`;
      return `Git was told to overlook that ${files} ${count > 0 ? "are" : "is"} not here, and Flux reads the commit.`;
    },
    meaning:
      "What is not here is neither read nor edited: references in it stay as they are, and layout and deletions are judged without it.",
    next: "Run git sparse-checkout disable, or do this in a clone that has all files.",
    advice: ({ file, count, isSparse }) => {
      if (isSparse) return undefined;
      const steps = sh`git update-index --no-skip-worktree -- ${file} && git update-index --no-assume-unchanged -- ${file} && git restore -- ${file}`;
      return `Run ${steps.line}${count > 0 ? ", the same for the others (git ls-files -v names them with S or a small letter)" : ""}, or do this in a clone that has all files.`;
    },
  }),
  "content-elsewhere": rule("caution", "A cluster builds folders that other repositories fill", {
    what: ({ resource, folders, by }) =>
      `${resource} fills ${listSome(folders, 3)} from ${folders.length > 1 ? "other repositories" : "another repository"} (${by === "submodule" ? "spec.recurseSubmodules" : "spec.include"}): what Flux reads there is neither searched nor edited.`,
    meaning:
      "A reference in there to what a phase renames or removes, such as the source, stays as it is, and what refers to it is not reconciled any more.",
    next: "Search there for the names that each phase renames or removes, and change them before it is merged.",
  }),
  "file-not-read": rule("blocker", "A file that Flux reads cannot be read here", {
    meaning:
      "What is in it is unknown and stays as it is: a reference to what a phase renames or removes, or an object that the phase would have to keep.",
    next: "Make it readable, or split it into files below 2 MB, then repeat.",
  }),
  "changes-overlooked": rule(["blocker", "caution"], "Git overlooks changes of a file", {
    what: ({ files, differ }) =>
      differ
        ? `Git was told to overlook that ${listSome(files, 3)} ${files.length > 1 ? "are" : "is"} not here as in the commit, which is what Flux reads.`
        : `This phase changes ${listSome(files, 3)}, whose changes git was told to overlook: no commit would take them along.`,
    meaning:
      "A file with the flag skip-worktree or assume-unchanged is in the commit as it was, whatever lies on disk, and Flux reads the commit: a phase would be worked out from what no cluster has, and only half of it merged.",
    next: "Take the flags off, look at what differs from the commit, and run fluxlift again.",
    advice: ({ files }) =>
      // In one command git heeds the first flag alone.
      `Run ${sh`git update-index --no-skip-worktree -- ${files} && git update-index --no-assume-unchanged -- ${files}`.line}, commit or take back what git diff shows then, and run fluxlift again.`,
  }),
  "phase-not-reached": rule("blocker", "An earlier phase is not committed", {
    meaning: "Two phases in one merge would let Flux prune its controllers before the operator has adopted them.",
    next: "Merge the earlier phase, wait until it is reconciled, then come back.",
  }),
  "edit-refused": rule("blocker", "A file cannot be edited safely", {
    what: ({ reason }) => `This file has to change but cannot be edited safely: ${reason}.`,
    meaning:
      "The edit would not have had exactly the intended effect: templates, duplicate keys, encrypted or unusual YAML.",
    why: ({ change }) => change,
    next: "Make this change by hand, commit it, and run fluxlift again; it will see that it is done.",
  }),
  "install-not-found": rule("blocker", "Nothing delivered installs Flux", {
    what: sayMissing,
    why: whyMissing,
    advice: adviseMissing,
    meaning: "A FluxInstance with guessed values would change or downgrade the controllers when it adopts them.",
    next: "Point out the install: deliver it from the root, or migrate this cluster by hand.",
  }),
  "install-contradiction": rule("blocker", "Two installs are applied at once", {
    meaning: "Which of them decides version, components and patches depends on the order of reconciliation.",
    next: "Take out the one that should not count, with prune: false reconciled before on what applies it: pruning deletes what both have.",
  }),
  "shared-reference": rule("blocker", "A file is delivered to two clusters", {
    meaning: "A new source name written here would leave the other cluster without its source.",
    next: "Bring the other cluster to the same phase with the same --sync, or give each its own copy.",
  }),
  "maybe-delivered": rule("blocker", "A file that Flux may read names the old source", {
    meaning:
      "The folder of a Kustomization hangs on a variable whose value is in no file here, as from a ConfigMap that only the cluster has.",
    next: "Write the value into the path or into `postBuild.substitute` of its parent, or name the new source in the file.",
  }),
  "other-revision": rule("caution", "Another branch of this repository is built as well", {
    what: ({ readers, revision }) =>
      `${listSome(readers, 3)} ${readers.length > 1 ? "build" : "builds"} ${revision} of this repository, which no phase changes.`,
    why: ({ name, between }) =>
      `What that holds and names ${name} has no source any more once ${between[1]} is merged here.`,
    meaning:
      "Each branch, tag and commit has files of its own; a merge into the branch that the root reads changes none of them.",
    next: "Give what is there the new source before the old one goes.",
    advice: ({ revision, name, to, between }) =>
      `Search ${revision} for ${name}, and write ${to} there after ${between[0]} is reconciled and before ${between[1]} is merged.`,
  }),
  "template-names-source": rule("caution", "A template names the old source", {
    what: ({ name }) => `What this template becomes reads ${name}, which goes at cleanup.`,
    meaning:
      "Flux does not read templates, and fluxlift edits none: what Terraform or a script has applied from it waits for a source that is gone.",
    next: "Name the new source in it.",
    advice: ({ to }) => `Write ${to} there after cutover is reconciled, and apply it before cleanup is merged.`,
  }),
  "rendered-reference": rule(["blocker", "caution"], "A chart of this repository names the old source", {
    what: ({ name, release }) => `This file of a chart names ${name}, and ${release} renders it.`,
    meaning: "What the chart makes of it would find no source any more once the old one goes.",
    next: "Write the new name, which exists since the install phase was merged, and raise the version of the chart: without that Flux goes on with the old one.",
    advice: ({ to }) =>
      `Write ${to} instead, which exists since the install phase was merged, and raise the version of the chart: without that Flux goes on with the old one. Then run fluxlift again.`,
  }),
  "undelivered-reference": rule("info", "Undelivered files name the old source", {
    what: ({ files, name }) =>
      files.length === 1
        ? `1 file that nothing delivers still names ${name}.`
        : `${files.length} files that nothing delivers still name ${name} (${files.slice(0, 3).join(", ")}${files.length > 3 ? ", …" : ""}).`,
    why: () => "fluxlift leaves files alone that Flux does not read.",
    meaning:
      "Nothing in Git delivers them. They would fail if they were listed again; and what somebody applied from one by hand waits for a source that is gone after cleanup.",
    next: "Change them when they are used again; what was applied by hand, before cleanup.",
    advice: ({ instead }) =>
      `${instead} when you bring one of them back; before cleanup in what somebody applied by hand.`,
  }),
} satisfies Partial<Catalogue>;
