import { expect, test } from "vitest";
import type { YamlData } from "../../src/contract/objects.ts";
import { comparePrepared } from "../../src/instance/prepared.ts";
import type { WantedInstance } from "../../src/instance/want.ts";
import { CORE_COMPONENTS, parseFluxVersion } from "../../src/release/releases.ts";

const patchOf = (op: string, path: string, value: string, name = "helm-controller") => ({
  patch: `- op: ${op}\n  path: /spec/template/spec/${path}\n  value: ${value}\n`,
  target: { kind: "Deployment", name },
});
const flag = (value: string, name?: string) => patchOf("add", "containers/0/args/-", value, name);

function compare(install: YamlData[], own: YamlData[]) {
  const wanted = {
    version: parseFluxVersion("2.7.5")!,
    fields: {},
    spec: { components: [...CORE_COMPONENTS] },
    patches: install.map((data) => ({ data })),
  } as unknown as WantedInstance;
  const made = comparePrepared(wanted, own, "flux-system");
  return made && { idle: wanted.patches.map((one) => made.idle.has(one)), changed: made.changed };
}

test("what the owner's patches say in other words has to come no more", () => {
  const both = flag("--concurrent=8", "(helm|kustomize)-controller");
  const each = [flag("--concurrent=8"), flag("--concurrent=8", "kustomize-controller")];
  expect(compare([both], each)).toEqual({ idle: [true], changed: [] });
  expect(compare([both], each.slice(1))).toEqual({ idle: [false], changed: [] });
  expect(compare([both], [...each, flag("--concurrent=4")])).toEqual({ idle: [false], changed: [] });
});

test("an image counts as a difference, which the comparison of two installs leaves aside", () => {
  const image = patchOf("replace", "containers/0/image", "registry.example.org/helm-controller:v1");
  expect(compare([image], [flag("--concurrent=8")])).toMatchObject({ idle: [false] });
});

test("a patch that counts arguments keeps those before it", () => {
  const counted = patchOf("replace", "containers/0/args/6", "--requeue-dependency=5s");
  const own = [flag("--concurrent=8")];
  expect(compare([flag("--concurrent=8")], own)).toEqual({ idle: [true], changed: [] });
  expect(compare([flag("--concurrent=8"), counted], own)).toMatchObject({ idle: [false, false] });
});

test("what the owner's patches change beside is named, and a patch that fails tells nothing", () => {
  const more = patchOf("add", "dnsPolicy", "Default", "source-controller");
  const same = flag("--concurrent=8");
  expect(compare([same], [same, more])).toEqual({ idle: [true], changed: ["Deployment/source-controller"] });
  expect(compare([], [more])).toEqual({ idle: [], changed: ["Deployment/source-controller"] });
  expect(compare([same], [patchOf("remove", "nowhere", "x")])).toBeUndefined();
});
