import type { ValidateFunction } from "ajv";
import type { FleetResult } from "../../contract/fleet.ts";
import { assetText } from "../../files/asset.ts";
import { loadSchemaLibrary } from "../../files/schema-library.ts";

let validator: ValidateFunction<FleetResult> | undefined;

/** Whether a value is a line of results, which may come from another machine; what its command printed is not looked at. */
export function isFleetResult(value: unknown): value is FleetResult {
  validator ??= compile();
  return validator(value);
}

function compile(): ValidateFunction<FleetResult> {
  const { Ajv } = loadSchemaLibrary();
  const { allOf: _, ...line } = JSON.parse(assetText("../../../schemas/fleet.json", import.meta.url));
  const plan = JSON.parse(assetText("../../../schemas/plan.json", import.meta.url));
  return new Ajv({ strict: false }).addSchema(plan).compile<FleetResult>(line);
}
