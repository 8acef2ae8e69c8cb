import { describe, expect, test } from "vitest";
import { kustomization, makeFluxSystem } from "../gotk/make-gotk.ts";
import { runPhase } from "../gotk/run-phases.ts";
import { blockers, CLUSTER, type Files, homeOps, list, type OPTIONS, run } from "../traps/support.ts";

const TAG = 'APP_TAG: v1 # {"$imagepolicy": "flux-system:app:tag"}';
const postBuild = `  postBuild:\n    substitute:\n      ZONE: home\n      ${TAG}\n`;
const rules = (files: Files, options: Partial<typeof OPTIONS> = {}) =>
  blockers(run(files, options)).filter((rule) => rule.startsWith("sync-field-automated"));

test("a field of the root that image automation sets stops the phase, unless the root stays in Git", () => {
  const files = homeOps({ root: postBuild });
  const found = run(files).findings.find(({ rule }) => rule === "sync-field-automated");
  expect(found?.level).toBe("blocker");
  expect(found?.at?.file).toBe(CLUSTER);
  expect(files[CLUSTER]!.split("\n")[found!.at!.line - 1]?.trim()).toBe(TAG);
  expect(found?.what).toContain("APP_TAG of Kustomization flux-system/cluster");
  expect(found?.what).not.toContain("ZONE");
  expect(rules(files, { sync: "keep" })).toEqual([]);
});

test("in a patch of the root, too", () => {
  const patch = `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: cluster\n  namespace: flux-system\nspec:\n${postBuild}`;
  const files = {
    ...homeOps(),
    "kubernetes/flux/config/kustomization.yaml": `${list("./cluster.yaml", "./flux.yaml")}patches:\n  - path: tags.yaml\n`,
    "kubernetes/flux/config/tags.yaml": patch,
  };
  expect(rules(files)).toEqual(["sync-field-automated kubernetes/flux/config/tags.yaml"]);
});

test("not in what is no part of the sync", () => {
  const files = homeOps();
  const apps = "kubernetes/flux/apps.yaml";
  expect(files[apps]).toContain("name: cluster-apps");
  expect(rules({ ...files, [apps]: `${files[apps]}${postBuild}` })).toEqual([]);
  expect(rules({ ...homeOps({ root: postBuild.replace("# {", "# see {") }) })).toEqual([]);
});

test("a marker that no automation of the repository reaches stops nothing, and is said", () => {
  const automation = (path: string) => ({
    "kubernetes/apps/automation.yaml": `apiVersion: image.toolkit.fluxcd.io/v1beta2\nkind: ImageUpdateAutomation\nmetadata:\n  name: apps\n  namespace: flux-system\nspec:\n  update:\n    path: ${path}\n`,
  });
  const files = homeOps({ root: postBuild });
  expect(rules({ ...files, ...automation("./kubernetes/apps") })).toEqual([]);
  const said = run({ ...files, ...automation("./kubernetes/apps") }).findings.find(({ at }) => at?.file === CLUSTER);
  expect([said?.rule, said?.level]).toEqual(["sync-marker-idle", "info"]);
  expect(said?.what).toContain("APP_TAG of Kustomization flux-system/cluster");
  for (const path of ["./kubernetes", ".", "''", "./kubernetes/flux/", "./${CLUSTER}"])
    expect(rules({ ...files, ...automation(path) }), path).toHaveLength(1);
});

describe("a patch of the install that lies in a file", () => {
  const body = `apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: kustomize-controller\n  namespace: flux-system\nspec:\n  template:\n    spec:\n      initContainers:\n      - name: tools\n        image: ghcr.io/acme/tools:1.2.3 # {"$imagepolicy": "flux-system:tools"}\n`;
  const listing = (item: string) =>
    kustomization(`resources:\n- gotk-components.yaml\n- gotk-sync.yaml\npatches:\n${item}`);
  const found = (item: string, more: Files = {}) => {
    const dir = "clusters/home/flux-system";
    const files = { ...makeFluxSystem("clusters/home", { kustomization: listing(item) }), ...more };
    const { findings } = runPhase({ ...files, [`${dir}/tools.yaml`]: body }, "install");
    return findings.filter(({ rule }) => rule === "patch-marker-idle");
  };

  test("is updated no more once it is text of the instance, and that is said where it is listed", () => {
    const [said, ...rest] = found("- path: tools.yaml\n");
    expect(rest).toEqual([]);
    expect([said?.level, said?.at?.file]).toEqual(["caution", "clusters/home/flux-system/kustomization.yaml"]);
    expect(said?.what).toContain("sets image in the file of this patch");
  });

  test("is said beside a marker of another entry", () => {
    const other = `- target:\n    kind: Deployment\n    name: helm-controller\n  patch: |\n${body.replace(/^/gm, "    ").replace("kustomize-controller", "helm-controller")}\n`;
    expect(found(`- path: tools.yaml\n${other}`)).toHaveLength(1);
    expect(found(`${other}- path: tools.yaml # {"$imagepolicy": "flux-system:tools"}\n`)).toHaveLength(1);
  });

  test("nothing is lost where it was text before, or where no automation writes", () => {
    expect(found(`- patch: |\n${body.replace(/^/gm, "    ")}\n`)).toEqual([]);
    const elsewhere = `apiVersion: image.toolkit.fluxcd.io/v1\nkind: ImageUpdateAutomation\nmetadata:\n  name: apps\n  namespace: flux-system\nspec:\n  update:\n    path: ./apps\n`;
    expect(found("- path: tools.yaml\n", { "apps/automation.yaml": elsewhere })).toEqual([]);
  });
});

describe("an entry of images for a controller", () => {
  const found = (entry: string, more: Files = {}) => {
    const listed = kustomization(`resources:\n- gotk-components.yaml\n- gotk-sync.yaml\nimages:\n${entry}`);
    const files = makeFluxSystem("clusters/home", { kustomization: listed });
    const { findings } = runPhase({ ...files, ...more }, "install");
    return findings.filter(({ rule }) => rule === "image-marker-idle");
  };
  const source = (name: string, marker = "") =>
    `- name: ${name}\n  newName: ghcr.io/fluxcd/source-controller\n  newTag: v1.7.4${marker}\n`;
  const marker = ' # {"$imagepolicy": "flux-system:source:tag"}';
  const image = "ghcr.io/fluxcd/source-controller";

  test("that image automation sets is said", () => {
    const [said, ...rest] = found(`${source("nginx")}${source(image, marker)}`);
    expect(rest).toEqual([]);
    expect(said).toMatchObject({
      level: "caution",
      at: { file: "clusters/home/flux-system/kustomization.yaml", line: 10 },
    });
    expect(said!.what).toContain("sets newTag here");
  });

  test("not one without a marker, of another image, or out of the automation's reach", () => {
    expect(found(`${source(image)}${source("nginx", marker)}`)).toEqual([]);
    const elsewhere = `apiVersion: image.toolkit.fluxcd.io/v1\nkind: ImageUpdateAutomation\nmetadata:\n  name: apps\n  namespace: flux-system\nspec:\n  update:\n    path: ./apps\n`;
    expect(found(source(image, marker), { "apps/automation.yaml": elsewhere })).toEqual([]);
  });
});

describe("the image of a controller in its own manifest", () => {
  const found = (marker: string, more: Files = {}) => {
    const files = makeFluxSystem("clusters/home", {});
    const path = "clusters/home/flux-system/gotk-components.yaml";
    const marked = { ...files, [path]: files[path]!.replace(/^( +image: .*)$/m, `$1${marker}`) };
    const { findings } = runPhase({ ...marked, ...more }, "install");
    return { path, said: findings.filter(({ rule }) => rule === "image-marker-idle") };
  };
  const marker = ' # {"$imagepolicy": "flux-system:source"}';

  test("that image automation sets is said, since the file goes", () => {
    const { path, said } = found(marker);
    expect(said).toMatchObject([{ level: "caution", at: { file: path } }]);
    expect(said[0]!.what).toContain("sets image here");
  });

  test("not without a marker, or out of the automation's reach", () => {
    expect(found("").said).toEqual([]);
    const elsewhere = `apiVersion: image.toolkit.fluxcd.io/v1\nkind: ImageUpdateAutomation\nmetadata:\n  name: apps\n  namespace: flux-system\nspec:\n  update:\n    path: ./apps\n`;
    expect(found(marker, { "apps/automation.yaml": elsewhere }).said).toEqual([]);
  });
});
