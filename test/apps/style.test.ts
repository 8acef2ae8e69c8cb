import { expect, test } from "vitest";
import { CONFIG, fluxKustomization, kustomization, makeFluxSystem } from "../gotk/make-gotk.ts";
import { instanceText, runPhase } from "../gotk/run-phases.ts";

test("without an app to learn from, what the owner wrote decides the style, and what flux bootstrap wrote does not", () => {
  const bootstrapped = makeFluxSystem("clusters/main");
  const plain = {
    "clusters/main/settings.yaml": CONFIG,
    "clusters/main/kustomization.yaml": kustomization("resources:\n- flux-system\n- settings.yaml\n"),
  };
  const written = (more: Record<string, string>) =>
    instanceText(runPhase({ ...bootstrapped, ...more }, "install").files);
  expect(written(plain)).toMatch(/^apiVersion:[\s\S]*\n( +)components:\n\1- source-controller/);
  expect(written({})).toMatch(/^---\n[\s\S]*\n( +)components:\n\1 {2}- source-controller/);
});

test.each(["", "  "])(
  "where no app holds a list, lists are indented by %j, as in the files that list the apps",
  (lead) => {
    const release = `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: redis
  namespace: flux-system
spec:
  chart:
    spec:
      chart: redis
      sourceRef:
        kind: HelmRepository
        name: charts
  interval: 1h
`;
    const own = {
      "clusters/main/redis/helmrelease.yaml": release,
      "clusters/main/redis/kustomization.yaml": kustomization(`resources:\n${lead}- helmrelease.yaml\n`),
      "clusters/main/kustomization.yaml": kustomization(`resources:\n${lead}- flux-system\n${lead}- redis\n`),
    };
    const made = instanceText(runPhase({ ...makeFluxSystem("clusters/main"), ...own }, "install").files);
    const [, outer, inner] = /\n( +)components:\n( +)- source-controller/.exec(made)!;
    expect(inner).toBe(outer + lead);
  },
);

test.each(["", "---\n"])("kustomizations begin with %j as the others do, whatever apps begin with", (start) => {
  const other = start === "" ? "---\n" : "";
  const own = {
    "clusters/main/redis/settings.yaml": `${other}${CONFIG}`,
    "clusters/main/redis/release.yaml": `${other}apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: redis
  namespace: flux-system
spec:
  chartRef:
    kind: OCIRepository
    name: redis
  interval: 1h
`,
    "clusters/main/redis/kustomization.yaml": `${start}${kustomization("resources:\n- settings.yaml\n- release.yaml\n")}`,
    "clusters/main/kustomization.yaml": `${start}${kustomization("resources:\n- flux-system\n- redis\n")}`,
  };
  const files = runPhase({ ...makeFluxSystem("clusters/main"), ...own }, "install").files;
  const made = Object.entries(files).filter(([path]) => !(path in own) && /flux-(operator|instance)\//.test(path));
  const starts = (isList: boolean) =>
    made
      .filter(([path]) => path.endsWith("kustomization.yaml") === isList)
      .map(([, text]) => (text.startsWith("---") ? "---\n" : ""));
  expect(starts(true)).toEqual(starts(true).map(() => start));
  expect(starts(false)).toEqual(starts(false).map(() => other));
  expect(starts(true)).not.toEqual([]);
});

test("a HelmRelease gets the interval of the releases, not that of sources above them in their files", () => {
  const both = (name: string) => `apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata:
  name: ${name}
  namespace: flux-system
spec:
  interval: 24h
  url: https://charts.example.org
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: ${name}
  namespace: flux-system
spec:
  interval: 17m
  chart:
    spec:
      chart: ${name}
      sourceRef:
        kind: HelmRepository
        name: ${name}
`;
  const own = { "clusters/main/redis.yaml": both("redis"), "clusters/main/nginx.yaml": both("nginx") };
  const made = runPhase({ ...makeFluxSystem("clusters/main"), ...own }, "install").files;
  const texts = Object.entries(made).filter(([path, text]) => !(path in own) && text.includes("kind: HelmRelease\n"));
  expect(texts.map(([, text]) => /kind: HelmRelease[\s\S]*?\n {2}interval: (\S+)/.exec(text)?.[1])).toEqual([
    "17m",
    "17m",
  ]);
});

test("the head of the one file that holds all apps tells of them, and of no other file", () => {
  const apps = ["infra", "apps", "jobs"].map((name) => fluxKustomization(name, `./${name}`)).join("---\n");
  const own = Object.fromEntries(["infra", "apps", "jobs"].map((name) => [`${name}/settings.yaml`, CONFIG]));
  const all = { ...own, "clusters/main/cluster.yaml": `# What runs here, and in which order\n---\n${apps}` };
  const made = runPhase({ ...makeFluxSystem("clusters/main"), ...all }, "install").files;
  expect(Object.keys(made).filter((path) => made[path]!.includes("# What"))).toEqual(["clusters/main/cluster.yaml"]);
});
