import { CORE, IMAGE, installObjects } from "../world/gotk.ts";
import type { KubeObject } from "../world/kube.ts";

/** Newest releases of the community chart `flux2` for a release of Flux, with the Flux release each installs. */
const CHARTS: Record<string, { chart: string; flux: string }> = {
  "2.7.5": { chart: "2.17.2", flux: "2.7.5" },
  // There is none for 2.9.5; this one is the first of that minor.
  "2.9.5": { chart: "2.19.0", flux: "2.9.1" },
};

/** The chart that stands for the one of a tree. Throws for a release of the bench that has none. */
export function fluxChartFor(flux: string): { chart: string; flux: string } {
  const found = CHARTS[flux];
  if (!found) throw new Error(`no flux2 chart for Flux ${flux}`);
  return found;
}

/** `kustomize-controller` -> `kustomizeController`; the chart calls one of them `imageReflectionController`. */
const valuesKey = (name: string) =>
  name
    .replace("image-reflector", "image-reflection")
    .replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** The image controller that a definition belongs to; the chart leaves definitions out with their controller. */
const controllerOf = (crd: string) =>
  !crd.endsWith(".image.toolkit.fluxcd.io")
    ? undefined
    : crd.startsWith("imageupdateautomations.")
      ? "image-automation-controller"
      : "image-reflector-controller";

/** What the chart installs with the default values: release manifests whose RBAC has no suffix (flux-facts 4.9). */
export function fluxChartObjects(operatorDir: string, flux: string, components = CORE): KubeObject[] {
  const namespace = "flux-system";
  const all = installObjects({ operatorDir, version: fluxChartFor(flux).flux, components, networkPolicy: false });
  for (const { kind, metadata, roleRef } of all) {
    if (/^ClusterRole(Binding)?$/.test(kind)) metadata.name = metadata.name.replace(`-${namespace}`, "");
    if (roleRef) roleRef.name = roleRef.name.replace(`-${namespace}`, "");
  }
  return all;
}

/** Files of a chart with these objects; arguments are added and image controllers left out as its values say. */
export function fluxChartFiles(operatorDir: string, flux: string): Record<string, string> {
  const files: Record<string, string> = {};
  const values: Record<string, unknown> = { crds: { annotations: {} } };
  for (const name of [...CORE, ...IMAGE]) values[valuesKey(name)] = { create: true, container: { additionalArgs: [] } };
  for (const object of fluxChartObjects(operatorDir, flux, [...CORE, ...IMAGE])) {
    if (object.kind === "Namespace") continue;
    const { kind, metadata } = object;
    const crd = kind === "CustomResourceDefinition";
    const component =
      kind === "Deployment" || kind === "ServiceAccount"
        ? metadata.name
        : crd
          ? controllerOf(metadata.name)
          : undefined;
    if (crd) metadata.annotations = { ...metadata.annotations, "fluxlift-e2e": "ANNOTATIONS" };
    let text = JSON.stringify(object).replaceAll("{{", '{{ "{{" }}');
    if (crd)
      text = text.replace(
        '"fluxlift-e2e":"ANNOTATIONS"',
        '"fluxlift-e2e":"x"{{ range $k, $v := .Values.crds.annotations }},{{ toJson $k }}:{{ toJson $v }}{{ end }}',
      );
    if (kind === "Deployment") {
      const args = JSON.stringify(object.spec.template.spec.containers[0].args);
      const given = args.slice(1, -1);
      const more = `{{ range .Values.${valuesKey(metadata.name)}.container.additionalArgs }},{{ toJson . }}{{ end }}`;
      text = text.replace(args, `[${given}${more}]`);
    }
    if (component && valuesKey(component) in values)
      text = `{{- if .Values.${valuesKey(component)}.create }}\n${text}\n{{- end }}\n`;
    files[`templates/${kind}-${metadata.name}.yaml`.toLowerCase()] = text;
  }
  return { "values.yaml": JSON.stringify(values), ...files };
}
