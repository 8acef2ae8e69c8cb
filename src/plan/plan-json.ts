import { UsageError } from "../contract/errors.ts";
import type { Plan } from "../contract/plan.ts";
import { isInside } from "../files/edits.ts";
import { isMap } from "../yaml/is-map.ts";

/** The only schema of saved plans there is; raised on a breaking change. */
const SCHEMA = 1;

/**
 * Reads a plan saved as JSON. Checks what `apply` relies on, above all that no path leaves the repository: the file
 * may come from a pull request.
 * @param where how to call the file in messages
 * @throws UsageError `bad-plan` when it is not a plan of this schema.
 */
export function parsePlan(text: string, where: string): Plan {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw badPlan(where, `is not JSON (${(error as Error).message})`);
  }
  if (!isMap(json) || json.tool !== "fluxlift") throw badPlan(where, "was not saved by fluxlift");
  if (json.schema !== SCHEMA) {
    throw badPlan(where, `has schema ${JSON.stringify(json.schema)}, this fluxlift reads schema ${SCHEMA}`);
  }
  const reason = firstDefect(json);
  if (reason) throw badPlan(where, reason);
  return json as unknown as Plan;
}

function firstDefect(json: Readonly<Record<string, unknown>>): string | undefined {
  if (!isMap(json.options) || typeof json.version !== "string") return "lacks its options or its version";
  if (!isMap(json.base)) return "lacks the hashes of the files it was made from";
  for (const [path, hash] of Object.entries(json.base)) {
    if (!isInside(path)) return `names a path outside the repository: ${path}`;
    if (typeof hash !== "string" || !/^[0-9a-f]{64}$/.test(hash)) return `has no valid hash for ${path}`;
  }
  if (!Array.isArray(json.findings) || !Array.isArray(json.phases)) return "lacks its findings or its phases";
  for (const phase of json.phases) {
    if (!isMap(phase) || typeof phase.phase !== "string") return "has a phase without a name";
    if (!Array.isArray(phase.clusters) || !Array.isArray(phase.files))
      return `lacks clusters or files in ${phase.phase}`;
    for (const cluster of phase.clusters) {
      if (!isMap(cluster) || !Array.isArray(cluster.findings)) return `lacks the findings of ${phase.phase}`;
    }
    for (const file of phase.files) {
      if (!isMap(file) || typeof file.path !== "string") return `has a file without a path in ${phase.phase}`;
      if (!isInside(file.path)) return `names a path outside the repository: ${file.path}`;
      if (!isOptionalText(file.before) || !isOptionalText(file.after)) return `has no valid text for ${file.path}`;
    }
  }
  return undefined;
}

function isOptionalText(value: unknown): boolean {
  return value === undefined || typeof value === "string";
}

function badPlan(where: string, reason: string): UsageError {
  return new UsageError("bad-plan", `${where} ${reason}.`, "Save a plan with 'fluxlift plan -o FILE' and apply that.");
}
