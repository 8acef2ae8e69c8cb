import { expect, test } from "vitest";
import { clusterFiles, contextOf, type Files } from "../automation/support.ts";

const fluxKustomization = (name: string, path: string, more = "") =>
  `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: ${name}\n  namespace: flux-system\nspec:\n  path: ./${path}\n  prune: true\n  sourceRef:\n    kind: GitRepository\n    name: home-kubernetes\n${more}`;
const list = (...resources: string[]) =>
  `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n${resources.map((item) => `  - ${item}\n`).join("")}`;

/** One FluxKustomization for each namespace, and below it one for each app. */
function tree(more = "", apps = ["flux-system/hooks", "media/films"]): Files {
  const files: Files = { "kubernetes/flux/apps.yaml": fluxKustomization("cluster-apps", "kubernetes/apps") };
  const spaces = ["flux-system", "media"];
  files["kubernetes/apps/kustomization.yaml"] = list(...spaces.map((name) => `./${name}/ks.yaml`));
  for (const space of spaces) {
    const dir = `kubernetes/apps/${space}`;
    const own = apps.filter((app) => app.startsWith(`${space}/`)).map((app) => app.slice(space.length + 1));
    files[`${dir}/ks.yaml`] = fluxKustomization(space, dir, space === "flux-system" ? more : "");
    files[`${dir}/kustomization.yaml`] = list("./namespace.yaml", ...own.map((app) => `./${app}/ks.yaml`));
    files[`${dir}/namespace.yaml`] = `apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ${space}\n`;
    for (const app of own) {
      files[`${dir}/${app}/ks.yaml`] = fluxKustomization(app, `${dir}/${app}/app`);
      files[`${dir}/${app}/app/kustomization.yaml`] = list("./config.yaml");
      files[`${dir}/${app}/app/config.yaml`] = `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${app}\n`;
    }
  }
  return files;
}

function layoutOf(files: Files) {
  const base = Object.entries(clusterFiles("kubernetes")).filter(([path]) => !path.startsWith("kubernetes/apps/"));
  return contextOf({ ...Object.fromEntries(base), ...files }).cluster.layout;
}

test("apps below a FluxKustomization of their namespace", () => {
  expect(layoutOf(tree())).toMatchObject({
    kind: "apps",
    appsDir: "kubernetes/apps",
    namespaceDir: "kubernetes/apps/flux-system",
    parent: { object: { name: "flux-system" } },
  });
});

test("not where that one moves what it builds, or the Flux namespace has none of its own", () => {
  expect(layoutOf(tree("  namePrefix: x-\n")).kind).toBe("manifests");
  expect(layoutOf(tree("", ["media/films", "media/music"])).kind).toBe("manifests");
  expect(layoutOf(tree("", ["flux-system/hooks"])).kind).toBe("manifests");
});
