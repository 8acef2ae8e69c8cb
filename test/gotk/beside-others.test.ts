import { describe, expect, test } from "vitest";
import { APP, COMMUNITY, fluxKustomization, kustomization, makeFluxSystem, makeGotk } from "./make-gotk.ts";
import { instanceText, runAll, runPhase } from "./run-phases.ts";

const DIR = "clusters/home/flux-system";
const list = (arg: string) =>
  kustomization(
    `resources:\n  - gotk-components.yaml\n  - gotk-sync.yaml\npatches:\n  - patch: |\n      - op: replace\n        path: /spec/template/spec/containers/0/args/1\n        value: ${arg}\n    target:\n      kind: Deployment\n      name: helm-controller\n`,
  );
const rules = (arg: string) =>
  runPhase(
    { ...makeFluxSystem("clusters/home"), "clusters/home/apps.yaml": APP, [`${DIR}/kustomization.yaml`]: list(arg) },
    "install",
  ).findings.flatMap(({ rule, at }) => (rule === "install-beside-others" ? [at?.file] : []));

test("controllers that watch one namespace may share the CRDs with another Flux", () => {
  expect(rules("--watch-all-namespaces=false")).toEqual([`${DIR}/kustomization.yaml`]);
  expect(rules("--watch-all-namespaces=true")).toEqual([]);
});

test("and their operators the ClusterRoleBinding that the chart makes: each needs a name of its own", () => {
  const narrow = {
    ...makeFluxSystem("clusters/home"),
    [`${DIR}/kustomization.yaml`]: list("--watch-all-namespaces=false"),
  };
  const said = runPhase(narrow, "install").findings.find(({ rule }) => rule === "install-beside-others");
  expect(said?.next).toContain("fullnameOverride");
});

describe("a second Flux by the chart", () => {
  const second = ({ namespace = "flux-system", spec = "", values = "  values:\n    watchAllNamespaces: false\n" }) =>
    `${COMMUNITY}apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: team
  namespace: ${namespace}
spec:
  interval: 1h
${spec}  chart:
    spec:
      chart: flux2
      version: 2.15.0
      sourceRef:
        kind: HelmRepository
        name: community
        namespace: flux-system
${values}`;
  const target = (namespace: string) => ({ spec: `  targetNamespace: ${namespace}\n` });
  const filesWith = (text: string) => ({ ...makeFluxSystem("clusters/home"), "clusters/home/second.yaml": text });
  const besides = (files: Record<string, string>) =>
    runPhase(files, "install").findings.filter(({ rule }) => rule === "install-beside-others");
  const expectContradiction = (files: Record<string, string>) => {
    const { rules } = runPhase(files, "install");
    expect(rules).toContain("install-contradiction");
    expect(rules).not.toContain("install-beside-others");
  };

  test("that watches a namespace of its own alone stays as it is, and stops nothing", () => {
    const text = second(target("team"));
    const { install, cutover, cleanup } = runAll(filesWith(text));
    const [said, ...rest] = install.findings.filter(({ rule }) => rule === "install-beside-others");
    expect(rest).toEqual([]);
    expect([said?.level, said?.at?.file]).toEqual(["caution", "clusters/home/second.yaml"]);
    expect(said?.what).toContain("is installed here, for namespace team alone");
    expect(said?.next).not.toContain("only Flux");
    expect(instanceText(install.files)).toContain("version: 2.7.x");
    for (const { findings } of [install, cutover, cleanup])
      expect(findings.filter(({ level }) => level === "blocker")).toEqual([]);
    expect(cleanup.files["clusters/home/second.yaml"]).toBe(text);
  });

  test("that is suspended is not said to be installed", () => {
    const [said] = besides(filesWith(second({ spec: `${target("team").spec}  suspend: true\n` })));
    expect(said?.what).toContain("suspended, for namespace team");
    expect(said?.what).not.toContain("installed here");
    expect(said?.next).toMatch(/^Nothing to do where that Flux does not run/);
  });

  test.each(["flux-system", "${NAMESPACE}"])("in namespace %s contradicts the first", (namespace) => {
    expectContradiction(filesWith(second(target(namespace))));
  });

  test.each([
    ["by default", ""],
    ["by its values", "  values:\n    watchAllNamespaces: true\n"],
    ["by a variable", "  values:\n    watchAllNamespaces: ${NARROW}\n"],
    ["by values that are kept elsewhere", "  valuesFrom:\n  - kind: Secret\n    name: team\n"],
    [
      "by an argument of one controller",
      "  values:\n    watchAllNamespaces: false\n    helmController:\n      container:\n        additionalArgs: [--watch-all-namespaces=true]\n",
    ],
  ])("that watches all namespaces %s contradicts the first", (_, values) => {
    expectContradiction(filesWith(second({ ...target("team"), values })));
  });

  test("is where the build puts it, not where its file says", () => {
    const text = second({ namespace: "team" });
    expect(besides(filesWith(text))).toHaveLength(1);
    const listed = (namespace: string) => ({
      ...makeFluxSystem("clusters/home"),
      "clusters/home/two/second.yaml": text,
      "clusters/home/two/kustomization.yaml": kustomization(`namespace: ${namespace}\nresources:\n- second.yaml\n`),
    });
    expectContradiction(listed("flux-system"));
    expect(besides(listed("other"))[0]?.what).toContain("namespace other");
    const applied = {
      ...makeFluxSystem("clusters/home"),
      "two/second.yaml": text,
      "clusters/home/two.yaml":
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: two\n  namespace: flux-system\nspec:\n  interval: 10m\n  path: ./two\n  prune: true\n  targetNamespace: flux-system\n  sourceRef:\n    kind: GitRepository\n    name: flux-system\n",
    };
    expectContradiction(applied);
  });
});

describe("a second Flux by the manifests of a release", () => {
  const filesWith = (target: string) => ({
    ...makeFluxSystem("clusters/home"),
    "clusters/home/second.yaml": `apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata:
  name: flux-manifests
  namespace: flux-system
spec:
  interval: 1h
  url: oci://ghcr.io/fluxcd/flux-manifests
  ref:
    tag: v2.7.5
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: team
  namespace: flux-system
spec:
  interval: 1h
  path: ./
  prune: true
  targetNamespace: team
  sourceRef:
    kind: OCIRepository
    name: flux-manifests
  patches:
  - target:
      kind: Deployment
${target}    patch: |
      - op: add
        path: /spec/template/spec/containers/0/args/-
        value: --watch-all-namespaces=false
`,
  });

  test("stays only where every controller watches its own namespace alone", () => {
    expect(runPhase(filesWith(""), "install").rules).toContain("install-beside-others");
    expect(runPhase(filesWith(""), "install").rules).not.toContain("install-contradiction");
    expect(runPhase(filesWith("      name: helm-controller\n"), "install").rules).toContain("install-contradiction");
  });
});

describe("a second Flux by flux bootstrap", () => {
  const TEAM = "team/flux-team";
  const narrow = `patches:
- target:
    kind: Deployment
  patch: |
    - op: add
      path: /spec/template/spec/containers/0/args/-
      value: --watch-all-namespaces=false
`;
  const filesWith = (patches: string, namespace = "flux-team") => ({
    ...makeFluxSystem("clusters/home"),
    "clusters/home/team.yaml": fluxKustomization("team", "./team"),
    [`${TEAM}/gotk-components.yaml`]: makeGotk({ namespace }),
    [`${TEAM}/kustomization.yaml`]: kustomization(`resources:\n- gotk-components.yaml\n${patches}`),
  });

  test("that watches its own namespace alone is never taken for the cluster's own", () => {
    const files = filesWith(narrow);
    const { install, cutover, cleanup } = runAll(files);
    const said = install.findings.filter(({ rule }) => rule === "install-beside-others");
    expect(said.map(({ at }) => at?.file)).toEqual([`${TEAM}/gotk-components.yaml`]);
    for (const { findings } of [install, cutover, cleanup])
      expect(findings.filter(({ level }) => level === "blocker")).toEqual([]);
    expect(cleanup.files["clusters/home/flux-system/gotk-sync.yaml"]).toBeUndefined();
    for (const name of ["gotk-components.yaml", "kustomization.yaml"])
      expect(cleanup.files[`${TEAM}/${name}`]).toBe(files[`${TEAM}/${name}` as keyof typeof files]);
  });

  test("that watches all namespaces contradicts the first", () => {
    expect(runPhase(filesWith(""), "install").rules).toContain("install-contradiction");
  });
});
