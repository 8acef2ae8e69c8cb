import { expect, test } from "vitest";
import { makeFluxSystem } from "../gotk/make-gotk.ts";
import { runAll } from "../gotk/run-phases.ts";
import { homeOps, migrate, run } from "../traps/support.ts";

const FILES = {
  "components/flux/component.cue": 'flux: {\n\turl: "oci://ghcr.io/fluxcd/flux-manifests"\n}\n',
  "components/start.jsonnet": "{ url: 'https://github.com/example/home-ops' }\n",
  "components/apps.cue": 'spec: sourceRef: {\n\tkind: "GitRepository"\n\tname: "home"\n}\n',
  "components/labels.cue": 'labels: app: "home"\n',
  "components/links.libsonnet": "{ docs: 'https://github.com/example/home-ops/wiki' }\n",
  "tools/links.ts": 'const home = "https://github.com/example/home-ops";\n',
  "tools/start.ts":
    'new GitRepository(chart, "source", {\n  spec: { url: "https://github.com/example/home-ops" },\n});\n',
  "archive/component.cue": 'flux: url: "oci://ghcr.io/fluxcd/flux-manifests"\n',
};

test("what a language or a program generates install and source from is named in every phase: it is rendered between two as well", () => {
  const said = (result: ReturnType<typeof run>) =>
    result.findings
      .filter(({ rule }) => rule === "template-regenerates")
      .map(({ level, what }) => `${level} ${what.replace(/^.*?: /, "")}`);
  const all = [
    "caution components/apps.cue:3, components/flux/component.cue:2, components/start.jsonnet:1, tools/start.ts:2.",
  ];
  const start = { ...homeOps(), ...FILES };
  expect(said(run(start))).toEqual(all);
  const { files: installed } = migrate(start);
  expect(said(run(installed, { phase: "cutover" }))).toEqual(all);
  const { files: cutOver } = migrate(installed, { phase: "cutover" });
  expect(said(run(cutOver, { phase: "cleanup" }))).toEqual(all);
  expect(said(run({ ...start, "components/start.jsonnet": "{}" }, { sync: "keep" }))).toEqual([
    "caution components/flux/component.cue:2.",
  ]);
});

test("what a template renders into a script, a unit or a HelmChart of k3s is named, and no page of it", () => {
  const templates = {
    "ansible/templates/flux.service.j2": "[Service]\nExecStart=/usr/bin/flux bootstrap github --owner={{ owner }}\n",
    "ansible/templates/flux.sh.j2": "#!/bin/sh\n# flux install\nflux install --version {{ version }}\n",
    "ansible/templates/flux.yaml.j2": "kind: HelmChart\nspec:\n  chart: flux2\n  version: {{ version }}\n",
    "ansible/templates/motd.j2": "Flux is in influx2\n",
    "templates/README.md.j2": "Run flux install.\n",
  };
  const installed = migrate({ ...homeOps(), ...templates }).files;
  const { files: cutOver } = migrate(installed, { phase: "cutover" });
  const found = run(cutOver, { phase: "cleanup" }).findings.find(({ rule }) => rule === "template-regenerates");
  expect(found?.what).toMatch(
    /: ansible\/templates\/flux.service.j2:2, ansible\/templates\/flux.sh.j2:3, ansible\/templates\/flux.yaml.j2:3\.$/,
  );
});

test("a template of the source or the root is named by the document, for a playbook that applies it itself", () => {
  const document = (kind: string, name: string, group = "source") =>
    `apiVersion: ${group}.toolkit.fluxcd.io/v1\nkind: ${kind}\nmetadata:\n  namespace: flux-system\n  name: ${name}\nspec:\n  interval: {{ interval }}\n`;
  const sync = [
    document("GitRepository", '"home"'),
    document("GitRepository", "charts"),
    document("Kustomization", "cluster # the root", "kustomize"),
    document("Kustomization", "apps", "kustomize"),
  ].join("---\n");
  const start = { ...homeOps(), "ansible/roles/flux/templates/sync.yml.j2": sync };
  const { files } = migrate(migrate(start).files, { phase: "cutover" });
  const [found, ...more] = run(files, { phase: "cleanup" }).findings.filter(
    ({ rule }) => rule === "template-regenerates",
  );
  expect(more).toEqual([]);
  expect(found!.what).toMatch(/: ansible\S+sync\.yml\.j2:1, ansible\S+sync\.yml\.j2:17\.$/);
});

test("a folder that vendir writes whole is named from the install phase on: it deletes what it did not write", () => {
  const dir = "clusters/home/flux-system";
  const settings = (path: string, contents: string) =>
    `apiVersion: vendir.k14s.io/v1alpha1\nkind: Config\ndirectories:\n- path: ${path}\n  contents:\n${contents}`;
  const from = "  - path: .\n    git: {url: https://git.example.org/dist, ref: main}\n";
  const said = (file: string, text: string) => {
    const { install, cutover, cleanup } = runAll({ ...makeFluxSystem("clusters/home"), [file]: text });
    return [install, cutover, cleanup].map(({ findings }) =>
      findings
        .filter(({ rule, what }) => rule === "template-regenerates" && what.startsWith("vendir"))
        .map(({ level, at }) => `${level} ${at?.file}:${at?.line}`),
    );
  };
  const here = [`caution vendir.yml:4`];
  expect(said("vendir.yml", settings(dir, from))).toEqual([here, here, here]);
  expect(said("clusters/vendir.yaml", settings("./home/", from))[0]).toEqual(["caution clusters/vendir.yaml:4"]);
  const kept = "  - path: flux-system\n    manual: {}\n  - path: apps\n    git: {url: https://git.example.org/apps}\n";
  expect(said("vendir.yml", settings("clusters/home", kept)).flat()).toEqual([]);
  expect(said("vendir.yml", settings("charts", from)).flat()).toEqual([]);
  expect(said("archive/vendir.yml", settings(dir, from)).flat()).toEqual([]);
});
