import type { InstallWay } from "../contract/install-ways.ts";

/** The way out of Argo CD that leaves Flux running. */
export const TAKE_FROM_ARGO =
  "Take Flux out of Argo CD without deleting it: drop spec.syncPolicy.automated and the finalizers of the Application, merge that, run argocd app delete with --cascade=false, and delete the file.";

/** The same where an ApplicationSet makes the Application, with others that stay. */
export const TAKE_FROM_SET =
  "Take Flux out of Argo CD without deleting it. First set spec.syncPolicy.preserveResourcesOnDeletion: true in the ApplicationSet and drop syncPolicy.automated and the finalizers of its template, and let that arrive. Then take the folder out of what it generates, by an item of its Git generator with exclude: true, and let that arrive. Then put the rest back as it was.";

/** What follows on "take it out of" the file that hands the manifests to k3s. */
export const ALSO_FROM_K3S =
  "and its copy out of /var/lib/rancher/k3s/server/manifests (RKE2: /var/lib/rancher/rke2/server/manifests) of every server: k3s deletes nothing with it. For an empty cluster install the flux-operator and flux-instance charts instead, with the values of the apps.";

/** The way out of the folder of k0s, whose applier finds what it made by that label. */
export const LEAVE_K0S =
  "have k0s let go of it, in this order. First take the label k0s.k0sproject.io/stack off everything of Flux that has it (`kubectl label crd --selector k0s.k0sproject.io/stack=NAME k0s.k0sproject.io/stack-`, NAME being the folder below /var/lib/k0s/manifests; the same for clusterrole, clusterrolebinding, the namespace, and each kind in it). Then take the copy out of /var/lib/k0s/manifests of every controller: k0s deletes what has the label still, and with the CRDs of Flux every object of those kinds.";

/** The way out of a HelmChart of k3s that leaves Flux running. */
export const LEAVE_TO_FLUX =
  'Tell k3s to leave the release alone: annotate the HelmChart, in its file, with helmcharts.helm.cattle.io/unmanaged: "true", and let that arrive.';

/** The way out of what keeps a release of the chart, whichever it is. */
export const LET_GO =
  "have it let go of the release without uninstalling it, as its documentation says, before this is merged";

/** The way out of what deletes all that it has applied and no longer finds, where that is known for sure. */
const OUT_OF_STATE: Partial<Record<string, string>> = {
  Terraform: "take all that Terraform has made of it out of its state (terraform state rm)",
  Pulumi: "take all that Pulumi has made of it out of its state (pulumi state delete)",
  "AWS CDK": "give all that it has made of it the removal policy RETAIN and deploy that",
};

/** What an owner of the manifests does once they go. */
export function whatDeletes(owner: string): string {
  return `${owner} ${owner in OUT_OF_STATE ? "deletes" : "may delete"} what leaves its code or the files that this reads: the controllers and the CRDs of Flux, and with them every object of those kinds.`;
}

/** How it lets go of them. @param isGone whether they have gone already */
export function letGo(owner: string, isGone?: boolean): string {
  const others =
    "have it let go of all that it has made of Flux without deleting it, as its documentation says, with no run of it in between";
  return `${isGone ? "First" : "Before this is merged"} ${OUT_OF_STATE[owner] ?? others}, and only then change or drop these lines; never let it destroy them.`;
}

/** The way out of a program that leaves Flux running. */
export const LEAVE_PROGRAM =
  "Before the cutover is merged take what it made of Flux out of its state, with the files that it writes into the repository: `pulumi state delete` for each, or `terraform state rm` in the folder of the stack that CDK for Terraform writes; of AWS CDK it is kept by `RemovalPolicy.RETAIN`, deployed before. Only then take it out of the program, where no other cluster is still made of it; never destroy it.";

/** What is said of a folder that vendir writes. */
export const VENDIR = {
  what: "vendir writes a folder as a whole that holds files of Flux",
  why: "Its next run deletes all in that folder that it did not write itself, and brings back what the migration removed. Where the operator and the FluxInstance lie in it, Flux may then delete them.",
  next: "Before this is merged take the folder out of vendir.yml and vendir.lock.yml, and leave its files in Git: the migration removes them. What else it vendors can go on in a folder of its own.",
};

/** What is said where the file makes the cluster itself, with kind, k3d or minikube. */
export const TRIAL = {
  what: "This puts the controllers of Flux, without the operator, into a cluster that the same file makes.",
  why: "A cluster for tests needs no operator. One that is rebuilt like this would run controllers that no FluxInstance manages until the operator takes them over.",
  next: "If the cluster is for tests, leave the line: the values of the apps would have it follow the branch of the real cluster, and apply all that runs there",
};

/** What is said of each way to install Flux without the operator. */
export const INSTALL_WAYS: Record<InstallWay, { what: string; why: string; next?: string }> = {
  terraform: {
    what: "Terraform bootstraps Flux here.",
    why: "As long as it is in the Terraform state, the next apply writes the old install back, and a destroy deletes the operator's Flux with it.",
    next: "Take it out of the state first (terraform state rm), then out of the code, where no other cluster is still made of the same block; never destroy it.",
  },
  rendered: {
    what: "Terraform renders the manifests of flux bootstrap here, and its resources write them into the repository and the cluster.",
    why: "As long as those resources are in the Terraform state, the next apply brings the old install back, and a destroy deletes the operator's Flux with it.",
    next: "Take the resources that use it out of the state first (terraform state rm), then out of the code with this block, where no other cluster is still made of it; never destroy them.",
  },
  fetched: {
    what: "Terraform reads or renders the manifests of Flux here.",
    why: "What its resources apply of them is in its state: the next apply writes the old install over the operator's, and one without these lines deletes the controllers and the CRDs of Flux, and with them every object of those kinds.",
    next: "Before the cutover is merged take all that is made of it out of the state (terraform state rm), and only then drop it from the code, where no other cluster is still made of it; never destroy it. Where a command applies it instead, have that install operator and instance, by the commands of the runbook's rebuild section.",
  },
  export: {
    what: "This line writes the manifests of a whole Flux install into the repository again.",
    why: "Where Flux builds the folder that they lie in, it would apply them beside the FluxInstance: new CRDs and components come back, and two owners fight over one controller.",
    next: "Remove the step, and a job that does nothing else as a whole. The operator follows distribution.version by itself: a range such as 2.7.x within its minor, and the next minor is a change of that line.",
  },
  listing: {
    what: "This writes the kustomization of flux bootstrap, which lists the files of its install.",
    why: "Once they are gone, the folder that it is written into builds no more, and Flux applies nothing of what is built with it.",
    next: "Drop the step: patches for the controllers belong into the FluxInstance now, under kustomize.patches.",
  },
  scheduled: {
    what: "This scheduled job writes the manifests of a newer Flux into the repository by itself.",
    why: "Between this phase and the cutover Flux would apply them beside the FluxInstance, which stays on the version that runs now: two owners fight over one controller.",
    next: "Switch the job off before this phase is merged, and merge nothing more of it; once the cutover is through it can go.",
  },
  bootstrap: {
    what: "flux bootstrap writes its own install and sync manifests to the repository and applies them.",
    why: "The next run brings back everything that the migration removed.",
  },
  install: {
    what: "flux install puts the controllers into the cluster without the operator.",
    why: "A rebuilt cluster would run controllers that no FluxInstance manages until the operator takes them over.",
  },
  manifests: {
    what: "This installs Flux from its release manifests.",
    why: "A rebuilt cluster would get the old install; where an addon folder or machine config applies it, it is applied again and again.",
  },
  address: {
    what: "This list of addresses has Flux installed from its release manifests, as extraManifests of Talos or resources of a kustomization do.",
    why: "A rebuilt cluster would get the old install, and what goes through the list again brings back what the operator leaves out.",
    next: "Take the address out, with patches that are there for it alone: such a list runs no commands. Install operator and instance in an empty cluster once it is up, by the commands of the runbook's rebuild section.",
  },
  setting: {
    what: "This setting holds the address of the release manifests of Flux.",
    why: "What applies that address gives a rebuilt cluster the old install, and writes it over what the operator has in one that is migrated.",
    next: "Look for what reads it. Have that install operator and instance instead, by the commands of the runbook's rebuild section, where it applies the address; where it only checks or pins it, drop it.",
  },
  searched: {
    what: "This line looks for the release manifests of Flux in other text.",
    why: "It installs nothing. What it looks for goes with the old install: from then on it finds nothing, and what needs an answer of it fails.",
    next: "Drop the line, or have it read the version of Flux where the FluxInstance says it, in distribution.version.",
  },
  stray: {
    what: "This kustomization installs Flux from its release manifests, and nothing says in which of the clusters.",
    why: "Whoever applies it gives an empty cluster the old install, and writes it over what the operator has in one that is migrated. It is left as it is.",
    next: "Look for what applies it. Install operator and instance there instead, by the commands of the runbook's rebuild section, and delete it once no cluster starts with it.",
  },
  chart: {
    what: "This installs Flux from the community chart.",
    why: "A rebuilt cluster would get an install that no FluxInstance manages.",
  },
  "chart-kept": {
    what: "Terraform keeps a release of the community chart of Flux here.",
    why: "As long as that is in its state, the next apply writes the old install over the operator's. Once it has left the code, or with a destroy, Helm uninstalls it: the controllers and the CRDs of Flux, and with them every object of those kinds.",
    next: "If it is of this cluster: before the cutover is merged take the release out of the state (terraform state list shows it, terraform state rm takes it out), and only then out of the code, where no other cluster is still made of it; never destroy it. Then delete the Secrets of Helm that are labelled owner=helm,name=<release>. Install operator and instance in an empty cluster by the commands of the runbook's rebuild section.",
  },
  inflated: {
    what: "This kustomization has kustomize render the community chart of Flux.",
    why: "Whoever applies it gives an empty cluster the old install, and writes it over what the operator has in one that is migrated.",
    next: "Take the entry out, with what is there for it alone: a kustomization runs no commands. Install operator and instance in its place where it is applied, by the commands of the runbook's rebuild section.",
  },
  "chart-read": {
    what: "This reads the community chart, from which Flux is no longer installed.",
    why: "It installs nothing by itself; but what it checks is not what runs.",
    next: "Drop the line, or read the flux-operator and flux-instance charts with the values of the apps.",
  },
  "chart-sync": {
    what: "This has Helm make a source and a FluxKustomization, with the chart flux2-sync.",
    why: "Where they are those that this cluster starts with, the operator has them now: an upgrade of the release writes them as they were, and an uninstall deletes the root, and with it all that Flux has applied.",
    next: "If it reads this repository, part with the release without uninstalling it: take its block out of the state (terraform state rm) or its entry out of the file, and delete the Secrets of Helm that are labelled owner=helm,name=<release>. Never destroy it. One that reads another repository stays.",
  },
  declared: {
    what: "This has Terraform apply a FluxKustomization.",
    why: "Where it is the root of this cluster, the operator takes it over: the next apply writes it as it was, and a destroy deletes it, and with it all that Flux has applied.",
    next: "If it is the root, take it and its source out of the state first (terraform state rm), then out of the code; never destroy them. Any other stays.",
  },
  argo: {
    what: "This has Argo CD install Flux from the community chart.",
    why: "In the same cluster Argo CD puts back what the operator changes, or deletes Flux with the Application.",
    next: TAKE_FROM_ARGO,
  },
  k3s: {
    what: "This HelmChart has k3s or RKE2 install Flux from the community chart.",
    why: "In the same cluster they put back what the operator changes, and uninstall Flux with the HelmChart. A rebuilt cluster would get an install that no FluxInstance manages.",
    next: `${LEAVE_TO_FLUX} Then take it out of the file; what is left of it in the cluster goes with its finalizers.`,
  },
  reconciler: {
    what: "This has something other than Flux keep a release of the community chart: Cluster API, Sveltos, Crossplane, Rancher Fleet or k0s.",
    why: "In a cluster that it serves it puts back what the operator changes, and uninstalls Flux when it goes. A rebuilt cluster would get an install that no FluxInstance manages.",
    next: `See which clusters it serves. For this one, ${LET_GO}. For an empty cluster let it install the charts flux-operator and flux-instance instead, with the values of the apps.`,
  },
  embedded: {
    what: "This file holds a copy of the manifests of Flux for something other than Flux to apply, such as Cluster API, Talos or cloud-init.",
    why: "A cluster that is made anew gets the old install. Where it is applied again, because it changed or with an upgrade of the cluster, it puts back what the operator changes.",
    next: "See which clusters get it. For this one, take the copy out before the cutover without deleting what it applied, and change nothing in it till then; for an empty cluster have operator and instance installed in its place, by the commands of the runbook's rebuild section.",
  },
  machine: {
    what: "This has a machine install Flux by itself: a unit or a timer of systemd, or cron.",
    why: "It runs again at every start, or by the clock: unless it stops where Flux is there already, it puts back what the operator changes. A rebuilt cluster would get an install that no FluxInstance manages.",
    next: "Unless it stops where Flux is there already, switch it off before this is merged, on the machine too, with whatever applies source and root beside it. For an empty cluster have it install operator and instance once, by the commands of the runbook's rebuild section, and only where there is no FluxInstance: Flux itself upgrades them from then on.",
  },
  program: {
    what: "This program has Pulumi or a CDK install or bootstrap Flux, or render or apply its manifests.",
    why: "As long as that is in its state, the next run writes the old install back; once it has left the program, or with a destroy, it deletes the operator's Flux.",
    next: LEAVE_PROGRAM,
  },
  "k3s-manifests": {
    what: "This has k3s or RKE2 apply the manifests of Flux from its own folder.",
    why: "It applies them again at every start, and as often as they change: in the same cluster it puts back what the operator changes. A rebuilt cluster would get an install that no FluxInstance manages.",
    next: `Before this is merged take it out of this file, ${ALSO_FROM_K3S}`,
  },
  "k0s-manifests": {
    what: "This has k0s apply the manifests of Flux from its own folder.",
    why: "It applies them again at every start, and as often as they change: in the same cluster it puts back what the operator changes. What goes from that folder it deletes: with the CRDs of Flux go every Kustomization, HelmRelease and source.",
    next: `Before this is merged take it out of this file without removing the copy from the controllers, and ${LEAVE_K0S} For an empty cluster install the flux-operator and flux-instance charts instead, with the values of the apps.`,
  },
  timoni: {
    what: "Timoni installs Flux here, with all its controllers in one pod.",
    why: "A rebuilt cluster would run that pod, and then the operator's controllers beside it: two owners fight over every object.",
  },
  olm: {
    what: "This has the Operator Lifecycle Manager install Flux.",
    why: "In the same cluster it puts back what the operator changes, and the controllers go with its ClusterServiceVersion. A rebuilt cluster would get an install that no FluxInstance manages.",
    next: "See which cluster it serves. In this one, before this is merged, take it out of this file, delete it and its ClusterServiceVersion, and apply the install of Git by hand right after: the CRDs stay, the controllers that both have go.",
  },
  runs: {
    what: "This manifest has a cluster run flux bootstrap or flux install, in itself or for one that it makes.",
    why: "Each run brings back what the migration removed, or gives a new cluster an install that no FluxInstance manages.",
    next: "Take the command out, or have it install the flux-operator and flux-instance charts instead, with the values of the apps: best before the cutover, for it runs by itself.",
  },
  manager: {
    what: "This has what makes the cluster bootstrap Flux in it: eksctl, EKS Anywhere or the Gardener extension for Flux.",
    why: "Whenever that creates the cluster, or upgrades the Flux it made, it runs flux bootstrap and brings back what the migration removed.",
    next: "Find out before the cutover how it is told to leave Flux alone, and do that; where it cannot be told, leave this cluster as it is.",
  },
  azure: {
    what: "Azure's extension microsoft.flux installs Flux from here.",
    why: "In the same cluster it puts back what the operator changes: two owners fight over the same controllers.",
    next: "Make sure that it serves another cluster. In this one, take its Flux configurations and the extension off first, with pruning switched off, or leave the cluster as it is.",
  },
  own: {
    what: "This line runs a command that the configuration names as one that installs Flux.",
    why: "As long as it does what it did, a rebuilt cluster gets the old install, or a running one gets it back.",
    next: "Let the command install operator and instance, then take it out of rebuild.commands.",
  },
  elsewhere: {
    what: "flux bootstrap starts a cluster from another repository here.",
    why: "What it writes goes into that one, and nothing that the migration removed comes back.",
    next: "Leave it as it is; once that repository is moved to the operator as well, its plan has the commands for this line.",
  },
  comment: {
    what: "The comment on this line speaks of installing Flux the old way.",
    why: "It runs nothing itself; the step it belongs to may apply the old files.",
    next: "Look at that step, and drop the comment once it is no longer true.",
  },
};
