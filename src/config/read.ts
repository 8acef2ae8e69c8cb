import type { ErrorObject, ValidateFunction } from "ajv";
import schema from "../../schemas/config.json" with { type: "json" };
import { formatLoc, type Loc, UsageError } from "../contract/errors.ts";
import { loadSchemaLibrary } from "../files/schema-library.ts";
import { locate } from "../yaml/locate.ts";
import { readYaml } from "../yaml/read.ts";
import type { ClusterSettings, Config } from "./types.ts";

/** Bytes; a file of settings is written by hand. */
const MAX_CONFIG = 256 * 1024;

const HINT = "docs/config.md lists every setting; 'fluxlift config --schema' prints the schema for your editor.";

export type ConfigPath = readonly (string | number)[];

/** A file of settings, and where each of them stands. */
export interface ReadConfig {
  file: string;
  /** What a program brings beside settings, as it gave it. */
  brings?: { transforms: readonly unknown[]; rules: Readonly<Record<string, unknown>> };
  config: Config;
  /** Where a setting stands; with `key` where its name does. */
  at(path: ConfigPath): Loc;
}

/** What a configuration adds to the flags of a run. */
export interface Settled {
  read: ReadConfig;
  perCluster: Record<string, ClusterSettings>;
}

/**
 * Reads a file of settings; JSON is read as YAML, which it is.
 * @param file as messages name it
 * @throws UsageError `config-broken`, `config-invalid`, with `file:line:col`
 */
export function readConfig(text: string, file: string): ReadConfig {
  if (text.length > MAX_CONFIG) throw broken(`${file}:1:1`, `is longer than ${MAX_CONFIG / 1024} KB`);
  const parsed = readYaml(text);
  if (!parsed.ok)
    throw broken(formatLoc({ file, line: parsed.line, col: parsed.col }), `is not YAML: ${parsed.reason}`);
  if (parsed.docs.length > 1) throw broken(`${file}:1:1`, "holds more than one document");
  const at = (path: ConfigPath, key = true): Loc => {
    const found = locate(text, 0, path, { key });
    return { file, line: found?.line ?? 1, col: found?.col ?? 1 };
  };
  const config = checkConfig(parsed.docs[0]?.data ?? {}, (path, key) => formatLoc(at(path, key)));
  return { file, config, at };
}

/**
 * Checks settings against the schema, wherever they come from.
 * @param place of a setting, as messages name it
 * @throws UsageError `config-invalid`
 */
export function checkConfig(config: unknown, place: (path: ConfigPath, key: boolean) => string): Config {
  const validate = compiled();
  if (validate(config)) return config as Config;
  // The deepest says most: of a broken choice the others only say that it was not taken.
  const [error] = [...(validate.errors ?? [])].sort((a, b) => depth(b) - depth(a));
  const { path, says, isKey } = explain(error!);
  throw new UsageError("config-invalid", `${place(path, isKey)}: ${says}`, HINT);
}

let validator: ValidateFunction | undefined;

function compiled(): ValidateFunction {
  const { Ajv } = loadSchemaLibrary();
  validator ??= new Ajv({ allErrors: true, strict: false }).compile(schema);
  return validator;
}

const depth = ({ instancePath }: ErrorObject): number => instancePath.split("/").length;

function explain({ instancePath, keyword, params, message }: ErrorObject): {
  path: ConfigPath;
  says: string;
  isKey: boolean;
} {
  const path = instancePath
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  const name = path.length === 0 ? "the file" : sayPath(path);
  if (keyword === "additionalProperties") {
    const key = String(params.additionalProperty);
    return { path: [...path, key], says: `${name} has no setting ${JSON.stringify(key)}.`, isKey: true };
  }
  if (keyword === "enum") {
    return { path, says: `${name} is one of ${(params.allowedValues as unknown[]).join(", ")}.`, isKey: false };
  }
  if (keyword === "required") return { path, says: `${name} lacks ${String(params.missingProperty)}.`, isKey: true };
  return { path, says: `${name} ${message ?? "is not what the schema says"}.`, isKey: false };
}

/** `ignore[2].until`. */
function sayPath(path: ConfigPath): string {
  return path.map((part, at) => (typeof part === "number" ? `[${part}]` : `${at === 0 ? "" : "."}${part}`)).join("");
}

function broken(place: string, says: string): UsageError {
  return new UsageError("config-broken", `${place}: the configuration ${says}.`, HINT);
}
