import type { Kube, KubeObject } from "../world/kube.ts";
import type { Followers } from "./compare.ts";
import type { Recorder } from "./recorder.ts";

/** What each object hangs on, as the cluster shows it before a step: Namespace, CRD, inventory and Helm release. */
export const followersOf =
  (recorder: Recorder) =>
  async (kube: Kube): Promise<Followers> => {
    const kinds = new Map(
      (await kube.list("CustomResourceDefinition")).map((crd) => [String(crd.spec.names.kind), crd.metadata.name]),
    );
    const releases = new Map<string, string>();
    for (const release of await kube.list("HelmRelease", "helm.toolkit.fluxcd.io")) {
      for (const object of await releasedBy(kube, release)) releases.set(object, keyOf(release));
      if (release.status?.helmChart) releases.set(`HelmChart ${release.status.helmChart}`, keyOf(release));
    }
    const owners = new Map([...recorder.live()].map((key) => [key, recorder.ownerOf(key)]));
    return (object) => {
      const found = new Set<string>();
      const open = [object];
      while (open.length > 0) {
        const key = open.pop()!;
        for (const carrier of carriersOf(key, kinds, releases, owners)) {
          if (found.has(carrier)) continue;
          found.add(carrier);
          open.push(carrier);
        }
      }
      return [...found];
    };
  };

function carriersOf(
  key: string,
  kinds: Map<string, string>,
  releases: Map<string, string>,
  owners: Map<string, string | undefined>,
): string[] {
  const [kind = "", name = ""] = key.split(" ");
  const crd = kinds.get(kind);
  const owner = owners.get(key);
  return [
    ...(name.includes("/") ? [`Namespace ${name.split("/")[0]}`] : []),
    ...(crd ? [`CustomResourceDefinition ${crd}`] : []),
    ...(owner ? [`Kustomization ${owner}`] : []),
    ...(releases.has(key) ? [releases.get(key)!] : []),
  ];
}

const keyOf = ({ kind, metadata }: KubeObject) =>
  `${kind} ${metadata.namespace ? `${metadata.namespace}/` : ""}${metadata.name}`;

/** Kinds in the charts of the bench. */
const RELEASED = [
  "ConfigMap",
  "Service",
  "ServiceAccount",
  "Deployment",
  "PersistentVolumeClaim",
  "CustomResourceDefinition",
  "ClusterRoleBinding",
  "FluxInstance",
];

/** Objects that carry Helm's annotation of this release. */
async function releasedBy(kube: Kube, release: KubeObject): Promise<string[]> {
  const name = release.spec.releaseName ?? release.metadata.name;
  const found: string[] = [];
  for (const kind of RELEASED) {
    for (const object of await kube.list(kind)) {
      if (object.metadata.annotations?.["meta.helm.sh/release-name"] === name) found.push(keyOf(object));
    }
  }
  return found;
}
