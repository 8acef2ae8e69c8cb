import type { YamlData } from "../contract/objects.ts";

/** The cluster that a FluxKustomization or HelmRelease applies to, as keys say it; `''` for the one Flux runs in. */
export function remoteOf(spec: YamlData, namespace: string): string {
  return spec?.kubeConfig != null ? `${namespace}/${nameOfCluster(spec.kubeConfig)}` : "";
}

/** What `spec.kubeConfig` names: one Secret may hold several kubeconfigs, `value` being the one that is read by default. */
export function nameOfCluster(config: YamlData): string {
  const { name, key } = config?.secretRef ?? config?.configMapRef ?? {};
  const more = [...(config?.configMapRef ? ["ConfigMap"] : []), ...(key && key !== "value" ? [`key ${key}`] : [])];
  const said = name == null ? "(unnamed)" : String(name);
  return more.length > 0 ? `${said} (${more.join(", ")})` : said;
}
