import { expect, test } from "vitest";
import { fluxKustomization, kustomization } from "../gotk/make-gotk.ts";
import { type Files, runPhase } from "../gotk/run-phases.ts";

const SYNC = `apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: { name: lab, namespace: flux-system }
spec: { interval: 5m, url: https://github.com/example/lab, ref: { branch: main } }
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: lab, namespace: flux-system }
spec: { interval: 5m, path: ./apps, prune: true, sourceRef: { kind: GitRepository, name: lab } }
`;
const FLUX = `apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: { name: flux-manifests, namespace: flux-system }
spec: { interval: 5m, url: "oci://ghcr.io/fluxcd/flux-manifests", ref: { tag: v2.8.8 } }
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: flux, namespace: flux-system }
spec: { interval: 5m, path: ./, prune: true, sourceRef: { kind: OCIRepository, name: flux-manifests } }
`;
const CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings, namespace: default }\n";

/** Apps in files beside the folders that they build, each namespace with a list of its own. */
function tree(apps: readonly [namespace: string, app: string][], own = "resources: [flux.ks.yaml]\n"): Files {
  const files: Files = {
    "bootstrap/sync.yaml": SYNC,
    "apps/flux-system/kustomization.yaml": kustomization(own),
    "apps/flux-system/flux.ks.yaml": FLUX,
  };
  for (const [namespace, app] of apps) {
    const listed = apps.filter(([one]) => one === namespace).map(([, each]) => `${each}.ks.yaml`);
    files[`apps/${namespace}/kustomization.yaml`] = kustomization(`resources: [${listed.join(", ")}]\n`);
    const made = fluxKustomization(`${namespace}-${app}`, `./apps/${namespace}/${app}`);
    files[`apps/${namespace}/${app}.ks.yaml`] = made.replaceAll("name: flux-system", "name: lab");
    files[`apps/${namespace}/${app}/settings.yaml`] = CONFIG.replace("settings", app);
  }
  return files;
}

const made = (files: Files) =>
  runPhase(files, "install").changed.filter((path) => /flux-(?:operator|instance)/.test(path));

test("where each namespace keeps its apps in its folder, Flux's does too, in files called alike", () => {
  const paths = made(
    tree([
      ["media", "plex"],
      ["media", "sonarr"],
      ["web", "blog"],
    ]),
  );
  expect(paths).toContain("apps/flux-system/flux-operator.ks.yaml");
  expect(paths).toContain("apps/flux-system/flux-instance.ks.yaml");
  expect(paths.every((path) => path.startsWith("apps/flux-system/"))).toBe(true);
});

test.each([
  [
    "one namespace is no habit",
    tree([
      ["media", "plex"],
      ["media", "sonarr"],
    ]),
  ],
  [
    "a list that moves what it holds",
    tree(
      [
        ["media", "plex"],
        ["web", "blog"],
      ],
      "namePrefix: x-\nresources: [flux.ks.yaml]\n",
    ),
  ],
])("not for %s", (_, files) => {
  expect(made(files).some((path) => path.startsWith("apps/flux-system/flux-"))).toBe(false);
});
