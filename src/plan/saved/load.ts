import type { ErrorObject, ValidateFunction } from "ajv";
import { UsageError } from "../../contract/errors.ts";
import type { Plan } from "../../contract/plan.ts";
import { assetText } from "../../files/asset.ts";
import { isInside } from "../../files/inside.ts";
import { loadSchemaLibrary } from "../../files/schema-library.ts";
import { isMap } from "../../yaml/is-map.ts";

/** The only schema of saved plans there is; raised on a breaking change. */
const SCHEMA = 1;

/**
 * Reads a plan saved as JSON, against `schemas/plan.json`. The file may come from a pull request: no path of it leaves the
 * repository or leads into git's own folder, on any file system.
 * @param where how to call the file in messages
 * @throws UsageError `bad-plan` when it is not a plan of this schema.
 */
export async function parsePlan(text: string, where: string): Promise<Plan> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw badPlan(where, `is not JSON (${(error as Error).message})`);
  }
  if (!isMap(json) || json.tool !== "fluxlift") throw badPlan(where, "was not saved by fluxlift");
  if (json.schema !== SCHEMA) {
    throw badPlan(
      where,
      `has schema ${String(JSON.stringify(json.schema)).slice(0, 40)}, this fluxlift reads schema ${SCHEMA}`,
    );
  }
  validator ??= compile();
  const validate = await validator;
  if (!validate(json)) throw badPlan(where, `is no plan: ${describe(validate.errors!)}`);
  const outside = pathsOf(json).find((path) => !isInside(path));
  if (outside !== undefined) throw badPlan(where, `names a path outside the repository: ${outside}`);
  return json;
}

let validator: Promise<ValidateFunction<Plan>> | undefined;

async function compile(): Promise<ValidateFunction<Plan>> {
  const { Ajv } = await loadSchemaLibrary();
  return new Ajv({ strict: false }).compile<Plan>(JSON.parse(assetText("../../../schemas/plan.json", import.meta.url)));
}

/** The first thing that is wrong, by its place in the file. */
function describe([error]: readonly ErrorObject[]): string {
  const { instancePath, message, keyword, params } = error!;
  const place = instancePath.slice(1).replaceAll("/", ".").slice(0, 200) || "the whole";
  return `${place} ${keyword === "const" || keyword === "enum" ? `${message}: ${JSON.stringify(params)}` : message}`;
}

function pathsOf({ base, phases }: Plan): string[] {
  return [
    ...Object.keys(base),
    ...phases.flatMap(({ clusters, files }) => [
      ...files.map(({ path }) => path),
      ...clusters.flatMap(({ edits }) =>
        edits.flatMap((edit) => [edit.path, ...(edit.kind === "move" ? [edit.to] : [])]),
      ),
    ]),
  ];
}

/** @param reason goes on from the name of the file */
export function badPlan(where: string, reason: string): UsageError {
  return new UsageError("bad-plan", `${where} ${reason}.`, "Save a plan with 'fluxlift plan -o FILE' and apply that.");
}
