import { type Catalogue, rule } from "./rule-text.ts";

export const SAFETY_RULES = {
  "flux-may-go": rule("blocker", "Flux itself may be deleted", {
    meaning:
      "kustomize-controller prunes the controllers or CRDs before the operator has adopted them, and with them everything they manage.",
    next: "Merge what adds the operator first, wait until the FluxInstance is Ready, then remove the old install.",
  }),
  "wanted-may-go": rule("blocker", "Something still wanted may be deleted", {
    meaning: "In some order of reconciling Flux deletes the object before, or without, applying it again.",
    next: "Guard it: merge prune: false on the old owner first, wait until it is reconciled, then merge this change.",
  }),
  "build-breaks": rule(["blocker", "caution"], "A Kustomization does not build any more", {
    meaning:
      "Flux neither applies nor prunes anything for it until the build works again; what the change adds there never arrives.",
    next: "Correct what the finding names; flux build kustomization shows the same error.",
  }),
  "cluster-goes": rule(["blocker", "info"], "A whole cluster is taken out of the repository", {
    meaning:
      "The folder that Flux starts from goes, and with it what names that folder. Where the cluster still runs, its root finds nothing to build: Flux deletes nothing, and applies nothing more.",
    next: "Where the cluster is gone for good, accept it by the name that the finding gives (--accept 'cluster NAME'). Where it still runs, take the edit back.",
  }),
  "immutable-changes": rule("blocker", "A field changes that cannot be changed", {
    meaning:
      "The API server refuses the object, and then kustomize-controller applies nothing more of the whole Kustomization, until the field has its old value again or the object is gone.",
    next: "Keep the old value. Where the new one is meant, give the object a new name, or delete it by hand at the merge after its data is saved.",
  }),
  "object-refused": rule("blocker", "The API server refuses an object", {
    meaning:
      "A field that its kind does not have, of another type, or one that is missing: kustomize-controller tries all objects of a Kustomization before it applies the first, so it applies none of them.",
    next: "Correct the field; flux diff kustomization asks the API server before the merge.",
  }),
  "labels-dropped": rule("blocker", "Flux applies an object without its labels", {
    meaning:
      "A value among its labels is true, a number or another thing that is no text. kustomize-controller then drops all labels of the object, without a word: selectors, policies and its own prune label find nothing.",
    next: 'Put the value in quotes: "true".',
  }),
  "second-owner": rule("blocker", "Two Kustomizations apply the same objects", {
    meaning:
      "Each sets the other's changes back, and whichever of both goes first, or drops an object, deletes it for the other as well.",
    next: "Point the path of one of them elsewhere, or give its objects other names or another namespace.",
  }),
  "operator-goes": rule("blocker", "The operator of what holds data goes", {
    meaning:
      "Helm uninstalls the operator, or deletes its CRDs, while objects of its kinds stay in the tree: where its chart brings the CRDs as templates they go with every object and its data, and otherwise nobody looks after them.",
    next: "Keep the operator until nothing needs it.",
  }),
  "instance-harms": rule("blocker", "The change harms Flux itself", {
    meaning:
      "The operator or the release stops looking after Flux, uninstalls it, or runs it so that something in the tree is applied no more.",
    next: "Take that edit of the FluxInstance, or of the release that holds it, back.",
  }),
  "setting-lost": rule("blocker", "A Kustomization loses or lacks decryption or substitution", {
    meaning:
      "Without decryption kustomize-controller writes ciphertext into Secrets that have stringData, and fails on other encrypted objects (docs/live-proof.md); without postBuild it applies variables as they are written, and with it variables that nothing sets are emptied.",
    next: "Keep the setting on the Kustomization, or in the patch of its parent that sets it.",
  }),
  "field-ignored": rule("blocker", "A field is dropped without a word", {
    meaning:
      "No kustomization, or no object of that kind, has a field of that name. In the file at spec.path of a Kustomization such a field is left out when it is read, so what it should bring is not delivered; in any folder below it stops the build. Objects of Kubernetes are printed anew before Flux applies them, without such a field.",
    next: "Correct the name of the field, or take it out.",
  }),
  "folder-of-another": rule("blocker", "A cluster takes over the folder of another one", {
    meaning:
      "The path of a Kustomization is pointed at a folder that another cluster applies, and its own folder stays in the tree and is applied by nothing any more. The objects have the same names, so nothing goes; what only the own folder says is lost.",
    next: "Put the path back, or take the own folder out in the same change.",
  }),
  "reference-breaks": rule(["blocker", "caution"], "A reference loses its target", {
    meaning:
      "The object waits for a source or a dependency that is gone, and Flux applies it no more. A release goes on with the chart that source-controller keeps, until that one is lost. An address in the cluster where nothing answers any more is a caution: whoever names it is applied as before.",
    next: "Take the reference out or point it at the new name, or keep the old object until nothing names it.",
  }),
  "reference-missing": rule("blocker", "A new reference leads nowhere", {
    meaning:
      "The change names a source, a dependency or another object that nothing makes, so Flux waits for it for ever and does not apply what names it.",
    next: "Correct the name, the kind or the namespace, or add what is named in the same change.",
  }),
  "waits-in-circle": rule("blocker", "Things wait for each other", {
    meaning:
      "Each waits until the next one is Ready, and the last for the first, so Flux applies none of them. A Kustomization with wait is Ready only when all it applies is.",
    next: "Take one of the dependencies out, or wait away from the parent.",
  }),
  "reconcile-stops": rule("blocker", "Something is taken out of work that others hang on", {
    meaning:
      "A root, a parent or a source is suspended, a label hands an object to a shard that no controller serves, or a controller gets a flag or loses a right without which it looks after less; Flux goes on with what it has.",
    next: "Take the edit back, or suspend a single app; what suspended itself in Git needs flux resume.",
  }),
  "login-mismatch": rule("blocker", "A source gets a URL that its Secret does not fit", {
    meaning:
      "Over ssh Flux needs identity and known_hosts in the Secret, over https username and password or bearerToken; with the wrong one it fetches nothing more.",
    next: "Change the Secret first, or name another one in the same change.",
  }),
  "api-not-served": rule("blocker", "The API server does not take an object", {
    meaning:
      "Its API group, version or kind is not served, so kustomize-controller applies nothing of the whole Kustomization it belongs to.",
    next: "Write an API version and kind that the cluster serves, or bring the API first, in a Kustomization of its own.",
  }),
  "namespace-missing": rule("blocker", "Objects go to a namespace that nothing makes", {
    meaning: "Without the Namespace kustomize-controller applies nothing of the whole Kustomization.",
    next: "Correct the name, or add the Namespace.",
  }),
  "reference-remains": rule("blocker", "Something still names what goes", {
    meaning:
      "A patch, a variable or text that fluxlift cannot rewrite still holds the old name of a source or FluxKustomization, or something that no recognised cluster delivers reads or lists it.",
    next: "Write the new name there, commit, and run fluxlift again.",
  }),
  "cutover-will-stop": rule("caution", "The cutover will stop at this file", {
    meaning: "A name has to change in it at cutover, and fluxlift cannot do that safely.",
    next: "Make the change by hand between install and cutover.",
  }),
  "guard-overridden": rule("blocker", "A guard would not work", {
    meaning:
      "A patch or `commonMetadata` sets the guarded field back, or a `deletionPolicy` goes before it, so a later change would delete what the guard is for.",
    next: "Take that field out of the patch, or exempt the object from it; remove the `deletionPolicy`.",
  }),
  "instance-refused": rule("blocker", "The change of the FluxInstance is refused", {
    meaning:
      "`sync.name` is immutable once it is set, and a component has to be one of Flux; the operator does not go back to an older Flux minor, and builds nothing where no Flux fits or the Flux is too old for a field. Everything stays as it is, and the FluxInstance, or what applies it, fails.",
    next: "Take that edit of the FluxInstance back.",
  }),
  "will-be-deleted": rule(["caution", "info"], "Flux deletes what the change removes", {
    meaning: "The object leaves Git, and Flux prunes it with whatever hangs on it.",
    next: "Check that it is meant to go; take the edit back otherwise.",
  }),
  "cluster-starts": rule("info", "A cluster comes with the change", {
    meaning: "Its root or FluxInstance is new in the repository, so Flux only applies what it builds.",
    next: "Nothing to do if the cluster is meant to start.",
  }),
  "root-outside": rule(["blocker", "info"], "Something besides the manifest of a root says where Flux starts", {
    meaning:
      "Terraform, values of a chart, an empty bootstrap folder, a script or --root says where Flux starts. Where no root is in the repository, it is judged as a Kustomization with prune on that folder; as a blocker, the place where Flux starts changes or is named no more.",
    next: "Check that Flux reads that folder. Where its place changes, set prune: false on the root first.",
  }),
  "chart-unread": rule("info", "What a chart of another place renders is not looked at", {
    meaning:
      "The change touches values or the version of a chart that is not in this repository. Nothing of what it renders counts for the verdict.",
    next: "Where it matters, compare what both sides render with a tool that fetches charts, such as flate or konflate.",
  }),
  "left-behind": rule("info", "Objects stay without an owner", {
    meaning:
      "Nothing in Git manages them any more, and Flux does not delete them, or may not: what a Kustomization applied stays where the ServiceAccount as which it deletes is gone first.",
    next: "Delete them by hand once nobody needs them; take out a Kustomization before its ServiceAccount.",
  }),
  "left-alone": rule("caution", "Flux changes an object no more", {
    meaning:
      "The change marks the object with ssa: Ignore, ssa: IfNotPresent or reconcile: disabled of kustomize.toolkit.fluxcd.io. Flux leaves it as it is in the cluster from then on, whatever Git says of it, and reports no error.",
    next: "Take the mark out where Git is to go on deciding about the object.",
  }),
  "edit-idle": rule("caution", "Nothing comes of an edit", {
    meaning:
      "The change edits, in Git, what Flux Operator owns by now: the operator marked it with ssa: Ignore, so Flux leaves out that copy, and reports no error. The old install is such a copy until the cutover, and so is a manifest of Flux's own namespace. Or it edits the tag of a source beside a digest that stays, by which Flux goes.",
    next: "Say the same in the FluxInstance, edit what counts, or take the edit back.",
  }),
  "failure-uninstalls": rule("caution", "A failed upgrade uninstalls the release from now on", {
    meaning:
      "upgrade.remediation.strategy becomes uninstall: Helm then deletes all that the chart makes when an upgrade fails, claims and their data among it, and installs it anew.",
    next: "Leave the strategy at rollback, unless nothing of the release holds data.",
  }),
  "values-emptied": rule("caution", "A release loses all of its values", {
    meaning:
      "Values of a release that stood in Git are gone, and no valuesFrom is there, or only what was there before: Helm upgrades it to what its chart says by default, and deletes what that leaves out, such as claims where persistence is off by default.",
    next: "Check that they are meant to go, and were not commented out or moved by a slip.",
  }),
  "reclaim-deletes": rule("caution", "Data goes with its claim or its StatefulSet from now on", {
    meaning:
      "persistentVolumeReclaimPolicy of a PersistentVolume is no longer Retain, so Kubernetes deletes what is on it once its claim goes; or persistentVolumeClaimRetentionPolicy of a StatefulSet becomes Delete, so its claims go with it, or with its replicas; or deletionPolicy of a class of snapshots becomes Delete; or an object of another operator is told the same, as by deleteClaim of a Kafka or deletionPolicy of Crossplane.",
    next: "Leave it at Retain, unless the data may go.",
  }),
  "claim-unread": rule("caution", "What mounted a claim goes on without it", {
    meaning:
      "A workload or a release names a claim no more, and nothing else does, while the claim stays; or it mounts another folder of the same claim, node or server than before. Nothing is deleted; what starts without its data may begin anew, and reports no error.",
    next: "Name the claim again, or take it out as well once nobody needs what is on it.",
  }),
  "variable-emptied": rule("caution", "A variable gets an empty value", {
    meaning:
      "A variable of spec.postBuild had a value, is empty from then on, and a file uses it without a default. Flux puts nothing in its place, and reports no error.",
    next: "Check that it is meant to be empty.",
  }),
  "secret-in-clear": rule("caution", "A secret that was encrypted is in the clear", {
    meaning:
      "The change brings a value in the clear that was encrypted with SOPS before. Flux applies it all the same, so nothing in the cluster shows it; whoever reads the repository, or its history, knows it.",
    next: "Encrypt the file with sops before the merge, and change the value itself once it was pushed.",
  }),
  "source-switches": rule(["blocker", "caution", "info"], "A source reads something else afterwards", {
    meaning:
      "A GitRepository, OCIRepository or Bucket names another repository, branch or tag, so Flux prunes what is not in there, whatever the change shows.",
    next: "Compare the two trees first, and guard with prune: false what must not go.",
  }),
  "merge-conflict": rule("blocker", "The change cannot be merged as it is", {
    meaning:
      "Git cannot join both sides of a file, so nobody knows what Flux will read there; until that is resolved only the change by itself is judged, from where it left the base.",
    next: "Merge or rebase, resolve the files, commit, and run fluxlift verify again.",
  }),
  "merge-not-computed": rule("caution", "The merge itself was not looked at", {
    meaning:
      "This git cannot merge without a work tree, so the change is compared with where it left the base; what the base has gained since is not part of the answer.",
    next: "Use git 2.38 or newer, or bring the branch up to date first.",
  }),
  "acceptance-idle": rule("caution", "An acceptance settles nothing", {
    meaning:
      "--accept or a Fluxlift-Accept trailer names something that this change neither deletes nor leaves unknown.",
    next: "Write the name as the report gives it, or take the acceptance back.",
  }),
  "acceptance-not-counted": rule("info", "Commits accept something, and that does not count here", {
    meaning:
      "A Fluxlift-Accept trailer counts with --accept-trailers only, because whoever opens a pull request can write one.",
    next: "Pass --accept-trailers where the authors of all commits are trusted, or take it over with --accept.",
  }),
  "safety-unknown": rule(["blocker", "caution", "info"], "Part of what Flux will do cannot be known", {
    meaning: "The build needs something that is not in the repository, or fails.",
    next: "Look at it by hand: flux build kustomization shows what a cluster would get.",
  }),
} satisfies Partial<Catalogue>;
