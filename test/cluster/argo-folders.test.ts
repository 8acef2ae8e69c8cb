import { expect, test } from "vitest";
import { APP, makeFluxSystem } from "../gotk/make-gotk.ts";
import { type Files, runAll } from "../gotk/run-phases.ts";

const DIR = "clusters/home/flux-system";

function application(
  path: string,
  { spec = "", prune = true, kind = "Application", url = "https://git.example.org/fleet.git" } = {},
): string {
  const body = `project: default\nsource:\n  repoURL: ${url}\n  path: ${path}\n${spec}syncPolicy:\n  automated:\n    prune: ${prune}\n`;
  const whole = kind === "Application" ? body : `template:\n  spec:\n${body.replace(/^/gm, "    ")}`;
  return `apiVersion: argoproj.io/v1alpha1\nkind: ${kind}\nmetadata:\n  name: flux\nspec:\n${whole.replace(/^(?=.)/gm, "  ")}`;
}

function found(text: string, more: Files = {}): string[][] {
  const files = { ...makeFluxSystem("clusters/home"), "clusters/home/apps.yaml": APP, "argo/flux.yaml": text, ...more };
  const { install, cutover, cleanup } = runAll(files);
  return [install, cutover, cleanup].map(({ findings }) =>
    findings
      .filter(({ rule }) => rule === "argo-applies-flux")
      .map(({ level, at, what }) => `${level} ${at?.line} ${/and with it (.*)\.$/.exec(what)?.[1]}`),
  );
}

test("an Application that prunes what goes stops the phase, and is named before", () => {
  const line =
    application(DIR)
      .split("\n")
      .findIndex((text) => text.includes("path:")) + 1;
  const stop = [`blocker ${line} ${DIR}/gotk-components.yaml`];
  const [install, cutover] = found(application(DIR));
  expect([install, cutover]).toEqual([[`caution ${line} ${DIR}/gotk-components.yaml`], stop]);
  expect(found(application(DIR, { kind: "ApplicationSet" }))[1]).toHaveLength(1);
});

test("one that leaves what goes is named", () => {
  const [, cutover, cleanup] = found(application(`./${DIR}/`, { prune: false }));
  expect(cutover).toEqual([expect.stringMatching(/^caution .*gotk-components\.yaml$/)]);
  expect(cleanup).toEqual([expect.stringMatching(/^caution .*gotk-sync\.yaml$/)]);
});

test("a folder above counts where Argo CD goes into those below", () => {
  expect(found(application("clusters"))).toEqual([[], [], []]);
  expect(found(application("clusters", { spec: "  directory:\n    recurse: true\n" }))[1]).toHaveLength(1);
});

test("not what reads another repository, another folder or one that is filled in", () => {
  expect(found(application(DIR, { url: "https://git.example.org/other" }))).toEqual([[], [], []]);
  expect(found(application("clusters/home/apps"))).toEqual([[], [], []]);
  expect(found(application('"{{path}}"'))).toEqual([[], [], []]);
});

test.each([
  ["clusters/home/*", "", 1],
  ["/clusters/*/flux-system", "", 1],
  ["clusters/*", "", 0],
  ["clusters/home/*", `\n      - path: ${DIR}\n        exclude: true`, 0],
  ["apps/*", "", 0],
])("an ApplicationSet that makes one of each folder %s%s", (pattern, more, count) => {
  for (const place of ["{{path}}", "{{ .path.path }}"]) {
    const template = application(place, { kind: "ApplicationSet" }).replaceAll(place, () => `'${place}'`);
    const text = template.replace(
      "spec:\n",
      () => `spec:\n  generators:\n  - git:\n      directories:\n      - path: ${pattern}${more}\n`,
    );
    const { install, cutover } = runAll({ ...makeFluxSystem("clusters/home"), "argo/flux.yaml": text });
    const [before, now] = [install, cutover].map(({ findings }) =>
      findings.filter(({ rule }) => rule === "argo-applies-flux"),
    );
    expect(before).toHaveLength(count);
    expect(now).toHaveLength(count);
    for (const { level, next } of now!) {
      expect(level).toBe("blocker");
      expect(next).toContain("preserveResourcesOnDeletion");
    }
  }
});

const setOf = (path: string, generators: string) =>
  application(`'${path}'`, { kind: "ApplicationSet" }).replace(
    "spec:\n",
    () => `spec:\n  generators:\n  - ${generators}\n`,
  );

test.each([
  ["git@git.example.org:fleet.git", 1],
  ["ssh://git@git.example.org/me/Fleet/", 1],
  ["https://git.example.org/me/fleet-apps.git", 0],
])("the address %s", (url, count) => {
  expect(found(application(DIR, { url }))[0]).toHaveLength(count);
});

test.each([
  ["clusters/{{path.basename}}/flux-system", "merge: {generators: [{git: {directories: [{path: clusters/*}]}}]}"],
  ["clusters/{{path.basename}}/flux-system", "git: {directories: [{path: clusters/*}]}"],
  ["{{ .path.path }}/flux-system", "git: {directories: [{path: clusters/*}]}"],
  ["clusters/{{path[1]}}/flux-system", "git: {directories: [{path: clusters/*}]}"],
  ["clusters/{{ index .path.segments 1 }}/flux-system", "git: {directories: [{path: clusters/*}]}"],
  ["{{path}}", `git: {files: [{path: ${DIR}/gotk-*.yaml}]}`],
  ["clusters/{{.path.basenameNormalized}}/flux-system", "git: {files: [{path: '**/config.json'}]}"],
])("an ApplicationSet whose path is %s, by %s", (path, generator) => {
  const more = { "envs/home/config.json": "{}\n" };
  const [install, cutover] = found(setOf(path, generator), more);
  expect(install).toEqual([expect.stringMatching(/^caution .*gotk-components\.yaml$/)]);
  expect(cutover).toEqual([expect.stringMatching(/^blocker .*gotk-components\.yaml$/)]);
  expect(found(setOf(path, generator.replace(/clusters[^},]*/, "apps/*").replace("config", "none")), more)).toEqual([
    [],
    [],
    [],
  ]);
});

test.each([
  ["clusters/{{name}}/flux-system", "clusters: {}", 1],
  ["{{path}}/{{name}}", "matrix: {generators: [{git: {directories: [{path: clusters/*}]}}, {clusters: {}}]}", 1],
  ["{{name}}/{{namespace}}/flux-system", "clusters: {}", 1],
  ["apps/{{name}}/flux-system", "clusters: {}", 0],
  ["clusters/{{name}}", "clusters: {}", 0],
  ["{{name}}/{{a}}/{{b}}", "clusters: {}", 0],
])(
  "a path that Argo CD fills in by what is not in Git is one that may be meant: %s, by %s",
  (path, generator, count) => {
    const { install, cutover } = runAll({
      ...makeFluxSystem("clusters/home"),
      "argo/flux.yaml": setOf(path, generator),
    });
    for (const { findings } of [install, cutover]) {
      const said = findings.filter(({ rule }) => rule === "argo-applies-flux");
      expect(said.map(({ level }) => level)).toEqual(Array(count).fill("caution"));
      expect(said.every(({ what }) => what.includes(`apply ${DIR}, if its generators fill that in, and with it`))).toBe(
        true,
      );
    }
  },
);

const ROOT_ONLY = {
  ...Object.fromEntries(
    Object.entries(makeFluxSystem("clusters/home")).filter(([path]) => path.endsWith("gotk-sync.yaml")),
  ),
  "clusters/home/apps.yaml": APP,
};
const COMPONENTS = makeFluxSystem("clusters/home")[`${DIR}/gotk-components.yaml`]!;
const REMOTE =
  "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n  - github.com/fluxcd/flux2/manifests/install?ref=v2.6.4\n";

test.each([
  ["gotk-components.yaml", COMPONENTS, "have the root deliver it"],
  ["kustomization.yaml", REMOTE, "Deliver the install below the root first"],
])("an install that Argo CD applies is not said to be delivered by nothing: %s", (name, text, then) => {
  const files = { ...ROOT_ONLY, [`flux/install/${name}`]: text };
  const missing = (more: Files) =>
    runAll({ ...files, ...more }).install.findings.find(({ rule }) => rule === "install-not-found");
  const found = missing({ "argo/flux.yaml": application("flux/install") });
  expect(found?.what).toContain(`Argo CD does, where Application flux applies flux/install/${name} (argo/flux.yaml:`);
  expect(found?.next).toMatch(/^Take Flux out of Argo CD without deleting it: drop/);
  expect(found?.next).toContain(then);
  const set = application("flux/install", { kind: "ApplicationSet" });
  expect(missing({ "argo/flux.yaml": set })?.next).toContain("preserveResourcesOnDeletion");
  expect(missing({ "argo/flux.yaml": application("other") })?.what).not.toContain("Argo CD");
});
