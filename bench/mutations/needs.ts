import type { Data } from "../corpus/gate/snapshot.ts";

/** What one object needs, as the judge reads it. */
export interface Need {
  field: string;
  /** `Kind namespace/name`. */
  wanted: string;
  /** Kinds of Flux stand in Git; a Secret, ConfigMap or account may be made by anybody. */
  sure: boolean;
}

const list = (value: Data): Data[] => (Array.isArray(value) ? value : []);

/** Objects that a Flux object cannot do without. */
export function needsOf(data: Data): Need[] {
  if (!/\.fluxcd\.io\//.test(String(data?.apiVersion))) return [];
  const { spec = {}, metadata = {} } = data;
  const out: Need[] = [];
  const add = (field: string, ref: Data, kind: string | undefined = ref?.kind): void => {
    if (!ref?.name || !kind || ref.optional === true) return;
    const wanted = `${kind} ${ref.namespace ?? metadata.namespace ?? ""}/${ref.name}`;
    if (!wanted.includes("${")) out.push({ field, wanted, sure: !/^(Secret|ConfigMap|ServiceAccount)$/.test(kind) });
  };
  add("sourceRef", spec.sourceRef);
  add("chartRef", spec.chartRef);
  add("chart.spec.sourceRef", spec.chart?.spec?.sourceRef);
  add("imageRepositoryRef", spec.imageRepositoryRef, "ImageRepository");
  add("providerRef", spec.providerRef, "Provider");
  add("decryption", spec.decryption?.secretRef, "Secret");
  for (const field of ["secretRef", "certSecretRef", "proxySecretRef"]) add(field, spec[field], "Secret");
  add("serviceAccountName", { name: spec.serviceAccountName }, "ServiceAccount");
  for (const ref of list(spec.dependsOn)) add("dependsOn", ref, data.kind);
  for (const ref of list(spec.valuesFrom)) add("valuesFrom", ref);
  for (const ref of list(spec.postBuild?.substituteFrom)) add("substituteFrom", ref);
  return out;
}
