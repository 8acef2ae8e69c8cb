import { isProgram } from "../cluster/automation-files.ts";
import type { InstallElsewhere } from "../contract/install-ways.ts";
import { listSome } from "../contract/list-some.ts";
import type { RuleFacts } from "../contract/rule-facts.ts";
import { sh } from "../contract/shell.ts";
import { dirname, join } from "../delivery/paths.ts";
import {
  ALSO_FROM_K3S,
  LEAVE_K0S,
  LEAVE_PROGRAM,
  LEAVE_TO_FLUX,
  LET_GO,
  TAKE_FROM_ARGO,
  TAKE_FROM_SET,
} from "./install-ways.ts";

type Missing = RuleFacts["install-not-found"];

const KEEPERS: Record<Exclude<InstallElsewhere["by"], "reconciler">, string> = {
  argo: "Argo CD does, with the chart flux2",
  k3s: "the HelmChart of k3s or RKE2 does, with the chart flux2",
  "k3s-manifests": "k3s or RKE2 does, from its own folder of manifests",
  "k0s-manifests": "k0s does, from its own folder of manifests",
  embedded: "a copy of its manifests does, which something other than Flux applies",
  machine: "a unit of systemd or cron does, on a machine of its own",
  program: "a program of Pulumi or a CDK does",
  timoni: "Timoni does, with all controllers in one pod",
  olm: "the Operator Lifecycle Manager does",
  umbrella: "a chart of this repository does, which depends on the chart flux2",
  terraform: "Terraform does, with the chart flux2",
  rendered: "Terraform renders the manifests of flux bootstrap and applies them",
  helm: "Helm does, with the chart flux2",
};

/** Who applies manifests and deletes nothing. */
const KEEPS: readonly InstallElsewhere["by"][] = ["k3s-manifests", "embedded", "machine"];

const RELEASE = "a HelmRelease below the root with the release name, namespace, version and values";

/** Helm deletes a hook before it makes it anew, with every upgrade, that of the HelmRelease taking over included (flux-facts 4.9). */
const NO_HOOKS =
  " Leave out what has `helm.sh/hook` there, and deliver it as manifests of its own: Helm deletes a hook with every upgrade before it makes it anew, and a root that is deleted takes along all that it has applied.";

/** Pulumi and the CDKs uninstall a release that leaves the program, with the CRDs of Flux and every object of those kinds. */
const STATE_FIRST =
  "; where that runs with Pulumi or a CDK, which uninstalls what leaves it, first let go of the release: `pulumi state delete`, `terraform state rm` in the folder of the stack that CDK for Terraform writes, or with AWS CDK `RemovalPolicy.RETAIN`, deployed before";

const GO_ON = "Merge that, let it reconcile, and run fluxlift again.";

/** For a repository that is a guest in a cluster whose Flux somebody else looks after. */
const GUEST = "If another repository installs Flux in this cluster, migrate that one: nothing has to change here.";

function sayKeeper({ by, name, applies }: InstallElsewhere): string {
  if (applies !== undefined) return `Argo CD does, where ${name} applies ${applies}`;
  return by === "reconciler" ? `${name} does, with the chart flux2` : KEEPERS[by];
}

/** What `install-not-found` says. */
export function sayMissing(facts: Missing): string {
  const { elsewhere, operated, bootstrap, released, idle, remote, unread, starts: [, other] = [] } = facts;
  if (other)
    return `Nothing that this root delivers installs Flux by itself: ${other.name} (${other.file}) brings it or a part of it, reads the same repository, and nothing of this root delivers that one.`;
  if (operated?.isManifest)
    return `Nothing that this root delivers installs Flux by itself: a FluxInstance ${operated.isBare ? "without a sync" : "that syncs this folder"} does, where somebody has applied it; nothing here delivers it (${operated.file}:${operated.line}).`;
  if (operated)
    return `Nothing that this root delivers installs Flux by itself: something else does, with the chart flux-instance of Flux Operator (${operated.file}:${operated.line}).`;
  if (elsewhere)
    return `Nothing that this root delivers installs Flux by itself: ${sayKeeper(elsewhere)} (${elsewhere.file}:${elsewhere.line}).`;
  if (unread !== undefined)
    return `Nothing that can be read here installs Flux below this root. ${unread} cannot be read, so what it says is unknown.`;
  if (remote && !bootstrap)
    return `Nothing that can be read here installs Flux below this root. A base of another repository may: ${remote.url} (${remote.file}:${remote.line}).`;
  if (idle && !bootstrap)
    return `Nothing that this root delivers installs Flux. ${listSome(idle, 5)} ${idle.length > 1 ? "do" : "does"}, and nothing delivers ${idle.length > 1 ? "them" : "it"}.`;
  if (released && !bootstrap)
    return `Nothing that this root delivers installs Flux. ${released.file}:${released.line} names the manifests of a release, for something else to apply.`;
  return "Nothing that this root delivers installs Flux, so version, components and patches of the running Flux are unknown.";
}

/** Why that stops the cluster. */
export function whyMissing({ bootstrap, elsewhere, operated, released, idle, unread, starts }: Missing): string {
  if (starts)
    return "If both are in this cluster, the FluxInstance would take over one of them, and nothing here says so; if not, this cluster's install is unknown.";
  if (operated)
    return "Flux is the operator's already in a cluster that was made with it. The manifests of an install in Git would be a second owner of every controller there, and another FluxInstance one too many.";
  if (elsewhere?.by === "timoni")
    return "The operator runs each controller in a Deployment of its own: it takes that pod neither over nor away, and two owners would fight over every object.";
  if (elsewhere) {
    const end = KEEPS.includes(elsewhere.by) ? "" : ", or takes Flux away with itself";
    return `As long as ${elsewhere.name} has it, it puts back what the operator changes${end}.`;
  }
  const old = bootstrap
    ? `${bootstrap.file}:${bootstrap.line} is applied by hand, once: what runs may be something else by now. `
    : idle && unread === undefined
      ? "Applied by hand that may be what runs here, or something else by now. "
      : released
        ? "That may be what runs here, or something else by now. "
        : "";
  return `${old}A FluxInstance with guessed values would change or downgrade the controllers when it adopts them.`;
}

/** @param written how what runs is written down, where the root delivers files */
type Handover = (found: InstallElsewhere, written: string | undefined) => string | undefined;

const hooksOf = ({ hooks }: InstallElsewhere): string => (hooks ? NO_HOOKS : "");

/** How Flux takes over from what installs it: a chart as it is, all else once what runs is written down. */
const HANDOVERS: Record<InstallElsewhere["by"], Handover> = {
  terraform: (found) =>
    `Let Flux deliver the chart first: ${RELEASE} of this block.${hooksOf(found)} Once it is Ready, run \`${sh`terraform state rm ${found.name}`.line}\` and delete the block; never destroy it. ${GO_ON}`,
  rendered: ({ name }, written) =>
    written &&
    `${written} Once Flux delivers it, take what applies and writes the manifests of ${name} out of the state (\`terraform state list\` shows it, \`terraform state rm\` takes it out), then out of the code with ${name}; never destroy it. ${GO_ON}`,
  umbrella: (found) =>
    `Let Flux deliver the chart flux2 itself: ${RELEASE} that ${found.name} gives it here, in place of what installs ${found.name} now, in one commit. Helm goes on with that release, and deletes what else the chart renders: give that a release of its own before.${hooksOf(found)} ${GO_ON}`,
  helm: (found) =>
    `Let Flux deliver the chart first: ${RELEASE} that are used here, or what \`helm list\` and \`helm get values\` show.${hooksOf(found)} Once it is Ready, take it out of ${found.name}${isProgram(found.file) ? STATE_FIRST : ""}. ${GO_ON}`,
  k3s: (found) =>
    `${LEAVE_TO_FLUX} Then let Flux deliver the chart: ${RELEASE} of the HelmChart.${hooksOf(found)} Once it is Ready, take the HelmChart out; what is left of it in the cluster goes with its finalizers. ${GO_ON}`,
  reconciler: (found) =>
    `Let Flux deliver the chart first: ${RELEASE} that are used here.${hooksOf(found)} Once it is Ready, ${LET_GO}. ${GO_ON}`,
  timoni: ({ file }, written) =>
    written &&
    `Replace that pod first, in one go. Take the module out of ${file}; never have Timoni delete it, which takes the CRDs of Flux and every object of those kinds along. Delete its Deployment, which is called as the instance of the bundle, and run \`flux install\` with the version and the controllers that ran. ${written} ${GO_ON}`,
  olm: ({ file, name }, written) =>
    written &&
    `Replace it first, in one go. Take ${name} out of ${file}, and delete it and its ClusterServiceVersion: the controllers go, and the CRDs stay. Then run \`flux install\` with the version and the controllers that ran. ${written} ${GO_ON}`,
  "k3s-manifests": ({ file }, written) =>
    written && `${written} Once Flux delivers it, take it out of ${file}, ${ALSO_FROM_K3S} ${GO_ON}`,
  "k0s-manifests": ({ file }, written) =>
    written && `${written} Once Flux delivers it, take it out of ${file}, and ${LEAVE_K0S} ${GO_ON}`,
  embedded: ({ file }, written) =>
    written && `${written} Once Flux delivers it, take the copy out of ${file}. ${GO_ON}`,
  machine: ({ file }, written) =>
    written && `${written} Once Flux delivers it, take it out of ${file}, and off the machine. ${GO_ON}`,
  program: (_, written) => written && `${written} ${GO_ON} ${LEAVE_PROGRAM}`,
  argo: (_, written) => [TAKE_FROM_ARGO, ...(written === undefined ? [] : [written]), GO_ON].join(" "),
};

/** What may stand beside a bootstrap that is applied by hand, which then says how to go on. */
const BEHIND_BOOTSTRAP: readonly InstallElsewhere["by"][] = [
  "k3s-manifests",
  "k0s-manifests",
  "embedded",
  "machine",
  "program",
  "reconciler",
  "argo",
];

/** How the owner goes on. */
export function adviseMissing(facts: Missing): string | undefined {
  const { bootstrap, release, into, elsewhere, operated, unread, starts: [root, other] = [] } = facts;
  if (unread !== undefined) return `Mend ${unread} first: it cannot be read, and it may be the install. ${GO_ON}`;
  if (root && other)
    return `If both are in one cluster, list ${root.file} in the kustomization of ${other.folder}, or ${other.file} in that of ${root.folder}, and take neither out of a list that it is in: then one delivers the other. ${GO_ON} If they start two clusters, commit the source of each beside it, and the install of this one below this root.`;
  const written = into && sayWriteDown(into);
  if (operated?.isManifest)
    return `Look for it in the cluster: \`kubectl get fluxinstances --all-namespaces\`. If it is there, write no install down, and have Flux deliver what runs: that file, and flux-operator by ${RELEASE} that \`helm list\` and \`helm get values\` show, each in a FluxKustomization of its own with \`prune: false\`, that of the instance behind that of the operator. ${GO_ON}${written === undefined ? "" : ` If it is not there: ${written} ${GO_ON}`}`;
  if (operated)
    return `If this cluster was made with it, write no install down: have Flux deliver what it installs, flux-operator and flux-instance, each by ${RELEASE} that \`helm list\` and \`helm get values\` show, in a FluxKustomization of its own with \`prune: false\`, that of the instance behind that of the operator. ${GO_ON} If another cluster was made with it, keep it below the folder of that one.`;
  if (elsewhere?.applies !== undefined) {
    const { elsewhere: _, ...others } = facts;
    const take = elsewhere.name.startsWith("ApplicationSet ") ? TAKE_FROM_SET : TAKE_FROM_ARGO;
    return [take, adviseMissing(others) ?? GO_ON].join(" ");
  }
  if (elsewhere && !(bootstrap && BEHIND_BOOTSTRAP.includes(elsewhere.by)))
    return HANDOVERS[elsewhere.by](elsewhere, written);
  if (bootstrap)
    return `Deliver the install below the root first: ${release === undefined ? "an OCIRepository of oci://ghcr.io/fluxcd/flux-manifests" : `the OCIRepository of ${release}`} at the version that \`flux version\` shows, and a FluxKustomization on it with the patches of ${bootstrap.file}, if it has any. ${GO_ON}`;
  return into && adviseWriting(into, facts);
}

/** How the owner goes on where nothing says what installs Flux. */
function adviseWriting(into: NonNullable<Missing["into"]>, { idle, remote }: Missing): string {
  const written = sayWriteDown(into);
  if (remote) {
    const file = join(dirname(remote.file), "gotk-components.yaml");
    return `If that base installs Flux, put what runs in its place: ${EXPORT} into ${file}, the patches of the base as patches, what else it makes as files. List these in ${remote.file} and take the base out in one commit: beside it each object would be there twice, and nothing would build. ${GO_ON} If something else installs Flux: ${written} ${GO_ON} ${GUEST}`;
  }
  if (!idle) return `${written} ${GO_ON} ${GUEST}`;
  const own = dirname(into.file);
  const isBeside = idle.every((file) => dirname(file) === own);
  const folders = listSome(
    idle.map((file) => (dirname(file) === own ? file : dirname(file) || file)),
    5,
  );
  const how = into.isApart
    ? `have a FluxKustomization of its own apply ${folders}, with \`prune: false\`, and list that one below the root (what the root lists itself gets another namespace, name or labels there)`
    : `have the root deliver it: list ${folders} in the kustomization of ${own}${isBeside ? "" : ", or the file where its folder has no kustomization"}`;
  return `If it is what runs here (\`flux version\` and the controllers that run say so), ${how}. If something else runs: ${written} ${GO_ON} ${GUEST}`;
}

const EXPORT =
  "`flux install --export --version=… --components=…`, with the version that `flux version` shows and the controllers that run,";

function sayWriteDown({ file, isApart }: NonNullable<Missing["into"]>): string {
  const listed = isApart
    ? `have a FluxKustomization of its own apply that folder, with \`prune: false\`, and list that one below the root (what the root lists itself gets another namespace, name or labels there, which would make a second Flux or stop this one)`
    : "list that file in the kustomization beside it where there is one";
  return `Write down what runs, where the root delivers it: ${EXPORT} into ${file}; ${listed}, and put into Git what was patched by hand.`;
}
