import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { describe, expect, test } from "vitest";

/**
 * One test a case: what comes of it, compared with its section of a file. `FLUXLIFT_RECORD=1` writes the file anew; its diff
 * is read before it is committed.
 */
export function compareRecord(name: string, file: string, cases: Readonly<Record<string, () => string>>): void {
  const isRecording = process.env.FLUXLIFT_RECORD === "1";
  const records = new Map<string, string>();
  for (const part of isRecording && !existsSync(file) ? [] : readFileSync(file, "utf8").split(/^# /m))
    records.set(part.slice(0, part.indexOf("\n")), part.slice(part.indexOf("\n") + 1));
  describe(name, () => {
    test.each(Object.keys(cases))("%s", (title) => {
      const said = cases[title]!();
      if (isRecording) {
        records.set(title, said);
        mkdirSync(dirname(file), { recursive: true });
        const known = Object.keys(cases).filter((one) => records.has(one));
        writeFileSync(file, known.map((one) => `# ${one}\n${records.get(one)}`).join(""));
      }
      expect(said.split("\n")).toEqual(records.get(title)?.split("\n"));
    });
  });
}
