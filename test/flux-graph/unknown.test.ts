import { describe, expect, it } from "vitest";
import { deliverObject } from "../../src/cluster/graph.ts";
import { readObjects } from "../../src/cluster/objects.ts";
import { type DeliveredFluxObject, readableSpec, type YamlData } from "../../src/contract/objects.ts";
import { memoryTree } from "../support/memory.ts";
import { blockers, CLUSTER, fluxKustomization, homeOps, run } from "../traps/support.ts";

const ROOT = "clusters/home/root.yaml";
const LIST = "apps/kustomization.yaml";
const kustomization = (...lines: string[]) => `resources: [ks.yaml]\n${lines.map((line) => `${line}\n`).join("")}`;
const child = fluxKustomization("echo", "echo", "  dependsOn:\n    - name: a\n    - name: b\n");
const json = (...operations: object[]) => JSON.stringify(operations);
const patchAll = (...operations: object[]) => ({ target: { kind: "Kustomization" }, patch: json(...operations) });

/** A child as the root delivers it; `files` are those of the folder, beside the child itself. */
function deliver(files: Record<string, string>, spec: object = {}): DeliveredFluxObject | undefined {
  const tree = memoryTree({ [ROOT]: fluxKustomization("root", "apps"), "apps/ks.yaml": child, ...files });
  const root = readObjects(tree, ROOT).objects[0]!;
  const value = { ...root.data, spec: { ...root.data.spec, ...spec } };
  const parent = { object: root, namespace: "flux-system", effective: { known: true as const, value } };
  return deliverObject(tree, readObjects(tree, "apps/ks.yaml").objects[0]!, parent, "");
}

function known(item: DeliveredFluxObject | undefined): YamlData {
  expect(item?.effective.known).toBe(true);
  return item?.effective.known ? item.effective.value : undefined;
}

function unknowns(item: DeliveredFluxObject | undefined) {
  return item?.effective.known === false ? item.effective.unknowns : [];
}

describe("what a parent's patch makes of a child", () => {
  it("an annotation where none exist, a missing field, a place counted from the end", () => {
    const team = { op: "add", path: "/metadata/annotations/example.com~1team", value: "home" };
    const policy = { op: "replace", path: "/spec/deletionPolicy", value: "Delete" };
    const last = { op: "replace", path: "/spec/dependsOn/-1/name", value: "c" };
    const seen = known(deliver({ [LIST]: kustomization() }, { patches: [patchAll(team, policy, last)] }));
    expect(seen.metadata.annotations).toEqual({ "example.com/team": "home" });
    expect(seen.spec.deletionPolicy).toBe("Delete");
    expect(seen.spec.dependsOn).toEqual([{ name: "a" }, { name: "c" }]);
  });

  it("lists of Flux's own kinds are replaced, not joined", () => {
    const merge = {
      apiVersion: "kustomize.toolkit.fluxcd.io/v1",
      kind: "Kustomization",
      metadata: { name: "echo", namespace: "flux-system" },
    };
    const patch = JSON.stringify({ ...merge, spec: { dependsOn: [{ name: "c" }] } });
    expect(known(deliver({ [LIST]: kustomization() }, { patches: [{ patch }] })).spec.dependsOn).toEqual([
      { name: "c" },
    ]);
  });

  it("is selected by a label that a kustomization below adds", () => {
    const labels = "labels: [{ pairs: { role: automation } }]\n";
    const files = {
      [LIST]: "resources: [../base]\n",
      "base/kustomization.yaml": `resources: [../apps/ks.yaml]\n${labels}`,
    };
    const gone = { patch: JSON.stringify({ $patch: "delete", kind: "all", metadata: { name: "all" } }) };
    const target = { labelSelector: "role=automation" };
    expect(deliver(files, { patches: [{ ...gone, target }] })).toBeUndefined();
    expect(deliver(files, { patches: [{ ...gone, target: { labelSelector: "role=other" } }] })).toBeDefined();
  });
});

describe("what cannot be known travels with the child", () => {
  const fails = patchAll({ op: "remove", path: "/spec/nothing" });

  it("a patch that does not apply: Flux applies nothing, and says so at the FluxKustomization", () => {
    const item = deliver({ [LIST]: kustomization() }, { patches: [fails] });
    expect(unknowns(item)).toMatchObject([{ stops: true, at: { file: ROOT, line: 7 } }]);
    expect(unknowns(item)[0]!.what).toContain("unable to remove nonexistent key");
    expect(readableSpec(item)?.path).toBe("./echo");
  });

  it("the other patches are read all the same", () => {
    const suspend = patchAll({ op: "add", path: "/spec/suspend", value: true });
    expect(readableSpec(deliver({ [LIST]: kustomization() }, { patches: [fails, suspend] }))?.suspend).toBe(true);
  });

  it.each([
    ["a selector that cannot be read", kustomization("patches:\n  - { patch: '[]', target: { labelSelector: '(' } }")],
    ["a missing patch file", kustomization("patches: [{ path: gone.yaml, target: { kind: Kustomization } }]")],
    ["a missing resource", "resources: [ks.yaml, gone.yaml]\n"],
  ])("%s", (_, list) => {
    expect(unknowns(deliver({ [LIST]: list }))).toMatchObject([{ stops: true, at: { file: LIST } }]);
  });

  it("a component or a patch kept elsewhere hides what it reaches, and nothing else", () => {
    const component = kustomization("components: ['github.com/example/parts?ref=v1']");
    expect(unknowns(deliver({ [LIST]: component }))).toMatchObject([
      { at: { file: LIST, line: 2 }, what: "remote component github.com/example/parts?ref=v1" },
    ]);
    const patch = (kind: string) =>
      kustomization(`patches: [{ path: "https://example.com/p.yaml", target: { kind: ${kind} } }]`);
    expect(unknowns(deliver({ [LIST]: patch("Kustomization") }))).toHaveLength(1);
    expect(known(deliver({ [LIST]: patch("Deployment") })).spec.path).toBe("./echo");
    expect(known(deliver({ [LIST]: "resources: [ks.yaml, 'github.com/example/parts?ref=v1']\n" })).kind).toBe(
      "Kustomization",
    );
  });

  it("and with what the child applies", () => {
    const item = deliver({ [LIST]: kustomization() }, { patches: [fails] })!;
    const tree = memoryTree({ "echo/ks.yaml": fluxKustomization("below", "below") });
    const below = deliverObject(tree, readObjects(tree, "echo/ks.yaml").objects[0]!, item, "");
    expect(unknowns(below)).toEqual(unknowns(item));
  });
});

describe("the guard of a root that gets another name", () => {
  const patches = (target: string, operation: object) =>
    `  patches:\n    - target:\n        ${target}\n      patch: '${json(operation)}'\n`;
  const rename = (root: string) => run(homeOps({ root }), { sync: "rename" });

  it("stops where a patch sets it back, or gives the root a deletionPolicy that goes before it", () => {
    const prune = { op: "replace", path: "/spec/prune", value: true };
    const policy = { op: "replace", path: "/spec/deletionPolicy", value: "Delete" };
    expect(blockers(rename(patches("name: cluster", prune)))).toEqual([`guard-overridden ${CLUSTER}`]);
    expect(blockers(rename(patches("name: cluster", policy)))).toEqual([`guard-overridden ${CLUSTER}`]);
    expect(blockers(rename(patches("name: flux", prune)))).toEqual([]);
  });

  it("stops where what reaches the root cannot be known", () => {
    const found = rename("  components:\n    - https://github.com/example/parts?ref=v1\n");
    expect(blockers(found)).not.toEqual([]);
    const files = homeOps();
    const listing = "kubernetes/flux/kustomization.yaml";
    files[listing] = "resources: [config, apps.yaml]\ncomponents: ['github.com/example/parts?ref=v1']\n";
    expect(blockers(run(files, { sync: "rename" }))).toContain(`guard-overridden ${listing}`);
  });
});

it("stops the install where a component kept elsewhere may change the source", () => {
  const files = homeOps();
  files["kubernetes/flux/config/kustomization.yaml"] += "components:\n  - github.com/example/parts?ref=v1\n";
  const found = blockers(run(files));
  expect(found).toContain("delivery-unknown kubernetes/flux/config/kustomization.yaml");
});
