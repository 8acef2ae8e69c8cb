import { describe, expect, test, vi } from "vitest";
import { FluxliftError } from "../../src/contract/errors.ts";
import { adoptTransforms } from "../../src/plan/own-transforms.ts";
import type { TransformContext } from "../../transforms/contract.ts";

const own = (over: object = {}) => ({ id: "acme/x", title: "X", phases: ["install"], run: () => ({}), ...over });
const context = {} as TransformContext;

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof FluxliftError) return error.message;
    throw error;
  }
  return "";
}

describe("what is no transform is refused where it is read", () => {
  test.each([
    [null, "transforms[0]: its id is not <package>/<name>"],
    ["x", "its id is not <package>/<name>"],
    [own({ id: "port-patches" }), "its id is not <package>/<name>"],
    [own({ id: "acme/../x" }), "its id is not <package>/<name>"],
    [own({ title: 1 }), "acme/x has no title"],
    [own({ phases: [] }), "the phases of acme/x are none of install"],
    [own({ phases: ["instal"] }), "the phases of acme/x are none of install"],
    [own({ run: undefined }), "acme/x has no run(context)"],
    [own({ applies: "yes" }), "applies of acme/x is no function"],
  ])("%#", (one, says) => {
    expect(messageOf(() => adoptTransforms([one], "c.mjs"))).toContain(says);
  });

  test("two of one name", () => {
    expect(messageOf(() => adoptTransforms([own(), own()], "c.mjs"))).toContain("two transforms are called acme/x");
  });
});

const FOUND = { rule: "a/b", level: "info", what: "c", why: "d", next: "e" };

test("what only a rule of fluxlift has is left out of a finding", () => {
  const run = () => ({ findings: [{ ...FOUND, facts: 7 }] });
  expect(adoptTransforms([own({ run })], "c.mjs")[0]!.run(context).findings).toEqual([FOUND]);
});

describe("what goes wrong in one is said of it, not of fluxlift", () => {
  const run = (result: unknown) =>
    messageOf(() => adoptTransforms([own({ run: () => result })], "c.mjs")[0]!.run(context));

  test("it throws", () => {
    const fails = () => {
      throw new Error("no luck");
    };
    const [adopted] = adoptTransforms([own({ run: fails, applies: fails })], "c.mjs");
    expect(messageOf(() => adopted!.run(context))).toBe("acme/x failed: no luck");
    expect(messageOf(() => adopted!.applies(context))).toBe("acme/x failed: no luck");
  });

  test("it throws what is no error", () => {
    const fails = () => {
      throw null;
    };
    expect(messageOf(() => adoptTransforms([own({ run: fails })], "c.mjs")[0]!.run(context))).toBe(
      "acme/x failed: null",
    );
  });

  test("it throws what makes no text of itself", () => {
    const fails = () => {
      throw Object.create(null);
    };
    expect(messageOf(() => adoptTransforms([own({ run: fails })], "c.mjs")[0]!.run(context))).toContain(
      "acme/x failed",
    );
  });

  test("it is asynchronous", () => {
    const later = async () => ({});
    const [adopted] = adoptTransforms([own({ run: later, applies: later })], "c.mjs");
    expect(messageOf(() => adopted!.run(context))).toContain("acme/x: it gives a promise");
    expect(messageOf(() => adopted!.applies(context))).toContain("acme/x: it gives a promise");
  });

  test("it is asynchronous and fails later", async () => {
    const unhandled = vi.fn();
    process.on("unhandledRejection", unhandled);
    const [adopted] = adoptTransforms([own({ run: () => Promise.reject(new Error("later")) })], "c.mjs");
    expect(messageOf(() => adopted!.run(context))).toContain("acme/x: it gives a promise");
    await new Promise((done) => setTimeout(done, 5));
    process.off("unhandledRejection", unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  test.each([
    [5, "its run gives no object"],
    [{ edits: {} }, "edits and findings are lists"],
    [{ edits: [{ kind: "chmod", path: "a", why: "b" }] }, "an edit is {kind, path, why}"],
    [{ edits: [{ kind: "delete", path: 1, why: "b" }] }, "an edit is {kind, path, why}"],
    [{ edits: [{ kind: "delete", path: "", why: "b" }] }, "an edit is {kind, path, why}"],
    [{ edits: [null] }, "an edit is {kind, path, why}"],
    [{ edits: [{ kind: "toString", path: "a", why: "b" }] }, "an edit is {kind, path, why}"],
    [{ edits: [{ kind: "create", path: "a", why: "b" }] }, "an edit is {kind, path, why}"],
    [{ edits: [{ kind: "create", path: "a", why: "b", text: 5 }] }, "an edit is {kind, path, why}"],
    [{ edits: [{ kind: "create", path: "a", why: "b", text: "\ud800" }] }, "an edit is {kind, path, why}"],
    [{ edits: [{ kind: "create", path: "a", why: "b", text: "", mode: 0o4755 }] }, "an edit is {kind, path, why}"],
    [{ edits: [{ kind: "replace", path: "a", why: "b" }] }, "an edit is {kind, path, why}"],
    [{ edits: [{ kind: "replace", path: "a", why: "b", ranges: [null] }] }, "an edit is {kind, path, why}"],
    [{ edits: [{ kind: "move", path: "a", why: "b" }] }, "an edit is {kind, path, why}"],
    [{ edits: [{ kind: "delete", path: "a", why: "b", evidence: 5 }] }, "an edit is {kind, path, why}"],
    [{ findings: [{ ...FOUND, resource: 7 }] }, "a finding is {rule, level, what, why, next}"],
    [{ findings: [{ ...FOUND, at: "a.yaml" }] }, "a finding is {rule, level, what, why, next}"],
    [{ findings: [{ ...FOUND, at: { file: "a.yaml" } }] }, "a finding is {rule, level, what, why, next}"],
    [{ findings: [{ rule: "a/b", level: "info" }] }, "a finding is {rule, level, what, why, next}"],
    [{ findings: [{ rule: "a/b", level: "bad", what: "", why: "", next: "" }] }, "a finding is {rule, level"],
  ])("%j", (result, says) => {
    expect(run(result)).toContain(says);
  });

  test("nothing at all is nothing to do", () => {
    expect(adoptTransforms([own({ run: () => undefined })], "c.mjs")[0]!.run(context)).toEqual({
      edits: [],
      findings: [],
    });
  });
});
