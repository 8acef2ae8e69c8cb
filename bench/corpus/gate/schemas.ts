import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv, type AnySchema, type ValidateFunction } from "ajv";
import { Ajv2019 } from "ajv/dist/2019.js";
import { identityOf, keyOf } from "./flux-objects.ts";
import { type EffectiveInstance, mergeValues, type OperatorRelease } from "./instance.ts";
import type { Reference } from "./reference.ts";
import { type Data, parseYaml } from "./snapshot.ts";
import { type GateResult, Verdict } from "./types.ts";

/** An API server prunes unknown fields in silence, so a schema that allows them would hide a misspelt one. */
export function closed(schema: Data): Data {
  if (Array.isArray(schema)) return schema.map(closed);
  if (!schema || typeof schema !== "object") return schema;
  const copy = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)])) as Data;
  const open = copy.additionalProperties !== undefined || copy["x-kubernetes-preserve-unknown-fields"];
  if (copy.properties && typeof copy.properties === "object" && copy.type === "object" && !open) {
    copy.additionalProperties = false;
  }
  return copy;
}

/** What is read and compiled of the reference's files, which do not change: it takes half of the time of a check. */
const kept = new Map<string, unknown>();

function once<T>(key: string, make: () => T): T {
  if (!kept.has(key)) kept.set(key, make());
  return kept.get(key) as T;
}

const ajvOptions = { strict: false, allErrors: true, validateFormats: false } as const;

function complaints(validate: ValidateFunction, value: unknown): string[] {
  if (validate(value)) return [];
  return (validate.errors ?? []).map((error) => {
    const extra = error.params && "additionalProperty" in error.params ? ` (${error.params.additionalProperty})` : "";
    return `${error.instancePath || "/"} ${error.message}${extra}`;
  });
}

/** Validator of a custom resource at one API version, from its CRD; undefined when that version is not served. */
function compileCrd(crd: Data, version: string): ValidateFunction | undefined {
  const found = crd.spec.versions.find((candidate: Data) => candidate.name === version && candidate.served !== false);
  if (!found) return undefined;
  const schema = closed(found.schema.openAPIV3Schema);
  schema.properties.metadata = {};
  return new Ajv(ajvOptions).compile(schema as AnySchema);
}

function chartValidator(reference: Reference, name: string): ValidateFunction {
  const path = join(reference.schemas, `${name}.values.schema.json`);
  return once(path, () => new Ajv2019(ajvOptions).compile(JSON.parse(readFileSync(path, "utf8")) as AnySchema));
}

/** Top-level and second-level keys that the chart's own values do not have. */
function unknownKeys(defaults: Data, values: Data, path = ""): string[] {
  return Object.entries(values ?? {}).flatMap(([key, value]) => {
    const at = path ? `${path}.${key}` : key;
    if (!(key in (defaults ?? {}))) return at.startsWith("instance.cluster.") ? [] : [at];
    const known = defaults[key];
    const isMap = (item: Data): boolean => item && typeof item === "object" && !Array.isArray(item);
    return isMap(known) && isMap(value) && Object.keys(known).length > 0 ? unknownKeys(known, value, at) : [];
  });
}

/** CRDs of a folder of Flux manifests, by `group/Kind`. */
function readCrds(dir: string): Map<string, Data> {
  const out = new Map<string, Data>();
  if (!existsSync(dir)) return out;
  for (const name of readdirSync(dir)) {
    for (const { data } of parseYaml(join(dir, name), readFileSync(join(dir, name), "utf8")).docs) {
      if (data?.kind === "CustomResourceDefinition") out.set(`${data.spec.group}/${data.spec.names.kind}`, data);
    }
  }
  return out;
}

export interface SchemasInput {
  instances: EffectiveInstance[];
  operators: OperatorRelease[];
  /** Objects that the migration delivers and that were not delivered before. */
  added: Data[];
  /** Installed Flux version that has manifests, for the CRDs of generated Flux objects. */
  version?: string;
  reference: Reference;
}

function checkInstance(verdict: Verdict, instance: EffectiveInstance, reference: Reference): void {
  const path = join(reference.schemas, "fluxinstance.crd.yaml");
  const validate = once(path, () => compileCrd(parseYaml(path, readFileSync(path, "utf8")).docs[0]?.data, "v1"));
  if (!validate) throw new Error("the FluxInstance CRD serves no v1");
  const object = { apiVersion: "fluxcd.controlplane.io/v1", kind: "FluxInstance", metadata: {}, spec: instance.spec };
  for (const text of complaints(validate, object)) verdict.fail(`FluxInstance: ${text}`);
  if (instance.name !== "flux") verdict.fail(`FluxInstance is named ${instance.name}; only flux is accepted`);
  const sync = instance.spec.sync;
  if (sync?.kind === "GitRepository" && !/^refs\//.test(String(sync.ref))) {
    verdict.fail(`sync.ref ${sync.ref} is no full ref name`);
  }
  if (instance.spec.cluster?.networkPolicy === undefined) verdict.fail("cluster.networkPolicy is not written out");
  if (instance.form !== "chart") return;
  const values = mergeValues(reference.instanceDefaults, instance.values);
  for (const text of complaints(chartValidator(reference, "flux-instance"), values))
    verdict.fail(`flux-instance values: ${text}`);
  for (const key of unknownKeys(reference.instanceDefaults, instance.values)) {
    verdict.fail(`flux-instance values: ${key} is no value of the chart`);
  }
}

/** Gate item 6: what the migration generates is valid against the schemas of chart, operator and installed Flux. */
export function checkSchemas(input: SchemasInput): GateResult {
  const { reference } = input;
  const verdict = new Verdict(6);
  for (const instance of input.instances) checkInstance(verdict, instance, reference);
  for (const operator of input.operators) {
    const values = mergeValues(reference.operatorDefaults, operator.values);
    for (const text of complaints(chartValidator(reference, "flux-operator"), values))
      verdict.fail(`flux-operator values: ${text}`);
    for (const key of unknownKeys(reference.operatorDefaults, operator.values)) {
      verdict.fail(`flux-operator values: ${key} is no value of the chart`);
    }
  }
  if (input.version) {
    const dir = join(reference.manifests, `v${input.version}`);
    const crds = once(dir, () => readCrds(dir));
    for (const data of input.added) {
      const [group, version = ""] = String(data.apiVersion).split("/");
      const crd = crds.get(`${group}/${data.kind}`);
      if (!crd) continue;
      const validate = once(`${dir} ${data.apiVersion} ${data.kind}`, () => compileCrd(crd, version));
      const key = keyOf(identityOf(data));
      if (!validate) verdict.fail(`${key}: Flux ${input.version} does not serve ${data.apiVersion}`);
      else for (const text of complaints(validate, data)) verdict.fail(`${key}: ${text}`);
    }
  }
  return verdict.result();
}
