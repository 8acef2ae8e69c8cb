import type { PlannedFiles } from "./plan-json.ts";
import { changedPaths, isYamlPath, type Snapshot } from "./snapshot.ts";
import { type GateResult, Verdict } from "./types.ts";

export interface ParseInput {
  before: Snapshot;
  after: Snapshot;
  /** Files the plan says it writes, with the text it says it leaves. */
  planned: PlannedFiles;
}

/** Gate item 1: YAML that parsed still parses, new YAML parses, and only files of the plan changed, as planned. */
export function checkParse({ before, after, planned }: ParseInput): GateResult {
  const verdict = new Verdict(1);
  for (const path of changedPaths(before, after)) {
    if (!planned.has(path)) verdict.fail(`${path} changed and is not in the plan`);
    if (!after.has(path)) {
      if (planned.has(path) && planned.get(path) !== undefined) verdict.fail(`${path} is gone but the plan keeps it`);
      continue;
    }
    if (planned.has(path) && planned.get(path) !== null && planned.get(path) !== after.text(path))
      verdict.fail(`${path} differs from what the plan shows`);
    if (isYamlPath(path) && !(before.has(path) && before.yaml(path).error)) {
      const { error } = after.yaml(path);
      if (error) verdict.fail(`${path} does not parse: ${error}`);
    }
    if (before.has(path) && before.mode(path) !== after.mode(path)) verdict.fail(`${path} has another file mode`);
  }
  for (const [path, text] of planned) {
    const is = after.has(path) ? after.text(path) : undefined;
    if (text === null ? is === undefined : is !== text) verdict.fail(`${path} was not written as the plan shows`);
  }
  return verdict.result();
}
