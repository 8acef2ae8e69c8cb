import { expect, test } from "vitest";
import { buildModel } from "../../src/cluster/model.ts";
import { CONFIG } from "../gotk/make-gotk.ts";
import { memoryTree } from "../support/memory.ts";
import { blockers, run } from "../traps/support.ts";
import { flux, gitRepository, list, URL } from "./fleet.ts";

const MANIFESTS =
  "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata:\n  name: flux-manifests\n  namespace: flux-system\nspec:\n  interval: 10m\n  url: oci://ghcr.io/fluxcd/flux-manifests\n  ref:\n    tag: v2.6.4\n";

/** An app applied by hand that waits for the root. */
const AFTER = `${flux("apps", "./apps")}  dependsOn:\n    - name: home\n`;
const RENAMED = AFTER.replace("name: home-ops", "name: home");

/** Two that deliver themselves: one holds the sources, the other one applies what a source holds. */
const FILES = {
  "sources/kustomization.yaml": list("start.yaml", "git.yaml", "oci.yaml"),
  "sources/start.yaml": flux("sources", "./sources"),
  "sources/git.yaml": gitRepository("home-ops", URL),
  "sources/oci.yaml": MANIFESTS,
  "home/kubernetes/kustomization.yaml": list("start.yaml", "flux.yaml"),
  "home/kubernetes/start.yaml": flux("home", "./home/kubernetes"),
  "home/kubernetes/flux.yaml": flux("flux", "./", "OCIRepository flux-manifests"),
};
/** Where the git remote says whose source it is. */
const known = (files: Record<string, string>, options = {}) => run(files, options, [URL]);
const stopped = (more: Record<string, string>) =>
  run({ ...FILES, ...more }).findings.filter(({ level }) => level === "blocker");

test("a second start that installs Flux is named, and no second install is asked for", () => {
  const [finding, ...others] = stopped({});
  expect(others).toEqual([]);
  expect(finding).toMatchObject({ rule: "install-not-found", at: { file: "sources/start.yaml" } });
  expect(finding?.what).toContain("Kustomization flux-system/home (home/kubernetes/start.yaml) brings it");
  expect(finding?.next).toContain("list sources/start.yaml in the kustomization of home/kubernetes, or");
  expect(finding?.next).not.toContain("flux install --export");
});

test("either way that it tells goes on", () => {
  const home = list("start.yaml", "flux.yaml", "../../sources/start.yaml");
  expect(stopped({ "home/kubernetes/kustomization.yaml": home })).toEqual([]);
  const sources = list("start.yaml", "git.yaml", "oci.yaml", "../home/kubernetes/start.yaml");
  expect(stopped({ "sources/kustomization.yaml": sources })).toEqual([]);
});

/** Where the git remote says whose source it is, both start from it, and each of them delivers itself. */
const owned = (more: Record<string, string> = {}) => known({ ...FILES, ...more });
const CHART = {
  "sources/kustomization.yaml": list("start.yaml", "git.yaml", "oci.yaml", "charts.yaml"),
  "sources/charts.yaml":
    "apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata:\n  name: charts\n  namespace: flux-system\nspec:\n  interval: 1h\n  url: https://charts.example.com\n",
};

test("what brings the sources of a root and only delivers itself runs beside it, through all phases", () => {
  let { files, findings, cluster } = owned(CHART);
  const names: unknown[] = [];
  for (const phase of ["install", "cutover", "cleanup"] as const) {
    ({ files, findings, cluster } = known(files, { phase }));
    expect(findings.filter(({ level }) => level === "blocker")).toEqual([]);
    expect(findings.find(({ rule }) => rule === "root-beside")?.at?.file).toBe("sources/start.yaml");
    names.push((cluster.safety?.dangers ?? []).map(({ resource }) => resource));
  }
  expect(files["sources/start.yaml"]).toContain("name: home\n");
  expect(names).toEqual([
    [],
    ["Kustomization flux-system/flux", "OCIRepository flux-system/flux-manifests"],
    ["GitRepository flux-system/home-ops"],
  ]);
  expect(known(files).findings.map(({ rule }) => rule)).not.toContain("cluster-left-out");
});

test("the root stays the one that brings Flux, when the other one brings no more than the sources", () => {
  let files: Record<string, string> = FILES;
  for (const phase of ["install", "cutover", "cleanup"] as const) {
    const kept = known(files, { phase, sync: "keep" });
    expect(blockers(kept)).toEqual([]);
    expect(kept.cluster.detected.root?.name).toBe("home");
    files = kept.files;
  }
  expect(known(files).findings.map(({ at }) => at?.file)).not.toContain("home/kubernetes/start.yaml");
});

test("an empty cluster gets what runs beside the root by hand", () => {
  const { runbook } = owned().cluster;
  const step = runbook!.rebuild.find(({ title }) => title === "Apply what runs beside the root");
  expect(step?.commands.join("\n")).toContain("apply --server-side -f sources/start.yaml");
});

test("of two that bring the same source none is taken for a part of the cluster", () => {
  const more = {
    "other/kustomization.yaml": list("start.yaml", "oci.yaml"),
    "other/start.yaml": flux("other", "./other"),
    "other/oci.yaml": MANIFESTS,
  };
  expect(blockers(owned(more))).not.toEqual([]);
});

test("nor is one that brings nothing but the source of the root", () => {
  const alone = {
    "sources/kustomization.yaml": list("start.yaml", "git.yaml"),
    "home/kubernetes/kustomization.yaml": list("start.yaml", "flux.yaml", "oci.yaml"),
    "home/kubernetes/oci.yaml": MANIFESTS,
  };
  expect(owned(alone).findings.map(({ rule }) => rule)).not.toContain("root-beside");
});

/** A cluster that lists itself and reads charts, which another repository may bring. */
const reader = (name: string, ...more: string[]) => ({
  [`${name}/kustomization.yaml`]: list("start.yaml", "app.yaml", ...more),
  [`${name}/start.yaml`]: flux(name, `./${name}`),
  [`${name}/app.yaml`]: `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: ${name}\n  namespace: default\nspec:\n  chart:\n    spec:\n      chart: app\n      sourceRef:\n        kind: HelmRepository\n        name: charts\n`,
});
const rules = (files: Record<string, string>) => known(files).findings.map(({ rule, level }) => `${level} ${rule}`);

test("two clusters with one manifest of the source are two, though one lacks what the other one brings", () => {
  const shared = ["../sources/git.yaml", "../sources/oci.yaml", "../sources/flux.yaml"];
  const sources = {
    "sources/git.yaml": FILES["sources/git.yaml"],
    "sources/oci.yaml": MANIFESTS,
    "sources/flux.yaml": FILES["home/kubernetes/flux.yaml"],
  };
  const charts = { "b/charts.yaml": CHART["sources/charts.yaml"] };
  const { plan } = known({
    ...sources,
    ...charts,
    ...reader("a", ...shared),
    ...reader("b", "charts.yaml", ...shared),
  });
  expect(plan.phases.flatMap(({ clusters }) => clusters.map(({ cluster }) => cluster))).toEqual(["a", "b"]);
});

test("nor do two run in one cluster that install Flux each, or that have an object of one name", () => {
  const base = list("https://github.com/fluxcd/flux2/manifests/install?ref=v2.6.4");
  const install = { "a/flux/kustomization.yaml": base, "b/flux/kustomization.yaml": base };
  const charts = { "b/charts.yaml": CHART["sources/charts.yaml"], "git.yaml": FILES["sources/git.yaml"] };
  const a = reader("a", "flux");
  expect(rules({ ...install, ...charts, ...a, ...reader("b", "flux", "charts.yaml") })).not.toContain(
    "caution root-beside",
  );
  const beside = reader("b", "charts.yaml");
  expect(rules({ ...install, ...charts, ...a, ...beside })).toContain("caution root-beside");
  expect(rules({ ...install, ...charts, ...a, ...beside, "b/app.yaml": a["a/app.yaml"]! })).not.toContain(
    "caution root-beside",
  );
});

/** One root, and what somebody applied beside it: that one brings the sources, this one included, and starts nothing. */
const BESIDE = {
  ...FILES,
  "sources/kustomization.yaml": list("git.yaml", "oci.yaml"),
  "home/kubernetes/kustomization.yaml": list("start.yaml", "flux.yaml"),
};

test("what brings half of the install from beside the root is named, and listed goes on", () => {
  const [finding, ...others] = known(BESIDE).findings.filter(({ level }) => level === "blocker");
  expect(others).toEqual([]);
  expect(finding).toMatchObject({ rule: "install-not-found", at: { file: "home/kubernetes/start.yaml" } });
  expect(finding?.what).toContain("Kustomization flux-system/sources (sources/start.yaml) brings it or a part of it");
  expect(finding?.next).toContain("sources/start.yaml in that of home/kubernetes");
  const home = list("start.yaml", "flux.yaml", "../../sources/start.yaml");
  expect(blockers(known({ ...BESIDE, "home/kubernetes/kustomization.yaml": home }))).toEqual([]);
});

test("what brings the source of the root from beside it is left out aloud, and never without its source", () => {
  const files = {
    ...BESIDE,
    "sources/kustomization.yaml": list("git.yaml"),
    "home/kubernetes/kustomization.yaml": list("start.yaml", "flux.yaml", "oci.yaml"),
    "home/kubernetes/oci.yaml": MANIFESTS,
  };
  const installed = known(files);
  expect(installed.findings.map(({ rule }) => rule)).toContain("cluster-left-out");
  const cutover = known(installed.files, { phase: "cutover" });
  expect(blockers(known(cutover.files, { phase: "cleanup" }))).toEqual(["reference-remains sources/start.yaml"]);
});

test.each([
  ["waits for the root in its file", (text: string) => text + AFTER, {}],
  ["lies in the folder that was applied with it", (text: string) => text, { "start/after.yaml": AFTER }],
  ["is listed beside it", (text: string) => text, { "start/after.yaml": AFTER, "README.md": "" }],
])("what %s holds the source of the root", (_title, write, more: Record<string, string>) => {
  const files = {
    "start/root.yaml": write(flux("home", "./home")),
    "start/kustomization.yaml": list("root.yaml", "../home", ...("start/after.yaml" in more ? ["after.yaml"] : [])),
    "home/kustomization.yaml": list("git.yaml", "oci.yaml", "flux.yaml"),
    "home/git.yaml": gitRepository("home-ops", URL),
    "home/oci.yaml": MANIFESTS,
    "home/flux.yaml": flux("flux", "./", "OCIRepository flux-manifests"),
    "apps/kustomization.yaml": list(),
    "README.md": "kubectl apply -k start\n",
    ...more,
  };
  const cutover = known(known(files).files, { phase: "cutover" });
  expect(blockers(cutover)).toEqual([]);
  const cleanup = known(cutover.files, { phase: "cleanup" });
  expect(blockers(cleanup)).toEqual([`reference-remains ${Object.keys(more)[0] ?? "start/root.yaml"}`]);
  const [finding] = cleanup.findings.filter(({ level }) => level === "blocker");
  expect(finding?.what).toContain("was applied by hand with the old root");
  const renamed = Object.entries(cutover.files).map(([path, text]) => [path, text.replace(AFTER, RENAMED)]);
  expect(blockers(known(Object.fromEntries(renamed), { phase: "cleanup" }))).toEqual([]);
});

test("what is in the file of a root that lies unlisted in its own folder holds the source", () => {
  const files = {
    "home/root.yaml": flux("home", "./home") + AFTER,
    "home/kustomization.yaml": list("git.yaml", "oci.yaml", "flux.yaml", "web.yaml"),
    "home/web.yaml": flux("web", "./web"),
    "web/settings.yaml": CONFIG,
    "home/git.yaml": gitRepository("home-ops", URL),
    "home/oci.yaml": MANIFESTS,
    "home/flux.yaml": flux("flux", "./", "OCIRepository flux-manifests"),
    "apps/settings.yaml": CONFIG,
  };
  const cutover = known(known(files).files, { phase: "cutover" });
  expect(blockers(known(cutover.files, { phase: "cleanup" }))).toEqual(["reference-remains home/root.yaml"]);
  const listed = cutover.files["home/kustomization.yaml"]!.replace("git.yaml", "git.yaml\n  - apps.yaml");
  const moved = {
    ...cutover.files,
    "home/root.yaml": flux("home", "./home"),
    "home/apps.yaml": AFTER,
    "home/kustomization.yaml": listed,
  };
  const again = known(moved, { phase: "cutover" });
  expect(again.files["home/apps.yaml"]).toBe(RENAMED);
  const cleanup = known(again.files, { phase: "cleanup" });
  expect(blockers(cleanup)).toEqual([]);
  expect(Object.keys(cleanup.files)).not.toContain("home/git.yaml");
});

test("a folder that brings the source and what is left out is the cluster's once the root lists that", () => {
  const files = {
    "start/git.yaml": gitRepository("home", URL),
    "start/more.yaml": flux("more", "./more", "GitRepository home"),
    "start/kustomization.yaml": list("git.yaml", "more.yaml"),
    "home/root.yaml": flux("home", "./home", "GitRepository home"),
    "home/kustomization.yaml": list("root.yaml", "oci.yaml", "flux.yaml"),
    "home/oci.yaml": MANIFESTS,
    "home/flux.yaml": flux("flux", "./", "OCIRepository flux-manifests"),
    "more/settings.yaml": CONFIG,
  };
  const cutover = known(known(files).files, { phase: "cutover" });
  const cleanup = known(cutover.files, { phase: "cleanup" });
  const [stop] = cleanup.findings.filter(({ level }) => level === "blocker");
  expect(stop?.next).toContain(
    "If Kustomization flux-system/more (start/more.yaml) is in the cluster of this root, list it",
  );
  const listed = `${cutover.files["home/kustomization.yaml"]}  - ../start/more.yaml\n`;
  const done = known({ ...cutover.files, "home/kustomization.yaml": listed }, { phase: "cleanup" });
  expect(blockers(done)).toEqual([]);
  expect(done.files["start/kustomization.yaml"]).toBe(list("more.yaml"));
});

test("an app that nothing lists is none, and neither is one whose source the cluster has", () => {
  const home = list("start.yaml", "flux.yaml", "../../sources/start.yaml");
  const more = { "idle/ks.yaml": flux("idle", "./idle/app"), "home/kubernetes/kustomization.yaml": home };
  const other = gitRepository("charts", "https://github.com/other/charts");
  const left = (text: string) => known({ ...BESIDE, ...more, "idle/app/git.yaml": text }).findings;
  for (const text of [other, gitRepository("home-ops", URL)])
    expect(left(text).map(({ rule }) => rule)).not.toContain("cluster-left-out");
});

test("roots that list themselves nowhere are told where", () => {
  const apps = { "home/kubernetes/apps.yaml": flux("apps", "./home/apps"), "home/apps/kustomization.yaml": list() };
  const files = { ...BESIDE, ...apps, "home/kubernetes/kustomization.yaml": list("flux.yaml", "apps.yaml") };
  const [finding] = known(files).findings.filter(({ level }) => level === "blocker");
  expect(finding?.rule).toBe("root-ambiguous");
  expect(finding?.next).toContain(
    "list sources/start.yaml, home/kubernetes/start.yaml in the kustomization of sources or home/kubernetes",
  );
  const told = list("flux.yaml", "apps.yaml", "start.yaml", "../../sources/start.yaml");
  expect(blockers(known({ ...files, "home/kubernetes/kustomization.yaml": told }))).toEqual([]);
});

test("a second root for the same folder, with a source of its own, may be a second cluster", () => {
  const start = (folder: string) => ({
    [`clusters/${folder}/git.yaml`]: gitRepository("home-ops", URL),
    [`clusters/${folder}/root.yaml`]: flux("home", "./home"),
  });
  const home = { "home/oci.yaml": MANIFESTS, "home/flux.yaml": flux("flux", "./", "OCIRepository flux-manifests") };
  const left = (files: Record<string, string>) =>
    known(files).findings.filter(({ rule }) => rule === "cluster-left-out");
  const [second, ...others] = left({ ...home, ...start("eu"), ...start("us") });
  expect(others).toEqual([]);
  expect(second).toMatchObject({ level: "caution", at: { file: "clusters/us/root.yaml" } });
  expect(second?.what).toContain("as the root of cluster default does (clusters/eu/root.yaml)");
  // A root that delivers itself needs nobody: what lies elsewhere is a copy of it.
  const whole = { "home/git.yaml": gitRepository("home-ops", URL), "home/root.yaml": flux("home", "./home") };
  expect(left({ ...home, ...whole, ...start("us") }).map(({ level }) => level)).not.toContain("caution");
});

test("the root of an earlier bootstrap in a folder that the source leaves out is no root", () => {
  const boot = (path: string) => `${gitRepository("home", URL)}---\n${flux("home", path, "GitRepository home")}`;
  const files = {
    ".sourceignore": "/*\n!/clusters/\n",
    ".old/flux/sync.yaml": boot("./"),
    "clusters/home/flux/kustomization.yaml": list("sync.yaml", "oci.yaml", "flux.yaml"),
    "clusters/home/flux/sync.yaml": boot("./clusters/home"),
    "clusters/home/flux/oci.yaml": MANIFESTS,
    "clusters/home/flux/flux.yaml": flux("flux", "./", "OCIRepository flux-manifests"),
  };
  const { clusters } = buildModel({ tree: memoryTree(files), remotes: [URL], options: { layout: "auto" } });
  expect(clusters.map(({ root }) => root.data.spec?.path)).toEqual(["./clusters/home"]);
  const { findings } = known(files);
  expect(findings.filter(({ level }) => level === "blocker")).toEqual([]);
  expect(findings.find(({ rule }) => rule === "cluster-left-out")?.at?.file).toBe(".old/flux/sync.yaml");
});

test("what the list of the root leaves out is an app switched off, unless it starts others or the root was applied by hand", () => {
  const off = { "home/off.yaml": flux("off", "./off"), "off/settings.yaml": CONFIG };
  const files = {
    "home/kustomization.yaml": list("start.yaml", "git.yaml", "oci.yaml", "flux.yaml"),
    "home/start.yaml": flux("home", "./home"),
    "home/git.yaml": gitRepository("home-ops", URL),
    "home/oci.yaml": MANIFESTS,
    "home/flux.yaml": flux("flux", "./", "OCIRepository flux-manifests"),
    ...off,
  };
  const leftOut = (more: Record<string, string>) =>
    known({ ...files, ...more }).findings.filter(({ rule }) => rule === "cluster-left-out");
  expect(leftOut({})).toEqual([]);
  expect(leftOut({ "off/more.yaml": flux("more", "./more") })).toHaveLength(1);
  // A root that somebody applied by hand may have had company.
  const { "home/start.yaml": root, ...rest } = files;
  const byHand = {
    ...rest,
    "start/root.yaml": root,
    "home/kustomization.yaml": list("git.yaml", "oci.yaml", "flux.yaml"),
  };
  expect(blockers(known(byHand))).toEqual(["root-ambiguous home/off.yaml"]);
});

test("a root applied by hand from a source of its own is asked for no second install of its cluster", () => {
  const byHand = (root: string) => ({
    ...FILES,
    "sources/git.yaml": undefined!,
    "sources/start.yaml": undefined!,
    "sources/kustomization.yaml": list("oci.yaml"),
    "home/kubernetes/git.yaml": gitRepository("home-ops", URL),
    "home/kubernetes/oci.yaml": MANIFESTS,
    "home/kubernetes/kustomization.yaml": list("start.yaml", "git.yaml", "oci.yaml", "flux.yaml"),
    "more/source.yaml": gitRepository("by-hand", URL.replace(/\.git$/, "")),
    "more/start.yaml": flux(root, "./more/apps", "GitRepository by-hand"),
    "more/apps/cm.yaml": CONFIG,
  });
  const next = (root: string) => {
    const files = Object.fromEntries(Object.entries(byHand(root)).filter(([, text]) => text !== undefined));
    const { findings } = known(files);
    return findings.find(({ rule, at }) => rule === "install-not-found" && at?.file === "more/start.yaml")?.next;
  };
  expect(next("more")).toContain("list more/start.yaml in the kustomization of home/kubernetes, or");
  expect(next("more")).not.toContain("flux install --export");
  // Two of one name are no two of one cluster.
  expect(next("home")).toContain("flux install --export");
});
