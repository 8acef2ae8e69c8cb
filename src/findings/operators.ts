import type { RuleFacts } from "../contract/rule-facts.ts";
import { sh } from "../contract/shell.ts";
import { type Catalogue, rule } from "./rule-text.ts";

function adviseKept(facts: RuleFacts["operator-kept-elsewhere"]): string | undefined {
  if ("set" in facts)
    return "Give release and source the annotation fluxcd.controlplane.io/prune: disabled in the ResourceSet, and let that reconcile. Then take both out of it and into files of their own that Flux applies, under the same names. fluxlift goes on with those.";
  if ("applied" in facts)
    return "Take those manifests out first, in two steps. Have a patch there give the CustomResourceDefinitions of the operator the annotation kustomize.toolkit.fluxcd.io/prune: disabled, and let that reconcile: without it every object of those kinds would go, and Flux with a FluxInstance. Then take the manifests out, let that reconcile too, and run fluxlift again.";
  if ("fetched" in facts)
    return "If a cluster of this repository is made with it, have it install the chart instead. In one that runs with it already, take it out before the install phase is merged, and delete its Deployment: the CRDs stay. If it is of no such cluster, leave it.";
  if (facts.by === "olm")
    return "If it is of this cluster, and no FluxInstance is there yet, take it out of this file and delete it, and its ClusterServiceVersion with it, before the install phase is merged. If not, leave it.";
  if (facts.by !== "terraform") return undefined;
  return `If it is of this cluster, let Terraform forget the release before the install phase is merged (${sh`terraform state rm ${facts.name}`.line}, never destroy), and drop the block: the HelmRelease in Git goes on with it where name and namespace are the same. If not, leave it.`;
}

/** What keeps the operator that is added from its work. */
export const OPERATOR_RULES = {
  "operator-kept-elsewhere": rule(["blocker", "caution"], "Something else keeps the operator as well", {
    what: (facts) =>
      "set" in facts
        ? `${facts.set} makes ${facts.release}; this phase adds another release of the operator.`
        : "applied" in facts
          ? `Flux applies the operator from manifests (${facts.applied}); this phase adds a release of its chart.`
          : "fetched" in facts
            ? "This applies the operator from the manifests of a release; this phase adds a release of its chart."
            : facts.by === "olm"
              ? `${facts.name} has the Operator Lifecycle Manager keep the operator; this phase adds a release of its chart.`
              : `Outside of Flux, ${facts.name} keeps a release of the chart flux-operator; this phase adds one to Git.`,
    meaning:
      "Where both are of one cluster, two keep one operator: each puts back its own version and values, and whoever uninstalls its release takes the operator away from the other.",
    why: (facts) =>
      "set" in facts
        ? "Two keep one operator then: each puts back its own version and values, and whichever goes first uninstalls it."
        : ("applied" in facts || "fetched" in facts) &&
          "Helm cannot take that Deployment over: its selector is another one than the chart's, and cannot be changed. The release would never be Ready, nor the FluxInstance come.",
    next: "If it is of this cluster, let it go of the release before the install phase is merged, without uninstalling it. If not, leave it.",
    advice: adviseKept,
  }),
  "operator-pod-differs": rule("caution", "The operator's pod lacks what all controllers have", {
    what: (facts) =>
      "policy" in facts
        ? `${facts.policy} keeps the operator that is added from the API server, and no other policy here lets it out.`
        : `Every controller of Flux runs with ${facts.fields.join(" and ")}, and the operator that is added runs without.`,
    meaning:
      "Where a pod reaches the API server or ghcr.io only with it, the operator starts and adopts nothing; the old install runs on until cutover.",
    next: "Try it: install merges without harm. If the operator does not come up, give its pod the same: hostNetwork is a value of its chart; hostAliases, dnsConfig and dnsPolicy take a postRenderers patch of its HelmRelease; of envFrom name the variables of a proxy in extraEnvs; CAs take extraVolumes and extraVolumeMounts, and extraEnvs for the variable that names them.",
    why: (facts) => "policy" in facts && "It adopts nothing then, and the old install runs on until cutover.",
    advice: (facts) =>
      "policy" in facts &&
      "Before this is merged let its pod out by a policy of its own, which selects app.kubernetes.io/name: flux-operator: to the API server, to DNS, and to ghcr.io by HTTPS.",
  }),
  "operator-over-quota": rule("caution", "A quota or a LimitRange has no room for the operator", {
    what: (facts) =>
      "says" in facts
        ? `${facts.quota} ${facts.says}.`
        : `${facts.quota} takes ${facts.resource} up to ${facts.limit}, and with the operator beside the controllers it is more.`,
    meaning:
      "A quota of the namespace that was counted for the controllers of Flux, or a LimitRange, refuses the operator's pod, Deployment or Service.",
    why: () =>
      "The API server refuses the operator then: nothing is adopted, and the old install runs on until cutover.",
    next: "Make room, and let that reconcile before this is merged. The chart of the operator asks for one pod, one Deployment and one Service, 100m and 64Mi, and sets 2000m and 1Gi as limits; its values take other resources.",
  }),
  "operator-rights-missing": rule("caution", "Flux has no rights to install the operator", {
    what: ({ account }) =>
      `Nothing in Git lets ServiceAccount ${account} install the operator, whose chart binds the operator's account to cluster-admin.`,
    meaning:
      "Patches take from the controllers what flux bootstrap binds them to. Without the right to bind cluster-admin the release of the operator fails, nothing is adopted, and the old install runs on until cutover.",
    why: () =>
      "Kubernetes lets an account give nobody rights that it does not have itself, and this takes cluster-admin from it. Nothing is adopted then, and the old install runs on until cutover.",
    next: "Before this is merged bind that account to cluster-admin by a ClusterRoleBinding in Git, as flux bootstrap does, and to keep the operator up to date leave it. Where nothing may have these rights, the operator is not for this cluster, which has them for good.",
  }),
} satisfies Partial<Catalogue>;
