import { describe, expect, test } from "vitest";
import type { Options } from "../../src/contract/options.ts";
import {
  APPS,
  CLUSTER,
  change,
  type Files,
  FLUX,
  fluxKustomization,
  homeOps,
  list,
  type Migrated,
  migrate,
  run,
} from "../traps/support.ts";

const told = ({ findings }: Migrated, ...rules: string[]) =>
  findings
    .filter(({ rule }) => rules.includes(rule))
    .map(({ rule, level, at, what, why, next }) => ({ rule, level, at: `${at?.file}:${at?.line}`, what, why, next }));
const rename = (root: string, more: Partial<Options> = {}) => run(homeOps({ root }), { sync: "rename", ...more });
const patches = (target: string, operation: object) =>
  `  patches:\n    - target:\n        ${target}\n      patch: '${JSON.stringify([operation])}'\n`;

describe("a root that gets another name", () => {
  test("is guarded, and the reason names what would go", () => {
    expect(told(rename(""), "guard-added")).toEqual([
      {
        rule: "guard-added",
        level: "info",
        at: `${CLUSTER}:18`,
        what: "Kustomization flux-system/cluster gets prune: false for the time of the migration.",
        why: "The old root must not take its children along when it goes: Kustomization flux-system/addons and 6 more.",
        next: "Wait until it is reconciled before the cutover phase is merged.",
      },
    ]);
  });

  test("says by which lines it was found", () => {
    const [edit] = rename("").cluster.edits.filter(({ transform }) => transform === "guards");
    expect(edit).toMatchObject({ path: CLUSTER, evidence: [{ file: CLUSTER, line: 13, col: 1 }] });
  });

  test("is not said to be guarded where its file cannot be edited", () => {
    const shared = change(homeOps(), CLUSTER, "prune: true", "prune: &yes true\n  force: *yes");
    const { findings } = run(shared, { sync: "rename", only: ["guards"] });
    expect(findings.map(({ rule, at }) => `${rule} ${at?.file}:${at?.line}`)).toEqual([`edit-refused ${CLUSTER}:21`]);
  });

  test("is guarded by Git also where a release of the chart would be by hand", () => {
    const { findings } = rename("", { phase: "all", direct: true });
    expect(findings.map(({ rule }) => rule).filter((rule) => rule.startsWith("guard-"))).toEqual(["guard-added"]);
  });

  test("has its guard once", () => {
    const once = migrate(homeOps(), { sync: "rename" }).files;
    const again = run(once, { sync: "rename" });
    expect(again.files).toEqual(once);
    expect(told(again, "guard-added", "guard-overridden")).toEqual([]);
  });

  test.each(["Delete", "WaitForTermination"])("stops where deletionPolicy is %s", (policy) => {
    expect(told(rename(`  deletionPolicy: ${policy}\n`), "guard-overridden")).toEqual([
      {
        rule: "guard-overridden",
        level: "blocker",
        at: `${CLUSTER}:25`,
        what: `Kustomization flux-system/cluster has deletionPolicy: ${policy}, so it deletes what it applied when it goes under its old name, whatever prune says.`,
        why: "The guard of a root that gets another name is prune: false, and the finalizer looks at deletionPolicy first.",
        next: "Remove deletionPolicy, merge that and wait until it is reconciled, and run fluxlift again; or keep the name with --sync adopt.",
      },
    ]);
  });

  test("stops where a patch sets prune to something else", () => {
    const prune = patches("name: cluster", { op: "replace", path: "/spec/prune", value: true });
    expect(told(rename(prune), "guard-overridden")).toEqual([
      {
        rule: "guard-overridden",
        level: "blocker",
        at: `${CLUSTER}:18`,
        what: "A patch above Kustomization flux-system/cluster sets prune to something else than false, so the guard never reaches the cluster.",
        why: "Flux decides from the live object, and the patch is applied after what this file says.",
        next: "Take prune out of that patch, or exempt this object from it, and run fluxlift again.",
      },
    ]);
  });

  test("stops where what reaches it cannot be known", () => {
    const files: Files = homeOps();
    files["kubernetes/flux/kustomization.yaml"] =
      "resources: [config, apps.yaml]\ncomponents: ['github.com/example/parts?ref=v1']\n";
    expect(told(run(files, { sync: "rename" }), "guard-overridden")).toEqual([
      {
        rule: "guard-overridden",
        level: "blocker",
        at: "kubernetes/flux/kustomization.yaml:2",
        what: "Whether prune: false of Kustomization flux-system/cluster reaches the cluster cannot be known here: remote component github.com/example/parts?ref=v1.",
        why: "Flux decides from the live object, and what cannot be read here is applied after what its file says.",
        next: "Bring it into this repository, or take Kustomization flux-system/cluster out of its reach, and run fluxlift again.",
      },
    ]);
  });

  test("is left alone where nothing can be installed", () => {
    expect(told(run(homeOps({ version: "v2.1.0" }), { sync: "rename" }), "guard-added")).toEqual([]);
  });

  test("needs no guard where the name is the one that it would get", () => {
    const own = change(homeOps(), CLUSTER, "name: cluster\n", "name: flux-system\n");
    expect(told(run(own, { sync: "rename" }), "guard-added")).toEqual([]);
  });

  test("needs no guard under its own name, nor where it orphans what it applied", () => {
    expect(told(rename("", { sync: "adopt" }), "guard-added")).toEqual([]);
    expect(told(rename("  deletionPolicy: Orphan\n"), "guard-added", "guard-overridden")).toEqual([]);
    expect(run(homeOps(), { sync: "adopt" }).files[CLUSTER]).toBe(homeOps()[CLUSTER]);
  });
});

describe("a release of the flux2 chart", () => {
  const RELEASE = `${APPS}/flux/app/helmrelease.yaml`;
  const RULES = ["guard-added", "guard-by-hand", "guard-overridden"];
  const ADDED = {
    rule: "guard-added",
    level: "info",
    at: `${RELEASE}:5`,
    what: "HelmRelease flux gets suspend: true for the time of the migration.",
    why: "Deleting a HelmRelease uninstalls what it installed, here Flux; a suspended one is left alone.",
    next: "Wait until it is reconciled before the cutover phase is merged.",
  };
  const DIRECT = { phase: "all", direct: true } as const;

  /** A tree whose Flux comes from the chart. @param spec lines of the release */
  function chart(spec = "", more: Parameters<typeof homeOps>[0] = {}): Files {
    const { [FLUX]: _flux, ...files } = homeOps(more);
    return {
      ...files,
      "kubernetes/flux/config/kustomization.yaml": list("./cluster.yaml"),
      [`${APPS}/kustomization.yaml`]: list("./namespace.yaml", "./addons/ks.yaml", "./flux/ks.yaml"),
      [`${APPS}/flux/ks.yaml`]: fluxKustomization("flux", `${APPS}/flux/app`, "  targetNamespace: flux-system\n"),
      [`${APPS}/flux/app/kustomization.yaml`]: list("./helmrelease.yaml"),
      [RELEASE]: `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: flux\nspec:\n  interval: 1h\n${spec}  chart:\n    spec:\n      chart: flux2\n      version: 2.16.4\n      sourceRef:\n        kind: HelmRepository\n        name: fluxcd-community\n`,
    };
  }
  const asked = (files: Files, options: Partial<Options> = {}) =>
    run(files, { only: ["operator-app", "instance-app", "guards", "remove-bootstrap"], ...options });
  const rules = (...args: Parameters<typeof asked>) => told(asked(...args), ...RULES).map(({ rule }) => rule);

  test("is suspended, and the reason is said", () => {
    const { files } = asked(chart());
    expect(files[RELEASE]).toBe(`${chart()[RELEASE]}  suspend: true # fluxlift:guard\n`);
    expect(told(asked(chart()), ...RULES)).toEqual([ADDED]);
  });

  test("is found among others in one file, whatever patches say of those", () => {
    const other = chart()[RELEASE]!.replace("name: flux\n", "name: other\n").replace("chart: flux2", "chart: podinfo");
    const patches = (name: string) =>
      `patches:\n  - target: {kind: HelmRelease, name: ${name}}\n    patch: '[{"op": "add", "path": "/spec/suspend", "value": false}]'\n`;
    const among = (name: string) => {
      const files: Files = { ...chart(), [RELEASE]: `${other}---\n${chart()[RELEASE]}` };
      files[`${APPS}/flux/app/kustomization.yaml`] += patches(name);
      return rules(files);
    };
    expect(among("other")).toEqual(["guard-added"]);
    expect(among("flux")).toEqual(["guard-added", "guard-overridden"]);
  });

  test("is judged by the FluxKustomization that delivers it, not by one of a release in another file", () => {
    const against = (path: string) =>
      fluxKustomization(
        path.split("/").at(-2)!,
        path,
        patches("kind: HelmRelease", { op: "add", path: "/spec/suspend", value: false }),
      );
    const beside = (flux: boolean, other: boolean): Files => {
      const files = chart();
      const at = `${APPS}/earlier/app`;
      return {
        ...files,
        [`${APPS}/kustomization.yaml`]: list(
          "./namespace.yaml",
          "./addons/ks.yaml",
          "./earlier/ks.yaml",
          "./flux/ks.yaml",
        ),
        [`${APPS}/flux/ks.yaml`]: flux ? against(`${APPS}/flux/app`) : files[`${APPS}/flux/ks.yaml`]!,
        [`${APPS}/earlier/ks.yaml`]: other ? against(at) : fluxKustomization("earlier", at),
        [`${at}/kustomization.yaml`]: list("./helmrelease.yaml"),
        [`${at}/helmrelease.yaml`]: files[RELEASE]!.replace("name: flux\n", "name: other\n").replace(
          "chart: flux2",
          "chart: podinfo",
        ),
      };
    };
    expect(rules(beside(false, true))).toEqual(["guard-added"]);
    expect(rules(beside(true, false))).toEqual(["guard-added", "guard-overridden"]);
  });

  test("is suspended also where a patch takes it out of what is applied", () => {
    const files = chart();
    files[`${APPS}/flux/app/kustomization.yaml`] +=
      "patches:\n  - target: {kind: HelmRelease}\n    patch: '{$patch: delete, kind: HelmRelease, metadata: {name: flux}}'\n";
    expect(rules(files)).toEqual(["guard-added"]);
  });

  test("stands beside the guard of a root, whose reason counts what would go", () => {
    const whys = (files: Files) =>
      told(run(files, { sync: "rename", only: ["guards"] }), "guard-added").map(({ why }) => why);
    const release = "Deleting a HelmRelease uninstalls what it installed, here Flux; a suspended one is left alone.";
    const keeping = (files: Files) => change(files, "kubernetes/flux/apps.yaml", "prune: true", "prune: false");
    const root = "The old root must not take its children along when it goes: Kustomization flux-system/cluster-apps";
    expect(whys(keeping(chart()))).toEqual([release, `${root}.`]);
    expect(whys(keeping(change(homeOps(), FLUX, "prune: true", "prune: false")))).toEqual([`${root} and 1 more.`]);
  });

  test("is left as it is where it is suspended", () => {
    expect(rules(chart("  suspend: true\n"))).toEqual([]);
    expect(asked(chart("  suspend: true\n")).files[RELEASE]).toBe(chart("  suspend: true\n")[RELEASE]);
  });

  test("stops where a patch above it says otherwise", () => {
    const flux = "kustomization.yaml";
    const files = chart();
    files[`${APPS}/flux/app/${flux}`] +=
      `patches:\n  - target: {kind: HelmRelease}\n    patch: '[{"op": "add", "path": "/spec/suspend", "value": false}]'\n`;
    expect(told(asked(files), ...RULES)).toEqual([
      ADDED,
      {
        rule: "guard-overridden",
        level: "blocker",
        at: `${RELEASE}:5`,
        what: "A patch above HelmRelease flux sets suspend to something else than true, so the guard never reaches the cluster.",
        why: "Flux decides from the live object, and the patch is applied after what this file says.",
        next: "Take suspend out of that patch, or exempt this object from it, and run fluxlift again.",
      },
    ]);
  });

  test("is suspended by a person on the direct route, unless preflight.sh found it so", () => {
    expect(told(asked(chart(), DIRECT), ...RULES)).toEqual([
      {
        rule: "guard-by-hand",
        level: "caution",
        at: `${RELEASE}:5`,
        what: "HelmRelease flux has to be suspended by hand before the merge: its file goes in the same one, so Git never suspends it.",
        why: "Deleting a HelmRelease uninstalls what it installed, here Flux; a suspended one is left alone.",
        next: "Do the step “Suspend the release of the old chart” of the runbook first; preflight.sh checks it.",
      },
    ]);
    const facts = (guardsReconciled: boolean) => ({ ...DIRECT, facts: { cluster: "default", guardsReconciled } });
    expect(rules(chart(), facts(true))).toEqual([]);
    expect(rules(chart(), facts(false))).toEqual(["guard-by-hand"]);
    // One phase at a time is the usual way.
    expect(rules(chart(), { direct: true })).toEqual(["guard-added"]);
  });

  test("may not say suspend: false on the direct route: Git takes back what a person sets", () => {
    const said = chart("  suspend: false\n");
    expect(told(asked(said, DIRECT), "guard-overridden")).toEqual([
      {
        rule: "guard-overridden",
        level: "blocker",
        at: `${RELEASE}:5`,
        what: "HelmRelease flux says suspend: false in Git, so Flux takes the suspension back that has to come before the merge.",
        why: "On the direct route a person suspends the release, and its file goes with the merge that follows.",
        next: "Take the line out of the file, merge that, and run fluxlift again; or merge one phase at a time.",
      },
    ]);
    expect(rules(said)).toEqual(["guard-added"]);
  });
});

describe("cleanup takes guards back", () => {
  const file = "kubernetes/apps/default/echo/ks.yaml";
  const done = migrate(migrate(homeOps()).files, { phase: "cutover" }).files;
  const marked = change(
    done,
    file,
    "prune: true\n",
    "prune: false # fluxlift:guard\n  deletionPolicy: Orphan # fluxlift:guard\n",
  );
  const asked = (files: Files) => run(files, { phase: "cleanup", only: ["guards"] });

  test("and says which", () => {
    const { cluster, files } = asked(marked);
    expect(files).toEqual(done);
    expect(cluster.edits.map(({ path, why, evidence }) => ({ path, why, evidence }))).toEqual([
      {
        path: file,
        why: "The migration no longer needs the guard on prune of Kustomization flux-system/echo and deletionPolicy of Kustomization flux-system/echo.",
        evidence: [10, 11].map((line) => ({ file, line, col: 3 })),
      },
    ]);
  });

  test("in whatever order they stand, and in every file", () => {
    const other = "kubernetes/apps/flux-system/addons/ks.yaml";
    const guards = "  deletionPolicy: Orphan # fluxlift:guard\n  prune: false # fluxlift:guard\n";
    const two = [file, other].reduce((files, path) => change(files, path, "  prune: true\n", guards), done);
    const { files, cluster } = asked(two);
    expect(files).toEqual(done);
    expect(cluster.edits.map(({ path, evidence }) => [path, evidence.length])).toEqual([
      [file, 2],
      [other, 2],
    ]);
  });

  test("but not of what goes itself", () => {
    const renamed = migrate(migrate(homeOps(), { sync: "rename" }).files, { phase: "cutover", sync: "rename" }).files;
    expect(renamed[CLUSTER]).toContain("fluxlift:guard");
    const { cluster, files } = migrate(renamed, { phase: "cleanup", sync: "rename" });
    expect(files[CLUSTER]).toBeUndefined();
    expect(cluster.edits.filter(({ transform }) => transform === "guards")).toEqual([]);
  });

  test("but not in files that the cluster does not read, nor fields of the owner's", () => {
    const other = { ...done, "old/ks.yaml": marked[file]! };
    expect(asked(other).cluster.edits).toEqual([]);
    expect(asked(change(done, file, "prune: true", "prune: false # mine")).cluster.edits).toEqual([]);
    expect(asked(done).cluster.edits).toEqual([]);
  });
});
