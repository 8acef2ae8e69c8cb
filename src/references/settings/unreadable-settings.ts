import { keyOfObject, splitKey } from "../../admission/key.ts";
import { isOpenText } from "../../admission/open-text.ts";
import type { Given } from "../../change/given.ts";
import type { Held } from "../../change/world.ts";
import { itemsOf, type YamlData } from "../../contract/objects.ts";
import { isMap } from "../../yaml/is-map.ts";
import { readYaml } from "../../yaml/read.ts";
import type { Stopped } from "../stopped.ts";

/** ConfigMaps and Secrets whose text a HelmRelease takes for values, and that this change makes no values of, or has it take from now on. */
export function findUnreadableSettings({ before, after }: Given): Stopped[] {
  const edited = after.all.filter(({ object: { key }, by }) => {
    const { group, kind } = splitKey(key);
    return group === "" && (kind === "ConfigMap" || kind === "Secret") && !by?.fixed && before.objects.has(key);
  });
  const changed = edited.filter(({ object: { key, body } }) => differs(before.objects.get(key)?.object.body, body));
  after.search(changed.map(({ object }) => object.name));
  const byKey = new Map(changed.map((held) => [held.object.key, held]));
  return after.all.flatMap((release) => {
    const { body, namespace } = release.object;
    if (!release.object.release || body?.spec?.suspend === true) return [];
    const known = new Set(sourcesOf(before.objects.get(release.object.key)).map(printOf));
    return sourcesOf(release).flatMap((ref, index): Stopped | [] => {
      const isNew = !known.has(printOf(ref));
      const key = keyOfObject({ apiVersion: "v1", kind: String(ref.kind), namespace, name: String(ref.name) });
      if (ref.targetPath !== undefined || !(isNew || byKey.has(key))) return [];
      const held = byKey.get(key) ?? after.find(key);
      const field = fieldOf(ref);
      const [was, is] = [before.objects.get(key)?.object.body, held?.object.body].map((one) => textOf(one, field));
      const reason = is === undefined || (is === was && !isNew) ? undefined : refusesValues(is);
      if (!held || reason === undefined) return [];
      // What a Secret holds is not shown.
      const { kind, name } = splitKey(key);
      const said = kind === "Secret" ? "" : ` (${reason})`;
      const why = "What a release takes values from has to be a map in YAML.";
      if (isNew)
        return {
          why,
          held: release,
          path: ["spec", "valuesFrom", index],
          rule: "reference-missing",
          what: `takes values from ${field} of ${kind}/${name}, which holds none there${said}: helm-controller does not upgrade it`,
          next: "Name the key that holds a map, or a targetPath for the text.",
        };
      if (was !== undefined && refusesValues(was) !== undefined) return [];
      return {
        why,
        next: "Mend the text of that key.",
        held,
        path: [kind === "Secret" ? "stringData" : "data", field],
        rule: "reference-breaks",
        what: `holds no values under ${field} for HelmRelease ${namespace}/${release.object.name}, which takes them from there${said}: helm-controller does not upgrade it any more`,
      };
    });
  });
}

const sourcesOf = (release: Held | undefined): YamlData[] => itemsOf(release?.object.body?.spec?.valuesFrom);
const fieldOf = ({ valuesKey }: YamlData): string => String(valuesKey ?? "values.yaml");
const printOf = (ref: YamlData): string => JSON.stringify([ref.kind, ref.name, fieldOf(ref), ref.targetPath ?? ""]);

const differs = (was: YamlData, is: YamlData): boolean =>
  ["data", "stringData"].some((field) => JSON.stringify(was?.[field]) !== JSON.stringify(is?.[field]));

/** Where it stands as it is written; `data` of a Secret is base64. */
function textOf(body: YamlData, field: string): string | undefined {
  const text = body?.stringData?.[field] ?? (body?.kind === "Secret" ? undefined : body?.data?.[field]);
  return typeof text === "string" && !isOpenText(text) ? text : undefined;
}

/** Helm takes a key that stands twice. */
function refusesValues(text: string): string | undefined {
  const parsed = readYaml(text);
  if (!parsed.ok) return /duplicate/i.test(parsed.reason) ? undefined : parsed.reason;
  const [first] = parsed.docs;
  return !first || first.data === null || first.data === undefined || isMap(first.data) ? undefined : "no map";
}
