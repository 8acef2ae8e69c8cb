import type { ApplyFacts } from "../contract/automation-facts.ts";
import { listNames, listSome } from "../contract/list-some.ts";
import { sh } from "../contract/shell.ts";
import { INSTALL_WAYS, letGo, TAKE_FROM_ARGO, TAKE_FROM_SET, TRIAL, VENDIR, whatDeletes } from "./install-ways.ts";
import { type Catalogue, listAll, rule } from "./rule-text.ts";

const GOES = {
  all: "which the cleanup takes away: it fails then",
  rest: "of which this phase takes the install, and the cleanup the rest",
};

/** What a folder that stays holds no longer, and from when on. */
function sayLost(lost: string, later: ApplyFacts["later"]): string {
  const [install, rest] = lost.split(" or ");
  if (later === undefined || (later === "rest" && rest === undefined)) return `which no longer holds ${lost}`;
  if (later === "all") return `which no longer holds ${lost} once the cleanup is merged`;
  return `which no longer holds ${install}, and once the cleanup is merged not ${rest} either`;
}

function sayApply({ path, lost, later, isEmptied, others, sharers = [], isCertain, ...by }: ApplyFacts): string {
  const { byDefault, bySearch } = by;
  const end = isEmptied ? "which lists nothing any more" : "which is gone";
  const all = isEmptied ? "which lists nothing any more after the cleanup: it fails then" : GOES.all;
  const goes = later === undefined ? `${end}, so it ${bySearch ? "finds nothing" : "fails"}` : { ...GOES, all }[later];
  const effect = lost === undefined ? goes : sayLost(lost, later);
  const reason = byDefault ? "as long as its variable has the default" : "judged from the end of the path only";
  const guess = isCertain ? "" : ` (${bySearch ? "it looks for that name" : reason})`;
  const doubt = others.length > 0 ? ` (it may also mean ${others.slice(0, 3).join(", ")})` : guess;
  return `This line applies ${path}, ${effect}${doubt}.${sharers.length > 0 ? ` It starts ${sharers.join(", ")} too.` : ""}`;
}

/** What is said of a job that runs with each push: what stands for the old install there is for an empty cluster only. */
const UP =
  "Drop it for a cluster that is up: Flux applies what is pushed by itself, and helm would write over the releases of helm-controller with each push. If it makes a cluster anew: ";

const adviseApply = ({ lost, sharers = [], commands, byCommand, onPush, prunes }: ApplyFacts) => {
  if (commands.length === 0) return "Take the line out: commands beside it do its work by now.";
  const when = prunes
    ? "never let it prune again, which deletes Flux with the files that go (drop --prune), and before it run"
    : lost === undefined
      ? "run instead"
      : "before it run";
  const how = byCommand ? ", by the module shell (command knows no pipes, loops and $(…))" : "";
  const first = onPush ? `${UP}${when}` : when.replace(/^./, (letter) => letter.toUpperCase());
  return `${first}${sharers.length > 0 ? ", for this cluster" : ""}${how}: ${commands.join(" ; ")}`;
};

export const AUTOMATION_RULES = {
  "helmfile-created": rule("info", "A helmfile for empty clusters was written", {
    what: ({ path }) =>
      `An empty cluster gets Flux from ${path}: first flux-operator, then flux-instance, which starts the sync.`,
    meaning:
      "The kustomization that installed Flux by hand goes, and the operator must be there before the FluxInstance.",
    next: "Have helm and helmfile where you bootstrap from; keys and cluster variables are created as before.",
    advice: ({ path }) =>
      `Have helmfile and helm on the machine you bootstrap from. By hand: ${sh`helmfile --file ${path} sync`.line}. Create the decryption key, deploy key and cluster variables as before.`,
  }),
  "rebuild-by-hand": rule("info", "An empty cluster gets Flux from two commands", {
    what: ({ cluster }) =>
      `No helmfile is used here and none was written: two commands install Flux into an empty cluster ${cluster}, with the versions and values of the apps.`,
    meaning: "What installed Flux by hand goes, and the operator must be there before the FluxInstance.",
    next: "Have helm and yq where you bootstrap from; with --bootstrap helmfile a helmfile is written instead.",
    advice: ({ commands, rest = [] }) => {
      const after = rest.length > 0 ? ` ; after them apply what ${listNames(rest)} still lists` : "";
      return `Run them where the old bootstrap ran, unless a task does so already (helm and yq needed): ${commands.join(" ; ")}${after}`;
    },
  }),
  "helmfile-not-possible": rule("caution", "No helmfile could be written", {
    what: ({ cluster, reason }) => `No helmfile was written for rebuilding cluster ${cluster}: ${reason}.`,
    meaning: "The bootstrap that installed Flux by hand goes, so an empty cluster would not get Flux any more.",
    next: "Put the commands of the finding where the old bootstrap ran.",
    advice: ({ commands }) => `Put these commands where the old bootstrap ran: ${commands.join("; then ")}.`,
  }),
  "helmfile-by-hand": rule("caution", "A helmfile has to be completed by hand", {
    what: ({ release, reason }) =>
      release === undefined
        ? `A rebuild with this helmfile would not install Flux at the version of the apps, and it was left as it is because ${reason}.`
        : `A rebuild with this helmfile would not install ${release}: ${reason}, so no entry was written.`,
    meaning:
      "The bootstrap that installed Flux by hand goes: an empty cluster needs operator and instance before anything else of Flux, in the chart version of the apps.",
    next: "Add or correct the release as the finding says.",
    advice: ({ advice }) => advice,
  }),
  "helmfile-ambiguous": rule("caution", "A helmfile may serve several clusters", {
    what: ({ cluster, paths }) =>
      `${paths.join(", ")} may serve several clusters, so nothing was added to it for cluster ${cluster}.`,
    meaning: "Releases added to it would be installed into whichever cluster it is run against.",
    next: "Add flux-operator and flux-instance with the values of this cluster, or move the helmfile into the folder of one cluster.",
  }),
  "helmfile-entry-without-app": rule("caution", "A helmfile release that no HelmRelease takes over", {
    what: ({ release }) =>
      `A rebuild installs ${release} from this entry, but no HelmRelease of the cluster takes that release over.`,
    meaning:
      "helm-controller upgrades only what a HelmRelease describes, so this version and these values would stay for ever.",
    next: "Deliver it as a HelmRelease of the same name and namespace, or remove the entry.",
  }),
  "helmfile-version": rule("caution", "The helmfile installs another chart version", {
    what: ({ release, version, wanted }) =>
      `A rebuild installs ${release} ${version ?? "at its newest version"}, and Flux then moves it to ${wanted}.`,
    meaning:
      "An older operator may not embed the Flux version of the instance; a newer one may have changed what a downgrade cannot undo.",
    next: "Use one version in both places.",
    advice: ({ wanted }) => `Set version: ${wanted} here.`,
  }),
  "helmfile-release-name": rule("caution", "The helmfile release has another name or namespace", {
    what: ({ found, namespace, release }) =>
      `A rebuild installs release ${found}, and helm-controller then installs ${namespace}/${release} beside it.`,
    meaning: "helm-controller takes a release over only under the same name and namespace.",
    next: "Use the name and namespace of the HelmRelease.",
    advice: ({ namespace, release }) => `Call this release ${release} in namespace ${namespace}.`,
  }),
  "helmfile-values-differ": rule("caution", "The helmfile release lacks the values of the app", {
    what: ({ release, file }) => `A rebuild installs ${release} without the values of ${file}.`,
    meaning:
      "Two descriptions of one release drift apart; a FluxInstance installed with other values syncs something else.",
    next: "Read the values from the file of the app.",
    advice: ({ file }) => `Read the values from ${file} here.`,
  }),
  "helmfile-values-substituted": rule("caution", "Values hold variables that helmfile does not replace", {
    what: ({ helmfile, release, variables }) =>
      `On a rebuild ${helmfile ?? "helm"} installs ${release} with the literal text ${variables.map((name) => `\${${name}}`).join(", ")}, which Flux replaces by post-build substitution and ${helmfile ? "helmfile" : "helm"} does not.`,
    meaning:
      "Until Flux has reconciled the HelmRelease once, the release runs with a wrong value; in the sync of a FluxInstance that means Flux never starts to reconcile.",
    next: "Write these values out in the HelmRelease, or set them for the first install: in the helmfile's values, or with --set.",
  }),
  "helmfile-values-elsewhere": rule("caution", "Values come from outside the repository", {
    what: ({ helmfile, release, sources }) =>
      `On a rebuild ${helmfile ?? "helm"} installs ${release} without the values from ${sources.join(", ")}, which are not in the repository.`,
    meaning: "The first install differs from what helm-controller installs once Flux runs.",
    next: "Add the same values to the release in the helmfile or to the command, or accept that they arrive with the first reconcile.",
  }),
  "helmfile-order": rule("caution", "The instance does not wait for the operator", {
    what: () =>
      "A rebuild may install flux-instance before the operator has created the FluxInstance CRD, and Helm refuses it then.",
    meaning: "helmfile installs releases side by side unless one names the other in needs.",
    next: "Add the operator to needs of the instance.",
    advice: ({ namespace }) => `Add needs: [${namespace}/flux-operator] to this release.`,
  }),
  "helmfile-missing-crd": rule("caution", "A ServiceMonitor before its CRD", {
    what: () =>
      "On a rebuild Helm refuses to install flux-operator: its values turn on a ServiceMonitor, and nothing installs that CRD before it.",
    meaning: "Helm checks every kind of a chart against the API server before it creates anything.",
    next: "Install the Prometheus operator CRDs before flux-operator in the bootstrap, or leave serviceMonitor.create to a later reconcile.",
  }),
  "helmfile-old-chart": rule("caution", "The helmfile still installs the flux2 chart", {
    what: ({ reason }) =>
      `A rebuild installs Flux from the community chart at this entry, beside the operator's; it was kept because ${reason}.`,
    meaning: "Two installs of Flux in one namespace fight over the same Deployments.",
    next: "Remove the entry, and let what waited for it wait for flux-instance.",
  }),
  "helmfile-entry-lost": rule("caution", "An entry of a helmfile goes with more than the chart", {
    what: ({ fields }) =>
      `The entry of the flux2 chart makes room for flux-operator and flux-instance, which do not have its ${listNames(fields)}.`,
    meaning:
      "A hook may make a key or a Secret that the new cluster needs; labels and conditions say when an entry is installed at all.",
    next: "Give it to the two entries where it is still needed: what runs before to flux-operator, what runs after to flux-instance, labels and conditions to both.",
  }),
  "automation-applies-removed": rule("caution", "A script applies what the migration removes", {
    what: sayApply,
    meaning:
      "An empty cluster gets Flux from the operator and instance charts now; the old way of installing it is gone.",
    next: "Run the commands of the finding instead.",
    advice: adviseApply,
  }),
  "automation-shared-line": rule("caution", "A line serves several clusters", {
    what: sayApply,
    meaning:
      "An empty cluster gets Flux from the operator and instance charts now; other clusters may still need the old install.",
    next: "Run the commands of the finding for this cluster.",
    advice: adviseApply,
  }),
  "automation-installs-flux": rule(["caution", "info"], "A script installs Flux the old way", {
    what: ({ how, isTrial }) => (isTrial ? TRIAL.what : INSTALL_WAYS[how].what),
    meaning: "A rebuilt cluster would get an install that no FluxInstance manages, or the old files are written again.",
    why: ({ how, isTrial }) => (isTrial ? TRIAL.why : INSTALL_WAYS[how].why),
    next: "Remove the step, or install the flux-operator and flux-instance charts with the values of the apps instead.",
    advice: ({ how, commands, of, creates = [], secret, isDoneBeside, isTrial, onPush }) => {
      if (commands.length === 0 && creates.length > 0 && !isTrial)
        return `If the job tries a branch in a cluster for tests, leave the line. If it makes the cluster of this repository, install the flux-operator and flux-instance charts with the values of the apps instead, and drop what creates source and root (${listSome(creates, 5)}).`;
      if (commands.length === 0) return isTrial ? `${TRIAL.next}.` : INSTALL_WAYS[how].next;
      if (isDoneBeside) {
        const made = secret
          ? `, but make Secret ${secret} before them, which flux bootstrap makes of its key or token`
          : "";
        return `Take it out: the lines beside it install operator and instance${made}.`;
      }
      const whose = of ? `, with the files of the cluster that is meant; for ${of}` : "";
      const after =
        creates.length > 0
          ? `. Drop what creates source and root behind it (${listSome(creates, 5)}): the operator generates both, and each run would write over them until it looks again`
          : "";
      const run = secret
        ? `Make Secret ${secret} first, which flux bootstrap makes of its key or token; the runbook shows how. Then run`
        : "Run";
      const upFirst = onPush ? `${UP}${run.replace(/^./, (letter) => letter.toLowerCase())}` : run;
      const first = isTrial ? `${TRIAL.next}. If it makes the cluster of this repository anew: run` : upFirst;
      return `${first} instead, in this very place and from the top of a checkout of this repository${whose}: ${commands.join(" ; ")}${after}`;
    },
  }),
  "argo-applies-flux": rule(["blocker", "caution"], "Argo CD applies the files of Flux", {
    what: ({ name, path, file, isOpen }) =>
      `${name} has Argo CD apply ${path === "" ? "." : path}${isOpen ? ", if its generators fill that in," : ","} and with it ${file}.`,
    meaning:
      "Argo CD puts back what the operator changes. Where it prunes, it deletes the controllers, their CRDs and with them every object of those kinds as soon as their files leave Git: it tells by marks of its own what it owns.",
    next: TAKE_FROM_ARGO,
    advice: ({ name }) => (name.startsWith("ApplicationSet ") ? TAKE_FROM_SET : undefined),
  }),
  "pruner-applies-flux": rule(["blocker", "caution"], "Something that prunes applies the files of Flux", {
    what: ({ program, path, file, isOpen }) =>
      isOpen
        ? `This has ${program} apply ${path === "." ? "the folder that it is started in" : `${path}, which is filled in when it runs`}: whether it holds files of Flux, such as ${file}, is not known here. It deletes what it has applied once that leaves Git.`
        : `This has ${program} apply ${path === "" ? "the whole repository" : path}, and with it ${file}; it deletes what it has applied once that leaves Git.`,
    meaning:
      "It puts back what the operator changes, and when the files leave Git its next run deletes the controllers, the CRDs of Flux and with them every object of those kinds.",
    next: "Before this is merged have it let go of what it made of Flux without deleting it, as its documentation says (most go by a label or an inventory), and take that folder out of what it applies. Make sure that none of its runs comes in between.",
  }),
  "automation-names-removed": rule(["caution", "info"], "A script names files that go", {
    what: ({ phase, mentions, isGone }) =>
      `This file names what the ${phase} ${isGone ? "has removed" : "removes"}: ${mentions.join(", ")}.`,
    meaning:
      "A step that reads, tests or changes these paths fails on the next run; one that writes them brings the old install back.",
    why: ({ isRule, owner }) =>
      isRule ? "What is named there matches nothing any more." : owner && whatDeletes(owner),
    next: "Change or drop these lines.",
    advice: ({ isRule, owner, begins, isGone }) => {
      if (isRule)
        return "Drop the name when convenient: a list or pattern that names other files as well stays for them.";
      if (begins)
        return `Change or drop these lines. flux-local and flate can begin at ${begins}, which the root builds.`;
      return owner && letGo(owner, isGone);
    },
  }),
  "automation-names-renamed": rule("caution", "A line names a source or root that gets a new name", {
    what: ({ what, from, to, rival, itsName = from }) => {
      const other = itsName === from ? `still calls its own ${from}` : `calls its own ${itsName}`;
      return `This line names ${what} ${from}, ${to ? `which is called ${to} from now on` : "which goes with the old install"}${rival ? `; cluster ${rival} ${other}` : ""}.`;
    },
    meaning:
      "The command finds nothing, a check skips everything, or an alert never fires, once the old object is gone.",
    next: "Write the new name.",
    advice: ({ from, to, rival, itsName = from }) => {
      if (rival) return `Name ${to ?? "nothing"} for this cluster and ${itsName} for ${rival}.`;
      return to ? `Write ${to} instead.` : "Drop the line.";
    },
  }),
  "automation-uninstalls-flux": rule("caution", "A command takes Flux off without the operator", {
    what: ({ places }) =>
      `${places.length > 1 ? "These commands take" : "This command takes"} Flux off while its FluxInstance asks for it${listAll(places)}.`,
    meaning:
      "The operator installs the controllers again. Where the namespace goes along, the operator may be gone before it has taken its finalizer off the FluxInstance, and the namespace hangs in Terminating.",
    next: "Take both off by the operator's own command: flux-operator uninstall.",
    advice: ({ namespace }) =>
      `Take both off by the operator's own command: ${sh`flux-operator uninstall --namespace ${namespace}`.line}.`,
  }),
  "automation-tests-sync": rule("caution", "A test cluster would follow the FluxInstance", {
    what: ({ places, folder, ref }) =>
      `This starts a cluster of its own from ${folder}, and with it the FluxInstance: the operator has that cluster read ${ref}, whatever the job was started for: ${listSome(places, 12)}.`,
    meaning:
      "The operator writes source and root as the instance says, so the job passes or fails for another state than the one it is to test, with the Flux of the instance.",
    next: "Start that cluster without the FluxInstance.",
    advice: ({ file, isInstalled, isOpen }) => {
      if (isInstalled)
        return `Have it install Flux alone: ${sh`flux install`.line}, or a FluxInstance of its own without spec.sync.`;
      const first = isOpen
        ? "Where it makes the cluster of this repository, do what is said of its flux install, and no more. For a cluster of tests have it"
        : "Have the job";
      return `${first} create FluxKustomizations for the folders it tests, in place of one for the root. Where no kustomization lists ${file}, leaving it out does as well: ${sh`flux create source … --ignore-paths=${file}`.line}.`;
    },
  }),
  "template-regenerates": rule("caution", "Templates or programs would write the old install back", {
    what: ({ places, by }) =>
      `${by ? VENDIR.what : "Rendering or running these writes the old install, bootstrap, source or its name back"}: ${listSome(places, 12)}.`,
    meaning:
      "fluxlift edits the rendered files, not the templates and programs they came from; the next render or run undoes the migration.",
    why: ({ by }) => by && VENDIR.why,
    next: "Change them in the same way, or remove them if this repository is no longer rendered.",
    advice: ({ by }) => by && VENDIR.next,
  }),
  "file-not-searched": rule("info", "Scripts and pages that cannot be searched", {
    what: ({ files }) =>
      `These files are no UTF-8 text, encrypted, closed or larger than 2 MB, so fluxlift has not looked for what goes in them: ${listSome(files, 12)}.`,
    meaning: "They may install Flux the old way, or name files or objects that the migration removes.",
    next: "Where one speaks of Flux, read it, or save it as UTF-8 and run fluxlift again.",
  }),
  "line-not-searched": rule(["caution", "info"], "Lines too long to be searched", {
    what: ({ places, most }) =>
      `These lines speak of flux and are longer than ${most} characters, so fluxlift has not looked for what goes in them: ${listSome(places, 12)}.`,
    meaning: "They may name files or objects that the migration removes, and fail or mislead on the next run.",
    next: "Read these lines, or break them up and run fluxlift again.",
  }),
  "docs-name-removed": rule("info", "A page describes the old install", {
    what: ({ mentions }) => `Documentation describes what the migration removes or renames: ${mentions.join(", ")}.`,
    meaning: "A reader who follows it looks for paths that are gone, or installs Flux the old way.",
    next: "Say there that Flux comes from flux-operator and flux-instance, and how an empty cluster starts: the runbook has the commands.",
  }),
  "renovate-names-removed": rule("info", "A Renovate rule follows what is gone", {
    what: ({ name, isUsed }) =>
      isUsed
        ? `This Renovate rule (${name}) followed the release that Flux was installed from, and does not match the charts that take its place.`
        : `This Renovate rule follows ${name}, which the repository no longer uses.`,
    meaning: "The versions that matter now are those of the charts flux-operator and flux-instance, under other names.",
    next: "Let the rule match the two charts and move them together.",
    advice: ({ charts }) => `Let the rule match ${charts.join(" and ")} and move them together.`,
  }),
  "automation-waits-early": rule("caution", "A script waits for controllers before they are installed", {
    what: () =>
      "This line waits for controllers or kinds of Flux, which the FluxInstance brings from now on, and the command for that stands further down.",
    meaning:
      "The operator above it installs no Flux by itself, so an empty cluster is not started: the line fails, or waits for ever.",
    next: "Move it below the command that installs the FluxInstance.",
  }),
  "renovate-ignores-charts": rule("info", "Renovate ignores the charts of operator and instance", {
    what: ({ file, pattern }) =>
      `Renovate ignores ${file} (${pattern}), where the version of a chart stands that Flux comes from now.`,
    meaning: "It proposes no newer operator, which stays as it is until somebody moves it.",
    next: "Narrow the path or the rule, or take it out where it was there for the files of flux bootstrap; where includePaths lists what is looked at, add the folder of the charts, where enabledManagers lists what looks, add flux, and where the flux manager has patterns of its own, let one match the file.",
  }),
  "renovate-ignores-helmfile": rule("caution", "Renovate ignores the helmfile", {
    what: ({ helmfile, pattern }) =>
      `Renovate ignores ${helmfile} (${pattern}), so it moves the charts of the apps and leaves the helmfile behind.`,
    meaning:
      "A rebuilt cluster would start with an older operator than the apps ask for, which may not embed the Flux version of the instance.",
    next: "Narrow the ignored path so that the helmfile is updated with the apps.",
  }),
  "program-changed": rule("caution", "A program declares Flux objects", {
    what: ({ becomes }) => `This program declares Flux objects; their references become ${becomes} only when it runs.`,
    meaning:
      "Flux does not read programs. Until it has run, what it declared waits for a source that is gone; nothing is pruned meanwhile.",
    next: "Run it right after the merge.",
    advice: ({ phase }) => `Run it (pulumi up, or cdk8s synth and commit) right after ${phase} is merged.`,
  }),
  "program-left": rule("caution", "A reference in a program is left as it is", {
    what: ({ text, reason }) => `\`${text}\` ${reason}; it is left as it is.`,
    meaning: "A reference to a source that is gone makes its FluxKustomization wait; nothing is pruned.",
    next: "Change it by hand if it means the source of the sync.",
    advice: ({ becomes }) =>
      `If it means the source of the sync, let it become ${becomes} by hand, and run the program after the merge.`,
  }),
  "program-cluster-unknown": rule("caution", "A program may belong to another cluster", {
    what: ({ forbidden }) =>
      `This program declares Flux objects, and fluxlift cannot tell for which cluster: ${forbidden}.`,
    meaning: "A program says nowhere in the repository which cluster it is run against.",
    next: "Change the program by hand.",
    advice: ({ becomes }) => `Let its references become ${becomes} by hand where they belong to this cluster.`,
  }),
} satisfies Partial<Catalogue>;
