import { describe, expect, test } from "vitest";
import { APP, CONFIG, fluxKustomization, kustomization, makeFluxSystem, makeGotk, makeSync } from "./make-gotk.ts";
import { runAll, runPhase } from "./run-phases.ts";

const FILES: Record<string, string> = { ...makeFluxSystem("clusters/home"), "clusters/home/apps.yaml": APP };

test("what has no path and nothing delivers takes the place of no root, and is named", () => {
  const { plan, findings } = runPhase(
    { ...FILES, "samples/ks.yaml": fluxKustomization("all"), "docs/all.yaml": fluxKustomization("other") },
    "install",
  );
  const { clusters } = plan.phases[0]!;
  expect(clusters.map(({ detected }) => detected.root?.name)).toEqual(["flux-system"]);
  const left = findings.filter(({ rule }) => rule === "cluster-left-out").map(({ at }) => at?.file);
  expect(left.sort()).toEqual(["docs/all.yaml", "samples/ks.yaml"]);
});

test("beside the source it does so only where it is delivered, and then a person must choose", () => {
  const folder = "clusters/home/flux-system";
  const files = { ...FILES, [`${folder}/all.yaml`]: fluxKustomization("all") };
  const { plan, rules } = runPhase(files, "install");
  expect(plan.phases[0]!.clusters.map(({ detected }) => detected.root?.name)).toEqual(["flux-system"]);
  expect(rules).toContain("cluster-left-out");
  const list = `${folder}/kustomization.yaml`;
  expect(runPhase({ ...files, [list]: `${FILES[list]}- all.yaml\n` }, "install").rules).toContain("root-ambiguous");
});

test("a patch that says the whole root or source once more is no second one", () => {
  const path = "clusters/home/flux-system/kustomization.yaml";
  const [source, root] = makeSync("./clusters/home").split("---\n").slice(1) as [string, string];
  const patches =
    "patches:\n- path: sops.yaml\n  target: {kind: Kustomization}\n- path: git.yaml\n  target: {kind: GitRepository}\n";
  const files: Record<string, string> = {
    ...FILES,
    [path]: FILES[path] + patches,
    "clusters/home/flux-system/git.yaml": `${source}  timeout: 5m\n`,
    "clusters/home/flux-system/sops.yaml": `${root}  decryption:\n    provider: sops\n`,
  };
  const { plan, findings } = runPhase(files, "install");
  expect(findings.filter(({ level }) => level === "blocker")).toEqual([]);
  const written = plan.phases[0]!.files.map(({ after }) => after).join("\n");
  expect(written).toContain("provider: sops");
  // Flux itself lists what lies in a folder without a kustomization.
  const { "clusters/home/flux-system/sops.yaml": moved, ...rest } = files;
  const listed = {
    ...rest,
    "clusters/home/sops.yaml": moved!,
    [path]: rest[path]!.replace("sops.yaml", "../sops.yaml"),
  };
  expect(runPhase(listed, "install").findings.map(({ rule }) => rule)).toContain("root-ambiguous");
});

test("a patch that says the whole root is all that is known of one in a base of another repository", () => {
  const [source, root] = makeSync("./clusters/home").split("---\n").slice(1) as [string, string];
  const remote = "https://git.example.org/bases//flux?ref=v1.2.0";
  const files = {
    "clusters/home/apps.yaml": APP,
    "clusters/home/flux-system/kustomization.yaml": `resources:\n- ${remote}\npatches:\n- path: git.yaml\n- path: root.yaml\n`,
    "clusters/home/flux-system/git.yaml": source,
    "clusters/home/flux-system/root.yaml": root,
  };
  expect(runPhase(files, "install").rules).toContain("install-not-found");
});

describe("clusters that share a base, started by hand from overlays of their own", () => {
  const overlay = (name: string, listed: string): Record<string, string> => ({
    [`flux/overlays/${name}/kustomization.yaml`]: kustomization(`resources: [../../base${listed}]\n`),
    [`flux/overlays/${name}/settings.yaml`]: CONFIG,
    [`flux/overlays/${name}/gotk-sync.yaml`]: makeSync(`./flux/overlays/${name}`),
  });
  const base = {
    "flux/base/gotk-components.yaml": makeGotk(),
    "flux/base/kustomization.yaml": kustomization("resources: [gotk-components.yaml]\n"),
  };
  test.each([
    ["neither", ", settings.yaml", ", settings.yaml"],
    ["one of them", ", gotk-sync.yaml", ", settings.yaml"],
    ["both, with nothing else", "", ""],
  ])("are two where %s delivers its own sync", (_title, dev, prod) => {
    const files = { ...base, ...overlay("dev", dev), ...overlay("prod", prod) };
    const { plan, findings } = runPhase(files, "install");
    expect(plan.phases[0]!.clusters.map(({ cluster }) => cluster)).toEqual(["dev", "prod"]);
    expect(findings.filter(({ rule, level }) => rule === "cluster-left-out" || level === "blocker")).toEqual([]);
  });
});

describe("what lies beside the sync of a cluster whose root builds the folder of another one", () => {
  const apps = (dir: string): Record<string, string> => ({
    [`apps/${dir}/kustomization.yaml`]: kustomization("resources: [../base, settings.yaml, sources.yaml]\n"),
    [`apps/${dir}/settings.yaml`]: CONFIG,
    [`apps/${dir}/sources.yaml`]: fluxKustomization("more", "./more"),
  });
  const [source] = makeSync("").split("---\n").slice(1);
  const files: Record<string, string> = {
    ...makeFluxSystem("clusters/prod"),
    "clusters/prod/apps.yaml": fluxKustomization("apps", "./apps/prod"),
    "apps/base/kustomization.yaml": kustomization("resources: [base.yaml]\n"),
    "apps/base/base.yaml": CONFIG.replace("name: ", "name: base-"),
    "more/settings.yaml": CONFIG,
    ...apps("prod"),
    ...apps("staging"),
    "clusters/staging/source.yaml": `---\n${source}`,
  };
  test.each([
    ["is called as what the other one has below its root", "apps", ""],
    ["waits for something", "other", "  dependsOn:\n  - name: infra\n"],
  ])("is no cluster where it %s", (_title, name, waits) => {
    const stray = fluxKustomization(name, "./apps/staging") + waits;
    const { plan } = runPhase({ ...files, "clusters/staging/apps.yaml": stray }, "install");
    expect(plan.phases[0]!.clusters.map(({ detected }) => detected.root?.name)).toEqual(["flux-system"]);
  });
});

describe("roots of one name that read one source, each applied by hand to a cluster of its own", () => {
  const [source, root] = makeSync("./clusters/dev").split("---\n").slice(1) as [string, string];
  const files: Record<string, string> = {
    "bootstrap/gotk-components.yaml": makeGotk(),
    "bootstrap/source.yaml": source,
    "bootstrap/dev.yaml": root,
    "bootstrap/prod.yaml": root.replace("clusters/dev", "clusters/prod"),
    "clusters/dev/settings.yaml": CONFIG,
    "clusters/prod/settings.yaml": CONFIG,
  };
  const named = ({ plan }: ReturnType<typeof runPhase>) => plan.phases[0]!.clusters.map(({ cluster }) => cluster);
  const dev = { clusters: ["dev"] };
  const install = runPhase(files, "install");
  const cutover = runPhase(install.files, "cutover");

  test("are clusters, unless one lies in an archive, or one builds within the folder of the other", () => {
    expect(named(install)).toEqual(["dev", "prod"]);
    const { "bootstrap/prod.yaml": prod, ...rest } = files;
    expect(named(runPhase({ ...rest, "archive/prod.yaml": prod! }, "install"))).toEqual(["default"]);
    const nested = { ...rest, "bootstrap/prod.yaml": root.replace("clusters/dev", "clusters/dev/prod") };
    expect(named(runPhase({ ...nested, "clusters/dev/prod/settings.yaml": CONFIG }, "install"))).toEqual(["default"]);
  });

  test("part with the install that both were started from in one run", () => {
    const alone = runPhase(install.files, "cutover", dev);
    expect(alone.changed).toEqual([]);
    expect(alone.findings.map(({ rule, level }) => `${rule} ${level}`)).toContain("gotk-base-inseparable blocker");
    expect(cutover.findings.filter(({ level }) => level === "blocker")).toEqual([]);
    expect(cutover.changed).toEqual(["bootstrap/gotk-components.yaml"]);
  });

  test("leave the source in Git until the last of them", () => {
    const first = runPhase(cutover.files, "cleanup", dev);
    expect(first.changed).toEqual(["bootstrap/dev.yaml"]);
    expect(first.rules).toContain("sync-base-shared");
    const second = runPhase(first.files, "cleanup", { clusters: ["prod"] });
    expect(second.changed.sort()).toEqual(["bootstrap/prod.yaml", "bootstrap/source.yaml"]);
    expect(runPhase(cutover.files, "cleanup").changed.filter((path) => path.startsWith("bootstrap/"))).toHaveLength(3);
  });
});

test("a root that lies nearer to the new instance than to its own source goes with it", () => {
  const [source, root] = makeSync("./clusters/home").split("---\n").slice(1) as [string, string];
  const files = {
    "clusters/home/gotk-components.yaml": makeGotk(),
    "clusters/home/kustomization.yaml": kustomization("resources: [gotk-components.yaml, source.yaml, sync]\n"),
    "clusters/home/source.yaml": source,
    "clusters/home/sync/kustomization.yaml": kustomization("resources: [root.yaml]\n"),
    "clusters/home/sync/root.yaml": root,
  };
  const cutover = runPhase(runPhase(files, "install").files, "cutover");
  expect(Object.keys(cutover.files)).toContain("clusters/home/sync/flux-instance/helmrelease.yaml");
  expect(cutover.changed).toContain("clusters/home/gotk-components.yaml");
  const cleanup = runPhase(cutover.files, "cleanup");
  expect(cleanup.changed).toEqual(
    expect.arrayContaining(["clusters/home/source.yaml", "clusters/home/sync/root.yaml"]),
  );
});

test("of two sources equally near, a root reads the one that it delivers", () => {
  const member = (name: string) => {
    const [source, root] = makeSync(`./clusters/${name}`).split("---\n").slice(1) as [string, string];
    return {
      [`clusters/${name}/gotk-components.yaml`]: makeGotk(),
      [`clusters/${name}/root.yaml`]: root,
      [`clusters/${name}/kustomization.yaml`]: kustomization(
        `resources: [gotk-components.yaml, root.yaml, ../source-${name}]\n`,
      ),
      [`clusters/source-${name}/kustomization.yaml`]: kustomization("resources: [source.yaml]\n"),
      [`clusters/source-${name}/source.yaml`]: source,
    };
  };
  const { install, cleanup } = runAll({ ...member("home"), ...member("work") });
  expect(install.rules).not.toContain("cluster-left-out");
  expect(Object.keys(cleanup.files).filter((path) => /source.yaml|root.yaml|gotk/.test(path))).toEqual([]);
});

test("two roots of one name that deliver themselves are two clusters, though both read one source that nothing delivers", () => {
  const member = (name: string) => {
    const [source, root] = makeSync(`./clusters/${name}`).split("---\n").slice(1) as [string, string];
    return {
      "clusters/source.yaml": source,
      [`clusters/${name}/gotk-components.yaml`]: makeGotk(),
      [`clusters/${name}/root.yaml`]: root,
    };
  };
  const { install, cleanup } = runAll({ ...member("home"), ...member("work") });
  expect(install.rules).not.toContain("cluster-left-out");
  expect(Object.keys(cleanup.files).filter((path) => /source.yaml|root.yaml|gotk/.test(path))).toEqual([]);
});

test("what is applied by hand with each of two roots of one name is told to be the one's or the other's", () => {
  const [source, root] = makeSync("./clusters/home").split("---\n").slice(1) as [string, string];
  const member = (name: string) => ({
    [`clusters/${name}/gotk-components.yaml`]: makeGotk(),
    [`clusters/${name}/settings.yaml`]: CONFIG,
    [`clusters/${name}/kustomization.yaml`]: kustomization("resources: [gotk-components.yaml, settings.yaml]\n"),
    [`clusters/${name}/root.yaml`]: `${root.replace("clusters/home", `clusters/${name}`)}---\n${fluxKustomization("extra", `./extra-${name}`)}`,
    [`extra-${name}/settings.yaml`]: CONFIG,
  });
  const { findings } = runPhase({ "clusters/source.yaml": source, ...member("home"), ...member("work") }, "install");
  const ambiguous = findings.filter(({ rule }) => rule === "root-ambiguous");
  expect(ambiguous.map(({ at }) => at?.file)).toEqual(["clusters/home/root.yaml", "clusters/work/root.yaml"]);
  for (const { what, at } of ambiguous)
    expect(what.match(/clusters\/\w+/g)?.every((dir) => at?.file.startsWith(dir))).toBe(true);
});

test("so does one of a base, whose path a patch beside the instance says", () => {
  const [source, root] = makeSync("./").split("---\n").slice(1) as [string, string];
  const files = {
    "base/repository/source.yaml": source,
    "base/repository/kustomization.yaml": kustomization("resources: [source.yaml]\n"),
    "clusters/base/root.yaml": root.replace(/ *path: .*\n/, ""),
    "clusters/base/gotk-components.yaml": makeGotk(),
    "clusters/base/kustomization.yaml": kustomization(
      "resources: [gotk-components.yaml, root.yaml, ../../base/repository]\n",
    ),
    "clusters/home/kustomization.yaml": kustomization("resources: [../base]\npatches:\n- path: patch.yaml\n"),
    "clusters/home/patch.yaml": root.replace(/spec:.*/s, "spec:\n  path: ./clusters/home\n"),
  };
  const { cleanup } = runAll(files);
  expect(Object.keys(cleanup.files).filter((path) => /source|root|patch/.test(path))).toEqual([]);
});

test("a root in a base of two clusters gets its guard once, also where a patch without it builds no more", () => {
  const [source, root] = makeSync("./").replaceAll("name: flux-system", "name: fleet").split("---\n").slice(1) as [
    string,
    string,
  ];
  const member = (name: string) => ({
    [`clusters/${name}/kustomization.yaml`]: kustomization(
      "resources: [../base, settings.yaml]\npatches:\n- path: patch.yaml\n",
    ),
    [`clusters/${name}/patch.yaml`]: root.replace(/spec:.*/s, `spec:\n  path: ./clusters/${name}\n`),
    [`clusters/${name}/settings.yaml`]: CONFIG,
  });
  const files = {
    "clusters/base/source.yaml": source,
    "clusters/base/root.yaml": root.replace(/ *path: .*\n/, ""),
    "clusters/base/gotk-components.yaml": makeGotk(),
    "clusters/base/kustomization.yaml": kustomization("resources: [gotk-components.yaml, root.yaml, source.yaml]\n"),
    ...member("dev"),
    ...member("prod"),
  };
  const { install, cutover, cleanup } = runAll(files, { sync: "rename" });
  expect(install.files["clusters/base/root.yaml"]).toContain("  prune: false # fluxlift:guard\n");
  expect(install.findings.filter(({ rule }) => rule === "guard-added")).toHaveLength(2);
  for (const { findings } of [install, cutover, cleanup])
    expect(findings.filter(({ level }) => level === "blocker")).toEqual([]);
  expect(Object.keys(cleanup.files).filter((path) => /source|root|patch/.test(path))).toEqual([]);
});

describe("a folder beside that of the cluster that only takes in their base", () => {
  const list = (...names: string[]) => kustomization(`resources: [${names.join(", ")}]\n`);
  const files: Record<string, string> = {
    ...makeFluxSystem("clusters/home"),
    "clusters/home/kustomization.yaml": list("flux-system", "../base"),
    "clusters/base/apps.yaml": APP,
    "clusters/base/kustomization.yaml": list("apps.yaml"),
    "clusters/away/kustomization.yaml": list("../base"),
  };
  const said = (tree: Record<string, string>) =>
    runPhase(tree, "install").findings.flatMap(({ rule, at }) => (rule === "cluster-left-out" ? [at?.file] : []));

  test("is named, as no root here builds it", () => {
    expect(said(files)).toEqual(["clusters/away/kustomization.yaml"]);
  });

  test("is that cluster's where it brings the root as it is, and loses what goes", () => {
    const tree = {
      "clusters/home/gotk-components.yaml": makeGotk(),
      "clusters/home/kustomization.yaml": list("gotk-components.yaml", "../../sync", "apps.yaml"),
      "clusters/home/apps.yaml": APP,
      "clusters/away/kustomization.yaml": list("../home/apps.yaml"),
      "clusters/start/kustomization.yaml": list("settings.yaml", "../../sync"),
      "clusters/start/settings.yaml": CONFIG,
      "sync/kustomization.yaml": list("gotk-sync.yaml"),
      "sync/gotk-sync.yaml": makeSync("./clusters/home"),
    };
    expect(said(tree)).toEqual(["clusters/away/kustomization.yaml"]);
    const cutover = runPhase(runPhase(tree, "install").files, "cutover");
    const cleanup = runPhase(cutover.files, "cleanup");
    expect(cleanup.files["clusters/start/kustomization.yaml"]).toBe(list("settings.yaml"));
  });

  test("holds cleanup while it lists what goes", () => {
    const [source, root] = makeSync("./clusters/home").split("---\n").slice(1) as [string, string];
    const tree = {
      "clusters/home/gotk-components.yaml": makeGotk(),
      "clusters/home/root.yaml": root,
      "clusters/home/kustomization.yaml": list("gotk-components.yaml", "../../sources", "root.yaml", "apps.yaml"),
      "clusters/home/apps.yaml": APP,
      "clusters/away/kustomization.yaml": list("../home/apps.yaml", "../../sources"),
      "sources/kustomization.yaml": list("source.yaml"),
      "sources/source.yaml": source,
    };
    const cutover = runPhase(runPhase(tree, "install").files, "cutover");
    const blockers = (files: Record<string, string>) =>
      runPhase(files, "cleanup").findings.flatMap(({ rule, level, at }) =>
        level === "blocker" ? [`${rule} ${at?.file}:${at?.line}`] : [],
      );
    expect(blockers(cutover.files)).toEqual(["reference-remains clusters/away/kustomization.yaml:3"]);
    expect(blockers({ ...cutover.files, "clusters/away/kustomization.yaml": list("../home/apps.yaml") })).toEqual([]);
  });

  test("is a note where it is a sample, and none where another such folder takes it in", () => {
    const levels = (tree: Record<string, string>) =>
      runPhase(tree, "install").findings.flatMap(({ rule, level, at }) =>
        rule === "cluster-left-out" ? [`${level} ${at?.file}`] : [],
      );
    const sample = {
      ...files,
      "clusters/templates/kustomization.yaml": list("../base"),
      "clusters/test/kustomization.yaml": list("../base"),
    };
    expect(levels(sample).sort()).toEqual([
      "caution clusters/away/kustomization.yaml",
      "caution clusters/test/kustomization.yaml",
      "info clusters/templates/kustomization.yaml",
    ]);
    const common = {
      ...files,
      "clusters/away/kustomization.yaml": list("../common"),
      "clusters/common/kustomization.yaml": list("../base"),
    };
    expect(levels(common)).toEqual(["caution clusters/away/kustomization.yaml"]);
  });

  test("is none where a root builds it, it shares nothing, or takes in what is no FluxKustomization", () => {
    const own = {
      ...files,
      "clusters/away/kustomization.yaml": list("settings.yaml"),
      "clusters/away/settings.yaml": CONFIG,
    };
    expect(said(own)).toEqual([]);
    const text = {
      ...files,
      "clusters/base/map/map.yaml": CONFIG,
      "clusters/base/map/kustomization.yaml": list("map.yaml"),
    };
    expect(said({ ...text, "clusters/away/kustomization.yaml": list("../base/map") })).toEqual([]);
    const built = {
      ...files,
      "clusters/base/kustomization.yaml": list("apps.yaml", "../away/"),
      "clusters/away/kustomization.yaml": list("x.yaml"),
      "clusters/away/x.yaml": CONFIG,
    };
    expect(said(built)).toEqual([]);
  });
});

test("what a second run of bootstrap left below the folder of the first takes the place of no root, in any phase", () => {
  const below = makeFluxSystem("clusters/home/flux-system", { version: "2.2.3" });
  const { install, cutover, cleanup } = runAll({ ...FILES, ...below });
  const after = runPhase(cleanup.files, "cleanup");
  const paths = [install, cutover, cleanup, after].map(({ plan }) =>
    plan.phases[0]!.clusters.map(({ detected }) => `${detected.root?.path} ${detected.root?.at.file}`),
  );
  const root = "clusters/home/flux-system";
  const manifest = `./clusters/home ${root}/gotk-sync.yaml`;
  const made = `./clusters/home ${root}/flux-instance/helmrelease.yaml`;
  expect(paths).toEqual([[manifest], [manifest], [manifest], [made]]);
  for (const { findings } of [install, cutover, cleanup, after])
    expect(findings.filter(({ level }) => level === "blocker")).toEqual([]);
  expect(after.changed).toEqual([]);
});

test.each(["clusters/home-bak", "clusters/archive/home"])(
  "a copy of the cluster in %s starts nothing once the instance is there",
  (dir) => {
    const below = Object.entries(FILES).map(([path, text]) => [path.replace("clusters/home", dir), text]);
    const { cleanup } = runAll({ ...FILES, ...Object.fromEntries(below) });
    const after = runPhase(cleanup.files, "cleanup");
    const [cluster] = after.plan.phases[0]!.clusters;
    expect(cluster?.detected.root?.at.file).toBe("clusters/home/flux-system/flux-instance/helmrelease.yaml");
    expect(after.rules).toContain("cluster-left-out");
    expect(after.changed).toEqual([]);
  },
);

test("an older manifest of the root that is kept beside it starts nothing once the instance is there", () => {
  const old = makeSync("./clusters/home", { source: { ref: { branch: "master" } } });
  const { cleanup } = runAll({ ...FILES, "clusters/home/flux-system/gotk-sync-old.yaml": old });
  const after = runPhase(cleanup.files, "cleanup");
  const [cluster] = after.plan.phases[0]!.clusters;
  expect(cluster?.detected.root?.at.file).toBe("clusters/home/flux-system/flux-instance/helmrelease.yaml");
  expect(after.changed).toEqual([]);
  // Alone it is the root that somebody has applied.
  const { "clusters/home/flux-system/gotk-sync.yaml": root, ...rest } = FILES;
  const renamed = { ...rest, "clusters/home/flux-system/gotk-sync-old.yaml": root! };
  const found = runPhase(renamed, "install").plan.phases[0]!.clusters.map(({ detected }) => detected.root?.at.file);
  expect(found).toEqual(["clusters/home/flux-system/gotk-sync-old.yaml"]);
});
