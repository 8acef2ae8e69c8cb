import { expect, test } from "vitest";
import { kindPattern } from "../../src/yaml/kind-pattern.ts";

test("a kind is found with an anchor and a tag, in time that grows with the text", () => {
  const secret = kindPattern("Secret");
  for (const text of ["kind: Secret", "kind: &k !!str Secret", 'kind: !!str &k "Secret"', '{"kind":"Secret"}'])
    expect(secret.test(text)).toBe(true);
  const begin = performance.now();
  for (const text of ["kind: &", "kind: &k ", "kind:&"]) expect(secret.test(text.repeat(20_000))).toBe(false);
  expect(performance.now() - begin).toBeLessThan(1500);
});
