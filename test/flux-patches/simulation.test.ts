import fc from "fast-check";
import yaml from "js-yaml";
import { describe, expect, test } from "vitest";
import { portPatches } from "../../src/instance/patches/port.ts";
import { operatorBase } from "../../src/release/base.ts";
import { readBaseFacts } from "../../src/release/facts.ts";
import { normalisePatch } from "../../src/release/normalise.ts";
import { componentsOf, EMBEDDED_FLUX, parseFluxVersion } from "../../src/release/releases.ts";
import { runItem, runPatches } from "../../src/release/simulate.ts";
import type { InstanceFields, SimObject } from "../../src/release/types.ts";
import { archivedVersions, build, buildInstance, buildOld, gotkComponents } from "./builds.ts";
import { effectiveDeployments } from "./effective.ts";
import { sourcePatches } from "./source-patches.ts";

// biome-ignore lint/suspicious/noExplicitAny: parsed YAML has no static shape
type Data = any;

test("every embedded version has base facts of its own", () => {
  for (const version of EMBEDDED_FLUX) {
    expect(readBaseFacts(parseFluxVersion(version)!)!.version).toEqual(parseFluxVersion(version));
  }
  expect(readBaseFacts({ major: 2, minor: 8, patch: 4 })!.version.patch).toBe(8);
  expect(readBaseFacts({ major: 2, minor: 1, patch: 0 })).toBeUndefined();
});

/** Deployments as kustomize prints them, less what only exists after patches ran. */
function comparable(objects: Data[]): Data {
  const result: Data = {};
  for (const object of objects.filter(({ kind }: Data) => kind === "Deployment")) {
    const copy = structuredClone(object);
    delete copy.metadata.namespace;
    for (const key of ["instance", "version", "part-of", "managed-by"])
      delete copy.metadata.labels[`app.kubernetes.io/${key}`];
    const [container] = copy.spec.template.spec.containers;
    container.image = container.image.split(":")[0];
    result[copy.metadata.name] = copy;
  }
  return result;
}

describe("the simulated operator base", () => {
  test("the archive holds what the table says is embedded", () => {
    expect(archivedVersions()).toEqual([...EMBEDDED_FLUX]);
  });

  const fields: InstanceFields[] = [
    {},
    { multitenant: { tenantDefaultServiceAccount: "t" }, domain: "home.arpa", imagePullSecret: "mirror" },
    { objectLevelWorkloadIdentity: true, networkPolicy: false, multitenant: {} },
  ];
  test.each([
    ["2.2.3", 0],
    ["2.5.1", 1],
    ["2.6.4", 2],
    ["2.7.5", 1],
    ["2.9.4", 2],
  ])("equals the real build on Flux %s", (version, which) => {
    const facts = readBaseFacts(parseFluxVersion(version)!)!;
    const components = componentsOf("oci-manifests", facts.version);
    const simulated = operatorBase(facts, { components, namespace: "flux-system", fields: fields[which]! });
    const real = buildInstance({ version, components, fields: fields[which]!, patches: [] });
    expect(comparable(simulated.map(({ data }) => data))).toEqual(comparable(real));
    const names = (objects: Data[]) => objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`).sort();
    const isSync = ({ id }: { id: string }) => id.startsWith("sync/");
    expect(names(simulated.filter((object) => !isSync(object)).map(({ data }) => data))).toEqual(names(real));
  });
});

const C0 = "/spec/template/spec/containers/0";
/** Operations a person could write: sound values, but places that may or may not exist. */
const op = fc.oneof(
  fc.record({
    op: fc.constantFrom("add", "replace"),
    path: fc.constantFrom(...["-", "0", "2", "4", "5", "9"].map((index) => `${C0}/args/${index}`)),
    value: fc.constantFrom(
      "--concurrent=4",
      "--log-level=debug",
      "--feature-gates=A=true,B=false",
      "--feature-gates=B=true",
    ),
  }),
  fc.record({
    op: fc.constantFrom("add", "replace"),
    path: fc.constantFrom(...["-", "0", "1", "3", "7"].map((index) => `${C0}/env/${index}`)),
    value: fc.constant({ name: "N", value: "v" }),
  }),
  fc.record({
    op: fc.constantFrom("add", "replace"),
    path: fc.constantFrom(
      `${C0}/resources/limits/cpu`,
      `${C0}/resources/claims/x`,
      "/metadata/labels/x",
      "/metadata/annotations/x",
    ),
    value: fc.constantFrom("1", "2"),
  }),
  fc.record({
    op: fc.constantFrom("add", "replace"),
    path: fc.constantFrom(
      "/spec/template/spec/volumes/0",
      "/spec/template/spec/volumes/-",
      "/spec/template/spec/volumes/1",
    ),
    value: fc.constant({ name: "temp", emptyDir: { medium: "Memory" } }),
  }),
  fc.record({
    op: fc.constant("remove"),
    path: fc.constantFrom(
      `${C0}/resources/limits/cpu`,
      `${C0}/args/4`,
      `${C0}/args/6`,
      `${C0}/env/2`,
      "/spec/replicas",
      "/spec/x",
      "/metadata/labels/app.kubernetes.io~1version",
    ),
  }),
  fc.record({ op: fc.constant("test"), path: fc.constant("/spec/replicas"), value: fc.constantFrom(1, 2) }),
  fc.constant({ op: "copy", from: `${C0}/args/0`, path: `${C0}/args/-` }),
  fc.constant({ op: "move", from: `${C0}/resources/limits`, path: `${C0}/resources/requests` }),
);
const manager = fc.record(
  {
    name: fc.constant("manager"),
    args: fc.constant(["--only=1"]),
    env: fc.subarray(
      [
        { name: "A", value: "1" },
        { name: "RUNTIME_NAMESPACE", $patch: "delete" },
        { name: "B", value: "2" },
      ],
      { minLength: 1 },
    ),
    volumeMounts: fc.constantFrom([{ mountPath: "/tmp", name: "other" }], [{ mountPath: "/x", name: "temp" }]),
    resources: fc.constantFrom<Data>({ limits: { cpu: null, memory: "2Gi" } }, { requests: { cpu: "1" } }),
  },
  { requiredKeys: ["name"] },
);
const body = fc.record({
  apiVersion: fc.constant("apps/v1"),
  kind: fc.constant("Deployment"),
  metadata: fc.record(
    { name: fc.constant("all"), labels: fc.constantFrom<Data>({ l: "1" }, { "control-plane": "x" }) },
    { requiredKeys: ["name"] },
  ),
  spec: fc.record({
    template: fc.record({
      spec: fc.record(
        {
          containers: fc.tuple(manager),
          volumes: fc.constantFrom<Data>(
            [{ name: "temp", emptyDir: { medium: "Memory" } }],
            [{ name: "v", emptyDir: {} }],
            [{ name: "temp", $patch: "delete" }],
          ),
          tolerations: fc.constantFrom<Data>([{ key: "a", operator: "Exists" }]),
          nodeSelector: fc.constantFrom<Data>({ disk: "ssd" }, { "kubernetes.io/os": null }),
          securityContext: fc.constantFrom<Data>({ fsGroup: 1 }, null),
        },
        { requiredKeys: [] },
      ),
    }),
  }),
});
const target = fc.constantFrom(
  { kind: "Deployment" },
  { kind: "Deployment", name: "kustomize-controller" },
  { group: "apps", version: "v1", kind: "Deployment", name: "(helm|notification)-controller" },
  { kind: "Deployment", labelSelector: "app.kubernetes.io/component in (helm-controller,source-controller)" },
  { kind: "Deployment", labelSelector: "app.kubernetes.io/version=v2.6.4,control-plane" },
  { kind: "Deployment", name: "source-.*", namespace: "flux-system" },
);
const patch = fc.record({
  patch: fc.oneof(fc.array(op, { minLength: 1, maxLength: 3 }), body).map((data) => yaml.dump(data)),
  target,
});
const CORE = ["source-controller", "kustomize-controller", "helm-controller", "notification-controller"];

describe("any patches", () => {
  test("do in the simulation what they do in kustomize", { timeout: 300_000 }, () => {
    const base = gotkComponents("2.6.4", CORE)
      .split("---\n")
      .filter((text) => text.includes("kind: Deployment\n"));
    fc.assert(
      fc.property(fc.array(patch, { minLength: 1, maxLength: 3 }), (list) => {
        const simulated: SimObject[] = base.map((text) => {
          const data = yaml.load(text) as Data;
          return { id: data.metadata.name, data, names: [data.metadata.name] };
        });
        const results = () => simulated.filter(({ deleted }) => !deleted).map(({ data }) => data);
        const { patches } = sourcePatches(yaml.dump(list));
        // Two items of one name are no valid Deployment, and kustomize drops one on the next merge.
        const hasTwins = ({ spec }: Data) =>
          [spec.template.spec.volumes, spec.template.spec.containers[0].env].some(
            (items: Data) => new Set(items?.map(({ name }: Data) => name)).size !== (items?.length ?? 0),
          );
        let isSound = true;
        const failed = patches.some((source) => {
          const items = normalisePatch(source);
          if (!items.ok) return true;
          return items.items.some((item) => {
            const run = runItem(simulated, item);
            isSound &&= !results().some(hasTwins);
            return run.failure !== undefined;
          });
        });
        fc.pre(isSound);
        let real: Data[] | undefined;
        try {
          real = build({
            "base.yaml": base.join("---\n"),
            "kustomization.yaml": yaml.dump({ resources: ["base.yaml"], patches: list }),
          });
        } catch {
          real = undefined;
        }
        expect(failed).toBe(real === undefined);
        if (real) expect(results()).toEqual(real);
      }),
      { numRuns: 40, endOnFailure: true },
    );
  });

  test("come out equal in a FluxInstance, or a finding says that they do not", { timeout: 300_000 }, () => {
    const base = gotkComponents("2.6.4", CORE);
    const fluxVersion = { major: 2, minor: 6, patch: 4 };
    let proven = 0;
    fc.assert(
      fc.property(fc.array(patch, { minLength: 1, maxLength: 4 }), (list) => {
        const { patches, readText } = sourcePatches(yaml.dump(list));
        const common = {
          style: "gotk",
          fluxVersion,
          components: CORE,
          namespace: "flux-system",
          substituted: false,
        } as const;
        const result = portPatches({ ...common, patches, readText });
        const isSaid = result.findings.some(({ rule }) =>
          /^patch-(result-differs|breaks-build|unreadable)$/.test(rule),
        );
        if (isSaid) return;
        const old = buildOld(base, list);
        const data = result.patches.map((ported) => ported.data);
        const instance = buildInstance({ version: "2.6.4", components: CORE, fields: result.fields, patches: data });
        expect(effectiveDeployments(instance)).toEqual(effectiveDeployments(old));
        proven++;
      }),
      { numRuns: 15, endOnFailure: true },
    );
    expect(proven).toBeGreaterThan(2);
  });
});

test("what a patch makes local is not applied, though later ones reach it, as in the real build", () => {
  const facts = readBaseFacts(parseFluxVersion("2.6.4")!)!;
  const components = ["source-controller", "kustomize-controller", "notification-controller"];
  const target = { labelSelector: "app.kubernetes.io/component in (notification-controller)" };
  const annotations = { "config.kubernetes.io/local-config": "true" };
  const patches = [
    { patch: yaml.dump([{ op: "add", path: "/metadata/annotations", value: annotations }]), target },
    { patch: yaml.dump([{ op: "replace", path: "/metadata/labels", value: { late: "yes" } }]), target },
  ];
  const simulated = operatorBase(facts, { components, namespace: "flux-system", fields: {} });
  expect(runPatches(simulated, patches)).toBeUndefined();
  const built = buildInstance({ version: "2.6.4", components, fields: {}, patches });
  const named = (kind: string, objects: Data[]) =>
    objects.filter((one) => one.kind === kind).map((one) => one.metadata.name);
  const left = simulated.filter(({ deleted }) => !deleted).map(({ data }) => data);
  for (const kind of ["Deployment", "ServiceAccount", "Service", "CustomResourceDefinition"])
    expect(named(kind, left).sort()).toEqual(named(kind, built).sort());
  expect(named("Deployment", left)).not.toContain("notification-controller");
});
