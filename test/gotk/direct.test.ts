import { describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { readOptions } from "../../src/cli/options.ts";
import type { Options } from "../../src/contract/options.ts";
import { APP, CONFIG, kustomization, makeFluxSystem, makeGotk, makeSync } from "./make-gotk.ts";
import { type Files, type Migrated, runPhase } from "./run-phases.ts";

function tree(more: Files = {}, options: Parameters<typeof makeFluxSystem>[1] = {}): Files {
  return {
    ...makeFluxSystem("clusters/home", options),
    "clusters/home/apps.yaml": APP,
    "apps/settings.yaml": CONFIG,
    ...more,
  };
}

const direct = (files: Files, options: Partial<Options> = {}): Migrated =>
  runPhase(files, "all" as never, { direct: true, ...options });
const blockers = ({ findings }: Migrated) =>
  findings.filter(({ level }) => level === "blocker").map(({ rule }) => rule);
const stepsOf = ({ plan }: Migrated) =>
  plan.phases.flatMap(({ clusters }) =>
    clusters.flatMap(({ runbook }) => runbook.steps.flatMap((step) => step.commands)),
  );

describe("the direct route of the official guide", () => {
  test("puts the FluxInstance and the operator's release into the folder of the cluster, in one merge", () => {
    const done = direct(tree());
    expect(blockers(done)).toEqual([]);
    expect([...new Set(done.changed)].sort()).toEqual([
      "clusters/home/flux-instance.yaml",
      ...["helmrelease", "kustomization", "ocirepository"].map((name) => `clusters/home/flux-operator/${name}.yaml`),
      ...["gotk-components", "gotk-sync", "kustomization"].map((name) => `clusters/home/flux-system/${name}.yaml`),
    ]);
    expect(Object.keys(done.files).filter((path) => path.includes("flux-system/"))).toEqual([]);
    const instance = parse(done.files["clusters/home/flux-instance.yaml"]!);
    expect(instance).toMatchObject({
      apiVersion: "fluxcd.controlplane.io/v1",
      kind: "FluxInstance",
      metadata: {
        name: "flux",
        namespace: "flux-system",
        annotations: { "kustomize.toolkit.fluxcd.io/prune": "disabled" },
      },
      spec: {
        distribution: { version: "2.7.x", registry: "ghcr.io/fluxcd" },
        components: ["source-controller", "kustomize-controller", "helm-controller", "notification-controller"],
        cluster: { networkPolicy: true },
        sync: { kind: "GitRepository", ref: "refs/heads/main", path: "./clusters/home", pullSecret: "flux-system" },
      },
    });
    const release = parse(done.files["clusters/home/flux-operator/helmrelease.yaml"]!);
    expect(release.metadata).toMatchObject({ name: "flux-operator", namespace: "flux-system" });
    expect(done.files["clusters/home/flux-operator/ocirepository.yaml"]).toMatch(/tag: "?\d+\.\d+\.\d+/);
  });

  test("installs the operator and applies the instance before the merge", () => {
    const steps = stepsOf(direct(tree()));
    expect(steps[0]).toContain(
      "helm upgrade --install flux-operator oci://ghcr.io/controlplaneio-fluxcd/charts/flux-operator",
    );
    expect(steps[0]).toContain("clusters/home/flux-operator/helmrelease.yaml");
    expect(steps[1]).toContain("apply --server-side -f clusters/home/flux-instance.yaml");
  });

  test("speaks of each line of a workflow once, with what the phase says that first takes its ground away", () => {
    const folder = "clusters/home/flux-system";
    const run = `steps:\n  - run: |\n      kubectl apply -f ${folder}/gotk-components.yaml\n      flux create secret git flux-system --url=x\n      kubectl apply -k ${folder}\n`;
    const { findings } = direct(tree({ ".github/workflows/e2e.yaml": `jobs:\n ${run.replaceAll("\n", "\n  ")}` }));
    const spoken = findings.filter(({ at }) => at?.file.startsWith(".github"));
    expect(spoken.map(({ rule, at }) => `${rule} ${at?.line}`).sort()).toEqual([
      "automation-applies-removed 4",
      "automation-applies-removed 6",
    ]);
    expect(spoken.map(({ next }) => next).join()).toContain("filename clusters/home/flux-instance.yaml");
    const again = "jobs:\n  up:\n    steps:\n      - run: flux bootstrap git --url=x --path=clusters/home\n";
    const said = direct(tree({ ".github/workflows/e2e.yaml": again })).findings;
    expect(said.filter(({ rule }) => rule === "automation-installs-flux").map(({ at }) => at?.line)).toEqual([4]);
  });

  test("with --operator-upgrades auto keeps the operator by a ResourceSet of its own", () => {
    const done = direct(tree(), { operatorUpgrades: "auto" });
    expect(blockers(done)).toEqual([]);
    const [set] = parseAllDocuments(done.files["clusters/home/flux-operator.yaml"]!).map((doc) => doc.toJS());
    expect(set).toMatchObject({ kind: "ResourceSet", metadata: { name: "flux-operator", namespace: "flux-system" } });
    expect(set.spec.resources.map(({ kind }: { kind: string }) => kind)).toEqual(["OCIRepository", "HelmRelease"]);
    expect(stepsOf(done)[0]).toBe(
      "helm upgrade --install flux-operator oci://ghcr.io/controlplaneio-fluxcd/charts/flux-operator --namespace flux-system --wait",
    );
    expect(direct(done.files, { operatorUpgrades: "auto" }).changed).toEqual([]);
  });

  test("refuses a self-upgrading operator where nobody says that one is installed", () => {
    expect(() => readOptions({ operatorUpgrades: "auto" }, [], "")).toThrow("installed before it");
    expect(readOptions({ operatorUpgrades: "auto", direct: true }, [], "").operatorUpgrades).toBe("auto");
  });

  test("reads the whole repository from its top, and folders that bootstrap has not filled in", () => {
    const top = {
      "flux-system/gotk-components.yaml": makeGotk(),
      "flux-system/gotk-sync.yaml": makeSync("./"),
      "settings.yaml": CONFIG,
    };
    const whole = direct(top);
    expect(blockers(whole)).toEqual([]);
    expect(Object.keys(whole.files).sort()).toEqual([
      "flux-instance.yaml",
      ...["helmrelease", "kustomization", "ocirepository"].map((name) => `flux-operator/${name}.yaml`),
      "settings.yaml",
    ]);
    const empty = Object.fromEntries(
      ["components", "sync"].map((name) => [`a/flux-system/gotk-${name}.yaml`, "# later\n"]),
    );
    const given = { bootstrap: { url: "https://git.example.org/a", branch: "main" }, fluxVersion: "v2.7.5" };
    const filled = direct({ ...empty, "a/settings.yaml": CONFIG }, given);
    expect(blockers(filled)).toEqual([]);
    expect(filled.files["a/flux-instance.yaml"]).toContain("url: https://git.example.org/a");
    expect(Object.keys(filled.files).filter((path) => path.includes("gotk"))).toEqual([]);
  });

  test("lists both where the folder has a kustomization, and a second run changes nothing", () => {
    const done = direct(
      tree({ "clusters/home/kustomization.yaml": kustomization("resources:\n- flux-system\n- apps.yaml\n") }),
    );
    expect(done.files["clusters/home/kustomization.yaml"]).toBe(
      kustomization("resources:\n- apps.yaml\n- flux-operator\n- flux-instance.yaml\n"),
    );
    expect(direct(done.files).changed).toEqual([]);
    expect(direct(done.files, { direct: false, phase: "install" }).changed).toEqual([]);
  });

  test("stands above the folders of apps that bring a FluxKustomization each, and in none of them", () => {
    const app = (name: string) => APP.replace("name: apps", `name: ${name}`).replace("./apps", `./apps/${name}`);
    const files = {
      "clusters/home/vault/kustomization.yaml": kustomization("namespace: vault\nresources:\n- ks.yaml\n"),
      "clusters/home/vault/ks.yaml": app("vault"),
      "clusters/home/wiki/ks.yaml": app("wiki"),
      "apps/vault/settings.yaml": CONFIG,
      "apps/wiki/settings.yaml": CONFIG,
    };
    const { "clusters/home/apps.yaml": _, ...bare } = tree(files);
    const done = direct(bare);
    expect(blockers(done)).toEqual([]);
    expect(done.changed).toContain("clusters/home/flux-instance.yaml");
    expect(done.files["clusters/home/vault/kustomization.yaml"]).toBe(files["clusters/home/vault/kustomization.yaml"]);
    // One alone is where most are, and still not where what is listed comes to another namespace.
    const { "clusters/home/wiki/ks.yaml": _wiki, ...one } = bare;
    const alone = direct(one);
    expect(blockers(alone)).toEqual([]);
    expect(alone.changed).toContain("clusters/home/flux-instance.yaml");
  });

  test("brings patches of the install and of the sync along, away from substitution", () => {
    const patched = kustomization(
      "resources:\n- gotk-components.yaml\n- gotk-sync.yaml\npatches:\n- patch: |\n    - op: add\n      path: /spec/template/spec/containers/0/args/-\n      value: --override=${REGION}\n  target:\n    kind: Deployment\n    name: helm-controller\n- patch: |\n    - op: add\n      path: /spec/decryption\n      value:\n        provider: sops\n  target:\n    kind: Kustomization\n",
    );
    const done = direct(tree({}, { kustomization: patched }));
    const instance = parse(done.files["clusters/home/flux-instance.yaml"]!);
    const patches: { patch: string }[] = instance.spec.kustomize.patches;
    expect(patches.some(({ patch }) => patch.includes("--override=${REGION}"))).toBe(true);
    expect(patches.filter(({ patch }) => patch.includes("sops"))).toHaveLength(1);
  });

  test("applies the instance as the root would, where that fills variables into it", () => {
    const root = { postBuild: { substitute: { STAGE: "prod", HOST: "${STAGE}.example.org" } } };
    const apply = (done: Migrated) => stepsOf(done).find((line) => line.includes("apply --server-side"));
    expect(apply(direct(tree({}, { root })))).toBe(
      "flux -n flux-system build kustomization flux-system --path ./clusters/home | yq 'select(.kind == \"FluxInstance\")' | kubectl apply --server-side -f -",
    );
    const plain = { postBuild: { substitute: { STAGE: "prod" } } };
    expect(apply(direct(tree({}, { root: plain })))).toContain("-f clusters/home/flux-instance.yaml");
  });

  test("gives the instance a FluxKustomization of its own where the root waits for what it applies", () => {
    const done = direct(tree({}, { root: { wait: true } }));
    expect(blockers(done)).toEqual([]);
    const [own] = done.changed.filter((path) => path.endsWith("flux-instance.yaml"));
    expect(parse(done.files[own!]!)).toMatchObject({ kind: "Kustomization", spec: { wait: false, prune: false } });
    expect(done.changed.some((path) => path.endsWith("gotk-sync.yaml"))).toBe(true);
    expect(stepsOf(done).join("\n")).toContain("helm upgrade --install flux-instance");
  });

  test("writes nothing where the source would leave it out", () => {
    const ignore = { ".sourceignore": "/*\n!/apps\n!/clusters\n" };
    const system = makeFluxSystem("clusters/home", { root: { path: "./" } });
    const done = direct({ ...system, "apps/settings.yaml": CONFIG, ...ignore });
    expect(blockers(done)).toEqual([]);
    expect(done.changed.filter((path) => !path.startsWith("clusters/home/"))).toEqual([]);
    expect(done.files["clusters/home/flux-system/gotk-components.yaml"]).toBeUndefined();
    expect(done.files["clusters/home/flux-system/kustomization.yaml"]).toContain("- flux-instance.yaml");
  });

  test("stops where the root moves the instance", () => {
    expect(blockers(direct(tree({}, { root: { targetNamespace: "other" } }))).length).toBeGreaterThan(0);
  });

  test("leaves trees of the apps layout as they are: apps with a FluxKustomization each", () => {
    const app = (name: string) =>
      APP.replace("name: apps", `name: ${name}`).replace("./apps", `./apps/default/${name}/app`);
    const files = tree({
      "apps/default/kustomization.yaml": kustomization("resources:\n- one/ks.yaml\n- two/ks.yaml\n"),
      "apps/default/one/ks.yaml": app("one"),
      "apps/default/two/ks.yaml": app("two"),
      "apps/default/one/app/config.yaml": CONFIG.replace("settings", "one"),
      "apps/default/two/app/config.yaml": CONFIG.replace("settings", "two"),
    });
    const done = direct(files);
    expect(blockers(done)).toEqual([]);
    expect(done.changed).toContain("apps/flux-system/flux-instance/ks.yaml");
    expect(done.changed).not.toContain("clusters/home/flux-instance.yaml");
  });

  test("stands beside the operator that the owner has, which nothing has to wait for", () => {
    const chart = `apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: {name: flux-operator, namespace: flux-system}
spec: {interval: 1h, url: "oci://ghcr.io/controlplaneio-fluxcd/charts/flux-operator", ref: {tag: 0.58.0}}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: flux-operator, namespace: flux-system}
spec:
  interval: 1h
  chartRef: {kind: OCIRepository, name: flux-operator}
`;
    const owner = APP.replace("name: apps", "name: flux-operator").replace("path: ./apps", "path: ./deploy");
    const done = direct(
      tree({
        "clusters/home/flux/flux-operator.yaml": owner,
        "clusters/home/flux/kustomization.yaml": kustomization("resources:\n- flux-operator.yaml\n"),
        "deploy/operator.yaml": chart,
      }),
    );
    expect(blockers(done)).toEqual([]);
    expect(done.changed).toContain("clusters/home/flux/flux-instance.yaml");
    expect(done.files["clusters/home/flux/flux-operator.yaml"]).toBe(owner);
  });
});
