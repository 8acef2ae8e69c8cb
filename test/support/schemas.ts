import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { PROJECT_ROOT } from "./project.ts";

/** A published schema as JSON. */
function readSchema(name: string): unknown {
  return JSON.parse(readFileSync(join(PROJECT_ROOT, `schemas/${name}.json`), "utf8"));
}

/** A schema that takes no field it does not name. */
// biome-ignore lint/suspicious/noExplicitAny: any JSON
function close(schema: any): any {
  if (Array.isArray(schema)) return schema.map(close);
  if (typeof schema !== "object" || schema === null) return schema;
  const closed = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, close(value)]));
  const isRecord = schema.type === "object" && "properties" in schema && !("additionalProperties" in schema);
  return isRecord ? { ...closed, additionalProperties: false } : closed;
}

const ALL = ["plan", "scan", "verify", "explain", "transforms", "settings", "facts", "fleet"] as const;
export type SchemaName = (typeof ALL)[number];

const ajv = new Ajv({ strict: false });
for (const name of ALL) ajv.addSchema(close(readSchema(name)) as object);

/** What in a value the published schema does not allow, or does not name; null where nothing is. */
export function faultsOf(name: SchemaName, value: unknown): string | null {
  return ajv.validate(`${name}.json`, value) ? null : ajv.errorsText(ajv.errors);
}
