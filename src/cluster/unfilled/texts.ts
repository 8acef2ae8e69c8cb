import type { YamlData } from "../../contract/objects.ts";
import { installedBase } from "../../release/base.ts";
import { readBaseFacts } from "../../release/facts.ts";
import { type FluxVersion, formatFluxVersion } from "../../release/releases.ts";
import { copyData } from "../../yaml/copy.ts";
import { printDocument } from "../../yaml/print.ts";
import { DEFAULT_STYLE } from "../../yaml/style.ts";
import { GOTK_NEEDLE } from "../gotk/detect.ts";
import { imageTags } from "../gotk/facts.ts";
import { DEFAULT_REGISTRY } from "../gotk/images.ts";

/** What bootstrap would be told on its command line. */
export interface BootstrapFlags {
  url: string;
  branch: string;
  /** `./clusters/home`. */
  path: string;
  secretName: string;
  namespace: string;
}

/** The gotk-sync.yaml that `flux bootstrap` writes for these flags (flux-facts 4.4). */
export function writeSync({ url, branch, path, secretName, namespace }: BootstrapFlags): string {
  const metadata = { name: namespace, namespace };
  return print([
    {
      apiVersion: "source.toolkit.fluxcd.io/v1",
      kind: "GitRepository",
      metadata,
      spec: { interval: "1m0s", ref: { branch }, secretRef: { name: secretName }, url },
    },
    {
      apiVersion: "kustomize.toolkit.fluxcd.io/v1",
      kind: "Kustomization",
      metadata,
      spec: { interval: "10m0s", path, prune: true, sourceRef: { kind: "GitRepository", name: namespace } },
    },
  ]);
}

/**
 * The objects of the gotk-components.yaml that bootstrap writes for a release, as far as fluxlift knows them: CRDs are
 * names only. Undefined for releases whose manifests are not known.
 */
export function writeComponents(
  version: FluxVersion,
  components: readonly string[],
  namespace: string,
): string | undefined {
  const facts = readBaseFacts(version);
  const tags = imageTags(version);
  if (!facts || !tags) return undefined;
  const objects = installedBase(facts, "gotk", components, namespace).map(({ data }) => copyData(data));
  for (const object of objects) {
    // Bootstrap suffixes the roles and follows them in the bindings (flux-facts 4.3); the facts only the former.
    if (object.roleRef?.name === "crd-controller") object.roleRef.name = `crd-controller-${namespace}`;
    const name = object.metadata.name;
    for (const container of object.spec?.template?.spec?.containers ?? [])
      container.image = `${DEFAULT_REGISTRY}/${name}:${tags.get(name)}`;
  }
  if (!objects.some((object) => object.metadata.name === GOTK_NEEDLE)) return undefined;
  return `---\n# Flux Version: v${formatFluxVersion(version)}\n# Components: ${components.join(",")}\n${print(objects).replace(/^---\n/, "")}`;
}

function print(objects: readonly YamlData[]): string {
  return objects.map((object) => printDocument(object, DEFAULT_STYLE)).join("");
}
