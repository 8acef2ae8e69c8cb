import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { RULE_CHAPTERS, RULES } from "../../src/findings/catalogue.ts";

const ROOT = join(import.meta.dirname, "../..");

/** Every source file but the catalogue and the types of its ids and facts, which the compiler holds against each other. */
function readSources(): { path: string; text: string }[] {
  return ["src", "transforms"].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".ts") && !/^(?:findings\/|contract\/rule)/.test(path))
      .map((path) => ({ path: `${folder}/${path}`, text: readFileSync(join(ROOT, folder, path), "utf8") })),
  );
}

describe("the catalogue of findings", () => {
  test("holds no rule that the code does not give", () => {
    const sources = readSources();
    const unused = Object.keys(RULES).filter(
      (id) => !sources.some(({ text }) => text.includes(`"${id}"`) || text.includes(`'${id}'`)),
    );
    expect(unused).toEqual([]);
  });

  test("says each rule once, in full sentences", () => {
    const ids = RULE_CHAPTERS.flatMap(({ rules }) => Object.keys(rules));
    expect(ids.length).toBe(new Set(ids).size);
    for (const [id, { levels, title, meaning, next }] of Object.entries(RULES)) {
      expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)+$/);
      expect(levels.length, id).toBeGreaterThan(0);
      expect(title, id).not.toMatch(/\.$/);
      expect(meaning, id).toMatch(/\.$/);
      expect(next, id).toMatch(/\.$/);
    }
  });
});
