import { describe, expect, test } from "vitest";
import { buildModel } from "../../src/cluster/model.ts";
import { memoryTree } from "../support/memory.ts";
import { CONFIG, kustomization, makeGotk, makeSync } from "./make-gotk.ts";
import { type Files, instanceText, runAll, runPhase } from "./run-phases.ts";

const KUSTOMIZATION = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n";

/** Install, source and root in a base; what differs by environment and cluster lies in folders of patches beside it. */
function fleet(more: Files = {}): Files {
  const of = (env: string, name: string): Files => ({
    [`flux/${env}/${name}/root.yaml`]: `${KUSTOMIZATION}  name: flux-system\n  namespace: flux-system\nspec:\n  path: ./clusters/${env}/${name}\n  postBuild:\n    substitute:\n      ENV: ${env}\n      NAME: ${name}\n`,
    [`clusters/${env}/${name}/kustomization.yaml`]: kustomization(
      `resources:\n- ../base\npatches:\n- path: ../../../flux/${env}/${name}/root.yaml\n`,
    ),
  });
  const env = (name: string): Files => ({
    [`flux/${name}/base/kustomization.yaml`]: kustomization(
      "resources:\n- ../../base\npatches:\n- path: ../../base/identity.yaml\n",
    ),
    [`clusters/${name}/base/kustomization.yaml`]: kustomization(
      `resources:\n- ../../../flux/${name}/base\n- ../../../apps/shop.yaml\npatches:\n- path: ../../../apps/defaults.yaml\n  target:\n    kind: Kustomization\n`,
    ),
  });
  return {
    "flux/base/gotk-components.yaml": makeGotk(),
    "flux/base/gotk-sync.yaml": makeSync("./clusters/${ENV}/${NAME}"),
    "flux/base/kustomization.yaml": kustomization("resources:\n- gotk-components.yaml\n- gotk-sync.yaml\n"),
    "flux/base/identity.yaml":
      "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: kustomize-controller\n  namespace: flux-system\nspec:\n  template:\n    metadata:\n      labels:\n        identity: yes-please\n",
    "apps/shop.yaml": `${KUSTOMIZATION}  name: shop\n  namespace: flux-system\nspec:\n  path: ./apps/shop\n`,
    "apps/shop/settings.yaml": CONFIG,
    "apps/defaults.yaml": `${KUSTOMIZATION}  name: all\n  namespace: flux-system\nspec:\n  interval: 10m\n  prune: true\n  sourceRef:\n    kind: GitRepository\n    name: flux-system\n  postBuild:\n    substitute:\n      WHERE: "\${ENV}-\${NAME}"\n`,
    ...env("prod"),
    ...env("test"),
    ...of("prod", "a"),
    ...of("prod", "b"),
    ...of("test", "a"),
    ...more,
  };
}

describe("a fleet whose roots are patched from folders beside the clusters", () => {
  test("is one cluster for each folder that a patch of the root names, and defaults for all are no root", () => {
    const { clusters } = buildModel({ tree: memoryTree(fleet()), remotes: [], options: { layout: "auto" } });
    const paths = clusters.map(({ root }) => root.data?.spec?.path).sort();
    expect(paths).toEqual(["./clusters/prod/a", "./clusters/prod/b", "./clusters/test/a"]);
    expect(clusters.map(({ name }) => name).sort()).toEqual(["prod-a", "prod-b", "test-a"]);
    expect(new Set(clusters.map(({ root }) => root.file))).toEqual(new Set(["flux/base/gotk-sync.yaml"]));
  });

  test("has variables of the root that the root itself fills in written out in the instance", () => {
    const { files, rules } = runPhase(fleet(), "install");
    expect(rules).not.toContain("patch-substitution-lost");
    expect(instanceText(files, "prod/b/")).toContain("WHERE: prod-b\n");
    expect(instanceText(files, "prod/b/")).toContain("path: ./clusters/prod/b\n");
  });

  test("has them written out in what is patched of the controllers, too", () => {
    const identity = (label: string) => ({
      "flux/base/identity.yaml": fleet()["flux/base/identity.yaml"]!.replace("yes-please", () => label),
    });
    const { files, rules } = runPhase(fleet(identity('"${ENV}-${TIER:-top}" # ours')), "install");
    expect(rules).not.toContain("patch-substitution-lost");
    expect(instanceText(files, "prod/b/")).toContain('identity: "prod-top" # ours\n');
    for (const label of ["${ELSEWHERE}", "${ENV} # ${ELSEWHERE}", "${NUMBER:=1}"])
      expect(runPhase(fleet(identity(label)), "install").rules).toContain("patch-substitution-lost");
  });

  test("has them as YAML reads them, where a variable brings the quotes that Flux takes off", () => {
    const where = (value: string) => ({
      "apps/defaults.yaml": fleet()["apps/defaults.yaml"]!.replace(
        '"${ENV}-${NAME}"',
        () => `${value}\n      NUMBER: "01"\n      quote: '"'`,
      ),
    });
    const { files } = runPhase(fleet(where("${quote}${NUMBER}${quote}")), "install");
    expect(instanceText(files, "prod/b/")).toContain('WHERE: "01"\n');
    const bare = runPhase(fleet(where("${NUMBER}")), "install").findings.find(({ level }) => level === "blocker");
    expect(bare?.what).toBe(
      "The variable NUMBER in the patch for Kustomization flux-system would reach the cluster as literal text: what it comes to is no text in spec.postBuild.substitute.WHERE.",
    );
  });

  test("keeps the stop where a value is not in Git, or not set", () => {
    for (const value of ['"${ELSEWHERE}"', '"${NAME}"\n  wait: ${ELSEWHERE}']) {
      const defaults = fleet()["apps/defaults.yaml"]!.replace(/"\$\{ENV\}-\$\{NAME\}"/, () => value);
      expect(runPhase(fleet({ "apps/defaults.yaml": defaults }), "install").rules).toContain("patch-substitution-lost");
    }
    const mixed = fleet()["apps/defaults.yaml"]!.replace("${ENV}-${NAME}", () => "${ENV}-${ELSEWHERE}");
    const found = runPhase(fleet({ "apps/defaults.yaml": mixed }), "install").findings;
    expect(found.find(({ level }) => level === "blocker")?.what).toContain(
      "The variable ELSEWHERE in the patch for Kustomization flux-system would reach the cluster as literal text: nothing sets it,",
    );
    const from = fleet()["apps/defaults.yaml"]!.replace(
      "  postBuild:\n",
      "  postBuild:\n    substituteFrom:\n    - kind: Secret\n      name: more\n",
    );
    const hidden = from.replace("${ENV}", () => "${ZONE}");
    expect(runPhase(fleet({ "apps/defaults.yaml": hidden }), "install").rules).toContain("patch-substitution-lost");
  });

  /** Without variables of its own: on the direct route, which stands for a merged phase here, the root fills those in. */
  const plain = (more: Files = {}) =>
    fleet({ "apps/defaults.yaml": fleet()["apps/defaults.yaml"]!.replace(/"\$\{ENV.*"/, "here"), ...more });

  test("loses the patches of all its overlays together with the shared install", () => {
    const { cutover, cleanup } = runAll(plain());
    expect(cutover.rules.filter((rule) => rule !== "sync-ref-by-name")).toEqual([]);
    expect(cutover.files["flux/base/gotk-components.yaml"]).toBeUndefined();
    expect(cutover.files["flux/base/identity.yaml"]).toBeUndefined();
    expect(cutover.files["flux/prod/base/kustomization.yaml"]).toBe(kustomization("resources:\n- ../../base\n"));
    const left = Object.keys(cleanup.files).filter((path) => /gotk|root\.yaml/.test(path));
    expect(left).toEqual([]);
  });

  test("has an operator that the root applies, and no patch of the root is taken for what delivers it", () => {
    const install = runPhase(plain(), "install", { direct: true });
    expect(install.changed.filter((path) => path.startsWith("flux/"))).toEqual([]);
    expect(runPhase(install.files, "install", { direct: true }).changed).toEqual([]);
  });

  test("keeps what else lies in the files of the sync and of its patches", () => {
    const extra = `${KUSTOMIZATION}  name: extra\n  namespace: flux-system\nspec:\n  path: ./apps/shop\n`;
    const own = `${KUSTOMIZATION}  name: extra\n  namespace: flux-system\nspec:\n  interval: 1h\n`;
    const roots = Object.entries(plain()).filter(([path]) => path.endsWith("/root.yaml"));
    const { cleanup } = runAll(
      plain({
        "flux/base/gotk-sync.yaml": `${plain()["flux/base/gotk-sync.yaml"]}---\n${extra}`,
        ...Object.fromEntries(roots.map(([path, text]) => [path, `${text}---\n${own}`])),
      }),
    );
    expect(cleanup.findings.filter(({ level }) => level === "blocker")).toEqual([]);
    const rest = (path: string) => cleanup.files[path]?.replace(/^---\n/, "").trim();
    expect(rest("flux/base/gotk-sync.yaml")).toBe(extra.trim());
    for (const [path] of roots) expect(rest(path)).toBe(own.trim());
  });

  test("says of the cluster that stops why it does, not only that it waits for the others", () => {
    const both = `${plain()["flux/base/identity.yaml"]}---\n${CONFIG}data:\n  a: b\n`;
    const files = plain({
      "flux/test/base/settings.yaml": CONFIG,
      "flux/test/base/kustomization.yaml": kustomization(
        `resources:\n- ../../base\n- settings.yaml\npatches:\n- patch: |\n${both.replace(/^/gm, "    ")}\n`,
      ),
    });
    const { cutover } = runAll(files);
    const why = cutover.findings.filter(({ level }) => level === "blocker");
    expect(why.map(({ rule }) => rule)).toContain("build-breaks");
    expect(why.find(({ rule }) => rule === "build-breaks")!.at?.file).toBe("flux/test/base/kustomization.yaml");
    expect(cutover.changed).toEqual([]);
  });
});

test("a FluxKustomization whose path only an overlay's patch sets builds that folder, not the whole repository", () => {
  const open = `${KUSTOMIZATION}  name: metrics\n  namespace: flux-system\nspec:\n  interval: 10m\n  prune: true\n  sourceRef:\n    kind: GitRepository\n    name: flux-system\n`;
  const of = (name: string): Files => ({
    [`clusters/${name}/kustomization.yaml`]: kustomization(
      "resources:\n- flux-system\n- ../base\npatches:\n- path: metrics.yaml\n",
    ),
    [`clusters/${name}/metrics.yaml`]: `${KUSTOMIZATION}  name: metrics\n  namespace: flux-system\nspec:\n  path: ./deploy/metrics-${name}\n`,
    [`clusters/${name}/flux-system/kustomization.yaml`]: kustomization(
      "resources:\n- ../../base/flux-system\npatches:\n- path: root.yaml\n",
    ),
    [`clusters/${name}/flux-system/root.yaml`]: `${KUSTOMIZATION}  name: flux-system\n  namespace: flux-system\nspec:\n  path: ./clusters/${name}\n`,
    [`deploy/metrics-${name}/settings.yaml`]: CONFIG,
  });
  const { cutover, cleanup } = runAll({
    "clusters/base/flux-system/gotk-components.yaml": makeGotk(),
    "clusters/base/flux-system/gotk-sync.yaml": makeSync("").replace(/^ {2}path: .*\n/m, ""),
    "clusters/base/flux-system/kustomization.yaml": kustomization(
      "resources:\n- gotk-components.yaml\n- gotk-sync.yaml\n",
    ),
    "clusters/base/kustomization.yaml": kustomization("resources:\n- metrics.yaml\n"),
    "clusters/base/metrics.yaml": open,
    ...of("blue"),
    ...of("green"),
  });
  expect([...cutover.rules, ...cleanup.rules]).not.toContain("app-prunable");
  expect(cleanup.findings.filter(({ level }) => level === "blocker")).toEqual([]);
  expect(cleanup.files["clusters/base/metrics.yaml"]).toBe(open);
  expect(cleanup.files["clusters/base/flux-system/gotk-sync.yaml"]).toBeUndefined();
});

test("a folder of the cluster that brings the sync from a shared base takes the apps", () => {
  const of = (name: string): Files => ({
    [`clusters/${name}/flux-system/path.yaml`]: `${KUSTOMIZATION}  name: flux-system\n  namespace: flux-system\nspec:\n  path: ./clusters/${name}\n`,
    [`clusters/${name}/flux-system/kustomization.yaml`]: kustomization(
      "resources:\n- ../../base/flux-system\npatches:\n- path: path.yaml\n",
    ),
    [`clusters/${name}/settings.yaml`]: CONFIG,
    [`clusters/${name}/kustomization.yaml`]: kustomization("resources:\n- flux-system\n- settings.yaml\n"),
  });
  const start = {
    "clusters/base/flux-system/gotk-components.yaml": makeGotk(),
    "clusters/base/flux-system/gotk-sync.yaml": makeSync("./"),
    "clusters/base/flux-system/kustomization.yaml": kustomization(
      "resources:\n- gotk-components.yaml\n- gotk-sync.yaml\n",
    ),
    ...of("build"),
    ...of("trusted"),
  };
  const { install, cleanup } = runAll(start);
  expect([...install.findings, ...cleanup.findings].filter(({ level }) => level === "blocker")).toEqual([]);
  expect(install.changed).toContain("clusters/build/flux-system/flux-instance/helmrelease.yaml");
  expect(install.files["clusters/build/flux-instance.yaml"]).toContain(
    "path: ./clusters/build/flux-system/flux-instance",
  );
  expect(cleanup.files["clusters/build/flux-system/path.yaml"]).toBeUndefined();
});
