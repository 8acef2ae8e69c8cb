import { expect, test } from "vitest";
import { checkGithub } from "./github-api.ts";

const check = (method: string, url: string, body?: unknown) => () => checkGithub({ method, url, headers: {}, body });
const COMMENTS = "/repos/acme/fleet/issues/7/comments";
const STATUS = `/repos/acme/fleet/statuses/${"a".repeat(40)}`;

test("requests that GitHub's published description has", () => {
  expect(check("POST", COMMENTS, { body: "x" })).not.toThrow();
  expect(check("GET", `${COMMENTS}?per_page=100&page=2`)).not.toThrow();
  expect(check("POST", STATUS, { state: "success", context: "x", description: "y", target_url: null })).not.toThrow();
});

test.each([
  ["a field that is none", "POST", COMMENTS, { body: "x", text: "y" }, "additional properties"],
  ["a field that is missing", "POST", COMMENTS, {}, "required property 'body'"],
  ["a state that is none", "POST", STATUS, { state: "red" }, "allowed values"],
  ["a parameter that is none", "GET", `${COMMENTS}?limit=5`, undefined, "takes no limit"],
  ["an operation that is none", "PUT", COMMENTS, { body: "x" }, "no operation"],
])("%s is found", (_, method, url, body, says) => {
  expect(check(method, url, body)).toThrow(says);
});
