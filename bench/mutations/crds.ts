import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv, type ValidateFunction } from "ajv";
import { compareVersions, type Reference } from "../corpus/gate/reference.ts";
import { type Data, parseYaml } from "../corpus/gate/snapshot.ts";

/** An API server prunes unknown fields in silence, so a schema that allows them would hide a misspelt one. */
function closed(schema: Data): Data {
  if (Array.isArray(schema)) return schema.map(closed);
  if (!schema || typeof schema !== "object") return schema;
  const copy = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)])) as Data;
  const open = copy.additionalProperties !== undefined || copy["x-kubernetes-preserve-unknown-fields"];
  if (copy.properties && typeof copy.properties === "object" && copy.type === "object" && !open)
    copy.additionalProperties = false;
  return copy;
}

/** Complains about Flux objects as the API server of the newest known Flux would, and about fields it prunes. */
export function openComplaints(reference: Reference): (data: Data) => string[] {
  const version = [...reference.versions].sort(compareVersions).at(-1);
  const dir = join(reference.manifests, `v${version}`);
  const crds = new Map<string, Data>();
  for (const name of readdirSync(dir)) {
    for (const { data } of parseYaml(join(dir, name), readFileSync(join(dir, name), "utf8")).docs) {
      if (data?.kind === "CustomResourceDefinition") crds.set(`${data.spec.group}/${data.spec.names.kind}`, data);
    }
  }
  const validators = new Map<string, ValidateFunction | undefined>();
  const groups = new Set([...crds.keys()].map((key) => key.slice(0, key.indexOf("/"))));
  return (data) => {
    const [group = "", wanted = ""] = String(data?.apiVersion).split("/");
    if (!groups.has(group)) return [];
    const key = `${group}/${data.kind}`;
    const crd = crds.get(key);
    if (!crd) return [`Flux knows no ${key}`];
    if (!/^v\d/.test(wanted)) return [`Flux does not serve ${data.apiVersion}`];
    const name = `${key} ${wanted}`;
    if (!validators.has(name)) {
      const found = crd.spec.versions.find((one: Data) => one.name === wanted);
      const schema = found && closed(found.schema.openAPIV3Schema);
      if (schema) schema.properties.metadata = {};
      const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
      validators.set(name, schema && ajv.compile(schema));
    }
    const validate = validators.get(name);
    // An older tree uses versions that the newest Flux no longer has.
    if (!validate || validate(data)) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${instancePath} ${message} ${params?.additionalProperty ?? ""}`,
    );
  };
}
