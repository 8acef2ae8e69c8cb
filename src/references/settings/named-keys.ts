import type { YamlData } from "../../contract/objects.ts";
import { isMap } from "../../yaml/is-map.ts";
import { walkData } from "../../yaml/walk-data.ts";
import type { KeyUse } from "./volume-keys.ts";

/** A key that is named together with the name of what holds it, and where that is looked for if that is said. */
export interface NamedKey extends KeyUse {
  namespace?: unknown;
  /** The field does not say of what it is the key: only that one goes which is there today is sure to be a mistake. */
  assumed?: true;
}

/** As values of charts write what becomes the `valueFrom` of a container, and as fields of operators are called. */
const IN_VALUES: Readonly<Record<string, RegExp>> = { Secret: /^secretKeyRef$/, ConfigMap: /^configMapKeyRef$/ };
const IN_FIELDS: Readonly<Record<string, RegExp>> = {
  Secret: /secret(?:key)?(?:ref|selector)?$/i,
  ConfigMap: /config-?map(?:key)?(?:ref|selector)?$/i,
};

const KINDS = ["Secret", "ConfigMap"] as const;

/** What may be the name of an object or a key, no template of a chart. */
const PLAIN = /^[\w.-]+$/;

/** `secretKeyRef: {name: player-secret, key: TOKEN}` at any depth of the values of a chart; `accessKeyId: {name, key}` is assumed. */
export const listValueKeys = (values: YamlData): NamedKey[] => list(values, ["spec", "values"], IN_VALUES);

/** `apiTokenSecretRef: {name: cloudflare, key: token}` at any depth of an object of another operator, and the like. */
export const listFieldKeys = (spec: YamlData): NamedKey[] => list(spec, ["spec"], IN_FIELDS);

function list(data: YamlData, at: KeyUse["path"], words: Readonly<Record<string, RegExp>>): NamedKey[] {
  return walkData(data, at).flatMap(({ value, path }) => {
    if (!isMap(value)) return [];
    const { kind: of, name, key, optional, namespace }: YamlData = value;
    if (typeof name !== "string" || typeof key !== "string" || !PLAIN.test(name) || !PLAIN.test(key)) return [];
    const field = path.findLast((one) => typeof one === "string") ?? "";
    const said = KINDS.filter((kind) => words[kind]!.test(field));
    const use = { name, key, optional, namespace, path: [...path, "key"] };
    if (said.length > 0) return said.map((kind) => ({ ...use, kind }));
    const kinds = KINDS.filter((kind) => typeof of !== "string" || of === kind);
    return kinds.map((kind) => ({ ...use, kind, assumed: true as const }));
  });
}
