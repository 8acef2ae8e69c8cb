import { describe, expect, test, vi } from "vitest";
import { homeTree, kustomization, object } from "../home-tree.ts";
import { inShort, PLAYER_APP } from "./tree.ts";

const LIST = `${PLAYER_APP}/kustomization.yaml`;
const WEB = `${PLAYER_APP}/web.yaml`;
const BUDGET = `${PLAYER_APP}/budget.yaml`;
const web = (resources: string, more = "") =>
  object("Deployment", "web", "apps/v1", [
    `spec: {${more}selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: web, image: web, resources: {${resources}}}]}}}`,
  ]);
const range = (item: string, type = "Container") =>
  object("LimitRange", "all", "v1", [`spec: {limits: [{type: ${type}, ${item}}]}`]);
const quota = (hard: string, more = "") => object("ResourceQuota", "all", "v1", [`spec: {hard: {${hard}}${more}}`]);
const ROOM = range("max: {memory: 8Gi}");
const tree = (budget: string, text: string) => ({
  ...homeTree(),
  [LIST]: kustomization(["web.yaml", "budget.yaml", "helmrelease.yaml", "pvc.yaml"]),
  [WEB]: text,
  [BUDGET]: budget,
});

describe("what the containers of pods may ask", () => {
  const web1 = web("requests: {cpu: 100m}, limits: {memory: 1Gi}");
  test.each([
    ["more than a LimitRange takes", range("max: {memory: 512Mi}"), web1, "LimitRange", "unsafe"],
    ["less than a LimitRange takes", range("min: {cpu: 250m}"), web1, "LimitRange", "unsafe"],
    ["more than a quota has for one pod", quota("limits.memory: 900Mi"), web1, "ResourceQuota", "unsafe"],
    ["more than a quota has, by its limit", quota("memory: 900Mi"), web1, "ResourceQuota", "unsafe"],
    ["not what a quota wants to be said", quota("limits.cpu: '4'"), web1, "ResourceQuota", "unproven"],
  ])("%s", (_title, budget, text, kind, verdict) => {
    const rule = verdict === "unsafe" ? "reconcile-stops" : "safety-unknown";
    const spacious = kind === "LimitRange" ? ROOM : quota("pods: 9");
    expect(inShort(tree(spacious, text), { [BUDGET]: budget })).toBe(`${verdict} | ${rule} ${kind} media/all`);
    // The container is what changes.
    const fine = budget.includes("cpu") ? web("limits: {cpu: 1}") : web("limits: {memory: 500Mi}");
    const edited = inShort(tree(budget, fine), { [WEB]: text });
    expect(edited).toBe(`${verdict} | ${rule} Deployment media/web`);
    // So it was before.
    expect(inShort(tree(budget, text), { [WEB]: `${text}# more\n` })).toBe("safe");
    expect(inShort(tree(budget, text), { [WEB]: text.replace("image: web", "image: web:2") })).toBe("safe");
  });

  test.each([
    ["within the range", range("max: {memory: 2Gi}, min: {cpu: 50m}"), web1],
    ["within the quota", quota("limits.memory: 1Gi, cpu: 1"), web1],
    ["of another type", range("max: {memory: 512Mi}", "Pod"), web1],
    ["of some pods alone", quota("limits.memory: 1Mi", ", scopes: [BestEffort]"), web1],
    ["of a variable", range("max: {memory: 512Mi}"), web("limits: {memory: '${MEMORY}'}")],
    ["of no pods", range("max: {memory: 512Mi}"), web("limits: {memory: 1Gi}", "replicas: 0, ")],
    ["that a LimitRange fills in", quota("limits.cpu: '4'") + range("default: {cpu: '1'}"), web1],
  ])("%s", (_title, budget, text) => {
    expect(inShort(tree(range("max: {memory: 8Gi}"), text), { [BUDGET]: budget })).not.toMatch(/media\/all/);
  });
});

describe("a number of pods", () => {
  const pods = (number: number, more = "") => quota(`pods: ${number}`, more);
  const three = web("", "replicas: 3, ");

  test("below what Git runs", () => {
    expect(inShort(tree(pods(9), three), { [BUDGET]: pods(2) })).toBe(
      "unsafe | reconcile-stops ResourceQuota media/all",
    );
    expect(inShort(tree(pods(2), web("")), { [WEB]: three })).toBe("unsafe | reconcile-stops Deployment media/web");
    expect(inShort(tree(pods(9), three), { [BUDGET]: quota("count/pods: '1', pods: 9") })).toMatch(/^unsafe/);
  });

  test.each([
    ["that is enough", pods(3), three],
    ["of pods that a variable counts", pods(2), web("", "replicas: '${REPLICAS}', ")],
  ])("%s", (_title, budget, text) => expect(inShort(tree(pods(9), text), { [BUDGET]: budget })).toBe("safe"));

  test("of some pods alone", () => {
    const best = ", scopes: [BestEffort]";
    expect(inShort(tree(pods(9, best), three), { [BUDGET]: pods(2, best) })).toBe("safe");
  });

  test("that was too few before", () => expect(inShort(tree(pods(2), three), { [BUDGET]: pods(1) })).toBe("safe"));

  test("of what a scaler decides about", () => {
    const scaled = (kind: string, api: string, more: string) =>
      three + object(kind, "web", api, [`spec: {scaleTargetRef: {kind: Deployment, name: web}${more}}`]);
    const few = { [BUDGET]: pods(2) };
    const stopped = "unsafe | reconcile-stops ResourceQuota media/all";
    expect(inShort(tree(pods(9), scaled("ScaledObject", "keda.sh/v1alpha1", "")), few)).toBe("safe");
    expect(inShort(tree(pods(9), scaled("ScaledObject", "keda.sh/v1alpha1", ", minReplicaCount: 3")), few)).toBe(
      stopped,
    );
    expect(inShort(tree(pods(9), scaled("HorizontalPodAutoscaler", "autoscaling/v2", ", maxReplicas: 9")), few)).toBe(
      "safe",
    );
  });

  test("in a namespace of the same name in another cluster", () => {
    const [ks, own] = ["kubernetes/apps/media/player/ks.yaml", "kubernetes/apps/games/chess"];
    const go = (more: string) => {
      const files: Record<string, string> = tree(pods(9), object("ConfigMap", "web"));
      const there = {
        ...files,
        [ks]: `${files[ks]}${more}`,
        [`${own}/ks.yaml`]: files[`${own}/ks.yaml`]!.replace("targetNamespace: games", "targetNamespace: media"),
        [`${own}/app/helmrelease.yaml`]: three,
      };
      return inShort(there, { [BUDGET]: pods(2) });
    };
    expect(go("")).toBe("unsafe | reconcile-stops ResourceQuota media/all");
    expect(go("  kubeConfig: {secretRef: {name: other}}\n")).toBe("safe");
  });
});

test("many quotas beside many workloads cost each of them, not each pair", () => {
  const COUNT = 100;
  const each = (make: () => string, name: string) =>
    Array.from({ length: COUNT }, (_, i) => make().replace(`name: ${name}`, `name: ${name}${i}`)).join("");
  const all = tree(
    each(() => quota("cpu: 9, pods: 999"), "all"),
    each(() => web("requests: {cpu: 1}"), "web"),
  );
  const asked = vi.spyOn(JSON, "stringify");
  expect(inShort(all, { [BUDGET]: all[BUDGET]!.replaceAll("pods: 999", "pods: 8") })).toContain("unsafe");
  expect(asked.mock.calls.length).toBeLessThan(50 * COUNT);
  asked.mockRestore();
});
