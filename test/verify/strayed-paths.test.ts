import { expect, test } from "vitest";
import { verifyEdits } from "./edited.ts";
import { ks, kustomization, object } from "./home-tree.ts";
import type { Edits } from "./judge.ts";
import { type Case, cm, sayOf } from "./odd-tree.ts";

const sync = (cluster: string) =>
  `apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: flux-system, namespace: flux-system}\nspec: {interval: 1m, url: https://git.example.invalid/me/fleet.git, ref: {branch: main}}\n${ks("flux-system", `clusters/${cluster}`, [], "flux-system")}`;
const apps = (path: string) => ks("apps", path, [], "flux-system");
const STAGING = "apps/staging";
const PRODUCTION = "apps/production";

const overlay = (host: string) => ({
  "kustomization.yaml": kustomization(["cm.yaml"]),
  "cm.yaml": cm("web", `{host: ${host}}`),
});
const inFolder = (folder: string, files: Record<string, string>) =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]));

const fleet = {
  "clusters/staging/flux-system/gotk-sync.yaml": sync("staging"),
  "clusters/production/flux-system/gotk-sync.yaml": sync("production"),
  "clusters/staging/apps.yaml": apps(STAGING),
  "clusters/production/apps.yaml": apps(PRODUCTION),
  ...inFolder(STAGING, overlay("test.example.org")),
  ...inFolder(PRODUCTION, overlay("example.org")),
};

const STRAYS = { "clusters/production/apps.yaml": apps(STAGING) };

/** The apps lie in the folders of their clusters. */
const nested = Object.fromEntries(
  ["staging", "production"].flatMap((cluster) => [
    [`clusters/${cluster}/flux-system/gotk-sync.yaml`, sync(cluster)],
    [`clusters/${cluster}/apps.yaml`, apps(`clusters/${cluster}/apps`)],
    [`clusters/${cluster}/kustomization.yaml`, kustomization(["flux-system/gotk-sync.yaml", "apps.yaml"])],
    ...Object.entries(inFolder(`clusters/${cluster}/apps`, overlay(cluster))),
  ]),
);

/** Each fills its own name into the path that all share. */
const synced = (cluster: string, stage: string) =>
  sync(cluster).replace("  prune: true", `  postBuild: {substitute: {STAGE: ${stage}}}\n  prune: true`);
const shared = (cluster: string) => ({
  ...fleet,
  "clusters/staging/flux-system/gotk-sync.yaml": synced("staging", "staging"),
  [`clusters/${cluster}/flux-system/gotk-sync.yaml`]: synced(cluster, cluster),
  ...Object.fromEntries(["staging", cluster].map((one) => [`clusters/${one}/apps.yaml`, apps("apps/${STAGE}")])),
});

/** The same by a patch of each FluxInstance. */
const instance = (cluster: string, stage: string) => {
  const value = { substitute: { STAGE: stage } };
  const patch = JSON.stringify([{ op: "add", path: "/spec/postBuild", value }]);
  return object("FluxInstance", "flux", "fluxcd.controlplane.io/v1", [
    "  namespace: flux-system",
    "spec:",
    "  distribution: {version: 2.7.x, registry: ghcr.io/fluxcd}",
    `  sync: {kind: GitRepository, url: 'https://git.example.invalid/me/fleet.git', ref: refs/heads/main, path: clusters/${cluster}}`,
    `  kustomize: {patches: [{target: {kind: Kustomization, name: flux-system}, patch: '${patch}'}]}`,
  ]);
};
const operated = {
  ...shared("production"),
  ...Object.fromEntries(
    ["staging", "production"].flatMap((one) => [
      [`clusters/${one}/flux-system/gotk-sync.yaml`, undefined],
      [`clusters/${one}/instance.yaml`, instance(one, one)],
    ]),
  ),
};

const OPEN = ["flux-system/gotk-sync.yaml", "../../bases"];

const patched = (resources: string[], name: string, path: string, op = "replace") => {
  const patch = JSON.stringify([{ op, path: "/spec/path", value: `./${path}` }]);
  return kustomization(resources, [`patches: [{target: {kind: Kustomization, name: ${name}}, patch: '${patch}'}]`]);
};

const CASES: Case[] = [
  [
    "production is pointed at it by a patch, and its own file stays as it is",
    "unsafe | folder-of-another Kustomization flux-system/apps",
    fleet,
    { "clusters/production/kustomization.yaml": patched(["flux-system/gotk-sync.yaml", "apps.yaml"], "apps", STAGING) },
  ],
  [
    "the root of production is pointed at staging by a patch",
    "unsafe | folder-of-another Kustomization flux-system/apps | folder-of-another Kustomization flux-system/flux-system",
    fleet,
    {
      "clusters/production/flux-system/kustomization.yaml": patched(
        ["gotk-sync.yaml"],
        "flux-system",
        "clusters/staging",
      ),
    },
  ],
  [
    "production is pointed at the folder of staging",
    "unsafe | folder-of-another Kustomization flux-system/apps",
    fleet,
    { "clusters/production/apps.yaml": apps(STAGING) },
  ],
  [
    "production is pointed at it where a patch holds the defaults of all, with no path",
    "unsafe | folder-of-another Kustomization flux-system/apps",
    {
      ...fleet,
      "clusters/production/kustomization.yaml": `${kustomization(["apps.yaml", "flux-system/gotk-sync.yaml"])}patches:\n- path: defaults.yaml\n  target: {kind: Kustomization, name: apps}\n`,
      "clusters/production/defaults.yaml": ks("all", "", [], "flux-system").replace("  path: ./\n", ""),
    },
    { "clusters/production/apps.yaml": apps(STAGING) },
  ],
  [
    "both patch a base that leaves the path open",
    "unsafe | folder-of-another Kustomization flux-system/apps",
    {
      ...fleet,
      "bases/apps.yaml": apps("").replace("  path: ./\n", ""),
      "bases/kustomization.yaml": kustomization(["apps.yaml"]),
      "clusters/staging/apps.yaml": undefined,
      "clusters/production/apps.yaml": undefined,
      "clusters/staging/kustomization.yaml": patched(OPEN, "apps", STAGING, "add"),
      "clusters/production/kustomization.yaml": patched(OPEN, "apps", PRODUCTION, "add"),
    },
    { "clusters/production/kustomization.yaml": patched(OPEN, "apps", STAGING, "add") },
  ],
  [
    "its variable is given the value of staging",
    "unsafe | folder-of-another Kustomization flux-system/apps",
    shared("production"),
    { "clusters/production/flux-system/gotk-sync.yaml": synced("production", "staging") },
  ],
  [
    "its FluxInstance gives its variable the value of staging",
    "unsafe | folder-of-another Kustomization flux-system/apps",
    operated,
    { "clusters/production/instance.yaml": instance("production", "staging") },
  ],
  [
    "only another repository has a folder of that name that is read",
    "unsafe | folder-of-another Kustomization flux-system/apps",
    { ...fleet, "clusters/staging/far.yaml": ks("far", PRODUCTION, [], "other") },
    STRAYS,
  ],
  [
    "what its parent delivers from the other folder follows from the parent",
    "unsafe | folder-of-another Kustomization flux-system/flux-system",
    nested,
    { "clusters/production/flux-system/gotk-sync.yaml": sync("staging") },
  ],
  [
    "it moves up to a folder that holds both",
    "unsafe | build-breaks Kustomization flux-system/apps",
    fleet,
    { "clusters/production/apps.yaml": apps("apps") },
  ],
  [
    "production applies that of staging as well already",
    "safe",
    { ...fleet, "clusters/production/also.yaml": ks("also", STAGING, [], "flux-system") },
    STRAYS,
  ],
  [
    "another cluster reads the folder that it leaves",
    "safe",
    { ...fleet, "clusters/staging/more.yaml": ks("more", PRODUCTION, ["targetNamespace: more"], "flux-system") },
    STRAYS,
  ],
  [
    "another cluster reads all of the folder above",
    "safe",
    { ...fleet, "clusters/staging/more.yaml": ks("more", "apps", ["targetNamespace: more"], "flux-system") },
    STRAYS,
  ],
  [
    "a manifest that no cluster here applies reads the folder that it leaves",
    "safe",
    { ...fleet, "parked/apps.yaml": ks("parked", PRODUCTION, [], "flux-system") },
    STRAYS,
  ],
  [
    "production joins staging, and its own folder goes",
    "safe",
    fleet,
    {
      "clusters/production/apps.yaml": apps(STAGING),
      [`${PRODUCTION}/kustomization.yaml`]: undefined,
      [`${PRODUCTION}/cm.yaml`]: undefined,
    },
  ],
  [
    "production moves to a new folder of its own",
    "safe",
    fleet,
    { "clusters/production/apps.yaml": apps("apps/v2"), ...inFolder("apps/v2", overlay("example.org")) },
  ],
  [
    "the folder that it leaves is the base of what it takes",
    "safe",
    {
      ...fleet,
      [`${STAGING}/kustomization.yaml`]: kustomization(["../production"]),
      [`${STAGING}/cm.yaml`]: undefined,
    },
    { "clusters/production/apps.yaml": apps(STAGING) },
  ],
];

test.each(CASES)("%s", (_what, said, before, change) => {
  expect(sayOf(before, change)).toBe(said);
});

test("is told with both folders, the other cluster and what stays", () => {
  const tell = (edits: Edits) => verifyEdits(edits, fleet).findings.filter(({ level }) => level === "blocker");
  expect(tell(STRAYS)).toMatchObject([
    {
      what: "Kustomization flux-system/apps reads apps/staging from now on, the folder of cluster staging; nothing applies apps/production any more, though 2 files in it stay.",
      why: expect.stringContaining("this cluster gets the other one's settings"),
      next: expect.stringContaining("take apps/production out in the same change"),
    },
  ]);
  const [one] = tell({ ...STRAYS, [`${PRODUCTION}/kustomization.yaml`]: undefined });
  expect(one?.what).toMatch(/though apps\/production\/cm\.yaml stays\.$/);
});
