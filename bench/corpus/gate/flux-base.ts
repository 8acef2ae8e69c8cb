import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import type { Build, Builder } from "./kustomize.ts";
import type { Reference } from "./reference.ts";
import { type Data, parseYaml } from "./snapshot.ts";

export interface BaseOptions {
  /** Folder name below the manifests, without the `v`. */
  version: string;
  components: string[];
  namespace: string;
  domain: string;
  networkPolicy: boolean;
  registry: string;
  imagePullSecret: string;
}

const CORE_SET = ["source-controller", "kustomize-controller", "helm-controller", "notification-controller"];
const IMAGE_SET = ["image-reflector-controller", "image-automation-controller"];

/** Controllers that `flux-manifests` (flux-facts 4.7) or the remote base (flux-facts 4.6) of a version deliver. */
export function deliveredComponents(style: "oci-manifests" | "remote-install", version: string): string[] {
  const [, minor = 0, patch = 0] = version.split(".").map(Number);
  const watcher = style === "oci-manifests" ? minor > 9 || (minor === 9 && patch >= 3) : minor >= 8;
  return [...CORE_SET, ...IMAGE_SET, ...(watcher ? ["source-watcher"] : [])];
}

/** A CRD without its schemas, unless a patch is about CRDs: it can still be selected, and builds stay fast. */
export function slim(data: Data, whole = false): Data {
  if (whole || data?.kind !== "CustomResourceDefinition") return structuredClone(data);
  const versions = data.spec.versions.map(({ name, served, storage }: Data) => ({ name, served, storage }));
  return structuredClone({ ...data, spec: { ...data.spec, versions } });
}

/** Tags the operator sets on the images of a version; those of its manifests may be newer (2.2.3). */
function imageTags(reference: Reference, version: string): Map<string, string> {
  const path = join(reference.manifests, `../flux-images/v${version}/upstream-alpine.yaml`);
  if (!existsSync(path)) return new Map();
  const images: Data[] = parseYaml(path, readFileSync(path, "utf8")).docs[0]?.data?.images ?? [];
  return new Map(images.map(({ name, newTag }) => [String(name).split("/").at(-1) ?? "", String(newTag)]));
}

/** Reads one manifest file of a version and writes in namespace, domain, image registry and pull secret. */
function component(reference: Reference, file: string, options: SetOptions): Data[] {
  const path = join(reference.manifests, `v${options.version}`, file);
  const whole = JSON.stringify(options.patches).includes("CustomResourceDefinition");
  const objects = parseYaml(path, readFileSync(path, "utf8")).docs.map((doc) => slim(doc.data, whole));
  const tags = imageTags(reference, options.version);
  for (const object of objects.filter((candidate) => candidate?.kind === "Deployment")) {
    const tag = tags.get(object.metadata.name);
    const pod = object.spec.template.spec;
    for (const container of pod.containers) {
      container.args = container.args.map((arg: string) =>
        arg
          .replace("flux-system.svc.cluster.local", `${options.namespace}.svc.${options.domain}`)
          .replace(".svc.cluster.local.", `.svc.${options.domain}.`)
          .replace(/^--watch-all-namespaces$/, "--watch-all-namespaces=true"),
      );
      const image = tag ? container.image.replace(/^(fluxcd\/[^:]+):.*$/, `$1:${tag}`) : container.image;
      container.image = image.replace(/^fluxcd\//, `${options.registry}/`);
    }
    pod.nodeSelector = { "kubernetes.io/os": "linux", ...pod.nodeSelector };
    if (options.imagePullSecret) pod.imagePullSecrets = [{ name: options.imagePullSecret }];
  }
  return objects.filter(Boolean);
}

/** Namespace as `flux install` and the operator both write it. */
const namespaceObject = (namespace: string): Data => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: {
    name: namespace,
    labels: { "pod-security.kubernetes.io/warn": "restricted", "pod-security.kubernetes.io/warn-version": "latest" },
  },
});

const write = (dir: string, name: string, objects: Data[]): void =>
  writeFileSync(join(dir, name), objects.map((object) => stringify(object, { lineWidth: 0 })).join("---\n"));

export interface SetOptions extends BaseOptions {
  /**
   * `bootstrap`: patches see finished objects with labels and namespaces; `operator`: they see the bare base
   * (flux-facts 3).
   */
  kind: "bootstrap" | "operator";
  /** Role names carry `-<namespace>`; the remote base has none (flux-facts 4.6). */
  suffix: boolean;
  patches: Data[];
  /** Patches of the operator itself, applied before the user's. */
  ownPatches?: Data[];
  /** Source and root that the instance generates. */
  sync?: Data[];
}

function labelled(objects: Data[], options: BaseOptions): Data[] {
  const labels = {
    "app.kubernetes.io/instance": options.namespace,
    "app.kubernetes.io/part-of": "flux",
    "app.kubernetes.io/version": `v${options.version}`,
  };
  return objects.map((object) => {
    const copy = structuredClone(object);
    copy.metadata.labels = { ...copy.metadata.labels, ...labels };
    const template = copy.kind === "Deployment" ? copy.spec.template : undefined;
    if (template) template.metadata.labels = { ...template.metadata.labels, ...labels };
    return copy;
  });
}

/**
 * Builds a whole Flux install with real kustomize.
 * A bootstrap set is built in two steps, as `flux install` output that a second kustomization patches; an operator set
 * in one, where patches run before the namespace transformer.
 */
export async function buildFluxSet(
  builder: Builder,
  reference: Reference,
  scratch: string,
  options: SetOptions,
): Promise<Build> {
  const absent = options.components.find(
    (name) => !existsSync(join(reference.manifests, `v${options.version}`, `${name}.yaml`)),
  );
  if (absent) return { ok: false, error: `Flux ${options.version} has no component ${absent}` };
  const dir = join(scratch, `flux-${process.pid}-${Math.random().toString(36).slice(2)}`);
  mkdirSync(join(dir, "roles"), { recursive: true });
  try {
    write(dir, "namespace.yaml", [namespaceObject(options.namespace)]);
    write(join(dir, "roles"), "rbac.yaml", component(reference, "rbac.yaml", options));
    const roles = { resources: ["rbac.yaml"], namespace: options.namespace };
    const suffix = options.suffix ? { nameSuffix: `-${options.namespace}` } : {};
    writeFileSync(join(dir, "roles/kustomization.yaml"), stringify({ ...roles, ...suffix }));
    const resources = ["namespace.yaml", "roles"];
    if (options.networkPolicy) {
      write(dir, "policies.yaml", component(reference, "policies.yaml", options));
      resources.push("policies.yaml");
    }
    for (const name of options.components) {
      write(dir, `${name}.yaml`, component(reference, `${name}.yaml`, options));
      resources.push(`${name}.yaml`);
    }
    if (options.sync) {
      write(dir, "sync.yaml", options.sync);
      resources.push("sync.yaml");
    }
    const own = options.ownPatches ?? [];
    const patches = options.kind === "operator" ? [...own, ...options.patches] : own;
    const root = { namespace: options.namespace, resources, ...(patches.length > 0 ? { patches } : {}) };
    writeFileSync(join(dir, "kustomization.yaml"), stringify(root, { lineWidth: 0 }));
    const inputs = ["roles/rbac.yaml", ...resources.filter((name) => name !== "roles")];
    const identity = JSON.stringify([options, inputs.map((name) => readFileSync(join(dir, name), "utf8"))]);
    const first = await builder.build(dir, `flux-base ${identity}`);
    if (!first.ok || options.kind === "operator") return first;
    const outer = join(dir, "outer");
    mkdirSync(outer);
    write(outer, "gotk-components.yaml", labelled(first.objects, options));
    const top = { resources: ["gotk-components.yaml"], patches: options.patches };
    writeFileSync(join(outer, "kustomization.yaml"), stringify(top, { lineWidth: 0 }));
    return await builder.build(outer, `flux-patched ${identity}`);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
