import { expect, test } from "vitest";
import { finishPatching, patchObject, patchStep, startPatching } from "../../src/delivery/kustomize/index.ts";

const target = (kind: string) => ({ target: { kind } });
const json = (...operations: unknown[]) => JSON.stringify(operations);
const addNote = {
  ...target("ConfigMap"),
  patch: json({ op: "add", path: "/metadata/annotations/example.com~1team", value: "home" }),
};
const map = (metadata: object = {}) => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", ...metadata } });

test("kustomize makes the annotations map exist before a JSON6902 patch of `patches` runs, but no label map", () => {
  expect(patchObject(map(), [addNote])).toEqual({
    ok: true,
    object: map({ annotations: { "example.com/team": "home" } }),
    applied: [0],
  });
  const label = { ...target("ConfigMap"), patch: json({ op: "add", path: "/metadata/labels/x", value: "y" }) };
  const failed = patchObject(map(), [addNote, label]);
  expect(failed).toMatchObject({ ok: false, patch: 1, operation: 0 });
});

test("leaves no note behind, and no empty map", () => {
  const harmless = { ...target("ConfigMap"), patch: json({ op: "add", path: "/data", value: {} }) };
  expect(patchObject(map(), [harmless])).toEqual({ ok: true, object: { ...map(), data: {} }, applied: [0] });
});

test("lists of custom resources are replaced, those of known kinds joined by all their keys", () => {
  const monitor = (secrets: string[]) => ({
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PodMonitor",
    metadata: { name: "a" },
    spec: { secrets: secrets.map((name) => ({ name })) },
  });
  const patched = patchObject(monitor(["x"]), [{ patch: JSON.stringify(monitor(["y"])) }]);
  expect(patched).toEqual({ ok: true, object: monitor(["y"]), applied: [0] });

  const pod = (...when: string[]) => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "a" },
    spec: { topologySpreadConstraints: when.map((one) => ({ topologyKey: "zone", whenUnsatisfiable: one })) },
  });
  const spread = patchObject(pod("DoNotSchedule"), [{ patch: JSON.stringify(pod("ScheduleAnyway")) }]);
  expect(spread).toEqual({ ok: true, object: pod("ScheduleAnyway", "DoNotSchedule"), applied: [0] });
});

test("a patch for another object is none of this one's business; one that hides its text is unknown", () => {
  const other = { patch: JSON.stringify({ ...map(), metadata: { name: "b" } }) };
  expect(patchObject(map(), [other])).toEqual({ ok: true, object: map(), applied: [] });
  expect(patchObject(map(), [{ path: "patch.yaml" }])).toMatchObject({ ok: false, patch: 0 });
});

test("a deletion ends the list, a renamed object is found under both names", () => {
  const remove = { ...target("ConfigMap"), patch: JSON.stringify({ ...map(), $patch: "delete" }) };
  expect(patchObject(map(), [remove, addNote])).toEqual({ ok: true, object: undefined, applied: [0] });

  const rename = { ...target("ConfigMap"), patch: json({ op: "replace", path: "/metadata/name", value: "b" }) };
  const first = patchStep([startPatching(map())], rename);
  const second = patchStep(first.ok ? first.items : [], { ...addNote, target: { name: "a" } });
  expect(second.ok && second.items.map((item) => item && finishPatching(item))).toEqual([
    map({ name: "b", annotations: { "example.com/team": "home" } }),
  ]);
});

test("in a build, a patch that names nothing is an error", () => {
  const other = { patch: JSON.stringify({ ...map(), metadata: { name: "b" } }) };
  expect(patchStep([startPatching(map())], other)).toMatchObject({ ok: false });
});

test("an object is patched though a name it had holds the comma that kustomize notes names with", () => {
  const object = map({ name: "a,b" });
  expect(finishPatching(startPatching(object, ["a,b"]))).toEqual(object);
});
