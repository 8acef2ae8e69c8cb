import { keyOfObject, splitKey } from "../../admission/key.ts";
import { isOpenText } from "../../admission/open-text.ts";
import type { Given } from "../../change/given.ts";
import { itemsOf, type YamlData } from "../../contract/objects.ts";
import { isMap } from "../../yaml/is-map.ts";
import { readYaml } from "../../yaml/read.ts";
import type { Stopped } from "../stopped.ts";

/** ConfigMaps and Secrets whose text a HelmRelease takes for values, and that this change makes no values of. */
export function findUnreadableSettings({ before, after }: Given): Stopped[] {
  const edited = after.all.filter(({ object: { key }, by }) => {
    const { group, kind } = splitKey(key);
    return group === "" && (kind === "ConfigMap" || kind === "Secret") && !by?.fixed && before.objects.has(key);
  });
  const changed = edited.filter(({ object: { key, body } }) => differs(before.objects.get(key)?.object.body, body));
  if (changed.length === 0) return [];
  after.search(changed.map(({ object }) => object.name));
  const byKey = new Map(changed.map((held) => [held.object.key, held]));
  return after.all.flatMap((release) => {
    const { body, namespace } = release.object;
    if (!release.object.release || body?.spec?.suspend === true) return [];
    return itemsOf(body?.spec?.valuesFrom).flatMap((ref): Stopped | [] => {
      if (ref.targetPath !== undefined) return [];
      const key = keyOfObject({ apiVersion: "v1", kind: String(ref.kind), namespace, name: String(ref.name) });
      const held = byKey.get(key);
      const field = String(ref.valuesKey ?? "values.yaml");
      const [was, is] = [before.objects.get(key)?.object.body, held?.object.body].map((one) => textOf(one, field));
      const why = is === undefined || is === was ? undefined : refusesValues(is);
      if (!held || why === undefined || (was !== undefined && refusesValues(was) !== undefined)) return [];
      // What a Secret holds is not shown.
      const said = splitKey(key).kind === "Secret" ? "" : ` (${why})`;
      return {
        held,
        path: [held.object.kind === "Secret" ? "stringData" : "data", field],
        rule: "reference-breaks",
        what: `holds no values under ${field} for HelmRelease ${namespace}/${release.object.name}, which takes them from there${said}: helm-controller does not upgrade it any more`,
        why: "What a release takes values from has to be a map in YAML.",
        next: "Mend the text of that key.",
      };
    });
  });
}

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
