import { editFile } from "../src/engine/edit-file.ts";
import {
  type DraftFinding,
  defineTransform,
  type TransformContext,
  type TransformResult,
} from "../src/engine/transform.ts";
import type { DraftEdit } from "../src/engine/types.ts";
import { describeUninstall } from "../src/flux/apps/complete.ts";
import { type AppContext, prepareApps } from "../src/flux/apps/context.ts";
import { checkDelivery } from "../src/flux/apps/delivery-checks.ts";
import type { AppName } from "../src/flux/apps/placement.ts";
import { parentOfApps } from "../src/flux/apps/substitution.ts";
import { applyPatches } from "../src/flux/effective.ts";
import { deliverObject } from "../src/flux/graph.ts";
import { isFluxKustomization, isHelmRelease } from "../src/flux/kinds.ts";
import { locateField } from "../src/flux/locations.ts";
import { readObjects } from "../src/flux/objects.ts";
import { stateOf } from "../src/flux/state.ts";
import type { DeliveredFluxObject, KubeObject, YamlData } from "../src/flux/types.ts";

/**
 * Checks the generated apps as the cluster will see them, after every patch of their parents: home-ops roots patch all
 * children and, nested, all HelmReleases. What does not survive gets the opt-out label the owner's selector offers;
 * where there is none the cluster stops.
 */
export default defineTransform({
  id: "protections",
  title: "Check that parents do not undo the protections",
  phases: ["install"],
  docs: "docs/transforms/protections.md",
  applies: ({ cluster }) => !["cut-over", "done"].includes(stateOf(cluster)),
  run(context): TransformResult {
    const { app } = prepareApps(context);
    if (!app) return { edits: [], findings: [] };
    const results = (["flux-operator", "flux-instance"] as const).map((name) => protect(context, app, name));
    const findings = results.flatMap(({ findings }) => findings);
    return { edits: results.flatMap(({ edits }) => edits), findings: [...findings, ...checkDelivery(context, app)] };
  },
});

function protect(context: TransformContext, app: AppContext, name: AppName): TransformResult {
  const { tree } = context;
  const place = app.placement.apps[name];
  const kustomization = readObjects(tree, place.fluxKustomization).objects.find(isFluxKustomization);
  const release = readObjects(tree, `${place.folder}/helmrelease${app.conventions.extension}`).objects.find(
    isHelmRelease,
  );
  // An app that was there before is the owner's; what is unsafe in it was reported when it was completed.
  if (!kustomization || !release || context.model.tree.has(release.file)) {
    return { edits: [], findings: [] };
  }
  const parent = parentOfApps(context.cluster);
  const broken = findBroken(context, app, parent, kustomization, release, name);
  if (!broken) return { edits: [], findings: [] };
  const label = findOptOut(context, app, parent, kustomization, release, name);
  if (!label) return { edits: [], findings: [undone(context, parent, name, broken)] };
  const [key, value] = label;
  const op = { op: "set", doc: kustomization.doc, path: ["metadata", "labels", key], value } as const;
  const { edit, finding } = editFile(
    tree,
    place.fluxKustomization,
    [op],
    `Opt out of the parent's patches: ${broken}.`,
  );
  const edits: DraftEdit[] = edit ? [edit] : [];
  return { edits, findings: finding ? [finding] : [] };
}

/** What the parents break; undefined when every protection holds. */
function findBroken(
  { tree, cluster }: TransformContext,
  { desired }: AppContext,
  parent: DeliveredFluxObject,
  kustomization: KubeObject,
  release: KubeObject,
  name: AppName,
): string | undefined {
  const delivered = deliverObject(tree, kustomization, parent, cluster.artifactRoot);
  if (!delivered) return `a patch of the parent deletes the FluxKustomization ${name}`;
  const spec = delivered.effective?.spec ?? {};
  if (spec.prune !== false) return `spec.prune of ${name} becomes ${JSON.stringify(spec.prune)}`;
  if (spec.suspend === true) return `${name} is suspended`;
  if (name === "flux-operator" && spec.wait !== true && !spec.healthChecks?.length)
    return "flux-operator is no longer waited for";
  if (name === "flux-instance" && !spec.dependsOn?.some((item: YamlData) => item?.name === "flux-operator")) {
    return "flux-instance no longer depends on flux-operator";
  }
  const { data, deleted } = applyPatches(release.data, spec.patches);
  if (deleted) return `a nested patch deletes the HelmRelease ${name}`;
  if (name !== "flux-instance") return undefined;
  const uninstall = describeUninstall(data?.spec, desired.version);
  if (uninstall) return uninstall;
  if (data?.spec?.install?.disableWait !== true) return "install.disableWait of flux-instance is lost";
  if (data?.spec?.suspend === true) return "the HelmRelease flux-instance is suspended";
  return undefined;
}

/** A label that takes the FluxKustomization out of the offending patches' own selectors. */
function findOptOut(
  context: TransformContext,
  app: AppContext,
  parent: DeliveredFluxObject,
  kustomization: KubeObject,
  release: KubeObject,
  name: AppName,
): [string, string] | undefined {
  const selectors: string[] = (parent.effective?.spec?.patches ?? []).flatMap((item: YamlData) =>
    typeof item?.target?.labelSelector === "string" ? [item.target.labelSelector] : [],
  );
  for (const selector of selectors) {
    const set = /([\w./-]+)\s+notin\s*\(\s*([\w.-]+)/.exec(selector);
    const unequal = /([\w./-]+)\s*!=\s*([\w.-]+)/.exec(selector);
    const absent = /(?:^|,)\s*!\s*([\w./-]+)/.exec(selector);
    const label: [string, string] | undefined = set
      ? [set[1]!, set[2]!]
      : unequal
        ? [unequal[1]!, unequal[2]!]
        : absent
          ? [absent[1]!, "true"]
          : undefined;
    if (!label) continue;
    const metadata = kustomization.data.metadata;
    const labelled = {
      ...kustomization.data,
      metadata: { ...metadata, labels: { ...metadata.labels, [label[0]]: label[1] } },
    };
    if (!findBroken(context, app, parent, { ...kustomization, data: labelled }, release, name)) return label;
  }
  return undefined;
}

function undone({ tree }: TransformContext, parent: DeliveredFluxObject, name: AppName, broken: string): DraftFinding {
  return {
    rule: "protection-undone",
    level: "blocker",
    resource: `Kustomization ${parent.object.name}`,
    at: locateField(tree, parent.object, ["spec", "patches"]),
    what: `Patches of this FluxKustomization reach ${name} and undo its protection: ${broken}.`,
    why: "Without it a failed release or a moved file could uninstall Flux (traps 5 and 55), or the two apps start in the wrong order.",
    next: `Let the patch's target leave ${name} out, for example with labelSelector: fluxlift.dev/plain notin (true), commit, and run fluxlift again.`,
  };
}
