import { expect, test } from "vitest";
import { APP, makeFluxSystem, makeSync } from "../gotk/make-gotk.ts";
import { type Files, runPhase } from "../gotk/run-phases.ts";

const CHART = "oci://ghcr.io/controlplaneio-fluxcd/charts/flux-instance";
const HELMFILE = `releases:\n  - name: flux\n    chart: ${CHART}\n    hooks:\n      - args: [crd/gitrepositories.source.toolkit.fluxcd.io]\n`;

const start = (cluster: string): Files => ({
  [`clusters/${cluster}/sync.yaml`]: makeSync(`./clusters/${cluster}`),
  [`clusters/${cluster}/apps.yaml`]: APP,
});
const missing = (files: Files) =>
  runPhase(files, "install").findings.filter(({ rule }) => rule === "install-not-found");

test.each([
  ["bootstrap/helmfile.yaml", HELMFILE, 3],
  ["bootstrap/helmfile.d/01-core.yaml.gotmpl", `# {{ .Environment.Name }}\n---\n${HELMFILE}`, 5],
  ["up.sh", `#!/bin/sh\n# ${CHART}\nhelm upgrade --install flux ${CHART} -f values.yaml\n`, 3],
  ["ansible/flux.yml", `- kubernetes.core.helm:\n    chart_ref: ${CHART}\n`, 2],
  ["infra/main.tf", 'resource "helm_release" "flux" {\n  chart = "flux-instance"\n}\n', 2],
])("an install that only %s knows, with the chart of a FluxInstance, is not to be written down", (file, text, line) => {
  const [found, ...more] = missing({ ...start("home"), [file]: text });
  expect(more).toEqual([]);
  expect(found?.what).toContain(`flux-instance of Flux Operator (${file}:${line})`);
  expect(found?.next).not.toContain("flux install --export");
});

test.each([
  ["docs/bootstrap/helmfile.yaml", HELMFILE],
  ["archive/helmfile.yaml", HELMFILE],
  ["renovate.json", `{"packageRules": [{"matchPackageNames": ["${CHART}"]}]}\n`],
  ["up.sh", `# helm install flux ${CHART}\n`],
  ["bootstrap/helmfile.yaml", HELMFILE.replace("flux-instance", "flux-instance-extras")],
])("%s may not be what runs", (file, text) => {
  expect(missing({ ...start("home"), [file]: text })[0]?.next).toContain("flux install --export");
});

test("what lies with another cluster says nothing of this one", () => {
  const files = { ...start("one"), ...start("two"), "clusters/two/helmfile.yaml": HELMFILE };
  const said = Object.fromEntries(missing(files).map(({ cluster, what }) => [cluster, what.includes("flux-instance")]));
  expect(said).toEqual({ one: false, two: true });
});

const loose = (path: string, url = "ssh://git@git.example.org/fleet") =>
  `apiVersion: fluxcd.controlplane.io/v1
kind: FluxInstance
metadata: {name: flux, namespace: flux-system}
spec:
  distribution: {version: 2.7.x, registry: ghcr.io/fluxcd}
  sync: {kind: GitRepository, url: ${url}, ref: refs/heads/main, path: ${path}}
`;

test("a FluxInstance that nothing delivers, and that syncs the folder, may be what runs there", () => {
  const files = { ...start("one"), ...start("two"), "machines/two.yaml": loose("clusters/two") };
  const said = Object.fromEntries(missing(files).map(({ cluster, what, next }) => [cluster, `${what} ${next}`]));
  expect(said.one).not.toContain("FluxInstance");
  expect(said.two).toMatch(/a FluxInstance that syncs this folder does, .*\(machines\/two\.yaml:1\)/);
  expect(said.two).toMatch(/If it is there, write no install down.* If it is not there: Write down what runs/);
});

test("one without a sync, beside a source and a root that somebody applied with it, may be what runs", () => {
  const bare = loose("clusters/one").replace(/^ {2}sync:.*\n/m, "");
  const said = (file: string) =>
    Object.fromEntries(
      missing({ ...start("one"), ...start("two"), [file]: bare }).map(({ cluster, what }) => [cluster, what]),
    );
  const near = said("clusters/one-flux.yaml");
  expect(near.one).toContain("a FluxInstance without a sync does, where somebody has applied it");
  const single = missing({ "boot/sync.yaml": makeSync("./apps"), "apps/apps.yaml": APP, "boot/flux.yaml": bare });
  expect(single.map(({ what }) => what)).toEqual([expect.stringContaining("without a sync does, where somebody")]);
  expect(single[0]?.next).toMatch(/write no install down.* If it is not there: Write down what runs/);
  expect(Object.values(said("docs/flux.yaml")).join()).not.toContain("FluxInstance");
});

test.each([
  ["machines/two.yaml", loose("clusters/two", "ssh://git@git.example.org/other")],
  ["machines/two.yaml", loose("clusters/three")],
  ["docs/two.yaml", loose("clusters/two")],
])("one of another repository or folder, or only shown, is not it: %s", (file, text) => {
  const said = missing({ ...start("one"), ...start("two"), [file]: text });
  expect(said.length).toBeGreaterThan(0);
  expect(said.filter(({ what }) => what.includes("FluxInstance"))).toEqual([]);
});

test("one that syncs the folder of a cluster with an install is said of that cluster alone, wherever it lies", () => {
  const files = {
    ...makeFluxSystem("clusters/one"),
    ...makeFluxSystem("clusters/two"),
    "clusters/two.yaml": loose("clusters/two"),
    "machines/one.yaml": loose("./clusters/one"),
  };
  const said = runPhase(files, "install").findings.filter(({ rule }) => rule === "instance-duplicate");
  expect(said.map(({ cluster, at }) => [cluster, at?.file]).sort()).toEqual([
    ["one", "machines/one.yaml"],
    ["two", "clusters/two.yaml"],
  ]);
});
