import { describe, expect, test } from "vitest";
import { mayHoldScalar } from "../../src/delivery/patterns.ts";
import { stopAfter } from "../hostile/growth.ts";

describe("mayHoldScalar", () => {
  test.each([
    "name: flux",
    "name: flux\r\nnext: 1",
    "name: 'flux' # the root",
    'name:\t"flux"',
    "name: &root flux",
    "name: !!str flux",
    "name:\n    flux\n",
    "name: >-\n    flux\n",
    "- flux",
    "[flux,other]",
    "{kind: Kustomization, name: flux}",
    '[{"op":"replace","path":"/spec/sourceRef/name","value":"flux"}]',
    String.raw`patch: "- op: replace\n  value: flux\n"`,
    String.raw`patch: "{\"name\":\"flux\"}"`,
    String.raw`patch: "name:\n\tflux"`,
  ])("a whole scalar: %j", (text) => {
    expect(mayHoldScalar(text, "flux")).toBe(true);
  });

  test.each([
    "# how the flux repository is read",
    "text: see flux for more",
    "name: flux-system",
    "name: cluster/flux",
    "url: https://github.com/flux/flux2",
    "",
  ])("part of something else: %j", (text) => {
    expect(mayHoldScalar(text, "flux")).toBe(false);
  });

  test("takes the name literally", () => {
    expect(mayHoldScalar("name: axb", "a.b")).toBe(false);
    expect(mayHoldScalar("name: a.b", "a.b")).toBe(true);
  });

  test("is not slow on hostile text", () => {
    expect(stopAfter(() => mayHoldScalar(`flux${"!&".repeat(500_000)}`, "flux"), 30_000)).toBeTypeOf("boolean");
  });
});
