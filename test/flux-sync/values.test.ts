import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import {
  isInstanceInterval,
  isSameDuration,
  isSamePath,
  isSameRef,
  isShorter,
  refOf,
} from "../../src/instance/sync/values.ts";

// flux-facts 1.2: what sync.interval takes.
describe("a time", () => {
  test.each(["1s", "10m", "1h30m", "1.5h", "0.25h", "250ms", "1h0m0s", "0s"])("%s is one", (text) => {
    expect(isInstanceInterval(text)).toBe(true);
  });

  test.each(["", "5", "m", "1 m", "1d", "1us", "-1m", "1.m", ".5m", "1m ", " 1m", "1m5", 10, undefined, null])(
    "%j is none",
    (text) => {
      expect(isInstanceInterval(text)).toBe(false);
      expect(isShorter(text, "1h")).toBe(false);
    },
  );

  test.each<[a: unknown, b: unknown, same: boolean]>([
    ["10m", "10m0s", true],
    ["10m", "600s", true],
    ["1h30m", "90m", true],
    ["1.5h", "90m", true],
    ["1500ms", "1.5s", true],
    ["10m", "11m", false],
    ["10m", "10s", false],
    ["1m1s", "1m", false],
    [undefined, undefined, true],
    ["soon", "soon", true],
    ["soon", "later", false],
    ["0s", "none", false],
    ["10m", undefined, false],
    [undefined, "10m", false],
  ])("%j and %j", (a, b, same) => {
    expect(isSameDuration(a, b)).toBe(same);
    expect(isSameDuration(b, a)).toBe(same);
  });

  test("is shorter, and no less", () => {
    expect(isShorter("59s", "1m")).toBe(true);
    expect(isShorter("60s", "1m")).toBe(false);
    expect(isShorter("1m", "1s")).toBe(false);
  });
});

test.each<[a: unknown, b: unknown, same: boolean]>([
  ["./a", "a/", true],
  ["a//b", "./a/b", true],
  ["", undefined, true],
  ["./", null, true],
  ["a", "b", false],
  ["a", "", false],
  ["a", "a/b", false],
])("the folders %j and %j", (a, b, same) => {
  expect(isSamePath(a, b)).toBe(same);
  expect(isSamePath(b, a)).toBe(same);
});

// flux-facts 4.4.
describe("the reference of a source", () => {
  test.each<[kind: string, spec: string, ref: string, isExact: boolean]>([
    ["GitRepository", "{}", "refs/heads/master", true],
    ["GitRepository", "{ref: {}}", "refs/heads/master", true],
    ["GitRepository", "{ref: {branch: main}}", "refs/heads/main", true],
    ["GitRepository", "{ref: {branch: main, tag: ''}}", "refs/heads/main", true],
    ["GitRepository", "{ref: {branch: main, commit: null}}", "refs/heads/main", true],
    ["GitRepository", "{ref: {tag: v1}}", "refs/tags/v1", true],
    ["GitRepository", "{ref: {name: refs/pull/1/head}}", "refs/pull/1/head", true],
    ["GitRepository", "{ref: {branch: main, tag: v1}}", "refs/heads/main", false],
    ["GitRepository", "{ref: {branch: main, name: refs/heads/b}}", "refs/heads/main", false],
    ["GitRepository", "{ref: {semver: 1.x}}", "refs/heads/master", false],
    ["GitRepository", "{ref: {commit: abc}}", "refs/heads/master", false],
    ["OCIRepository", "{}", "latest", true],
    ["OCIRepository", "{ref: {tag: v1}}", "v1", true],
    ["OCIRepository", "{ref: {tag: ''}}", "latest", true],
    ["OCIRepository", "{ref: {tag: v1, digest: ''}}", "v1", true],
    ["OCIRepository", "{ref: {tag: v1, semver: 1.x}}", "v1", false],
    ["OCIRepository", "{ref: {semver: 1.x}}", "latest", false],
    ["OCIRepository", "{ref: {tag: '', digest: sha256:a}}", "latest", false],
    ["OCIRepository", "{ref: {tag: 5}}", "latest", false],
    ["Bucket", "{bucketName: b, ref: {tag: v1}}", "b", true],
    ["Bucket", "{}", "", true],
  ])("%s with %s", (kind, text, ref, isExact) => {
    const spec = parse(text);
    const said = refOf(kind, spec);
    expect([said.ref, said.isExact]).toEqual([ref, isExact]);
    expect(said.why === undefined).toBe(isExact);
    const generated = kind === "OCIRepository" ? { tag: ref } : { name: ref };
    expect(isSameRef(kind, spec, generated)).toBe(isExact);
    expect(isSameRef(kind, spec, { name: "another" })).toBe(false);
    expect(isSameRef(kind, spec, undefined)).toBe(false);
  });

  test("that says more than one names what it says", () => {
    expect(refOf("GitRepository", parse("{ref: {branch: a, tag: b}}")).why).toBe(
      "a full reference name only, and the old reference has branch, tag",
    );
    expect(refOf("OCIRepository", parse("{ref: {semver: a, digest: b}}")).why).toBe(
      "a tag only, and the old reference has semver, digest",
    );
    expect(refOf("GitRepository", undefined)).toEqual({ ref: "refs/heads/master", isExact: true });
  });
});
