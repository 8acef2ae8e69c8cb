import yaml from "js-yaml";
import { expect } from "vitest";
import { portPatches } from "../../src/instance/patches/port.ts";
import type { PortInput } from "../../src/instance/types.ts";
import { componentsOf, parseFluxVersion } from "../../src/release/releases.ts";
import { buildInstance, buildOld, gotkComponents, remoteInstall } from "./builds.ts";
import { effectiveDeployments } from "./effective.ts";
import { sourcePatches } from "./source-patches.ts";

const bases = new Map<string, string>();
function base(style: "oci-manifests" | "remote-install", version: string): string {
  const key = `${style} ${version}`;
  if (!bases.has(key)) {
    const components = componentsOf(style, parseFluxVersion(version)!);
    bases.set(key, (style === "oci-manifests" ? gotkComponents : remoteInstall)(version, components));
  }
  return bases.get(key)!;
}

/** Ports a patch list of a kustomization, builds both sides and checks that they say the same. */
export function prove(
  style: "oci-manifests" | "remote-install",
  version: string,
  list: string,
  more: Partial<PortInput> = {},
) {
  const components = componentsOf(style, parseFluxVersion(version)!);
  const { patches, readText } = sourcePatches(list);
  const result = portPatches({
    patches,
    style,
    fluxVersion: parseFluxVersion(version)!,
    targetVersion: parseFluxVersion(version)!,
    components,
    namespace: "flux-system",
    substituted: false,
    readText,
    ...more,
  });
  const old = buildOld(base(style, version), yaml.load(list) as object[]);
  const sync = { kind: "GitRepository", url: "https://example.com/r", ref: "refs/heads/main", path: "./" };
  const data = result.patches.map((patch) => patch.data);
  const instance = buildInstance({ version, components, fields: result.fields, patches: data, sync });
  expect(effectiveDeployments(instance)).toEqual(effectiveDeployments(old));
  // The text that goes into the file says the same as the data.
  for (const patch of result.patches) {
    const raw = yaml.load(patch.raw) as { patch: string; target?: object };
    expect(yaml.loadAll(raw.patch)).toEqual(yaml.loadAll(patch.data.patch));
    expect(raw.target).toEqual(patch.data.target);
  }
  return { result, old, instance };
}

export const rules = (result: { findings: { rule: string; level: string }[] }) =>
  result.findings.map(({ rule, level }) => `${level} ${rule}`);

export function deployment(name: string, ops: [path: string, value: unknown][]): string {
  const list = ops.map(([path, value]) => ({ op: "add", path, value }));
  return yaml.dump([{ patch: yaml.dump(list), target: { kind: "Deployment", name } }]);
}
export const ARGS = "/spec/template/spec/containers/0/args/-";
