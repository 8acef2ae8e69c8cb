import { expect, test } from "vitest";
import { deliverFlux, fillIn, findUnfilled } from "../../src/delivery/kustomize/index.ts";
import { memoryTree } from "../support/memory.ts";
import { configMap } from "./support.ts";

const spec = (path: string) => ({ spec: { path } });

test("values that use each other are filled in, in whatever order they stand", () => {
  const substitute = { WHERE: "${ENV}/${NAME}", ENV: "prod", NAME: "a" };
  expect(fillIn(spec("./clusters/${WHERE}"), { substitute })).toEqual(spec("./clusters/prod/a"));
});

test("line ends in a value are left out, as Flux does", () => {
  expect(fillIn(spec("./${DIR}"), { substitute: { DIR: "clu\nster\n" } })).toEqual(spec("./cluster"));
});

test("values that grow by doubling are not known, and take no memory", () => {
  const doubling = Array.from({ length: 60 }, (_, i) => [`V${i + 1}`, `\${V${i}}\${V${i}}`] as const);
  const substitute = { V0: "lol", ...Object.fromEntries(doubling) };
  expect(fillIn(spec("./${V60}"), { substitute })).toBeUndefined();
});

test("a value of megabytes is a text like others", () => {
  const substitute = { long: "a".repeat(12_000_000) };
  expect(fillIn(spec("./${long}"), { substitute })).toEqual(spec(`./${substitute.long}`));
});

test("quotes that a variable brings are YAML's, also for those that use the value", () => {
  const substitute = { quote: '"', NAME: "00", ID: "${quote}${NAME}${quote}", DIR: "a/${ID}" };
  expect(fillIn({ id: "${ID}-a", quoted: '"${NAME}"', spec: { postBuild: { substitute } } }, { substitute })).toEqual({
    id: "00-a",
    quoted: '"00"',
    spec: { postBuild: { substitute: { quote: '"', NAME: "00", ID: "00", DIR: "a/00" } } },
  });
});

test("the field that stops it is named, with what is not known there", () => {
  const body = { list: [{ a: "${A}" }, { b: "${B}/${C}" }] };
  expect(findUnfilled(body, { substitute: { A: "x" } })).toEqual({
    path: ["list", 1, "b"],
    written: "${B}/${C}",
    isKnown: false,
    variable: "B",
    isUnset: true,
  });
  const from = { substitute: { A: "x", B: "y" }, substituteFrom: [{ kind: "Secret", name: "more" }] };
  expect(findUnfilled(body, from)).toMatchObject({ isKnown: false, variable: "C" });
  expect(findUnfilled(body, { substitute: { A: "1" } })).toMatchObject({ path: ["list", 0, "a"], isKnown: true });
  expect(findUnfilled(body, { substitute: { A: "x", B: "y", C: "z" } })).toBeUndefined();
});

test("a key that is no name of a variable fails the build, used or not, but where nothing is substituted", () => {
  const substitute = { GOOD: "x", _a1: "y", "my-var": "z" };
  const build = (text: string, postBuild: object, substitutions: Record<string, string> = {}) =>
    deliverFlux(memoryTree({ "c/a.yaml": text }), { path: "./c", postBuild }, { substitutions, complete: true });
  expect(build(configMap("a"), { substitute })).toMatchObject({ ok: false, reason: expect.stringContaining("my-var") });
  const from = { substituteFrom: [{ kind: "ConfigMap", name: "vars" }] };
  expect(build(configMap("a"), from, { "a.b": "1" })).toMatchObject({ ok: false });
  expect(build(configMap("a"), from, { a_b: "1" })).toMatchObject({ ok: true });
  const disabled = "  annotations: {kustomize.toolkit.fluxcd.io/substitute: disabled}\n";
  expect(build(configMap("a") + disabled, { substitute })).toMatchObject({ ok: true });
});
