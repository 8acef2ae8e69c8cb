import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { KubeObject } from "../../src/contract/objects.ts";
import { readInputs } from "../../src/delivery/resource-set/inputs.ts";
import { HIDDEN } from "../../src/delivery/resource-set/run.ts";

const NAMESPACE = "flux-system";

function provider(name: string, spec = "{type: Static, defaultValues: {a: 1}}", labels = "{app: web}"): KubeObject {
  const data = parse(`{metadata: {name: "${name}", labels: ${labels}}, spec: ${spec}}`);
  const at = { file: "a.yaml", doc: 0, apiVersion: "fluxcd.controlplane.io/v1", kind: "ResourceSetInputProvider" };
  return { ...at, name, namespace: NAMESPACE, data };
}

const read = (spec: string, providers: readonly KubeObject[] = []) =>
  readInputs({ name: "my-set", namespace: NAMESPACE, data: parse(`{spec: ${spec}}`) }, () => providers);
const from = (kind: string, name: string) => ({
  provider: { apiVersion: "fluxcd.controlplane.io/v1", kind, name, namespace: NAMESPACE },
});
const own = from("ResourceSet", "my-set");
const given = (name: string, more: object = { a: 1 }) => ({
  ...more,
  id: HIDDEN,
  ...from("ResourceSetInputProvider", name),
});

describe("inputs of a ResourceSet", () => {
  const two = [provider("b"), provider("a", "{type: Static, defaultValues: {a: 2}}")];
  const BOTH = "inputsFrom: [{name: b}, {name: a}]";
  const found = (...sets: unknown[]) => ({ ok: true, sets });

  test.each<[spec: string, found: object]>([
    ["{}", found(undefined)],
    ["{inputs: []}", found(undefined)],
    ["{inputs: [{x: 1}, {x: 2}]}", found({ x: 1, ...own }, { x: 2, ...own })],
    ["{inputs: [null, {provider: mine}]}", found(own, own)],
    [`{${BOTH}}`, found(given("a", { a: 2 }), given("b"))],
    [`{inputs: [{x: 1}], ${BOTH}}`, found({ x: 1, ...own }, given("a", { a: 2 }), given("b"))],
    ["{inputsFrom: [{name: a}, {name: a}]}", found(given("a", { a: 2 }))],
    ["{inputsFrom: [{selector: {matchLabels: {app: web}}}]}", found(given("a", { a: 2 }), given("b"))],
    ["{inputsFrom: [{selector: {matchLabels: {app: other}}}]}", found()],
    ["{inputsFrom: [{selector: {matchLabels: {app: web, more: a}}}]}", found()],
    ["{inputsFrom: [{selector: {matchLabels: {}}}]}", found(given("a", { a: 2 }), given("b"))],
    ["null", found(undefined)],
    [
      `{inputs: [{x: 1}, {x: 2}], inputStrategy: {name: Permute}, ${BOTH}}`,
      found(
        { my_set: { x: 1, ...own }, a: given("a", { a: 2 }), b: given("b"), id: HIDDEN },
        { my_set: { x: 2, ...own }, a: given("a", { a: 2 }), b: given("b"), id: HIDDEN },
      ),
    ],
    ["{inputStrategy: {name: Permute}, inputsFrom: [{name: b}]}", found({ b: given("b"), id: HIDDEN })],
    ["{inputStrategy: {name: Permute, includeEmptyProviders: true}, inputsFrom: [{name: b}]}", found()],
    ["{inputStrategy: {name: Flatten}, inputs: [{x: 1}]}", found({ x: 1, ...own })],
    ["{inputStrategy: {name: Permute}}", found(undefined)],
  ])("%s", (spec, inputs) => {
    expect(read(spec, two)).toEqual(inputs);
  });

  test("names of providers are keys without what a template cannot name", () => {
    const named = (name: string) => {
      const inputs = read(`{inputStrategy: {name: Permute}, inputsFrom: [{name: "${name}"}]}`, [provider(name)]);
      return inputs.ok ? Object.keys(inputs.sets[0]!) : [];
    };
    expect(named("My-App.v2")).toEqual(["my_app_v2", "id"]);
    expect(named("--a--b--")).toEqual(["a_b", "id"]);
  });

  test("more combinations than the operator takes stop it", () => {
    const many = (count: number) => `[${Array.from({ length: count }, (_, at) => `{x: ${at}}`).join(",")}]`;
    const permuted = (count: number) =>
      read(`{inputs: ${many(count)}, inputStrategy: {name: Permute}, inputsFrom: [{name: b}]}`, two);
    expect(permuted(10_000).ok).toBe(true);
    expect(permuted(10_001)).toEqual({ ok: false, what: "too many combinations of inputs", fails: true });
  });
});

describe("inputs that nobody knows here", () => {
  const none = "ResourceSetInputProvider gone, which is in no file";
  test.each<[spec: string, providers: KubeObject[], what: string, fails: boolean]>([
    ["{inputsFrom: [{name: gone}]}", [provider("a")], none, true],
    ["{inputsFrom: [{name: gone}]}", [provider("a"), provider("${NAME}")], none, false],
    ["{inputsFrom: [{name: a}]}", [provider("a"), provider("a")], "which ResourceSetInputProvider a is meant", false],
    ["{inputsFrom: [{name: a}, {name: gone}]}", [provider("a", "{type: GitHubTag}")], none, true],
    [
      "{inputsFrom: [{selector: {matchExpressions: [{key: app, operator: Exists}]}}]}",
      [provider("a")],
      "providers by a selector with expressions",
      false,
    ],
    [
      "{inputsFrom: [{selector: {matchLabels: {app: web}, matchExpressions: []}}]}",
      [provider("a")],
      "providers by a selector with expressions",
      false,
    ],
    ["{inputsFrom: [null]}", [provider("a")], "providers by a selector with expressions", false],
    [
      "{inputsFrom: [{selector: {matchLabels: {app: web}}}]}",
      [provider("a"), provider("b", "{type: Static}", '{app: "${APP}"}')],
      "providers by labels with variables",
      false,
    ],
    [
      "{inputsFrom: [{name: a}]}",
      [provider("a", "{type: GitHubTag, url: https://example.org}")],
      "what ResourceSetInputProvider a of type GitHubTag gives",
      false,
    ],
    [
      "{inputsFrom: [{name: a}]}",
      [provider("a", '{type: Static, defaultValues: {a: "${A}"}}')],
      "what ResourceSetInputProvider a of type Static gives",
      false,
    ],
    [
      "{inputsFrom: [{name: a}]}",
      [provider("a", "null")],
      "what ResourceSetInputProvider a of type undefined gives",
      false,
    ],
  ])("%s", (spec, providers, what, fails) => {
    const { reads: _, ...said } = read(spec, providers) as { reads?: string };
    expect(said).toEqual({ ok: false, what, fails });
  });

  test("are known to be the same by what decides them", () => {
    const readsOf = (spec: string, labels = "{app: web}", reference = "name: a") => {
      const inputs = read(`{inputsFrom: [{${reference}}]}`, [provider("a", `{type: GitHubTag, ${spec}}`, labels)]);
      return inputs.ok ? undefined : inputs.reads;
    };
    const today = readsOf("url: a, interval: 1h, secretRef: {name: a}");
    expect(today).toMatch(/^[0-9a-f]{64}$/);
    expect(readsOf("url: a, interval: 2h, secretRef: {name: b}")).toBe(today);
    for (const spec of [
      "url: b",
      "url: a, filter: {limit: 1}",
      "url: a, skip: {labels: [a]}",
      "url: a, defaultValues: {b: c}",
    ])
      expect(readsOf(spec)).not.toBe(today);
    expect(readsOf("url: a", "{app: other}")).not.toBe(today);
    // All of a namespace are read where nobody knows which are meant.
    expect(readsOf("url: a", "{app: web}", "selector: {matchExpressions: []}")).toBe(today);
  });
});
