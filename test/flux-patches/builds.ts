/** Real kustomize builds of an old Flux install and of what flux-operator makes of a FluxInstance. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import yaml from "js-yaml";
import { unpackReference } from "../../bench/reference/archive.ts";
import type { InstanceFields } from "../../src/release/types.ts";
import { buildFolder } from "../support/kustomize.ts";

// biome-ignore lint/suspicious/noExplicitAny: parsed YAML has no static shape
type Data = any;
export const build = (files: Record<string, string>): Data[] => buildFolder(files);

let unpacked: string | undefined;

function manifests(version: string): string {
  if (!unpacked) {
    unpacked = mkdtempSync(join(tmpdir(), "flux-manifests-"));
    process.on("exit", () => rmSync(unpacked!, { recursive: true, force: true }));
    unpackReference(unpacked);
  }
  return join(unpacked, "config/data/flux", `v${version}`);
}

interface Patch {
  patch: string;
  target?: object;
}

/** CRD schemas make builds slow: only the enums people patch are kept. */
const slimmed = new Map<string, string>();
function slim(text: string): string {
  const known = slimmed.get(text);
  if (known !== undefined) return known;
  const docs = yaml.loadAll(text, undefined, { schema: yaml.CORE_SCHEMA }).filter(Boolean) as Data[];
  for (const doc of docs) {
    if (doc.kind !== "CustomResourceDefinition") continue;
    const field = /^alerts\./.test(doc.metadata.name)
      ? "eventSources"
      : /^receivers\./.test(doc.metadata.name)
        ? "resources"
        : "";
    for (const version of doc.spec.versions) {
      const list = version.schema.openAPIV3Schema.properties.spec.properties[field];
      const kind = list?.items.properties.kind;
      const spec = kind ? { properties: { [field]: { items: { properties: { kind } } } } } : {};
      version.schema = { openAPIV3Schema: { type: "object", properties: { spec } } };
    }
  }
  slimmed.set(text, docs.map((doc) => yaml.dump(doc)).join("---\n"));
  return slimmed.get(text)!;
}

function argsPatches(components: readonly string[], namespace: string, domain: string): Patch[] {
  const events = components.includes("notification-controller")
    ? `http://notification-controller.${namespace}.svc.${domain}./`
    : "";
  return components.map((name) => {
    const first = name === "notification-controller" ? [] : [`--events-addr=${events}`];
    const args = [...first, "--watch-all-namespaces=true", "--log-level=info"];
    const ops = args.map((value, index) => ({ op: "replace", path: arg(index), value }));
    if (name === "source-controller" || name === "source-watcher") {
      const value = `--storage-adv-addr=${name}.$(RUNTIME_NAMESPACE).svc.${domain}.`;
      ops.push({ op: "replace", path: arg(6), value });
    }
    return { target: { group: "apps", version: "v1", kind: "Deployment", name }, patch: yaml.dump(ops) };
  });
}

const arg = (index: number | "-") => `/spec/template/spec/containers/0/args/${index}`;

function addArgs(name: string, values: string[]): Patch {
  const ops = values.map((value) => ({ op: "add", path: arg("-"), value }));
  return { target: { kind: "Deployment", name }, patch: yaml.dump(ops) };
}

function nodeSelector(pullSecret?: string): Patch {
  const spec = {
    nodeSelector: { "kubernetes.io/os": "linux" },
    ...(pullSecret ? { imagePullSecrets: [{ name: pullSecret }] } : {}),
  };
  const body = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "all" }, spec: { template: { spec } } };
  return { target: { kind: "Deployment" }, patch: yaml.dump(body) };
}

function baseFiles(version: string, components: readonly string[], namespace: string, policies: boolean) {
  const from = manifests(version);
  const files: Record<string, string> = {
    "namespace.yaml": yaml.dump({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: {
        name: namespace,
        labels: {
          "pod-security.kubernetes.io/warn": "restricted",
          "pod-security.kubernetes.io/warn-version": "latest",
        },
      },
    }),
    "roles/rbac.yaml": readFileSync(join(from, "rbac.yaml"), "utf8"),
    "roles/kustomization.yaml": yaml.dump({
      apiVersion: "kustomize.config.k8s.io/v1beta1",
      kind: "Kustomization",
      namespace,
      resources: ["rbac.yaml"],
      nameSuffix: `-${namespace}`,
    }),
  };
  if (policies) files["policies.yaml"] = readFileSync(join(from, "policies.yaml"), "utf8");
  for (const name of components) files[`${name}.yaml`] = slim(readFileSync(join(from, `${name}.yaml`), "utf8"));
  return files;
}

function transformer(labels: Record<string, string>): string {
  return yaml.dump({
    apiVersion: "builtin",
    kind: "LabelTransformer",
    metadata: { name: "labels" },
    labels,
    fieldSpecs: [{ path: "metadata/labels", create: true }],
  });
}

function kustomization(files: Record<string, string>, namespace: string, patches: Patch[]): string {
  const resources = ["namespace.yaml", "roles"];
  for (const path of Object.keys(files)) {
    if (!path.includes("/") && !["namespace.yaml", "labels.yaml"].includes(path)) resources.push(path);
  }
  return yaml.dump({
    apiVersion: "kustomize.config.k8s.io/v1beta1",
    kind: "Kustomization",
    namespace,
    resources,
    transformers: ["labels.yaml"],
    patches,
  });
}

/** gotk-components.yaml as `flux install --export` writes it (flux-facts 4.2, 4.3). */
export function gotkComponents(version: string, components: readonly string[], namespace = "flux-system"): string {
  const files = baseFiles(version, components, namespace, true);
  const labels = {
    "app.kubernetes.io/instance": namespace,
    "app.kubernetes.io/version": `v${version}`,
    "app.kubernetes.io/part-of": "flux",
  };
  files["labels.yaml"] = transformer(labels);
  const gates = components.includes("source-watcher")
    ? [addArgs("(kustomize-controller|helm-controller)", ["--feature-gates=ExternalArtifact=true"])]
    : [];
  const patches = [nodeSelector(), ...argsPatches(components, namespace, "cluster.local"), ...gates];
  const objects = build({ ...files, "kustomization.yaml": kustomization(files, namespace, patches) });
  for (const object of objects) {
    if (object.kind !== "Deployment") continue;
    Object.assign(object.spec.template.metadata.labels, labels);
  }
  return objects.map((object) => yaml.dump(object)).join("---\n");
}

/** manifests/install: release manifests without suffix, version label, node selector or gates (flux-facts 4.6). */
export function remoteInstall(version: string, components: readonly string[], namespace = "flux-system"): string {
  const files = baseFiles(version, components, namespace, true);
  delete files["roles/kustomization.yaml"];
  const resources = Object.keys(files);
  files["labels.yaml"] = transformer({
    "app.kubernetes.io/instance": namespace,
    "app.kubernetes.io/part-of": "flux",
  });
  files["kustomization.yaml"] = yaml.dump({ namespace, resources, transformers: ["labels.yaml"] });
  return build(files)
    .map((object) => yaml.dump(object))
    .join("---\n");
}

/** What kustomize-controller applies: a base with the old patches. */
export function buildOld(base: string, patches: readonly object[], extra: Record<string, unknown> = {}): Data[] {
  return build({
    "base.yaml": base,
    "kustomization.yaml": yaml.dump({ resources: ["base.yaml"], patches, ...extra }),
  });
}

export interface InstanceSpec {
  version: string;
  components: readonly string[];
  namespace?: string;
  fields?: InstanceFields;
  patches: readonly Patch[];
  sync?: {
    name?: string;
    kind: string;
    url: string;
    ref: string;
    path: string;
    interval?: string;
    pullSecret?: string;
    provider?: string;
  };
}

/** What flux-operator builds for a FluxInstance without size, type, storage or shards (flux-facts 1.5, 1.6, 3). */
export function buildInstance(spec: InstanceSpec): Data[] {
  const namespace = spec.namespace ?? "flux-system";
  const { components, fields = {} } = spec;
  const [, minor = 0] = spec.version.split(".").map(Number);
  const files = baseFiles(spec.version, components, namespace, fields.networkPolicy !== false);
  files["namespace.yaml"] += "  annotations:\n    fluxcd.controlplane.io/prune: disabled\n";
  files["labels.yaml"] = transformer({
    "app.kubernetes.io/managed-by": "flux-operator",
    "app.kubernetes.io/instance": namespace,
    "app.kubernetes.io/version": `v${spec.version}`,
    "app.kubernetes.io/part-of": "flux",
  });
  if (spec.sync) files["sync.yaml"] = syncManifest(spec.sync, namespace, minor);
  const multitenant = fields.multitenant
    ? [
        addArgs(
          "(kustomize-controller|helm-controller|notification-controller|image-reflector-controller|image-automation-controller|source-watcher)",
          ["--no-cross-namespace-refs=true"],
        ),
        addArgs("kustomize-controller", ["--no-remote-bases=true"]),
        addArgs("(kustomize-controller|helm-controller)", [
          `--default-service-account=${fields.multitenant.tenantDefaultServiceAccount ?? "default"}`,
        ]),
        {
          target: { kind: "Kustomization" },
          patch: yaml.dump([{ op: "add", path: "/spec/serviceAccountName", value: "kustomize-controller" }]),
        },
      ]
    : [];
  const identity = fields.objectLevelWorkloadIdentity === true;
  const gated = `(source|kustomize|notification|image-reflector|image-automation${minor >= 7 ? "|helm" : ""})-controller`;
  const hasGate = minor >= 7 || (minor === 6 && identity);
  const patches: Patch[] = [
    nodeSelector(fields.imagePullSecret),
    ...argsPatches(components, namespace, fields.domain ?? "cluster.local"),
    {
      target: { kind: "Deployment" },
      patch: yaml.dump({
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: "all" },
        spec: {
          template: {
            metadata: {
              labels: { "app.kubernetes.io/part-of": "flux" },
              annotations: { "cluster-autoscaler.kubernetes.io/safe-to-evict": "true" },
            },
          },
        },
      }),
    },
    ...multitenant,
    ...(components.includes("source-watcher")
      ? [addArgs("(kustomize-controller|helm-controller)", ["--feature-gates=ExternalArtifact=true"])]
      : []),
    ...(hasGate ? [addArgs(gated, [`--feature-gates=ObjectLevelWorkloadIdentity=${identity}`])] : []),
    ...spec.patches,
  ];
  return build({ ...files, "kustomization.yaml": kustomization(files, namespace, patches) });
}

function syncManifest(sync: NonNullable<InstanceSpec["sync"]>, namespace: string, minor: number): string {
  const name = sync.name ?? namespace;
  const isStable = sync.kind === "GitRepository" || minor >= 6;
  const ref =
    sync.kind === "Bucket"
      ? { bucketName: sync.ref, endpoint: sync.url }
      : { url: sync.url, ref: sync.kind === "OCIRepository" ? { tag: sync.ref } : { name: sync.ref } };
  const source = {
    apiVersion: `source.toolkit.fluxcd.io/${isStable ? "v1" : "v1beta2"}`,
    kind: sync.kind,
    metadata: { name, namespace },
    spec: {
      interval: sync.interval ?? "1m",
      ...ref,
      ...(sync.pullSecret ? { secretRef: { name: sync.pullSecret } } : {}),
      ...(sync.provider ? { provider: sync.provider } : {}),
    },
  };
  const kustomization = {
    apiVersion: "kustomize.toolkit.fluxcd.io/v1",
    kind: "Kustomization",
    metadata: { name, namespace },
    spec: { interval: "10m0s", path: sync.path, prune: true, sourceRef: { kind: sync.kind, name } },
  };
  return `${yaml.dump(source)}---\n${yaml.dump(kustomization)}`;
}

export interface SyncCase {
  sync: NonNullable<InstanceSpec["sync"]>;
  patches: readonly Patch[];
  namespace: string;
  multitenant?: boolean;
}

/** Only the sync objects of several FluxInstances with their patches, a namespace each, in one build. */
export function buildSyncs(cases: readonly SyncCase[], minor = 6): Data[] {
  const files: Record<string, string> = {
    "kustomization.yaml": yaml.dump({ resources: cases.map((_, index) => `c${index}`) }),
  };
  for (const [index, { sync, patches, namespace, multitenant }] of cases.entries()) {
    const account = [{ op: "add", path: "/spec/serviceAccountName", value: "kustomize-controller" }];
    const own: Patch[] = multitenant ? [{ target: { kind: "Kustomization" }, patch: yaml.dump(account) }] : [];
    const list = [...own, ...patches];
    files[`c${index}/sync.yaml`] = syncManifest(sync, namespace, minor);
    files[`c${index}/kustomization.yaml`] = yaml.dump({ namespace, resources: ["sync.yaml"], patches: list });
  }
  return build(files);
}

/** Versions in the archive, oldest first. */
export function archivedVersions(): string[] {
  const parent = dirname(manifests("0.0.0"));
  const order = (name: string) => name.split(".").reduce((sum, part) => sum * 1000 + Number(part), 0);
  return readdirSync(parent)
    .map((name) => name.slice(1))
    .sort((a, b) => order(a) - order(b));
}
