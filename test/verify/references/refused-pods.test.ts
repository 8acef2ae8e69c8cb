import { describe, expect, test } from "vitest";
import { homeTree, kustomization, object, release } from "../home-tree.ts";
import { inShort, PLAYER_APP } from "./tree.ts";

const NS = "kubernetes/apps/media/namespace.yaml";
const WEB = `${PLAYER_APP}/web.yaml`;
const ENFORCE = "pod-security.kubernetes.io/enforce";
const media = (labels: string) => object("Namespace", "media", "v1", [`  labels: {${labels}}`]);
const web = (pod: string, container = "", kind = "Deployment") =>
  object(kind, "web", "apps/v1", [
    `spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {${pod}containers: [{name: web, image: web, ${container}}]}}}`,
  ]);
const tree = (namespace: string, text: string) => ({
  ...homeTree(),
  [NS]: media(namespace),
  [`${PLAYER_APP}/kustomization.yaml`]: kustomization(["web.yaml", "helmrelease.yaml", "pvc.yaml"]),
  [WEB]: text,
});
const GOOD = web(
  "securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}, ",
  "securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL], add: [NET_BIND_SERVICE]}}",
);

describe("a namespace that enforces a level of pod security", () => {
  test.each([
    ["baseline", web("hostNetwork: true, ")],
    ["baseline", web("", "securityContext: {privileged: true}")],
    ["baseline", web("", "securityContext: {capabilities: {add: [NET_ADMIN]}}")],
    ["baseline", web("", "ports: [{containerPort: 80, hostPort: 80}]")],
    ["baseline", web("volumes: [{name: a, hostPath: {path: /a}}], ", "", "DaemonSet")],
    ["restricted", web("")],
    ["restricted", GOOD.replace("runAsNonRoot: true", "runAsUser: 0")],
    [
      "restricted",
      GOOD.replace(
        "spec: {securityContext",
        "spec: {volumes: [{name: a, nfs: {server: a, path: /b}}], securityContext",
      ),
    ],
    ["restricted", GOOD.replace("drop: [ALL]", "drop: [NET_RAW]")],
  ])("%s refuses pods of Git: %#", (level, text) => {
    const raised = { [NS]: media(`${ENFORCE}: ${level}`) };
    expect(inShort(tree("a: b", text), raised)).toBe("unsafe | reconcile-stops Namespace media");
    expect(inShort(tree("a: b", GOOD), { ...raised, [WEB]: text })).toContain("reconcile-stops");
    if (text.includes("Deployment"))
      expect(inShort(tree(`${ENFORCE}: ${level}`, GOOD), { [WEB]: text })).toBe(
        "unsafe | reconcile-stops Deployment media/web",
      );
    expect(inShort(tree(`${ENFORCE}: ${level}`, text), { [WEB]: `${text}# more\n` })).toBe("safe");
  });

  test.each([
    ["restricted", GOOD],
    ["baseline", web("")],
    ["privileged", web("hostNetwork: true, ")],
    ["restricted", web("securityContext: '${CONTEXT}', ")],
  ])("%s takes others, and what a chart makes is not seen: %#", (level, text) => {
    const raised = { [NS]: media(`${ENFORCE}: ${level}`) };
    const alone = { ...tree("a: b", text), [`${PLAYER_APP}/kustomization.yaml`]: kustomization(["web.yaml"]) };
    expect(inShort(alone, raised)).toBe("safe");
    const beside = level === "privileged" ? "safe" : "unproven | safety-unknown Namespace media";
    expect(inShort(tree("a: b", text), raised)).toBe(beside);
  });

  test("may be helped by a policy that changes pods", () => {
    const policy = object("ClusterPolicy", "secure", "kyverno.io/v1", ["spec: {rules: [{name: a, mutate: {}}]}"]);
    const more = { ...tree("a: b", web("")), "kubernetes/flux/policy.yaml": policy };
    expect(inShort(more, { [NS]: media(`${ENFORCE}: restricted`) })).toContain("unproven");
  });

  test.each(["restrictd", "Baseline"])("cannot be called %s", (level) => {
    expect(inShort(tree("a: b", GOOD), { [NS]: media(`${ENFORCE}: ${level}`) })).toContain("object-refused Namespace");
  });

  test("of a version", () => {
    const version = (text: string) => ({ [NS]: media(`${ENFORCE}-version: ${text}`) });
    expect(inShort(tree("a: b", GOOD), version("1.34"))).not.toBe("safe");
    expect(inShort(tree("a: b", GOOD), version("v1.34"))).toBe("safe");
    expect(inShort(tree("a: b", GOOD), version("latest"))).toBe("safe");
  });
});

test("a quota of no pods stops what is there", () => {
  const QUOTA = `${PLAYER_APP}/quota.yaml`;
  const quota = (spec: string) => object("ResourceQuota", "all", "v1", [`spec: {${spec}}`]);
  const LIST = `${PLAYER_APP}/kustomization.yaml`;
  const added = (spec: string, app = ["web.yaml", "helmrelease.yaml", "pvc.yaml"]) => {
    return { [LIST]: kustomization([...app, "quota.yaml"]), [QUOTA]: quota(spec) };
  };
  const said = "unsafe | reconcile-stops ResourceQuota media/all";
  expect(inShort(tree("a: b", GOOD), added("hard: {pods: '0'}"))).toBe(said);
  expect(inShort(tree("a: b", release("web")), added("hard: {pods: 0}"))).toBe(said);
  // What has no pods loses none.
  const idle = GOOD.replace("spec: {selector", "spec: {replicas: 0, selector");
  const alone = { ...tree("a: b", idle), [LIST]: kustomization(["web.yaml"]) };
  expect(inShort(alone, added("hard: {pods: '0'}", ["web.yaml"]))).toBe("safe");
  expect(inShort(tree("a: b", GOOD), added("hard: {pods: '10'}"))).toBe("safe");
  expect(inShort(tree("a: b", GOOD), added("hard: {pods: '0'}, scopes: [BestEffort]"))).toBe("safe");
});
