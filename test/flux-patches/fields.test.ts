import { describe, expect, test } from "vitest";
import type { YamlData } from "../../src/contract/objects.ts";
import { detectFields, fieldCoveringOp, isPullSecretBody } from "../../src/instance/patches/fold.ts";
import type { PortInput } from "../../src/instance/types.ts";
import { parseFluxVersion } from "../../src/release/releases.ts";
import type { InstanceFields, SimObject } from "../../src/release/types.ts";

const ids = (...names: string[]) => names.map((name) => `Deployment/${name}`);
const CONTROLLERS = ["source-controller", "kustomize-controller", "helm-controller", "notification-controller"];

function deployment(name: string, args: string[] = [], more: YamlData = {}): SimObject {
  const template = { spec: { containers: [{ name: "manager", args }], ...more } };
  return {
    id: `Deployment/${name}`,
    names: [name],
    data: { kind: "Deployment", metadata: { name }, spec: { template } },
  };
}
const policy = (name: string, deleted?: boolean): SimObject => ({
  ...{ id: `NetworkPolicy/${name}`, names: [name], data: { kind: "NetworkPolicy", metadata: { name } } },
  ...(deleted ? { deleted } : {}),
});
const input = (more: Partial<PortInput> = {}) =>
  ({ components: CONTROLLERS, namespace: "flux-system", ...more }) as PortInput;
const detect = (old: SimObject[], more?: Partial<PortInput>, version = "2.7.5") =>
  detectFields(old, input(more), parseFluxVersion(version)!);

describe("a field that may take over", () => {
  test("network policies, where all of them are gone", () => {
    expect(detect([policy("a", true), policy("b", true)])).toEqual([{ networkPolicy: false }]);
    expect(detect([policy("a", true), policy("b")])).toEqual([]);
    expect(detect([])).toEqual([]);
  });

  test.each<[address: string, found: object[]]>([
    ["source-controller.$(RUNTIME_NAMESPACE).svc.example.net.", [{ domain: "example.net" }]],
    ["source-controller.$(RUNTIME_NAMESPACE).svc.cluster.local.", []],
    ["source-controller.$(RUNTIME_NAMESPACE).svc.example.net", []],
    ["source-controller.flux-system.svc.example.net.", []],
    ["my-source-controller.$(RUNTIME_NAMESPACE).svc.example.net.", []],
  ])("the domain in %s", (address, found) => {
    expect(detect([deployment("source-controller", [`--storage-adv-addr=${address}`])])).toEqual(found);
    expect(detect([deployment("helm-controller", [`--storage-adv-addr=${address}`])])).toEqual([]);
    expect(detect([{ ...deployment("source-controller", [`--storage-adv-addr=${address}`]), deleted: true }])).toEqual(
      [],
    );
  });

  test("the pull secret, where every controller has that one alone", () => {
    const of = (...lists: (object[] | undefined)[]) =>
      detect(
        lists.map((imagePullSecrets, at) =>
          deployment(CONTROLLERS[at]!, [], imagePullSecrets ? { imagePullSecrets } : {}),
        ),
      );
    expect(of([{ name: "pull" }], [{ name: "pull" }])).toEqual([{ imagePullSecret: "pull" }]);
    for (const lists of [
      [[{ name: "pull" }], [{ name: "other" }]],
      [[{ name: "pull" }], undefined],
      [undefined, [{ name: "pull" }]],
      [[{ name: "pull" }, { name: "two" }]],
      [[{ name: "Not A Name" }]],
      [[{ name: 5 }]],
      [[]],
    ])
      expect(of(...(lists as object[][]))).toEqual([]);
  });

  test("workload identity, where any has its gate, and the operator takes the field", () => {
    const gate = (value: string, version?: string) => {
      const args = [`--feature-gates=A=true,ObjectLevelWorkloadIdentity=${value}`];
      return detect([deployment("helm-controller"), deployment("source-controller", args)], {}, version);
    };
    expect(gate("true")).toEqual([{ objectLevelWorkloadIdentity: true }]);
    expect(gate("false")).toEqual([]);
    expect(gate("true", "2.6.0")).toEqual([{ objectLevelWorkloadIdentity: true }]);
    expect(gate("true", "2.5.1")).toEqual([]);
  });

  describe("the lockdown of tenants", () => {
    const CROSS = "--no-cross-namespace-refs=true";
    const ARGS: Record<string, string[]> = {
      "source-controller": [],
      "kustomize-controller": [CROSS, "--no-remote-bases=true", "--default-service-account=team"],
      "helm-controller": [CROSS, "--default-service-account=team"],
      "notification-controller": [CROSS],
    };
    const locked = (
      change: (args: Record<string, string[]>) => void = () => {},
      account: string | undefined = "kustomize-controller",
    ) => {
      const args = structuredClone(ARGS);
      change(args);
      const root: SimObject = {
        id: "sync/root",
        names: ["x"],
        data: { kind: "Kustomization", metadata: { name: "x" }, spec: { serviceAccountName: account } },
      };
      return detect([...Object.entries(args).map(([name, list]) => deployment(name, list)), root]);
    };

    test("is one whole", () => {
      expect(locked()).toEqual([{ multitenant: { tenantDefaultServiceAccount: "team" } }]);
      const toDefault = (args: Record<string, string[]>) => {
        for (const list of Object.values(args))
          for (const [at, arg] of list.entries()) list[at] = arg.replace("=team", "=default");
      };
      expect(locked(toDefault)).toEqual([{ multitenant: {} }]);
    });

    test.each<[what: string, change: (args: Record<string, string[]>) => void]>([
      ["no account", (args) => args["kustomize-controller"]!.pop()],
      [
        "another account for releases",
        (args) => args["helm-controller"]!.splice(1, 1, "--default-service-account=other"),
      ],
      ["remote bases", (args) => args["kustomize-controller"]!.splice(1, 1)],
      ["remote bases by false", (args) => args["kustomize-controller"]!.splice(1, 1, "--no-remote-bases=false")],
      ["references of notifications", (args) => args["notification-controller"]!.pop()],
      ["references of releases", (args) => args["helm-controller"]!.splice(0, 1, "--no-cross-namespace-refs=false")],
    ])("is none with %s", (_, change) => {
      expect(locked(change)).toEqual([]);
    });

    test("needs the root to keep its rights", () => {
      expect(locked(undefined, "team")).toEqual([]);
      const old = Object.entries(ARGS).map(([name, list]) => deployment(name, list));
      expect(detect(old)).toEqual([]);
      expect(detect(old, { rootServiceAccountName: "kustomize-controller" })).toHaveLength(1);
      expect(detect(old, { rootServiceAccountName: "team" })).toEqual([]);
    });
  });
});

describe("an operation that a field already says", () => {
  const ALL: InstanceFields = {
    ...{ domain: "example.net", imagePullSecret: "pull", objectLevelWorkloadIdentity: true },
    multitenant: { tenantDefaultServiceAccount: "team" },
  };
  const arg = (value: unknown, op = "add", at = "-") => ({
    op,
    path: `/spec/template/spec/containers/0/args/${at}`,
    value,
  });
  const covered = (op: object, of: string[] = ids("kustomize-controller"), fields = ALL, more?: Partial<PortInput>) =>
    fieldCoveringOp(op as Parameters<typeof fieldCoveringOp>[0], of, fields, input(more));

  test.each<[op: object, of: string[], field: string | undefined]>([
    [
      { op: "add", path: "/spec/serviceAccountName", value: "kustomize-controller" },
      ["sync/root"],
      "cluster.multitenant",
    ],
    [
      { op: "replace", path: "/spec/serviceAccountName", value: "kustomize-controller" },
      ["sync/root"],
      "cluster.multitenant",
    ],
    [{ op: "remove", path: "/spec/serviceAccountName" }, ["sync/root"], undefined],
    [{ op: "add", path: "/spec/serviceAccountName", value: "other" }, ["sync/root"], undefined],
    [
      { op: "add", path: "/spec/serviceAccountName", value: "kustomize-controller" },
      ["sync/root", "sync/source"],
      undefined,
    ],
    [
      { op: "add", path: "/spec/template/spec/imagePullSecrets", value: [{ name: "pull" }] },
      ids("helm-controller"),
      "distribution.imagePullSecret",
    ],
    [
      { op: "add", path: "/spec/template/spec/imagePullSecrets", value: [{ name: "other" }] },
      ids("helm-controller"),
      undefined,
    ],
    [
      { op: "add", path: "/spec/template/spec/imagePullSecrets", value: [{ name: "pull" }] },
      ["ServiceAccount/a"],
      undefined,
    ],
    [
      { op: "test", path: "/spec/template/spec/imagePullSecrets", value: [{ name: "pull" }] },
      ids("helm-controller"),
      undefined,
    ],
    [arg("--no-cross-namespace-refs=true"), ids("helm-controller"), "cluster.multitenant"],
    [arg("--no-cross-namespace-refs"), ids("helm-controller"), "cluster.multitenant"],
    [arg("--no-cross-namespace-refs=false"), ids("helm-controller"), undefined],
    [arg("--no-remote-bases=true"), ids("kustomize-controller"), "cluster.multitenant"],
    [arg("--default-service-account=team"), ids("kustomize-controller"), "cluster.multitenant"],
    [arg("--default-service-account=default"), ids("kustomize-controller"), undefined],
    [arg("--default-service-account=team=x"), ids("kustomize-controller"), undefined],
    [arg("--no-remote-bases=true", "replace", "3"), ids("kustomize-controller"), undefined],
    [arg("--concurrent=20"), ids("kustomize-controller"), undefined],
    [arg(20), ids("kustomize-controller"), undefined],
    [
      { ...arg("--no-remote-bases=true"), path: "/spec/template/spec/containers/1/args/-" },
      ids("kustomize-controller"),
      undefined,
    ],
    [
      { ...arg("--no-remote-bases=true"), path: "/spec/template/spec/containers/0/args" },
      ids("kustomize-controller"),
      undefined,
    ],
    [
      arg("--feature-gates=ObjectLevelWorkloadIdentity=true"),
      ids("source-controller"),
      "cluster.objectLevelWorkloadIdentity",
    ],
    [arg("--feature-gates=ObjectLevelWorkloadIdentity=false"), ids("source-controller"), undefined],
    [arg("--feature-gates=ObjectLevelWorkloadIdentity=true,Other=true"), ids("source-controller"), undefined],
    [arg("--feature-gates="), ids("source-controller"), undefined],
    [
      arg("--storage-adv-addr=source-controller.$(RUNTIME_NAMESPACE).svc.example.net."),
      ids("source-controller"),
      "cluster.domain",
    ],
    [
      arg("--storage-adv-addr=source-controller.$(RUNTIME_NAMESPACE).svc.example.net.", "replace", "6"),
      ids("source-controller"),
      "cluster.domain",
    ],
    [
      arg("--storage-adv-addr=source-controller.$(RUNTIME_NAMESPACE).svc.example.net."),
      ids("source-controller", "source-watcher"),
      undefined,
    ],
    [
      arg("--storage-adv-addr=source-controller.$(RUNTIME_NAMESPACE).svc.other.net."),
      ids("source-controller"),
      undefined,
    ],
    [
      arg("--events-addr=http://notification-controller.flux-system.svc.example.net./"),
      ids("helm-controller"),
      "cluster.domain",
    ],
    [arg("--events-addr=http://notification-controller.other.svc.example.net./"), ids("helm-controller"), undefined],
  ])("%j of %j", (op, of, field) => {
    expect(covered(op, of)).toBe(field);
    expect(covered(op, of, {})).toBeUndefined();
  });

  test("the account of tenants is default where nothing else is said", () => {
    expect(covered(arg("--default-service-account=default"), undefined, { multitenant: {} })).toBe(
      "cluster.multitenant",
    );
    expect(covered(arg("--default-service-account=team"), undefined, { multitenant: {} })).toBeUndefined();
  });

  test("the gate that source-watcher brings", () => {
    const gate = (of: string[], components: string[], state = "true") =>
      covered(arg(`--feature-gates=ExternalArtifact=${state}`), of, {}, { components });
    const WATCHED = [...CONTROLLERS, "source-watcher"];
    expect(gate(ids("kustomize-controller", "helm-controller"), WATCHED)).toBe("components: source-watcher");
    expect(gate(ids("kustomize-controller"), CONTROLLERS)).toBeUndefined();
    expect(gate(ids("source-controller"), WATCHED)).toBeUndefined();
    expect(gate(ids("kustomize-controller"), WATCHED, "false")).toBeUndefined();
    expect(
      covered(arg("--feature-gates=Other=true"), ids("kustomize-controller"), {}, { components: WATCHED }),
    ).toBeUndefined();
  });
});

test.each<[doc: YamlData, of: string[], is: boolean]>([
  [{ spec: { template: { spec: { imagePullSecrets: [{ name: "pull" }] } } } }, ids("a", "b"), true],
  [{ spec: { template: { spec: { imagePullSecrets: [{ name: "other" }] } } } }, ids("a"), false],
  [{ spec: { template: { spec: { imagePullSecrets: [{ name: "pull" }], nodeSelector: {} } } } }, ids("a"), false],
  [{ spec: { replicas: 1, template: { spec: { imagePullSecrets: [{ name: "pull" }] } } } }, ids("a"), false],
  [{ spec: { template: { spec: { imagePullSecrets: [{ name: "pull" }] } } } }, ["ServiceAccount/a"], false],
])("whether %j of %j says the pull secret alone", (doc, of, is) => {
  const whole = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "all", namespace: "x" }, ...doc };
  expect(isPullSecretBody(whole, { imagePullSecret: "pull" }, of)).toBe(is);
  expect(isPullSecretBody(whole, {}, of)).toBe(false);
  expect(
    isPullSecretBody({ ...whole, metadata: { name: "all", labels: { a: "b" } } }, { imagePullSecret: "pull" }, of),
  ).toBe(false);
});
