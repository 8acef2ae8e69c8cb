import { describe, expect, test } from "vitest";
import { homeTree, kustomization, object, release } from "../home-tree.ts";
import { inShort, PLAYER_APP } from "./tree.ts";

const LIST = `${PLAYER_APP}/kustomization.yaml`;
const HELM = `${PLAYER_APP}/helmrelease.yaml`;
const WEB = `${PLAYER_APP}/web.yaml`;
const POOL = "kubernetes/flux/pool.yaml";

const cilium = (blocks: string, more = "") =>
  object("CiliumLoadBalancerIPPool", "pool", "cilium.io/v2", [`spec: {blocks: [${blocks}]${more}}`]);
const metallb = (addresses: string) =>
  object("IPAddressPool", "pool", "metallb.io/v1beta1", ["  namespace: metallb", `spec: {addresses: [${addresses}]}`]);
const service = (address: string, name = "lbipam.cilium.io/ips") =>
  object("Service", "web", "v1", [
    `  annotations: {${name}: '${address}'}`,
    "spec: {type: LoadBalancer, selector: {a: b}, ports: [{port: 80}]}",
  ]);
const chart = (address: string) =>
  release("player", [`values: {service: {app: {annotations: {io.cilium/lb-ipam-ips: '${address}'}}}}`]);
const tree = (pool: string, user: string, helm = release("player")) => ({
  ...homeTree(),
  [POOL]: pool,
  [WEB]: user,
  [HELM]: helm,
  [LIST]: kustomization(["web.yaml", "helmrelease.yaml", "pvc.yaml"]),
});
const LOST = "unsafe | reference-breaks Service media/web";

describe("an address that a Service asks for", () => {
  test.each([
    ["a block", cilium("{cidr: 10.0.5.0/24}"), cilium("{cidr: 10.0.6.0/24}")],
    ["a range", cilium("{start: 10.0.5.1, stop: 10.0.5.99}"), cilium("{start: 10.0.5.1, stop: 10.0.5.9}")],
    ["what is switched off", cilium("{cidr: 10.0.5.0/24}"), cilium("{cidr: 10.0.5.0/24}", ", disabled: true")],
    ["a pool of MetalLB", metallb("10.0.5.1-10.0.5.50"), metallb("10.0.5.20-10.0.5.50")],
  ])("leaves its pool: %s", (_title, before, after) => {
    expect(inShort(tree(before, service("10.0.5.10")), { [POOL]: after })).toBe(LOST);
    expect(
      inShort(tree(before, service("10.0.5.10")), { [POOL]: before + after.replace("name: pool", "name: more") }),
    ).toBe("safe");
    expect(
      inShort(tree(before, service("10.0.5.10,10.0.9.9")), {
        [POOL]: before.replace("name: pool", "name: pool # kept"),
      }),
    ).toBe("safe");
    expect(inShort(tree(before, object("ConfigMap", "web")), { [POOL]: after })).toBe("safe");
  });

  test("is another one that no pool holds", () => {
    const pool = cilium("{cidr: 10.0.5.0/24}");
    expect(inShort(tree(pool, service("10.0.5.10")), { [WEB]: service("10.0.7.10") })).toBe(LOST);
    expect(inShort(tree(pool, service("10.0.5.10")), { [WEB]: service("10.0.5.11") })).toBe("safe");
    expect(inShort(tree(pool, service("10.0.9.10")), { [WEB]: service("10.0.7.10") })).toBe("safe");
    expect(inShort(tree(pool, service("10.0.5.10")), { [WEB]: service("${ADDRESS}") })).toBe("safe");
  });

  test("stands in values of a chart", () => {
    const [old, now] = [cilium("{cidr: 10.0.5.0/24}"), cilium("{cidr: 10.0.6.0/24}")];
    const user = object("ConfigMap", "web");
    expect(inShort(tree(old, user, chart("10.0.5.10")), { [POOL]: now })).toBe(
      "unsafe | reference-breaks HelmRelease media/player",
    );
    expect(inShort(tree(old, user, chart("10.0.5.10")), { [POOL]: now, [HELM]: chart("10.0.6.10") })).toBe("safe");
  });

  test("stands in a Gateway", () => {
    const gateway = object("Gateway", "web", "gateway.networking.k8s.io/v1", [
      "spec: {gatewayClassName: a, infrastructure: {annotations: {lbipam.cilium.io/ips: 10.0.5.10}}, listeners: []}",
    ]);
    const [old, now] = [cilium("{cidr: 10.0.5.0/24}"), cilium("{cidr: 10.0.6.0/24}")];
    expect(inShort(tree(old, gateway), { [POOL]: now })).toBe("unsafe | reference-breaks Gateway media/web");
  });

  test("is not judged where a pool cannot be read", () => {
    const old = cilium("{cidr: 10.0.5.0/24}");
    expect(inShort(tree(old, service("10.0.5.10")), { [POOL]: cilium("{cidr: '${NETWORK}'}") })).not.toContain(
      "reference-breaks",
    );
    expect(
      inShort(tree(old, service("10.0.5.10")), { [POOL]: cilium("{cidr: 'fd00::/64'}, {cidr: 10.0.5.10/32}") }),
    ).toBe("safe");
  });

  test("is not judged where a pool stays without Git, or a chart may make one", () => {
    const kept = cilium("{cidr: 10.0.5.0/24}").replace(
      "name: pool",
      "name: pool\n  annotations: {kustomize.toolkit.fluxcd.io/prune: disabled}",
    );
    const gone = { [POOL]: object("ConfigMap", "other", "v1", ["  namespace: flux-system"]) };
    expect(inShort(tree(kept, service("10.0.5.10")), gone)).toBe("safe");
    const pruned = cilium("{cidr: 10.0.5.0/24}");
    expect(inShort(tree(pruned, service("10.0.5.10")), gone)).toContain(LOST.slice("unsafe | ".length));
    const made = release("player", ["values: {extraObjects: [{kind: CiliumLoadBalancerIPPool, spec: {blocks: []}}]}"]);
    expect(inShort(tree(pruned, service("10.0.5.10"), made), gone)).not.toContain("reference-breaks");
  });

  test("is not judged where it is asked for in another cluster", () => {
    const [old, now] = [cilium("{cidr: 10.0.5.0/24}"), cilium("{cidr: 10.0.6.0/24}")];
    const elsewhere = chart("10.0.5.10").replace("spec:\n", "spec:\n  kubeConfig: {secretRef: {name: other}}\n");
    expect(inShort(tree(old, object("ConfigMap", "web"), elsewhere), { [POOL]: now })).toBe("safe");
    const ks = "kubernetes/apps/media/player/ks.yaml";
    const files: Record<string, string> = tree(old, service("10.0.5.10"));
    const remote = { ...files, [ks]: `${files[ks]}  kubeConfig: {secretRef: {name: other}}\n` };
    expect(inShort(remote, { [POOL]: now })).toBe("safe");
  });

  test("is not judged in one more field of a release", () => {
    const block = release("player", ["values:", "  service: {loadBalancerIP: 10.0.5.10}"]);
    const pool = cilium("{cidr: 10.0.5.0/24}");
    const files = tree(pool, object("ConfigMap", "web"), block);
    expect(inShort(files, { [HELM]: `${block}    other: {loadBalancerIP: 10.0.7.10}\n` })).toBe("safe");
    expect(inShort(files, { [HELM]: block.replace("5.10", "7.10") })).toContain("reference-breaks");
  });
});

describe("an address that two ask for", () => {
  const [pool, other] = [cilium("{cidr: 10.0.5.0/24}"), service("10.0.5.10").replace("name: web", "name: other")];
  const OTHER = `${PLAYER_APP}/other.yaml`;
  const both = (list: string) => ({ [LIST]: kustomization([list, "web.yaml", "helmrelease.yaml", "pvc.yaml"]) });
  const add = (text: string, given = tree(pool, service("10.0.5.10"))) =>
    inShort(given, { [OTHER]: text, ...both("other.yaml") });

  test("comes with something new", () => {
    expect(add(other)).toBe("unsafe | reference-breaks Service media/other");
    expect(add(other.replace("10.0.5.10", "10.0.5.11"))).toBe("safe");
    expect(add(other, tree(pool, object("ConfigMap", "web"), chart("10.0.5.10")))).toBe(
      "unsafe | reference-breaks Service media/other",
    );
  });

  test("is no pool's, or may be shared", () => {
    expect(add(other, tree(cilium("{cidr: 10.0.6.0/24}"), service("10.0.5.10")))).toBe("safe");
    const share = (text: string) => text.replace("annotations: {", "annotations: {lbipam.cilium.io/sharing-key: a, ");
    expect(add(share(other), tree(pool, share(service("10.0.5.10"))))).toBe("safe");
    expect(add(share(other))).toBe("unsafe | reference-breaks Service media/other");
  });

  test("goes from one to the other", () => {
    expect(
      inShort(tree(pool, service("10.0.5.10")), { [OTHER]: other, [WEB]: service("10.0.5.11"), ...both("other.yaml") }),
    ).toBe("safe");
    const twice = { ...tree(pool, service("10.0.5.10")), [OTHER]: other, ...both("other.yaml") };
    expect(inShort(twice, { [WEB]: `${service("10.0.5.10")}# the same\n` })).toBe("safe");
  });

  test.each([
    ["variables", "v1", "ConfigMap", "data: {loadBalancerIP: 10.0.5.10}"],
    ["a Service without one", "v1", "Service", "spec: {loadBalancerIP: 10.0.5.10, ports: [{port: 80}]}"],
    [
      "what only shapes a Gateway",
      "gateway.envoyproxy.io/v1alpha1",
      "EnvoyProxy",
      "spec: {provider: {type: Kubernetes, kubernetes: {envoyService: {loadBalancerIP: 10.0.5.10}}}}",
    ],
  ])("is only said by %s", (_title, api, kind, spec) => {
    expect(add(object(kind, "other", api, [spec]))).not.toContain("reference-breaks");
  });

  test.each(["enabled: false", "type: ClusterIP"])("is not asked for where values say %s", (off) => {
    const values = (more: string) =>
      release("player", [`values: {service: {app: {${more}, annotations: {lbipam.cilium.io/ips: 10.0.5.10}}}}`]);
    const files = tree(pool, service("10.0.5.10"));
    expect(inShort(files, { [HELM]: values(off) })).toBe("safe");
    expect(inShort(files, { [HELM]: values("type: LoadBalancer") })).toContain("reference-breaks");
  });

  test("is said by a Kustomization for its own, and by a ResourceSet for what it makes", () => {
    const files = { ...tree(pool, service("10.0.5.11")), [OTHER]: object("ConfigMap", "other") };
    const made =
      "{apiVersion: v1, kind: Service, metadata: {name: made, namespace: media}, spec: {type: LoadBalancer, ports: [{port: 80}], loadBalancerIP: 10.0.5.12}}";
    const set = object("ResourceSet", "other", "fluxcd.controlplane.io/v1", [`spec: {resources: [${made}]}`]);
    expect(inShort(files, { [OTHER]: set, ...both("other.yaml") })).not.toContain("reference-breaks");
    const [ks, text] = Object.entries(files).find(([, one]) =>
      one.includes("path: ./kubernetes/apps/media/player/app"),
    )!;
    const substitute = text.replace(
      /^ {2}interval:/m,
      "  postBuild: {substitute: {loadBalancerIP: 10.0.5.12}}\n  interval:",
    );
    expect(substitute).not.toBe(text);
    expect(inShort(files, { [ks]: substitute, [WEB]: service("${loadBalancerIP}") })).toBe("safe");
  });

  test("was asked for twice already, and one of them gets another name", () => {
    const twice = { ...tree(pool, service("10.0.5.10")), [OTHER]: other, ...both("other.yaml") };
    expect(inShort(twice, { [OTHER]: other.replace("name: other", "name: renamed") })).not.toContain(
      "reference-breaks",
    );
  });
});
