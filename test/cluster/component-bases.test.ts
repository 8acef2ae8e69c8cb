import { expect, test } from "vitest";
import { parse } from "yaml";
import { readInstallBase } from "../../src/safety/sources/remote-bases.ts";
import { fluxKustomization, kustomization, makeSync } from "../gotk/make-gotk.ts";
import { type Files, instanceText, runAll } from "../gotk/run-phases.ts";

const CONTROLLERS = ["source-controller", "kustomize-controller", "helm-controller"];
const base = (part: string, version = "v2.7.5") => `https://github.com/fluxcd/flux2//manifests/${part}?ref=${version}`;
const repository = (...bases: string[]): Files => ({
  "clusters/home/sync/gotk-sync.yaml": makeSync("./clusters/home"),
  "clusters/home/flux.yaml": fluxKustomization("flux", "./flux"),
  "flux/kustomization.yaml": kustomization(
    `namespace: flux-system\nresources:\n${["own.yaml", ...bases].map((one) => `  - ${one}\n`).join("")}`,
  ),
  "flux/own.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: own\n",
});
const parts = CONTROLLERS.map((name) => base(`bases/${name}`));
const clusterOf = (files: Files) => parse(instanceText(files)).spec.values.instance;

test("the bases of single components in one kustomization are an install of these, without policies", () => {
  const { install, cutover, cleanup } = runAll(repository(...parts, base("rbac")));
  for (const phase of [install, cutover, cleanup])
    expect(phase.findings.filter(({ level }) => level === "blocker")).toEqual([]);
  expect(clusterOf(install.files)).toMatchObject({ components: CONTROLLERS, cluster: { networkPolicy: false } });
  expect(cleanup.files["flux/kustomization.yaml"]).not.toContain("fluxcd");
  expect(cleanup.files["flux/kustomization.yaml"]).toContain("own.yaml");
});

test("with those of the release the policies stay", () => {
  const { install } = runAll(repository(...parts, base("rbac"), base("policies")));
  expect(clusterOf(install.files).cluster.networkPolicy).toBe(true);
});

test("at two versions they are two installs", () => {
  const { install } = runAll(repository(parts[0]!, base("bases/kustomize-controller", "v2.7.4")));
  expect(install.rules).toContain("install-contradiction");
});

test("what each base holds is known, once", () => {
  const names = (part: string) =>
    readInstallBase(base(part))?.objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  expect(names("bases/helm-controller")).toEqual([
    "CustomResourceDefinition helmreleases.helm.toolkit.fluxcd.io",
    "ServiceAccount helm-controller",
    "Deployment helm-controller",
  ]);
  expect(names("policies")).toEqual(["egress", "scraping", "webhooks"].map((what) => `NetworkPolicy allow-${what}`));
  expect(names("bases/other-controller")).toBeUndefined();
});
