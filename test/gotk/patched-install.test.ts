import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import type { YamlData } from "../../src/contract/objects.ts";
import { readInstallBase } from "../../src/safety/sources/remote-bases.ts";
import { APP, CONFIG, kustomization, makeChartRelease, makeFluxSystem, makeManifests, makeSync } from "./make-gotk.ts";
import { type Files, instanceText, runAll, runPhase } from "./run-phases.ts";

const MEMORY = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: helm-controller
spec:
  template:
    spec:
      containers:
      - name: manager
        resources:
          limits:
            memory: 3Gi
`;

const blockers = (files: Files) =>
  runPhase(files, "install").findings.flatMap(({ level, rule }) => (level === "blocker" ? [rule] : []));

describe("the patches of a FluxKustomization that a kustomization gives it", () => {
  const flux = makeManifests("v2.7.5");
  const own = `  patches:
  - target:
      kind: Deployment
      name: source-controller
    # Of its own file
    patch: |
      - op: add
        path: /metadata/annotations
        value: {own: "1"}
`;
  const repository = (file: string, patch: YamlData): Files => ({
    "clusters/home/sync.yaml": makeSync("./clusters/home"),
    "clusters/home/apps.yaml": APP,
    "clusters/home/flux/flux.yaml": file,
    "clusters/home/flux/kustomization.yaml": kustomization(
      `resources:\n- flux.yaml\n${stringify({ patches: [{ target: { kind: "Kustomization", name: "flux" }, patch: stringify(patch) }] })}`,
    ),
    "apps/settings.yaml": CONFIG,
  });

  test("come along", () => {
    const value = [{ target: { kind: "Deployment", name: "helm-controller" }, patch: MEMORY }];
    const files = repository(flux, [{ op: "add", path: "/spec/patches", value }]);
    expect(instanceText(runPhase(files, "install").files)).toContain("memory: 3Gi");
  });

  test("beside those of its own file, which keep their comments", () => {
    const value = { target: { kind: "Deployment", name: "helm-controller" }, patch: MEMORY };
    const files = repository(flux + own, [{ op: "add", path: "/spec/patches/0", value }]);
    const text = instanceText(runPhase(files, "install").files);
    expect(text.indexOf("memory: 3Gi")).toBeGreaterThan(0);
    expect(text.indexOf("memory: 3Gi")).toBeLessThan(text.indexOf("# Of its own file"));
    expect(text.match(/own: "1"/g)).toHaveLength(1);
  });

  test("in their place, the others do not", () => {
    const files = repository(flux + own, [{ op: "remove", path: "/spec/patches" }]);
    expect(instanceText(runPhase(files, "install").files)).not.toContain("own:");
  });
});

describe("the remote base, whose own kustomization gives its objects their namespace", () => {
  const url = "github.com/fluxcd/flux2/manifests/install?ref=v2.7.5";
  const repository = (body: string, more: Files = {}): Files => ({
    "clusters/home/sync.yaml": makeSync("./clusters/home"),
    "clusters/home/apps.yaml": APP,
    "clusters/home/flux/kustomization.yaml": kustomization(`resources:\n- ${url}\n${body}`),
    "apps/settings.yaml": CONFIG,
    ...more,
  });

  test.each(["patches:\n- path: patch.yaml\n", "patchesStrategicMerge:\n- patch.yaml\n"])(
    "is patched without a namespace as well: %j",
    (body) => {
      const { install, cutover, cleanup } = runAll(repository(body, { "clusters/home/flux/patch.yaml": MEMORY }));
      expect(install.rules).not.toContain("patch-matches-nothing");
      expect(instanceText(install.files)).toContain("memory: 3Gi");
      const stops = [...cutover.findings, ...cleanup.findings].filter(({ level }) => level === "blocker");
      expect(stops).toEqual([]);
    },
  );

  test("is left by the cutover also where a patch is about a schema, which is known here without", () => {
    const path = "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/kind/enum/-";
    const patch = stringify([{ op: "add", path, value: "Terraform" }]);
    const target = { kind: "CustomResourceDefinition", name: "receivers.notification.toolkit.fluxcd.io" };
    const { install, cutover } = runAll(repository(stringify({ patches: [{ target, patch }] })));
    expect(instanceText(install.files)).toContain(path);
    expect(cutover.findings.filter(({ level }) => level === "blocker")).toEqual([]);
    expect(cutover.files["clusters/home/flux/kustomization.yaml"]).toBeUndefined();
  });

  test.each<[line: string, isStopped: boolean]>([
    ["commonLabels:\n  team: sre\n", true],
    ["labels:\n- pairs:\n    team: sre\n  includeSelectors: true\n", true],
    ["labels:\n- pairs:\n    team: sre\n", false],
  ])("with labels stops the cluster where these are on selectors, which nothing changes: %j", (line, isStopped) => {
    const lost = runPhase(repository(line), "install").findings.find(({ rule }) => rule === "install-setting-lost")!;
    expect(lost.level === "blocker").toBe(isStopped);
    // Merged without more, Flux would never reconcile again.
    const made = "kubectl apply --server-side --force-conflicts --kustomize clusters/home/flux";
    expect(lost.next.includes(made)).toBe(isStopped);
    expect(lost.next.includes("kubectl --namespace flux-system delete deployment source-controller ")).toBe(isStopped);
  });

  test("as a release file it is not", () => {
    const file = "https://github.com/fluxcd/flux2/releases/download/v2.7.5/install.yaml";
    expect([url, file].map((entry) => readInstallBase(entry)?.isPlaced)).toEqual([true, false]);
  });

  test("may have a container before that of the controller", () => {
    const side = `${MEMORY.split("- name: manager")[0]}- name: side\n        image: busybox:1\n`;
    const body = "patches:\n- path: patch.yaml\n  target:\n    kind: Deployment\n";
    const files = repository(body, { "clusters/home/flux/patch.yaml": side });
    files["clusters/home/flux/kustomization.yaml"] = files["clusters/home/flux/kustomization.yaml"]!.replace(
      "v2.7.5",
      "v2.8.8",
    );
    expect(blockers(files)).toEqual([]);
    expect(runPhase(files, "install").rules).not.toContain("patch-result-differs");
  });
});

test("a container that a hand has added to the controllers keeps its image", () => {
  const edit = (object: YamlData) => {
    if (object.metadata.name === "helm-controller")
      object.spec?.template?.spec.containers.push({ name: "side", image: "busybox:1" });
    return object;
  };
  const files = { ...makeFluxSystem("clusters/home", { edit }), "clusters/home/apps.yaml": APP, "apps/c.yaml": CONFIG };
  expect(instanceText(runPhase(files, "install").files)).toMatch(/image: busybox:1/);
});

describe("a text at the very end of a patch", () => {
  const patch = `- op: add
  path: /spec/template/metadata/annotations/note
  value: |
    of two
    lines
`;
  const text = (item: YamlData) => {
    const target = { kind: "Deployment", name: "helm-controller" };
    const list = stringify({ patches: [{ ...item, target }] });
    const body = kustomization(`resources:\n- gotk-components.yaml\n- gotk-sync.yaml\n${list}`);
    const files = {
      "clusters/home/flux-system/note.yaml": patch,
      "clusters/home/apps.yaml": APP,
      "apps/c.yaml": CONFIG,
    };
    const install = runPhase({ ...makeFluxSystem("clusters/home", { kustomization: body }), ...files }, "install");
    expect(install.findings.filter(({ level }) => level === "blocker")).toEqual([]);
    return instanceText(install.files);
  };

  test("keeps its line break, which kustomize takes from a file as it is", () => {
    expect(text({ path: "note.yaml" })).toMatch(/lines\n +# Keeps the line break above/);
  });

  test("has none where kustomize trims it today", () => {
    expect(text({ patch })).toMatch(/lines\n(?! +#)/);
  });
});

describe("the version of an install that a kustomization patches", () => {
  const byRef = `apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata:
  name: chart
  namespace: flux-system
spec:
  interval: 1h
  url: oci://ghcr.io/fluxcd-community/charts/flux2
  ref:
    tag: 2.16.0
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: flux2
  namespace: flux-system
spec:
  interval: 1h
  chartRef:
    kind: OCIRepository
    name: chart
`;
  const cluster = (name: string, base: string, patch?: YamlData): Files => {
    const list = patch === undefined ? "" : stringify({ patches: [patch] });
    return {
      [`clusters/${name}/sync.yaml`]: makeSync(`./clusters/${name}`),
      [`clusters/${name}/flux/kustomization.yaml`]: kustomization(`resources:\n- ../../../${base}\n${list}`),
    };
  };
  const set = (kind: string, path: string, value: string) => ({
    target: { kind },
    patch: stringify([{ op: "replace", path, value }]),
  });

  test.each<[what: string, install: string, patch: YamlData, version: string]>([
    ["tag of flux-manifests", makeManifests("v2.8.5"), set("OCIRepository", "/spec/ref/tag", "v2.7.5"), "2.7.x"],
    ["chart", makeChartRelease("2.16.0"), set("HelmRelease", "/spec/chart/spec/version", "2.17.0"), "2.7.x"],
    ["source of the chart", byRef, set("OCIRepository", "/spec/ref/tag", "2.17.0"), "2.7.x"],
  ])("is that of the patch: %s", (_, install, patch, version) => {
    const base = { "flux/kustomization.yaml": kustomization("resources:\n- flux.yaml\n"), "flux/flux.yaml": install };
    const files = { ...base, ...cluster("home", "flux", patch), "clusters/home/apps.yaml": APP, "apps/c.yaml": CONFIG };
    expect(instanceText(runPhase(files, "install").files)).toContain(`version: ${version}`);
  });
});

test("the root patches before the patchesJson6902 of the kustomization that it builds", () => {
  const target = { kind: "Deployment", name: "helm-controller", group: "apps", version: "v1" };
  const set = (value: number) => stringify([{ op: "replace", path: "/spec/replicas", value }]);
  const list = stringify({ resources: ["flux-system", "apps.yaml"], patchesJson6902: [{ target, patch: set(2) }] });
  const files = {
    ...makeFluxSystem("clusters/home", { root: { patches: [{ target, patch: set(3) }] } }),
    "clusters/home/kustomization.yaml": kustomization(list),
    "clusters/home/apps.yaml": APP,
    "apps/c.yaml": CONFIG,
  };
  const { findings, files: next } = runPhase(files, "install");
  expect(findings.filter(({ level }) => level === "blocker")).toEqual([]);
  expect(instanceText(next).match(/value: [23]\n/g)).toEqual(["value: 3\n", "value: 2\n", "value: 3\n"]);
});
