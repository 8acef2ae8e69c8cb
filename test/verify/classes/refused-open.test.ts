import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { parseQuantity } from "../../../src/admission/quantity.ts";
import { findRefusals, sayRefusal } from "../../../src/admission/refused.ts";

const says = (text: string, isWhole = true) => findRefusals(parse(text), isWhole).map(sayRefusal);
const head = (api: string, kind: string) => `apiVersion: ${api}, kind: ${kind}, metadata: {name: web}`;
const service = (spec: string) => `{${head("v1", "Service")}, spec: {${spec}}}`;
const RBAC = "rbac.authorization.k8s.io/v1";
const role = (rule: string) => `{${head(RBAC, "Role")}, rules: [{verbs: [get], ${rule}}]}`;
const binding = (more: string) =>
  `{${head(RBAC, "RoleBinding")}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: a}, subjects: [{kind: ServiceAccount, name: a, namespace: b${more}}]}`;
const workload = (pod: string, kind = "Deployment", spec = "") =>
  `{${head("apps/v1", kind)}, spec: {${spec}selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {${pod}}}}}`;
const pod = (more: string, beside = "") =>
  workload(`${beside}containers: [{name: web, image: web, ${more}}]`, "Deployment");
const rollout = (strategy: string, kind = "Deployment") =>
  workload(
    "containers: [{name: web, image: web}]",
    kind,
    `${kind === "Deployment" ? "strategy" : "updateStrategy"}: {${strategy}}, `,
  );
const NONE = "rollingUpdate: {maxSurge: 0, maxUnavailable: 0}";
const policy = `{${head("networking.k8s.io/v1", "NetworkPolicy")}, spec: {podSelector: {}, egress: [{to: [{}]}]}}`;
const ports = pod("ports: [{containerPort: 1, hostPort: 8}, {containerPort: 2, hostPort: 8}]");
const ingress = `{${head("networking.k8s.io/v1", "Ingress")}, spec: {defaultBackend: {service: {name: a, port: {name: a, number: 1}}}}}`;

describe("what is not known is not taken for refused", () => {
  test.each<[string, string]>([
    ["ports of a Service", service('ports: "${PORTS}"')],
    ["one of them", service('ports: [{name: a, port: 1}, "${PORT}"]')],
    ["groups of a role", role('apiGroups: "${G}", resources: [a]')],
    ["resources of it", role('apiGroups: [""], resources: "${R}"')],
    ["paths of it", role('nonResourceURLs: "${U}"').replace("Role", "ClusterRole")],
    ["the group of a subject", binding(', apiGroup: "${A:-}"')],
    ["the name of a limit", pod('resources: {requests: {example.com/gpu: 1}, limits: {"${L}": 1}}')],
    ["the name of a field", pod('resources: {}, "${FIELD}": a')],
    ["a field that is required", workload('"${CONTAINERS}": [{name: web, image: web}]')],
  ])("%s", (_, text) => {
    expect(says(text)).toEqual([]);
  });

  test.each<[string, string]>([
    ["a rollout that cannot begin", rollout(NONE)],
    ["a strategy", rollout(`type: Recreate, ${NONE}`)],
    ["a peer", policy],
    ["a port of the node", ports],
    ["a port by name and number", ingress],
  ])("and a patch that cannot be read may have mended it: %s", (_, text) => {
    expect(says(text)).toHaveLength(1);
    expect(says(text, false)).toEqual([]);
  });
});

describe("only what the API server looks at counts", () => {
  test("of a rollout", () => {
    const daemons = "rollingUpdate: {maxUnavailable: 0}";
    expect(says(rollout(`type: OnDelete, ${daemons}`, "DaemonSet"))).toEqual([]);
    for (const type of ["", "type: RollingUpdate, "])
      expect(says(rollout(type + daemons, "DaemonSet"))).toEqual([
        "spec.updateStrategy.rollingUpdate.maxUnavailable is 0, and so is maxSurge",
      ]);
    expect(says(rollout("type: Recreate, rollingUpdate: null"))).toEqual([]);
    expect(says(rollout("type: Recreate, rollingUpdate: {maxSurge: 1}"))).toEqual([
      "spec.strategy.rollingUpdate stands beside type Recreate",
    ]);
  });

  test("of a volume", () => {
    const volume = (more: string) => pod("env: []", `volumes: [{name: a, emptyDir: {}, ${more}}], `);
    expect(says(volume('"x-note": {}'))).toEqual([]);
    expect(says(volume("configMap: {name: a}"))).toEqual([
      "spec.template.spec.volumes.0.configMap stands beside emptyDir",
    ]);
  });

  test("of a Service whose type is none", () => {
    const port = "ports: [{port: 1}], externalTrafficPolicy: Local";
    expect(says(service(`type: Loadbalancer, ${port}`))).toHaveLength(1);
    expect(says(service(port))).toHaveLength(1);
  });
});

test("amounts that are equal are equal numbers", () => {
  for (const [one, other] of [
    ["700m", "0.7"],
    ["0.0007k", "0.7"],
    ["1.1G", "1100M"],
    ["0.1Gi", "107374182.4"],
    ["1.5Gi", "1536Mi"],
    ["100u", "0.1m"],
    ["1e3", "1k"],
    ["5e-1", "500m"],
    ["12E", "12e18"],
  ])
    expect(parseQuantity(one)).toBe(parseQuantity(other));
  for (let tenth = 1; tenth <= 1000; tenth++)
    expect(parseQuantity(`${tenth * 100}m`)).toBe(parseQuantity((tenth / 10).toFixed(1)));
  for (const none of ["", "m", "${CPU}", "1x", "e3"]) expect(parseQuantity(none)).toBeUndefined();
  expect(says(pod("resources: {requests: {cpu: 700m}, limits: {cpu: 0.7}}"))).toEqual([]);
  expect(says(pod("resources: {requests: {cpu: 701m}, limits: {cpu: 0.7}}"))).toHaveLength(1);
});

test("a long name is said in part", () => {
  const long = "a".repeat(30_000);
  const all = [
    pod(`resources: {limits: {${long}: 1}}`),
    pod(`volumeMounts: [{name: ${long}, mountPath: /a}]`),
    pod(`ports: [{containerPort: 1, name: ${long}}]`),
    service(`ports: [{port: 1, name: ${long}}, {port: 2, name: ${long}}]`),
  ].flatMap((text) => says(text));
  expect(all.length).toBeGreaterThan(3);
  for (const said of all) expect(said.length).toBeLessThan(500);
});
