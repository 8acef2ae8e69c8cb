import { parse, stringify } from "yaml";
import type { Cluster } from "./cluster.ts";
import type { FluxPatch } from "./patches.ts";
import type { Data, Tree } from "./tree.ts";

/** What few owners do with the fields of source and root, and the meaning stays. */
export function oddSync(tree: Tree, cluster: Cluster, source: Data, root: Data): void {
  const { pick } = tree;
  if (tree.has("ref-by-name", 0.08)) source.spec.ref = { name: "refs/heads/main" };
  else if (tree.has("ref-with-commit", 0.04)) source.spec.ref.commit = "0123456789012345678901234567890123456789";
  if (tree.has("odd-path", 0.15))
    root.spec.path = pick.one([cluster.root, `${cluster.root}/`, `./${cluster.root}/`, `/${cluster.root}`]);
  if (tree.has("source-label", 0.1)) source.metadata.labels = { "example.com/owner": "platform" };
  if (tree.has("root-annotation", 0.1)) root.metadata.annotations = { "kustomize.toolkit.fluxcd.io/prune": "disabled" };
  if (tree.has("target-namespace", 0.05)) root.spec.targetNamespace = "flux-system";
  if (tree.has("proxy", 0.06)) source.spec.proxySecretRef = { name: "proxy" };
  if (tree.has("verify-source", 0.06)) source.spec.verify = { mode: "HEAD", secretRef: { name: "pgp-keys" } };
  if (tree.has("root-health", 0.08))
    root.spec.healthChecks = [
      { apiVersion: "apps/v1", kind: "Deployment", name: "kustomize-controller", namespace: "flux-system" },
    ];
  if (tree.has("long-interval", 0.1)) root.spec.interval = "0h30m";
}

/**
 * Says patches in the fields that kustomize had before `patches`, or in a component, where that is the same.
 * @returns what goes into the kustomization of `dir`
 */
export function oddPatches(tree: Tree, dir: string, patches: FluxPatch[]): Data {
  if (patches.length === 0) return {};
  if (tree.has("component", 0.12)) {
    const folder = "components/flux";
    tree.add(`${folder}/kustomization.yaml`, {
      apiVersion: "kustomize.config.k8s.io/v1alpha1",
      kind: "Component",
      patches,
    });
    return {
      components: [
        `${dir
          .split("/")
          .map(() => "..")
          .join("/")}/${folder}`,
      ],
    };
  }
  if (!tree.has("old-patch-fields", 0.15)) return { patches };
  const more: Data = {};
  patches.forEach((one, at) => {
    const isJson = one.patch.startsWith("- op");
    const isNamed = /^[a-z-]+$/.test(String(one.target?.name ?? ""));
    if (isJson && isNamed && one.target?.kind === "Deployment") {
      const file = `json-${at}.yaml`;
      tree.files.set(`${dir}/${file}`, one.patch);
      const { kind, name } = one.target as Data;
      more.patchesJson6902 = [
        ...(more.patchesJson6902 ?? []),
        { target: { group: "apps", version: "v1", kind, name, namespace: "flux-system" }, path: file },
      ];
    } else if (!isJson && !one.target) {
      const file = `merge-${at}.yaml`;
      tree.files.set(`${dir}/${file}`, one.patch);
      more.patchesStrategicMerge = [...(more.patchesStrategicMerge ?? []), file];
    } else more.patches = [...(more.patches ?? []), one];
  });
  return more;
}

/** Further fields of the kustomization that builds the controllers. */
export function oddFields(tree: Tree): Data {
  return {
    ...(tree.has("replicas", 0.06) ? { replicas: [{ name: "source-controller", count: 1 }] } : {}),
    ...(tree.has("common-annotations", 0.05) ? { commonAnnotations: { "example.com/team": "platform" } } : {}),
  };
}

/** Readers of what else there may be: another branch, another repository, the install. */
export function oddApps(tree: Tree, cluster: Cluster, child: (name: string, path: string) => Data): Data[] {
  const docs: Data[] = [];
  const source = (name: string, url: string, ref: Data): Data => ({
    apiVersion: "source.toolkit.fluxcd.io/v1",
    kind: "GitRepository",
    metadata: { name, namespace: "flux-system" },
    spec: { interval: "1h", url, ref },
  });
  const reading = (one: Data, name: string): Data => ({
    ...one,
    spec: { ...one.spec, sourceRef: { kind: "GitRepository", name } },
  });
  if (tree.has("other-branch", 0.08))
    docs.push(
      source("staging-branch", "https://github.com/acme/fleet", { branch: "next" }),
      reading(child("next", "next"), "staging-branch"),
    );
  if (tree.has("other-repository", 0.15))
    docs.push(
      source("vendor", "https://github.com/vendor/apps", { tag: "v1.0.0" }),
      reading(child("vendor", "deploy"), "vendor"),
    );
  if (cluster.style === "manifests" && tree.has("waits-for-flux", 0.2)) {
    const one = child("waiting", "waiting");
    one.spec.dependsOn = [{ name: "flux" }];
    one.spec.healthChecks = [
      { apiVersion: "apps/v1", kind: "Deployment", name: "helm-controller", namespace: "flux-system" },
    ];
    tree.list("waiting", ["config.yaml"]);
    tree.add("waiting/config.yaml", {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "waiting", namespace: "default" },
      data: { a: "b" },
    });
    docs.push(one);
  }
  return docs;
}

/** Writes all of a tree otherwise, so that it says the same. */
export function oddText(tree: Tree): void {
  const change = (only: (path: string) => boolean, to: (text: string) => string) => {
    for (const [path, text] of tree.files) if (/\.ya?ml$/.test(path) && only(path)) tree.files.set(path, to(text));
  };
  if (tree.has("crlf", 0.06))
    change(
      (path) => !path.includes("gotk-"),
      (text) => text.replace(/\n/g, "\r\n"),
    );
  else if (tree.has("comments", 0.15))
    change(
      (path) => path.endsWith("kustomization.yaml"),
      (text) => text.replace(/^resources:\n/m, "# what is here\nresources: # in order\n  # - ./not-yet.yaml\n"),
    );
  if (tree.has("json-root", 0.03))
    change(
      (path) => path.endsWith("apps.yaml"),
      (text) => (text.includes("\n---\n") ? text : `${JSON.stringify(parseOne(text), undefined, 2)}\n`),
    );
}

const parseOne = (text: string): unknown => parse(text.replace(/^---\n/, ""));

/** A flux2 release in a way that few write it. */
export function oddRelease(tree: Tree, config: string, flux: Data, resources: string[]): void {
  if (tree.has("values-from", 0.15)) {
    const name = "flux-values";
    resources.push(
      tree.add(`${config}/${name}`, {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name, namespace: "flux-system" },
        data: { "values.yaml": stringify(flux.spec.values) },
      }),
    );
    flux.spec.values = undefined;
    flux.spec.valuesFrom = [{ kind: "ConfigMap", name }];
  }
  if (tree.has("release-name", 0.1)) flux.spec.releaseName = "flux";
}
