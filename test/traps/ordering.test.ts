import { describe, expect, test } from "vitest";
import { openRevision } from "../../src/files/revision.ts";
import { openWorkspace } from "../../src/files/snapshot.ts";
import { makePlan } from "../../src/plan/plan.ts";
import { commitAll, makeRepo, writeFiles } from "../support/repo.ts";
import {
  APPS,
  blockers,
  CLUSTER,
  change,
  FLUX,
  fluxKustomization,
  homeOps,
  INSTANCE,
  instanceOf,
  list,
  migrate,
  migrateAll,
  OPTIONS,
  patchesOf,
  run,
  textOf,
  yamlOf,
} from "./support.ts";

/** What of the old install, source and root a plan deletes or empties. */
const removed = (before: Record<string, string>, after: Record<string, string>) =>
  Object.keys(before).filter((path) => after[path] === undefined);

describe("removing comes after adopting", () => {
  test("trap 1: install only adds; cutover is refused until install is in the commit the cluster reads", async () => {
    const files = homeOps();
    const { cluster, files: installed } = migrate(files);
    expect(cluster.edits.filter(({ kind }) => kind === "delete" || kind === "move")).toEqual([]);
    expect([installed[CLUSTER], installed[FLUX]]).toEqual([files[CLUSTER], files[FLUX]]);
    expect(blockers(run(files, { phase: "cutover" }))).toEqual([`phase-not-reached ${CLUSTER}`]);
    const early = run(files, { phase: "cleanup" }).findings.find(({ rule }) => rule === "phase-not-reached");
    expect(early?.next, "the first of two that are missing").toContain(
      "migrate --phase install` (it says what stops it",
    );

    const root = makeRepo(files);
    writeFiles(root, installed);
    const cutover = async () => makePlan(await openWorkspace(root), { ...OPTIONS, phase: "cutover" }).phases[0]!;
    expect((await cutover()).clusters[0]!.findings.map(({ rule }) => rule)).toContain("phase-not-reached");
    expect((await cutover()).files).toEqual([]);
    commitAll(root, "Install");
    expect(openRevision(root, "HEAD").has(INSTANCE)).toBe(true);
    expect((await cutover()).files.map(({ path }) => path)).toContain(FLUX);
  });

  test.each([
    ["v2.6.4", 6],
    ["v2.9.2", 6],
    ["v2.9.4", 7],
  ])("trap 2: every component of flux-manifests %s stays", (version, count) => {
    const { components } = instanceOf(migrate(homeOps({ version })).files);
    expect(components).toHaveLength(count);
    expect(components).toContain("image-reflector-controller");
    expect(components.includes("source-watcher")).toBe(count === 7);
  });

  test("trap 3: what lies beside the old install stays delivered", () => {
    const files = homeOps();
    files[FLUX] += `${fluxKustomization("cluster-shared", "kubernetes/shared")}`;
    files["kubernetes/shared/kustomization.yaml"] = list("./secret.yaml");
    files["kubernetes/shared/secret.yaml"] = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: shared\n";
    files["kubernetes/flux/config/monitor.yaml"] =
      "apiVersion: monitoring.coreos.com/v1\nkind: PodMonitor\nmetadata:\n  name: flux\n";
    const listed = change(
      files,
      "kubernetes/flux/config/kustomization.yaml",
      "./flux.yaml",
      "./flux.yaml\n  - ./monitor.yaml",
    );
    const after = migrateAll(listed);
    expect(removed(listed, after)).toEqual([CLUSTER]);
    expect(yamlOf(after, FLUX).map(({ metadata }) => metadata.name)).toEqual(["cluster-shared"]);
    expect(yamlOf(after, "kubernetes/flux/config/kustomization.yaml")[0].resources).toEqual([
      "./flux.yaml",
      "./monitor.yaml",
    ]);
  });

  test("trap 4: the Kustomization that applied the old install goes only after the adoption check", () => {
    const installed = migrate(homeOps()).files;
    const { cluster } = migrate(installed, { phase: "cutover" });
    expect(cluster.edits.some(({ path, kind }) => path === FLUX && kind === "delete")).toBe(true);
    const checks = textOf(cluster.runbook.preChecks);
    expect(checks).toContain("Check that the operator owns every object of the old install");
    expect(checks).toContain("PRUNE:.metadata.annotations");
    expect(checks).toContain("OWNER:.metadata.labels");
  });
});

describe("trap 5: nothing can uninstall the instance", () => {
  test.each(["v2.2.3", "v2.3.0", "v2.5.1", "v2.6.4", "v2.7.5", "v2.8.8", "v2.9.4"])("Flux %s", (version) => {
    const { files } = migrate(homeOps({ version }));
    for (const name of ["flux-operator", "flux-instance"]) {
      expect(yamlOf(files, `${APPS}/${name}/ks.yaml`)[0].spec.prune).toBe(false);
      const [release] = yamlOf(files, `${APPS}/${name}/app/helmrelease.yaml`);
      expect(release.metadata.annotations["kustomize.toolkit.fluxcd.io/prune"]).toBe("disabled");
      for (const action of [release.spec.install, release.spec.upgrade]) expect(action?.remediation).toBeUndefined();
      expect(release.spec.uninstall).toBeUndefined();
    }
    const [release] = yamlOf(files, INSTANCE);
    expect(release.spec.values.commonAnnotations).toEqual({ "helm.sh/resource-policy": "keep" });
    expect([release.spec.install.disableWait, release.spec.upgrade.disableWait]).toEqual([true, true]);
  });

  test("cutover and cleanup leave operator and instance where they are", () => {
    const installed = migrate(homeOps()).files;
    const done = migrateAll(homeOps());
    const own = Object.keys(installed).filter((path) => /flux-(operator|instance)\//.test(path));
    expect(own).toHaveLength(8);
    for (const path of own) {
      const [before, after] = [yamlOf(installed, path)[0], yamlOf(done, path)[0]];
      expect(after.metadata, path).toEqual(before.metadata);
      if (after.kind === "HelmRelease") expect(after, path).toEqual(before);
    }
  });

  test("the runbook never says to delete the instance, only never to", () => {
    for (const phase of ["install", "cutover", "cleanup"] as const) {
      let files = homeOps();
      if (phase !== "install") files = migrate(files).files;
      if (phase === "cleanup") files = migrate(files, { phase: "cutover" }).files;
      const { runbook } = migrate(files, { phase }).cluster;
      const commands = [...runbook.preChecks, ...runbook.steps, ...runbook.rollback, ...runbook.rebuild].flatMap(
        (step) => step.commands,
      );
      expect(
        commands.filter((line) =>
          /helm uninstall|flux uninstall|flux bootstrap|delete .*(fluxinstance|helmrelease)/i.test(line),
        ),
      ).toEqual([]);
    }
  });
});

describe("the root keeps name, path and sync", () => {
  const installed = migrate(homeOps()).files;

  test.each([
    [
      "trap 6: another sync.name",
      "name: cluster\n        kind: GitRepository",
      "name: other\n        kind: GitRepository",
    ],
    ["trap 8: another sync.path", "path: ./kubernetes/flux", "path: ./kubernetes"],
  ])("%s in an instance that is there stops the cluster", (_title, from, to) => {
    const files = change(installed, INSTANCE, from, to);
    expect(blockers(run(files))).toContain(`instance-contradiction ${INSTANCE}`);
    expect(run(files).plan.phases[0]!.files).toEqual([]);
  });

  test("trap 7: the generated root takes the name of the old one, so no second root applies the path", () => {
    expect(instanceOf(installed).sync).toMatchObject({ name: "cluster", path: "./kubernetes/flux" });
    const done = migrateAll(homeOps());
    expect(Object.values(done).filter((text) => text.includes("path: ./kubernetes/flux\n"))).toHaveLength(1);
  });

  test("trap 8a: later phases never touch sync, also where --sync keep is passed by then", () => {
    for (const phase of ["cutover", "cleanup"] as const) {
      const start = phase === "cutover" ? installed : migrate(installed, { phase: "cutover" }).files;
      const { files } = migrate(start, { phase, sync: "keep" });
      expect(instanceOf(files).sync).toEqual(instanceOf(installed).sync);
    }
  });

  test("trap 8b and 8c: rename guards the old root first and takes it away only at cleanup", () => {
    const options = { sync: "rename" } as const;
    const renamed = migrate(homeOps(), options);
    expect(instanceOf(renamed.files).sync.name).toBeUndefined();
    expect(yamlOf(renamed.files, CLUSTER)[1].spec.prune).toBe(false);
    expect(renamed.findings.map(({ rule }) => rule)).toContain("guard-added");
    const cutover = migrate(renamed.files, { ...options, phase: "cutover" });
    expect(textOf(cutover.cluster.runbook.preChecks)).toContain("Check that the guards are in effect");
    expect(yamlOf(cutover.files, CLUSTER)[1].spec.prune).toBe(false);
    const cleanup = migrate(cutover.files, { ...options, phase: "cleanup" });
    expect(cleanup.files[CLUSTER]).toBeUndefined();
  });

  test("trap 8c: in one merge the guard comes too late, which is what the blocker speaks of", () => {
    const direct = { sync: "rename", phase: "all", direct: true } as const;
    const said = run(homeOps(), direct).findings.find(({ rule }) => rule === "wanted-may-go");
    expect(said?.next).toContain("fluxlift migrate --phase install --sync rename --cluster default");
    expect(blockers(run(homeOps(), { ...direct, sync: "adopt" }))).toEqual([]);
  });
});

test("traps 9 and 10: adoption is checked on live labels and annotations, for every kind of the old install", () => {
  const steps = textOf(migrate(homeOps()).cluster.runbook.steps);
  expect(steps).toContain("Only the live labels and annotations decide what Flux prunes");
  for (const kind of ["deployments", "customresourcedefinitions", "clusterrolebindings", "namespace"])
    expect(steps).toContain(kind);
  // The labels can come back in the middle of the takeover, as a live run shows (docs/live-proof.md).
  expect(steps).toContain("annotate --overwrite fluxinstance flux reconcile.fluxcd.io/requestedAt");
  expect(steps).not.toMatch(/status\.inventory|kustomize\\\.toolkit\\\.fluxcd\\\.io\/ssa/);
});

describe("trap 12: the instance never comes before its CRD", () => {
  test("operator and instance have a FluxKustomization each, the second waits for the first", () => {
    const { files } = migrate(homeOps());
    const [operator] = yamlOf(files, `${APPS}/flux-operator/ks.yaml`);
    const [instance] = yamlOf(files, `${APPS}/flux-instance/ks.yaml`);
    expect(operator.spec.wait).toBe(true);
    expect(instance.spec.dependsOn).toEqual([{ name: "flux-operator" }]);
    expect(instance.spec.path).not.toBe(operator.spec.path);
  });

  test("a root that is walked recursively gets the apps outside of it, or a blocker", () => {
    const flat = homeOps();
    const manifests = Object.fromEntries(Object.entries(flat).filter(([path]) => path === CLUSTER || path === FLUX));
    const { files } = migrate(manifests);
    const release = Object.keys(files).find((path) => path.endsWith("flux-instance/helmrelease.yaml"))!;
    expect(release.startsWith("kubernetes/flux/")).toBe(false);
    // It says why, of the release that lies there: no FluxInstance does.
    const owner = Object.keys(files).find((path) => path.endsWith("flux/flux-instance.yaml"))!;
    expect(files[owner]!.replace(/\n# /g, " ")).toMatch(/builds that with all its folders.*second owner/);
    const everything = change(manifests, CLUSTER, "path: ./kubernetes/flux", "path: ./");
    const walled = Object.keys(migrate(everything).files).find((path) =>
      path.endsWith("flux-instance/helmrelease.yaml"),
    )!;
    const wall = walled.replace("flux-instance/helmrelease.yaml", "kustomization.yaml");
    expect(yamlOf(migrate(everything).files, wall)[0].resources).toEqual([
      "./flux-operator.yaml",
      "./flux-instance.yaml",
    ]);
    const ignored = { ...everything, ".sourceignore": "/*\n!/kubernetes/flux/config\n" };
    expect(blockers(run(ignored))).toContain(`no-safe-place ${CLUSTER}`);
    const sparse = change(manifests, CLUSTER, "  ref:\n", "  sparseCheckout: [kubernetes/flux]\n  ref:\n");
    const fetched = Object.keys(migrate(sparse).files).filter((path) => path.endsWith("/helmrelease.yaml"));
    expect(fetched).toContain("kubernetes/flux/flux-system-apps/flux-instance/helmrelease.yaml");
    const listed = {
      ...manifests,
      ".sourceignore": "/*\n!/kubernetes/flux\n",
      "kubernetes/flux/kustomization.yaml": list("./config/cluster.yaml", "./config/flux.yaml"),
    };
    const inside = Object.keys(migrate(listed).files).filter((path) => path.endsWith("/helmrelease.yaml"));
    expect(inside).toContain("kubernetes/flux/flux-system/flux-instance/helmrelease.yaml");
    // A folder of that name that is the owner's already is left alone.
    const taken = { ...listed, "kubernetes/flux/flux-system/notes.md": "ours\n" };
    expect(Object.keys(migrate(taken).files)).toContain(
      "kubernetes/flux/flux-system-apps/flux-instance/helmrelease.yaml",
    );
  });

  test.each([
    ["the only cluster of its repository, with its apps beside it", ["apps", "core"], "cluster/flux-system"],
    ["one of several", [], "flux-system"],
  ])("a root below a folder called cluster is %s", (_what, parts, folder) => {
    const flat = homeOps();
    const files = {
      "cluster/flux/flux-system/flux.yaml": flat[FLUX]!,
      "cluster/flux/flux-system/cluster.yaml": flat[CLUSTER]!.replace(
        "path: ./kubernetes/flux",
        "path: ./cluster/flux",
      ),
      ...Object.fromEntries(
        parts.flatMap((name) => [
          [`cluster/flux/${name}.yaml`, fluxKustomization(name, `./cluster/${name}`)],
          [`cluster/${name}/map.yaml`, `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`],
        ]),
      ),
    };
    expect(Object.keys(migrate(files).files)).toContain(`${folder}/flux-instance/helmrelease.yaml`);
  });

  test("a FluxInstance manifest beside what installs its CRD stops the cluster", () => {
    const files = homeOps({ listing: "  - ./instance.yaml\n" });
    files[`${APPS}/instance.yaml`] =
      "apiVersion: fluxcd.controlplane.io/v1\nkind: FluxInstance\nmetadata:\n  name: flux\n  namespace: flux-system\nspec:\n  distribution:\n    version: 2.6.x\n";
    expect(blockers(run(files))).toEqual([`instance-before-crd ${APPS}/instance.yaml`]);
    expect(blockers(run(files, { direct: true }))).toEqual([]);
  });
});

describe("trap 13: root and instance never wait for each other", () => {
  const check = (kind: string, name: string) =>
    `  healthChecks:\n    - apiVersion: x/v1\n      kind: ${kind}\n      name: ${name}\n      namespace: flux-system\n`;

  test.each([
    ["wait: true on the root", { root: "  wait: true\n" }],
    ["wait: true all the way down", { root: "  wait: true\n", apps: "  wait: true\n" }],
    ["health checks on the root", { root: check("Kustomization", "cluster-apps") }],
  ])("%s: the apps end the chain", (_title, settings) => {
    const { files, findings } = migrate(homeOps({ version: "v2.9.4", ...settings }));
    expect(findings.map(({ rule }) => rule)).toContain("sync-root-waits");
    const [instance] = yamlOf(files, `${APPS}/flux-instance/ks.yaml`);
    expect([instance.spec.wait, instance.spec.healthChecks]).toEqual([false, undefined]);
    const [release] = yamlOf(files, INSTANCE);
    expect([release.spec.install.disableWait, release.spec.upgrade.disableWait]).toEqual([true, true]);
    expect(release.spec.values.healthcheck).toBeUndefined();
  });

  test("nothing above the instance goes on checking the old install, or checks what takes its place", () => {
    const flux = check("Kustomization", "flux").replace("x/v1", "kustomize.toolkit.fluxcd.io/v1");
    const vars =
      "    - {apiVersion: kustomize.toolkit.fluxcd.io/v1, kind: Kustomization, name: cluster-vars, namespace: flux-system}\n";
    const files = homeOps({ root: flux, apps: flux + vars });
    const { files: installed, findings } = migrate(files);
    expect(findings.map(({ rule }) => rule)).toContain("root-dependency-dropped");
    expect(JSON.stringify(instanceOf(installed))).not.toContain("healthChecks");
    const { files: cut } = migrate(installed, { phase: "cutover" });
    expect(yamlOf(cut, CLUSTER).map(({ spec }) => spec.healthChecks)).toEqual([undefined, undefined]);
    const [apps] = yamlOf(cut, "kubernetes/flux/apps.yaml");
    expect(apps.spec.healthChecks.map(({ name }: { name: string }) => name)).toEqual(["cluster-vars"]);
  });

  test("a root that checks the FluxInstance itself stops the cluster", () => {
    expect(blockers(run(homeOps({ root: check("FluxInstance", "flux") })))).toEqual([
      `instance-waits-for-root ${CLUSTER}`,
    ]);
    expect(blockers(run(homeOps({ root: check("FluxInstance", "flux") }), { sync: "keep" }))).toEqual([]);
  });

  test.each([
    [
      "a release that waits for what it installs",
      "  install:\n    disableWait: true\n",
      "  install: {}\n",
      "v2.9.4",
      true,
    ],
    [
      "the same before helm-controller waited for it",
      "  install:\n    disableWait: true\n",
      "  install: {}\n",
      "v2.6.4",
      false,
    ],
    [
      "the health check of the chart",
      "  values:\n",
      "  values:\n    healthcheck:\n      enabled: true\n",
      "v2.6.4",
      true,
    ],
  ])("an owner's app below a waiting root: %s", (_title, from, to, version, blocks) => {
    const root = "  wait: true\n";
    const installed = migrate(homeOps({ version, root, apps: root })).files;
    const ks = `${APPS}/flux-instance/ks.yaml`;
    let own = change(change(installed, INSTANCE, from, to), ks, "wait: false", "wait: true");
    if (version === "v2.9.4")
      own = change(own, INSTANCE, "    strategy:\n      name: RetryOnFailure\n  upgrade:", "  upgrade:");
    expect(blockers(run(own))).toEqual(blocks ? [`instance-waits-for-root ${CLUSTER}`] : []);
    expect(blockers(run(change(own, CLUSTER, "  wait: true\n", "  wait: false\n")))).toEqual([]);
  });

  test("a FluxInstance manifest whose FluxKustomization waits, below a waiting root", () => {
    const installed = migrate(homeOps({ root: "  wait: true\n", apps: "  wait: true\n" })).files;
    const manifest = {
      ...installed,
      [`${APPS}/flux-instance/app/kustomization.yaml`]: list("./instance.yaml"),
      [`${APPS}/flux-instance/app/instance.yaml`]: `apiVersion: fluxcd.controlplane.io/v1\nkind: FluxInstance\nmetadata:\n  name: flux\n  namespace: flux-system\nspec: ${JSON.stringify(instanceOf(installed))}\n`,
    };
    const waiting = change(manifest, `${APPS}/flux-instance/ks.yaml`, "wait: false", "wait: true");
    expect(blockers(run(waiting))).toEqual([`instance-waits-for-root ${CLUSTER}`]);
    const quiet = change(waiting, `${APPS}/flux-instance/app/instance.yaml`, "spec: {", 'spec: {"wait":false,');
    expect([blockers(run(manifest)), blockers(run(quiet))]).toEqual([[], []]);
  });

  const depends = "  dependsOn:\n    - name: flux\n";

  test("what delivers the instance does not depend on it after the cutover", () => {
    const done = migrateAll(homeOps({ apps: depends }));
    expect(yamlOf(done, "kubernetes/flux/apps.yaml")[0].spec.dependsOn).toBeUndefined();
  });

  test("a root that waited for the old install waits for nothing that it delivers itself", () => {
    const done = migrateAll(homeOps({ root: depends }));
    expect(patchesOf(done).filter((patch) => patch.includes("dependsOn"))).toEqual([]);
  });

  test("what is said of that wait does not come along, and what is said of the next field does", () => {
    const files = migrateAll(
      homeOps({
        root: "  # controllers first\n  dependsOn:\n    - name: flux # the old one\n  # and try again soon\n  retryInterval: 3m\n",
      }),
    );
    const all = Object.values(files).join("\n");
    expect(all).not.toMatch(/controllers first|the old one/);
    expect(all).toContain("# and try again soon");
  });
});
