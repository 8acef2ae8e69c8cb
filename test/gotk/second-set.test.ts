import { describe, expect, test } from "vitest";
import { buildModel } from "../../src/cluster/model.ts";
import { memoryTree } from "../support/memory.ts";
import { APP, kustomization, makeFluxSystem } from "./make-gotk.ts";
import { type Files, runAll, runPhase } from "./run-phases.ts";

const DIR = "clusters/home/flux-system";

/** What all controllers but those of the shard get. */
const SELECTOR = `patches:
- target:
    kind: Deployment
    name: (source-controller|kustomize-controller|helm-controller)
    annotationSelector: "!sharding.fluxcd.io/role"
  patch: |
    - op: add
      path: /spec/template/spec/containers/0/args/0
      value: --watch-label-selector=!sharding.fluxcd.io/key
`;

/** A second set as Flux documents shards: the same file under other names, most of it deleted again. */
const SHARD = kustomization(`resources:
- ../gotk-components.yaml
nameSuffix: -shard1
patches:
- target:
    kind: (Namespace|CustomResourceDefinition|ClusterRole|ClusterRoleBinding|ServiceAccount|NetworkPolicy|ResourceQuota)
  patch: |
    apiVersion: v1
    kind: all
    metadata:
      name: all
    $patch: delete
- target:
    kind: Deployment
    name: (source-controller|kustomize-controller|helm-controller)
  patch: |
    - op: add
      path: /spec/template/spec/containers/0/args/-
      value: --watch-label-selector=sharding.fluxcd.io/key=shard1
`);

function tree(listed: string, shard: Files): Files {
  return {
    ...makeFluxSystem("clusters/home"),
    "clusters/home/apps.yaml": APP,
    [`${DIR}/kustomization.yaml`]: kustomization(`resources:\n- gotk-components.yaml\n- gotk-sync.yaml\n${listed}`),
    ...shard,
  };
}

describe("controllers that are built once more under other names", () => {
  test("stop the cluster with the way out, and are not counted as the install's own settings", () => {
    const done = runPhase(tree(`- shard1\n${SELECTOR}`, { [`${DIR}/shard1/kustomization.yaml`]: SHARD }), "install");
    expect(done.changed).toEqual([]);
    expect(done.rules).not.toContain("gotk-overlay-unsupported");
    const finding = done.findings.find(({ rule }) => rule === "gotk-second-set")!;
    expect(finding).toMatchObject({ level: "blocker", at: { file: `${DIR}/shard1/kustomization.yaml`, line: 5 } });
    expect(finding.next).toContain("label sharding.fluxcd.io/key=shard1 off your objects");
    expect(finding.next).toContain("sharding.shards: [shard1]");
    const other = SHARD.replace("key=shard1", "key in (shard1)");
    const same = runPhase(tree(`- shard1\n${SELECTOR}`, { [`${DIR}/shard1/kustomization.yaml`]: other }), "install");
    expect(same.findings.find(({ rule }) => rule === "gotk-second-set")!.next).toBe(finding.next);
    const all = memoryTree(tree(`- shard1\n${SELECTOR}`, { [`${DIR}/shard1/kustomization.yaml`]: SHARD }));
    expect(
      buildModel({ tree: all, remotes: [], options: { layout: "auto" } }).clusters[0]!.install!.patches,
    ).toHaveLength(1);
  });

  test("are told once where several share a key", () => {
    const names = ["a", "b", "c", "d"];
    const shards = names.map((name) => [`${DIR}/${name}/kustomization.yaml`, SHARD.replaceAll("shard1", name)]);
    const listed = names.map((name) => `- ${name}\n`).join("");
    const { findings, changed } = runPhase(tree(`${listed}${SELECTOR}`, Object.fromEntries(shards)), "install");
    const [found, ...others] = findings.filter(({ rule }) => rule === "gotk-second-set");
    expect([changed, others]).toEqual([[], []]);
    expect(found!.what).toContain(`${DIR}/a, ${DIR}/b, ${DIR}/c`);
    expect(found!.next).toContain("sharding.shards: [a, b, c, d]");
  });

  test("no longer stop it once the advice is followed", () => {
    const { install, cutover, cleanup } = runAll(tree("", {}));
    for (const { findings } of [install, cutover, cleanup])
      expect(findings.filter(({ level }) => level === "blocker")).toEqual([]);
  });

  test("are told from a second install where they come from the release itself", () => {
    const url = "https://github.com/fluxcd/flux2/manifests/install?ref=v2.7.5";
    const { [`${DIR}/gotk-components.yaml`]: _, ...files } = tree("", {
      [`${DIR}/kustomization.yaml`]: kustomization("resources: [shard, flux, gotk-sync.yaml]\n"),
      [`${DIR}/flux/kustomization.yaml`]: kustomization(`resources: ['${url}']\n`),
      [`${DIR}/shard/kustomization.yaml`]: SHARD.replace("../gotk-components.yaml", url),
    });
    const done = runPhase(files, "install");
    expect(done.changed).toEqual([]);
    const finding = done.findings.find(({ rule }) => rule === "install-contradiction")!;
    expect(finding.at?.file).toBe(`${DIR}/shard/kustomization.yaml`);
    expect(finding.what).toContain("under other names (nameSuffix: -shard1)");
    expect(finding.next).toContain("give the FluxInstance the shard (sharding.shards)");
  });

  describe("from files of their own", () => {
    const gotk = makeFluxSystem("clusters/home")[`${DIR}/gotk-components.yaml`]!;
    const own = SHARD.replace("../gotk-components.yaml", "own.yaml");
    const controllers = gotk.split(/^---\n/m).filter((part) => /^kind: Deployment$/m.test(part));

    test.each([
      ["the install once more", gotk, own],
      ["its controllers alone", controllers.join("---\n"), own],
      [
        "with the selector written in",
        controllers
          .join("---\n")
          .replaceAll(/^( +)- --log-level=info$/gm, "$1- --watch-label-selector=a.b/c in (shard1)"),
        kustomization("resources: [own.yaml]\nnameSuffix: -shard1\n"),
      ],
    ])("are no part of the install: %s", (_, text, shard) => {
      const files = { [`${DIR}/shard1/kustomization.yaml`]: shard, [`${DIR}/shard1/own.yaml`]: text };
      const { findings, changed } = runPhase(tree(`- shard1\n${SELECTOR}`, files), "install");
      const blockers = findings.filter(({ level }) => level === "blocker");
      expect([changed, blockers.map(({ rule }) => rule)]).toEqual([[], ["gotk-second-set"]]);
      expect(blockers[0]!.what).toMatch(/the operator would not take these over\.$/);
      expect(blockers[0]!.next).toContain("sharding.shards: [shard1]");
    });

    test("are a part of it where nothing else has them", () => {
      const rest = gotk.split(/^---\n/m).filter((part) => !controllers.includes(part));
      const files = {
        [`${DIR}/shard1/kustomization.yaml`]: own,
        [`${DIR}/shard1/own.yaml`]: controllers.join("---\n"),
      };
      const split = { ...tree("- shard1\n", files), [`${DIR}/gotk-components.yaml`]: rest.join("---\n") };
      expect(runPhase(split, "install").rules).not.toContain("gotk-second-set");
    });
  });

  test("are found where the folder of the root is walked", () => {
    const shard = SHARD.replace("../gotk-components.yaml", "../flux-system/gotk-components.yaml");
    const { rules } = runPhase(tree("", { "clusters/home/shard1/kustomization.yaml": shard }), "install");
    expect(rules).toContain("gotk-second-set");
  });

  test("are no second set where nothing else builds the file", () => {
    const files = { ...tree("", { [`${DIR}/shard1/kustomization.yaml`]: SHARD }) };
    files[`${DIR}/kustomization.yaml`] = kustomization("resources:\n- gotk-sync.yaml\n- shard1\n");
    const { rules } = runPhase(files, "install");
    expect(rules).toContain("gotk-overlay-unsupported");
    expect(rules).not.toContain("gotk-second-set");
  });

  test("are found where a FluxKustomization of their own builds them: cutover would take both away", () => {
    const shard = SHARD.replace("../gotk-components.yaml", `../${DIR}/gotk-components.yaml`);
    const own = { "shard1/kustomization.yaml": shard, "clusters/home/shard.yaml": APP.replaceAll("apps", "shard1") };
    expect(runPhase(tree("", own), "install").rules).toContain("gotk-second-set");
  });
});
