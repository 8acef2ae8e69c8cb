import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { RULE_CHAPTERS, RULES } from "../../src/engine/rules.ts";

const ROOT = join(import.meta.dirname, "../..");

/** Every source file but the catalogue itself. */
function readSources(): { path: string; text: string }[] {
  return ["src", "transforms"].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".ts") && !/engine\/rules[^/]*\.ts$/.test(path))
      .map((path) => ({ path: `${folder}/${path}`, text: readFileSync(join(ROOT, folder, path), "utf8") })),
  );
}

const ID = /["']([a-z0-9]+(?:-[a-z0-9]+)+)["']/g;

/** Ids in `rule: …` (both arms of a choice), and those handed to the local helpers `report(` and `say(level, `. */
function findRuleIds(text: string): string[] {
  const places = [
    ...text.matchAll(/\brule:\s*([^,;{}]*(?:\?[^,;{}]*)?)[,;}]/g),
    ...text.matchAll(/\breport\(\s*("[^"]*"|'[^']*'),/g),
    ...text.matchAll(/\bsay\(\s*["'](?:info|caution|blocker)["'],\s*("[^"]*"|'[^']*'),/g),
  ];
  return places.flatMap(([, expression]) => [...expression!.matchAll(ID)].map(([, id]) => id!));
}

describe("the catalogue of findings", () => {
  test("the search finds ids in the forms the code uses", () => {
    const code = `x({ rule: 'a-b', level }); y({ rule: bad ? "c-d" : 'e-f', z }); report(\n  "g-h",\n  1); say("info", "i-j", o)`;
    expect(findRuleIds(code)).toEqual(["a-b", "c-d", "e-f", "g-h", "i-j"]);
  });

  test("holds every rule the code gives", () => {
    const unknown = readSources().flatMap(({ path, text }) =>
      findRuleIds(text).flatMap((id) => (Object.hasOwn(RULES, id) ? [] : [`${id} (${path})`])),
    );
    expect(unknown).toEqual([]);
  });

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
