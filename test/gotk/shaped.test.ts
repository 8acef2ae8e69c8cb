import { describe, expect, test } from "vitest";
import { buildModel } from "../../src/cluster/model.ts";
import { memoryTree } from "../support/memory.ts";
import { makeFluxSystem } from "./make-gotk.ts";
import { type Files, instanceText, runAll, runPhase } from "./run-phases.ts";

const LIST = "clusters/home/flux-system/kustomization.yaml";
const RESOURCES = "resources:\n  - gotk-components.yaml\n  - gotk-sync.yaml\n";

const plan = (files: Files) => {
  const { findings } = runPhase({ ...makeFluxSystem("clusters/home"), ...files }, "install");
  return findings.filter(({ level }) => level === "blocker").map(({ rule, what }) => `${rule}: ${what}`);
};

const envFrom = (name: string) => `patches:
  - patch: |
      apiVersion: apps/v1
      kind: Deployment
      metadata:
        name: source-controller
        namespace: flux-system
      spec:
        template:
          spec:
            containers:
              - name: manager
                envFrom:
                  - configMapRef:
                      name: ${name}
`;

describe("what shapes the controllers and is no patch", () => {
  test("the name of a generated ConfigMap in a patch would not exist outside the build", () => {
    const generator = "configMapGenerator:\n  - name: flux-env\n    namespace: flux-system\n    literals: [A=b]\n";
    expect(plan({ [LIST]: `${RESOURCES}${generator}${envFrom("flux-env")}` })).toEqual([
      expect.stringMatching(/^patch-names-generated: .*names flux-env,/),
    ]);
    const operation = `patches:
  - target: { kind: Deployment, name: source-controller }
    patch: |
      - op: add
        path: /spec/template/spec/containers/0/envFrom
        value: [{ secretRef: { name: flux-env } }]
`;
    expect(
      plan({
        [LIST]: `${RESOURCES}secretGenerator:\n  - name: flux-env\n    namespace: flux-system\n    literals: [A=b]\n${operation}`,
      }),
    ).toEqual([expect.stringMatching(/^patch-names-generated/)]);
  });

  test("the hash that kustomize writes into the controller is told once", () => {
    const generator = "configMapGenerator:\n  - name: flux-env\n    namespace: flux-system\n    literals: [A=b]\n";
    const patched = plan({ [LIST]: `${RESOURCES}${generator}${envFrom("flux-env")}` });
    expect(patched).toEqual([expect.stringMatching(/^patch-names-generated/)]);
    const components = "clusters/home/flux-system/gotk-components.yaml";
    const text = makeFluxSystem("clusters/home")[components]!;
    const edited = text.replace(/^( +)name: manager$/m, "$&\n$1envFrom: [{ configMapRef: { name: flux-env } }]");
    expect(edited).not.toBe(text);
    const byHand = plan({ [components]: edited, [LIST]: `${RESOURCES}${generator}` });
    expect(byHand.map((each) => each.split(":")[0])).toContain("install-shaped-otherwise");
  });

  test("one that keeps its name, or that no patch names, stops nothing", () => {
    const kept =
      "configMapGenerator:\n  - name: flux-env\n    namespace: flux-system\n    literals: [A=b]\n    options: { disableNameSuffixHash: true }\n";
    expect(plan({ [LIST]: `${RESOURCES}${kept}${envFrom("flux-env")}` })).toEqual([]);
    const all =
      "generatorOptions: { disableNameSuffixHash: true }\nconfigMapGenerator:\n  - name: flux-env\n    namespace: flux-system\n    literals: [A=b]\n";
    expect(plan({ [LIST]: `${RESOURCES}${all}${envFrom("flux-env")}` })).toEqual([]);
    const other = "configMapGenerator:\n  - name: other\n    namespace: flux-system\n    literals: [A=b]\n";
    expect(plan({ [LIST]: `${RESOURCES}${other}${envFrom("flux-env")}` })).toEqual([]);
  });

  test("a patch that selects by a label of an inner kustomization is seen in what Flux applies", () => {
    const selecting = `resources:
  - ./base
patches:
  - target: { kind: Deployment, labelSelector: team=platform }
    patch: |
      - op: add
        path: /spec/template/spec/priorityClassName
        value: system-cluster-critical
`;
    const files = makeFluxSystem("clusters/home");
    const moved: Files = Object.fromEntries(
      Object.entries(files).map(([path, text]) => [path.replace("/flux-system/gotk", "/flux-system/base/gotk"), text]),
    );
    const base = `${RESOURCES}labels:\n  - pairs: { team: platform }\n`;
    const { findings } = runPhase(
      { ...moved, [LIST]: selecting, "clusters/home/flux-system/base/kustomization.yaml": base },
      "install",
    );
    const blockers = findings.filter(({ level }) => level === "blocker");
    expect(new Set(blockers.map(({ rule }) => rule))).toEqual(new Set(["install-shaped-otherwise"]));
    expect(blockers[0]?.what).toContain("spec.template.spec.priorityClassName");
  });
});

test("a source that patches point elsewhere is taken as it runs", () => {
  const patched = `${RESOURCES}patches:
  - patch: |
      apiVersion: source.toolkit.fluxcd.io/v1
      kind: GitRepository
      metadata:
        name: flux-system
        namespace: flux-system
      spec:
        url: https://git.example.org/team/_git/fleet
        ref:
          branch: production
        secretRef:
          name: deploy-key
        ignore: |
          /*
          !/clusters/home
`;
  const files = { ...makeFluxSystem("clusters/home"), [LIST]: patched };
  const { install, cutover } = runAll(files);
  for (const { findings } of [install, cutover])
    expect(findings.filter(({ level }) => level === "blocker").map(({ rule }) => rule)).toEqual([]);
  expect(instanceText(install.files)).toContain("url: https://git.example.org/team/_git/fleet");
  expect(instanceText(install.files)).toContain("ref: refs/heads/production");
  const [cluster] = install.plan.phases[0]!.clusters;
  const url = "https://git.example.org/team/_git/fleet";
  expect(cluster!.detected.source).toMatchObject({ url, ref: "branch production" });
  const model = { tree: memoryTree(files), remotes: [], options: { layout: "auto" } } as const;
  expect(buildModel(model).clusters[0]!.branch).toBe("production");
  const said = JSON.stringify(cluster!.runbook);
  expect(said).toContain("deploy-key");
  expect(said).not.toMatch(/branch main|git.example.org\/fleet/);
});

describe("controllers without replicas", () => {
  const idle = (name: string) =>
    `patches:\n  - patch: '[{"op": "replace", "path": "/spec/replicas", "value": 0}]'\n    target: { kind: Deployment, name: "${name}" }\n`;

  test("stop what they would have to apply", () => {
    const [said, ...others] = plan({ [LIST]: `${RESOURCES}${idle("(kustomize|helm)-controller")}` });
    expect(said).toMatch(/^controllers-idle: Flux runs without kustomize-controller and helm-controller: /);
    expect(others).toEqual([]);
    const { findings } = runPhase(
      { ...makeFluxSystem("clusters/home"), [LIST]: `${RESOURCES}${idle("helm-controller")}` },
      "install",
    );
    expect(findings.find(({ rule }) => rule === "controllers-idle")?.at).toMatchObject({ file: LIST });
    const edit = (object: { kind: string; metadata: { name: string }; spec: { replicas?: number } }) => {
      if (object.kind === "Deployment" && object.metadata.name === "source-controller") object.spec.replicas = 0;
      return object;
    };
    expect(plan(makeFluxSystem("clusters/home", { edit }))).toEqual([expect.stringMatching(/^controllers-idle/)]);
  });

  test("stop nothing where others do without them", () => {
    expect(plan({ [LIST]: `${RESOURCES}${idle("notification-controller")}` })).toEqual([]);
  });
});

describe("controllers that a patch deletes", () => {
  const deleted = (name: string) =>
    `patches:\n  - patch: |\n      $patch: delete\n      apiVersion: apps/v1\n      kind: Deployment\n      metadata: { name: any }\n    target: { kind: Deployment, name: "${name}" }\n`;

  test("stop what they would have to install, and the others are said", () => {
    const { findings } = runPhase(
      { ...makeFluxSystem("clusters/home"), [LIST]: `${RESOURCES}${deleted("(helm|notification)-controller")}` },
      "install",
    );
    const said = findings.filter(({ rule }) => rule.startsWith("controllers-"));
    expect(said.map(({ rule, level, at }) => [rule, level, at?.file])).toEqual([
      ["controllers-idle", "blocker", LIST],
      ["controllers-deleted", "info", LIST],
    ]);
    expect(said[0]!.what).toMatch(/^Flux runs without helm-controller: a patch deletes it, so nothing would install /);
    expect(said[0]!.next).toMatch(/^Take the patch out/);
    expect(said[1]!.what).toContain("notification-controller");
  });

  test("are said to take nothing along where patches delete their CRDs too", () => {
    const crd = (names: string) =>
      `  - patch: |\n      $patch: delete\n      apiVersion: apiextensions.k8s.io/v1\n      kind: CustomResourceDefinition\n      metadata: { name: any }\n    target: { kind: CustomResourceDefinition, name: "${names}" }\n`;
    const whyOf = (names: string) =>
      runPhase(
        {
          ...makeFluxSystem("clusters/home"),
          [LIST]: `${RESOURCES}${deleted("notification-controller")}${crd(names)}`,
        },
        "install",
      ).findings.find(({ rule }) => rule === "controllers-deleted")!.why;
    expect(whyOf(".+\\\\.notification\\\\..+")).toContain("nothing goes with a component");
    expect(whyOf("alerts\\\\.notification\\\\..+")).toContain("every object of those kinds goes with them");
  });

  test("so do those that a patch marks as local, which a build leaves out", () => {
    const marked = (name: string) =>
      `patches:\n  - patch: '[{"op": "add", "path": "/metadata/annotations", "value": {"config.kubernetes.io/local-config": "true"}}]'\n    target: { kind: Deployment, name: "${name}" }\n`;
    const files = {
      ...makeFluxSystem("clusters/home"),
      [LIST]: `${RESOURCES}${marked("(helm|notification)-controller")}`,
    };
    const { findings } = runPhase(files, "install");
    const said = findings.filter(({ rule }) => rule.startsWith("controllers-"));
    expect(said.map(({ rule, at }) => [rule, at?.file])).toEqual([
      ["controllers-idle", LIST],
      ["controllers-deleted", LIST],
    ]);
  });
});

describe("an image in a patch", () => {
  const target = "target: { kind: Deployment, name: source-controller }";
  const held = (patch: string) =>
    runPhase({ ...makeFluxSystem("clusters/home"), [LIST]: `${RESOURCES}patches:\n${patch}` }, "install");
  const said = (patch: string) => held(patch).findings.filter(({ rule }) => rule === "patch-holds-image");

  test("holds its controller there, which is said", () => {
    const image = "ghcr.io/fluxcd/source-controller:v1.7.4";
    for (const patch of [
      `  - patch: '[{"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "${image}"}]'\n    ${target}\n`,
      `  - patch: |\n      apiVersion: apps/v1\n      kind: Deployment\n      metadata:\n        name: source-controller\n        namespace: flux-system\n      spec:\n        template:\n          spec:\n            containers:\n              - name: manager\n                image: ${image}\n`,
    ]) {
      expect(said(patch)).toMatchObject([{ level: "caution", at: { file: LIST } }]);
      expect(said(patch)[0]!.what).toContain(`holds source-controller at ${image}`);
    }
  });

  test("is neither how it is pulled nor that of another container", () => {
    const other = `  - patch: '[{"op": "add", "path": "/spec/template/spec/initContainers", "value": [{"name": "a", "image": "busybox:1"}]}]'\n    ${target}\n`;
    const pull = `  - patch: '[{"op": "replace", "path": "/spec/template/spec/containers/0/imagePullPolicy", "value": "Always"}]'\n    ${target}\n`;
    expect([...said(other), ...said(pull)]).toEqual([]);
  });
});

test("a patch of the Namespace of the install comes along once, and its file is no Namespace", () => {
  const { rules, files } = runPhase(
    {
      ...makeFluxSystem("clusters/home"),
      [LIST]: `${RESOURCES}patchesStrategicMerge:\n  - namespace.yaml\n`,
      "clusters/home/flux-system/namespace.yaml":
        "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: flux-system\n  labels:\n    istio.io/rev: default # sidecars\n",
    },
    "install",
  );
  expect(instanceText(files).match(/istio\.io\/rev: default/g)).toHaveLength(1);
  expect(instanceText(files)).toContain("istio.io/rev: default # sidecars");
  expect(rules).not.toContain("namespace-adopted");
});

describe("a component that the root itself names", () => {
  const withComponent = (body: string): Files => {
    const files = makeFluxSystem("clusters/home");
    const sync = files["clusters/home/flux-system/gotk-sync.yaml"]!;
    const named = sync.replace(/^ {2}prune: true$/m, "$&\n  components: [../../common]");
    expect(named).not.toBe(sync);
    const head = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n";
    return { ...files, "clusters/home/flux-system/gotk-sync.yaml": named, "common/kustomization.yaml": head + body };
  };

  test("is read for its labels", () => {
    const { install, cutover } = runAll(withComponent("labels:\n  - pairs: { team: platform }\n"));
    expect(install.findings.filter(({ level }) => level === "blocker")).toEqual([]);
    expect(instanceText(install.files)).toContain("team: platform");
    expect(cutover.findings.filter(({ level }) => level === "blocker")).toEqual([]);
  });

  test("is read for its patches", () => {
    const body = `patches:
  - target: { kind: Deployment, name: source-controller }
    patch: |
      - op: add
        path: /spec/template/spec/priorityClassName
        value: platform
`;
    const { install, cutover } = runAll(withComponent(body));
    expect(install.findings.filter(({ level }) => level === "blocker")).toEqual([]);
    expect(instanceText(install.files)).toContain("value: platform");
    expect(cutover.changed).toContain("clusters/home/flux-system/gotk-components.yaml");
  });

  test("stops the cutover where its patch would find nothing any more", () => {
    const { install, cutover } = runAll(withComponent(envFrom("env")));
    expect(install.findings.filter(({ level }) => level === "blocker")).toEqual([]);
    expect(instanceText(install.files)).toContain("name: env");
    expect(cutover.findings.map(({ rule }) => rule)).toContain("build-breaks");
    expect(cutover.changed).toEqual([]);
  });
});
