import { describe, expect, test } from "vitest";
import { verifyEdits } from "./edited.ts";
import { kustomization, object } from "./home-tree.ts";
import type { Edits, Files } from "./judge.ts";

const SYSTEM = "GitRepository, name: flux-system";
const flux = (name: string, path: string, more = "") =>
  `---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: ${name}\n  namespace: flux-system\nspec:\n  interval: 10m\n  prune: true\n  path: ${path}\n  sourceRef: {kind: ${SYSTEM}}\n${more}`;
const VALUES = (path: string) =>
  `instance:\n  distribution: {version: 2.4.0}\n  sync: {kind: GitRepository, url: 'https://git.example.invalid/me/home.git', ref: refs/heads/main, path: '${path}'}\n`;
const RELEASE = `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: flux-instance, namespace: flux-system}
spec:
  interval: 30m
  chart: {spec: {chart: flux-instance, version: 0.13.0, sourceRef: {kind: HelmRepository, name: charts}}}
  valuesFrom: [{kind: ConfigMap, name: flux-instance-values}]
`;
const CHARTS = `---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata: {name: charts, namespace: flux-system}\nspec: {type: oci, interval: 1h, url: 'oci://ghcr.io/controlplaneio-fluxcd/charts'}\n`;
const WRITTEN = "clusters/$" + "{CLUSTER}/flux";
const MANIFEST = (path: string) =>
  `apiVersion: fluxcd.controlplane.io/v1\nkind: FluxInstance\nmetadata:\n  name: flux\n  namespace: flux-system\nspec:\n  distribution: {version: 2.4.0}\n  sync: {kind: GitRepository, url: 'https://git.example.invalid/me/home.git', ref: refs/heads/main, path: '${path}'}\n`;

const inline = (value: string) => `  postBuild:\n    substitute: {CLUSTER: ${value}}\n`;
const from = (name: string) => `  postBuild:\n    substituteFrom: [{kind: ConfigMap, name: ${name}}]\n`;
const settings = (value: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: flux-system}\ndata: {CLUSTER: ${value}}\n`;

/** What completes the instance of a cluster: the folder that it builds, and what it fills in. */
const instance = (name: string, path: string, more: string): Files => ({
  [`clusters/${name}/apps/instance.yaml`]: flux("instance", path, more),
});
const member = (name: string): Files => ({
  [`clusters/${name}/flux/apps.yaml`]: flux("apps", `./clusters/${name}/apps`),
  [`clusters/${name}/apps/charts.yaml`]: CHARTS,
  [`clusters/${name}/apps/settings.yaml`]: settings(name),
  [`clusters/${name}/apps/own.yaml`]: object("ConfigMap", `only-${name}`, "v1", ["  namespace: apps"]),
});
const shared = (form: string): Files =>
  form === "manifest"
    ? { "base/instance/flux.yaml": MANIFEST(WRITTEN) }
    : {
        "base/instance/release.yaml": RELEASE,
        "base/instance/values.yaml": VALUES(WRITTEN),
        "base/instance/kustomization.yaml": `${kustomization(["release.yaml"])}configMapGenerator:\n  - name: flux-instance-values\n    namespace: flux-system\n    files: [values.yaml=values.yaml]\ngeneratorOptions: {disableNameSuffixHash: true}\n`,
      };
const both: Files = { ...member("one"), ...member("two") };

function answer(tree: Files, edits: Edits) {
  const { verdict, clusters, findings } = verifyEdits(edits, tree, []);
  expect(clusters.map(({ cluster }) => cluster)).toEqual(["one", "two"]);
  const loud = findings.filter(({ level }) => level === "blocker" || level === "caution");
  return [verdict, ...new Set(loud.map(({ rule }) => rule))];
}

const shares = (form: string, one: string, two: string): Files => ({
  ...both,
  ...shared(form),
  ...instance("one", "./base/instance", one),
  ...instance("two", "./base/instance", two),
});

describe.each(["manifest", "chart"])("a FluxInstance (%s) that clusters share by a variable in its path", (form) => {
  test("may take another version", () => {
    const [file = "", text = ""] = Object.entries(shared(form)).find(([, one]) => one.includes("2.4.0"))!;
    for (const values of [
      [inline("one"), inline("two")],
      [from("settings"), from("settings")],
    ] as const)
      expect(answer(shares(form, ...values), { [file]: text.replace("2.4.0", "2.4.1") })[0]).toBe("safe");
  });

  test("gets the folder of another", () => {
    const before = shares(form, inline("one"), inline("two"));
    const [verdict, ...rules] = answer(before, instance("two", "./base/instance", inline("one")));
    expect(verdict).toBe("unsafe");
    expect(rules).toEqual(expect.arrayContaining(["folder-of-another", "wanted-may-go"]));
  });

  test("gets the folder of another by a value in a ConfigMap", () => {
    const edits = { "clusters/two/apps/settings.yaml": settings("one") };
    expect(answer(shares(form, from("settings"), from("settings")), edits)[0]).toBe("unsafe");
  });
});

test("a FluxInstance that takes the place of those that clusters had is judged by what each fills in", () => {
  const own = (name: string): Files => ({
    ...instance(name, `./clusters/${name}/instance`, ""),
    [`clusters/${name}/instance/flux.yaml`]: MANIFEST(`clusters/${name}/flux`),
  });
  const gone = { "clusters/one/instance/flux.yaml": undefined, "clusters/two/instance/flux.yaml": undefined };
  const before = { ...both, ...own("one"), ...own("two") };
  const move = (one: string, two: string) => answer(before, { ...gone, ...shares("manifest", one, two) });
  expect(move(inline("one"), inline("two"))).toEqual(["safe"]);
  expect(move(from("settings"), from("settings"))).toEqual(["safe"]);
  expect(move("", "")).toEqual(["unsafe", "instance-harms"]);
  expect(move(from("elsewhere"), from("elsewhere"))[0]).toBe("unproven");
  expect(move(inline("two"), inline("two"))[0]).toBe("unsafe");
});
