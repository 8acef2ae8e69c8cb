import yaml from "js-yaml";
import { describe, expect, test } from "vitest";
import { sayFinding } from "../../src/findings/say.ts";
import { portPatches } from "../../src/instance/patches/port.ts";
import { componentsOf, parseFluxVersion } from "../../src/release/releases.ts";
import { buildInstance } from "./builds.ts";
import { find, identities } from "./effective.ts";
import { ARGS, deployment, prove, rules } from "./prove.ts";
import { sourcePatches } from "./source-patches.ts";

describe("operations", () => {
  test("renames to the operator's own names are dropped, also before patches that use them", () => {
    const renames = [
      ["ResourceQuota", "critical-pods"],
      ["ClusterRoleBinding", "cluster-reconciler"],
      ["ClusterRoleBinding", "crd-controller"],
      ["ClusterRole", "crd-controller"],
      ["ClusterRole", "flux-edit"],
      ["ClusterRole", "flux-view"],
    ].map(([kind, name]) => ({
      patch: yaml.dump([{ op: "replace", path: "/metadata/name", value: `${name}-flux-system` }]),
      target: { kind, name },
    }));
    const rule = { apiGroups: ["infra.contrib.fluxcd.io"], resources: ["*"], verbs: ["*"] };
    const grant = {
      patch: yaml.dump([{ op: "add", path: "/rules/-", value: rule }]),
      target: { kind: "ClusterRole", name: "crd-controller-flux-system" },
    };
    const { result, old, instance } = prove("remote-install", "2.6.4", yaml.dump([...renames, grant]));
    expect(result.patches).toHaveLength(1);
    expect(result.findings).toEqual([]);
    expect(
      result.mapping.slice(0, 6).every(({ to, note }) => to === undefined && note.includes("already names it")),
    ).toBe(true);
    expect(identities(instance)).toEqual(identities(old));
    expect(find(instance, "ClusterRole", "crd-controller-flux-system").rules).toContainEqual(rule);
  });

  test("a deleted controller stays a component, for its CRDs, which is said", () => {
    const body = { $patch: "delete", apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "all" } };
    const target = { kind: "Deployment", name: "(image-automation-controller|image-reflector-controller)" };
    const { result, old, instance } = prove("oci-manifests", "2.6.4", yaml.dump([{ patch: yaml.dump(body), target }]));
    expect(identities(instance)).toEqual(identities(old));
    expect(result.findings.map((finding) => sayFinding(finding).what)).toEqual([
      "A patch deletes image-reflector-controller and image-automation-controller, as it does today, and the FluxInstance lists them all the same.",
    ]);
    expect(result.findings[0]?.at?.file).toBeDefined();
  });

  const enumAt = (index: number, field: string) =>
    `/spec/versions/${index}/schema/openAPIV3Schema/properties/spec/properties/${field}/items/properties/kind/enum/-`;
  const crd = (name: string, paths: string[]) =>
    yaml.dump([
      {
        patch: yaml.dump(paths.map((path) => ({ op: "add", path, value: "Terraform" }))),
        target: { kind: "CustomResourceDefinition", name: `${name}.notification.toolkit.fluxcd.io` },
      },
    ]);

  test("a CRD version index that fits stays", () => {
    const list = crd("alerts", [enumAt(1, "eventSources")]) + crd("receivers", [enumAt(0, "resources")]);
    const { result, instance } = prove("oci-manifests", "2.8.8", list);
    expect(result.findings).toEqual([]);
    const alert = find(instance, "CustomResourceDefinition", "alerts.notification.toolkit.fluxcd.io").spec.versions[1];
    expect(JSON.stringify(alert)).toContain("Terraform");
  });

  test("a CRD version index moves with its version, doubles collapse", () => {
    const list = crd(
      "alerts",
      [0, 1, 2].map((index) => enumAt(index, "eventSources")),
    );
    const { patches, readText } = sourcePatches(list);
    const components = componentsOf("oci-manifests", { major: 2, minor: 9, patch: 4 });
    const result = portPatches({
      patches,
      style: "oci-manifests",
      fluxVersion: { major: 2, minor: 6, patch: 4 },
      targetVersion: { major: 2, minor: 9, patch: 4 },
      components,
      namespace: "flux-system",
      substituted: false,
      readText,
    });
    expect(yaml.load(result.patches[0]!.data.patch)).toEqual([
      { op: "add", path: enumAt(0, "eventSources"), value: "Terraform" },
    ]);
    expect(rules(result)).toContain("info patch-crd-version");
    const instance = buildInstance({ version: "2.9.4", components, patches: result.patches.map(({ data }) => data) });
    const alert = find(instance, "CustomResourceDefinition", "alerts.notification.toolkit.fluxcd.io");
    expect(JSON.stringify(alert).match(/Terraform/g)).toHaveLength(1);
  });

  test.each([
    ["an env index Flux 2.7 no longer has", "2.6.4", "2.7.5", "/spec/template/spec/containers/0/env/2"],
    ["a field that is nowhere", "2.6.4", "2.6.4", "/spec/template/spec/hostNetwork"],
  ])("%s is a blocker and stays out: real kustomize refuses it too", (_, installed, target, path) => {
    const list = yaml.dump([
      { patch: yaml.dump([{ op: "remove", path }]), target: { kind: "Deployment", name: "kustomize-controller" } },
    ]);
    const { patches, readText } = sourcePatches(list);
    const components = componentsOf("oci-manifests", parseFluxVersion(target)!);
    const result = portPatches({
      patches,
      style: "oci-manifests",
      fluxVersion: parseFluxVersion(installed)!,
      targetVersion: parseFluxVersion(target)!,
      components,
      namespace: "flux-system",
      substituted: false,
      readText,
    });
    expect(rules(result)).toContain("blocker patch-breaks-build");
    expect(result.patches).toEqual([]);
    const verbatim = yaml.load(list) as { patch: string; target: object }[];
    expect(() => buildInstance({ version: target, components, patches: verbatim })).toThrow();
  });

  test("an argument index that means another flag under the operator is said", () => {
    const list =
      deployment("kustomize-controller", [[ARGS, "--concurrent=4"]]) +
      yaml.dump([
        {
          patch: yaml.dump([
            { op: "replace", path: "/spec/template/spec/containers/0/args/5", value: "--concurrent=6" },
          ]),
          target: { kind: "Deployment", name: "kustomize-controller" },
        },
      ]);
    const { patches, readText } = sourcePatches(list);
    const result = portPatches({
      patches,
      style: "remote-install",
      fluxVersion: { major: 2, minor: 8, patch: 8 },
      components: componentsOf("remote-install", { major: 2, minor: 8, patch: 8 }),
      namespace: "flux-system",
      substituted: false,
      readText,
    });
    expect(rules(result)).toContain("caution patch-result-differs");
  });

  test("gates a controller would exit on are said", () => {
    const list =
      deployment("source-controller", [[ARGS, "--feature-gates=OOMWatch=true"]]) +
      deployment("helm-controller", [[ARGS, "--feature-gates=UseHelm3Defaults=true"]]);
    const { result } = prove("oci-manifests", "2.6.4", list);
    expect(rules(result)).toEqual(["caution feature-gate-refused", "caution feature-gate-refused"]);
    expect(
      result.findings
        .map(sayFinding)
        .map(({ why }) => why)
        .sort(),
    ).toEqual([
      "In Flux 2.6: OOMWatch belongs to helm-controller.",
      "In Flux 2.6: UseHelm3Defaults exists from Flux 2.8 on.",
    ]);
  });

  test("the last of duplicated flags wins on both sides", () => {
    const list =
      deployment("helm-controller", [
        [ARGS, "--concurrent=4"],
        [ARGS, "--log-level=debug"],
      ]) + deployment("(helm|kustomize)-controller", [[ARGS, "--concurrent=8"]]);
    expect(prove("oci-manifests", "2.6.4", list).result.findings).toEqual([]);
  });

  test("a deleted Deployment stays deleted", () => {
    const list = `
- patch: |
    $patch: delete
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: all
  target:
    kind: Deployment
    name: (image-automation-controller|image-reflector-controller)
`;
    const { result, old, instance } = prove("oci-manifests", "2.6.4", list);
    expect(result.patches).toHaveLength(1);
    expect(identities(instance)).toEqual(identities(old));
  });
});
