import type { Cluster, Install } from "../cluster/types.ts";
import type { DraftFinding } from "../contract/finding.ts";
import { isFilled, itemsOf, type KubeObject, type YamlData } from "../contract/objects.ts";
import { ofOwn } from "../contract/of-own.ts";
import { isFluxInstallUrl } from "../delivery/kinds.ts";
import { locateField } from "../delivery/locations.ts";
import { dirname } from "../delivery/paths.ts";
import type { Tree } from "../files/tree.ts";
import { listAround } from "./image-registry.ts";
import { mentionsVariables } from "./patches/escape.ts";

const OPENSHIFT = /\bmanifests\/openshift\b/;

type Form = "flux" | "kustomization";

interface Setting {
  field: string;
  form?: Form;
  level: "blocker" | "caution";
  /** What the operator does instead, after "so". */
  so: string;
}

/** Settings beside the patches that reach the controllers; only style `gotk` carries all of them over (trap 29, flux-facts 3). */
const SETTINGS: readonly Setting[] = [
  { field: "images", level: "blocker", so: "the operator would pull the controllers from ghcr.io/fluxcd" },
  { field: "namePrefix", level: "blocker", so: "the operator would install a second set of controllers" },
  { field: "nameSuffix", level: "blocker", so: "the operator would install a second set of controllers" },
  { field: "components", level: "blocker", so: "what these components change would be lost" },
  { field: "transformers", form: "kustomization", level: "blocker", so: "what they rewrite would be lost" },
  { field: "replacements", form: "kustomization", level: "blocker", so: "what they rewrite would be lost" },
  { field: "patchesStrategicMerge", form: "flux", level: "blocker", so: "these patches would be lost" },
  { field: "patchesJson6902", form: "flux", level: "blocker", so: "these patches would be lost" },
  { field: "commonMetadata", form: "flux", level: "caution", so: "the controllers lose it" },
  { field: "commonLabels", form: "kustomization", level: "caution", so: "the controllers lose them" },
  { field: "commonAnnotations", form: "kustomization", level: "caution", so: "the controllers lose them" },
  { field: "labels", form: "kustomization", level: "caution", so: "the controllers lose them" },
];

/** Further out these are for the other objects as well, and fluxlift reads what such components change. */
const OUTER: Readonly<Record<string, Setting["level"] | "none">> = {
  components: "none",
  transformers: "caution",
  replacements: "caution",
};

/** Findings about settings of the old install that are no patches, for styles whose reader knows patches only. */
export function checkInstallSettings(tree: Tree, cluster: Cluster, install: Install): DraftFinding[] {
  if (install.style !== "oci-manifests" && install.style !== "remote-install") return [];
  return listAround(cluster, install).flatMap(({ object, isOwn, isFlux, data }) => {
    const isOuter = !isOwn;
    const form: Form = isFlux ? "flux" : "kustomization";
    const found = SETTINGS.flatMap((setting): DraftFinding[] => {
      const level = (isOuter ? ofOwn(OUTER, setting.field) : undefined) ?? setting.level;
      if (level === "none" || (setting.form ?? form) !== form) return [];
      if (setting.field === "components" && form === "kustomization" && install.readsComponents) return [];
      const value = isOuter ? aboutFlux(setting.field, data?.[setting.field]) : data?.[setting.field];
      if (!isFilled(value) || (setting.field === "images" && isUsualImages(value))) return [];
      if (isOnSelectors(setting.field, value))
        return [lostSelectors(tree, cluster, install, { object, form, field: setting.field })];
      return [lost(tree, object, form, { ...setting, level })];
    });
    return [
      ...found,
      // A folder of the owner's may be called so as well.
      ...(isOwn ? checkOpenshift(tree, object, form, data) : []),
      ...checkPlace(tree, cluster, object, form, data),
      ...checkVariables(tree, object, form, data),
    ];
  });
}

/** The entries that may mean a controller; kustomize takes the name of an image for a pattern. */
function aboutFlux(field: string, value: YamlData): YamlData {
  if (field === "images") return itemsOf(value).filter((item) => /fluxcd\/|[^\w./-]/.test(String(item.name)));
  return value;
}

/** Names the images where the operator takes them from anyway: `ghcr.io/fluxcd`, in the tag of the release. */
function isUsualImages(images: YamlData): boolean {
  const usual = /^(?:ghcr\.io\/|docker\.io\/)?fluxcd\/([a-z-]+)$/;
  const isUsual = ({ name, newName, newTag, digest, tagSuffix }: YamlData) =>
    newTag === undefined &&
    digest === undefined &&
    tagSuffix === undefined &&
    newName === `ghcr.io/fluxcd/${usual.exec(String(name))?.[1]}`;
  return Array.isArray(images) && images.every((image) => isUsual(image ?? {}));
}

/** Beside what `manifests/install` has, these manifests bring the rights to an SCC and security contexts of their own. */
function checkOpenshift(tree: Tree, object: KubeObject, form: Form, data: YamlData): DraftFinding[] {
  const so =
    "the controllers would lose their role for the SCC and get the security contexts back that OpenShift refuses (build on manifests/install, with that role and the patches of manifests/openshift beside it)";
  const setting: Setting = { field: "manifests/openshift", level: "blocker", so };
  if (form === "flux")
    return OPENSHIFT.test(String(data?.path))
      ? [{ ...lost(tree, object, form, setting), at: locateField(tree, object, ["spec", "path"]) }]
      : [];
  return ["resources", "bases"].flatMap((list) =>
    itemsOf(data?.[list]).flatMap((entry, index) =>
      OPENSHIFT.test(String(entry)) && isFluxInstallUrl(String(entry))
        ? [{ ...lost(tree, object, form, setting), at: locateField(tree, object, [list, index]) }]
        : [],
    ),
  );
}

function checkPlace(tree: Tree, { namespace }: Cluster, object: KubeObject, form: Form, data: YamlData) {
  const field = form === "flux" ? "targetNamespace" : "namespace";
  const value = data?.[field];
  if (!isFilled(value) || value === namespace || String(value).includes("${")) return [];
  const so = `the operator would install a second set of controllers in ${namespace}`;
  return [lost(tree, object, form, { field, level: "blocker", so })];
}

/** The install's own `postBuild` fills variables in its own patches; those of its parent are another matter. */
function checkVariables(tree: Tree, object: KubeObject, form: Form, data: YamlData) {
  if (form !== "flux" || !isFilled(data?.postBuild) || !mentionsVariables(data?.patches)) return [];
  const so = "the variables in its patches would reach the controllers as they are written";
  return [lost(tree, object, form, { field: "postBuild", level: "blocker", so })];
}

/** Labels that kustomize puts on the selectors of the Deployments, too; `fields` may name these. */
function isOnSelectors(field: string, value: YamlData): boolean {
  if (field !== "labels") return field === "commonLabels";
  return itemsOf(value).some((item) => item.includeSelectors === true || Array.isArray(item.fields));
}

function lostSelectors(
  tree: Tree,
  { namespace }: Cluster,
  { components, dir }: Install,
  { object, form, field }: { object: KubeObject; form: Form; field: string },
): DraftFinding {
  const so = "the operator could not take over the Deployments, whose selectors have them and cannot be changed";
  const finding = lost(tree, object, form, { field, level: "blocker", so });
  const selectors = { folder: dir ?? dirname(object.file), namespace, deployments: components };
  return { ...finding, rule: "install-setting-lost", facts: { field, so, selectors } };
}

function lost(tree: Tree, object: KubeObject, form: Form, { field, level, so }: Setting): DraftFinding {
  return {
    rule: "install-setting-lost",
    level,
    resource: form === "flux" ? `Kustomization ${object.name}` : `kustomization ${object.file}`,
    at: locateField(tree, object, form === "flux" ? ["spec", field] : [field]),
    facts: { field, so },
  };
}
