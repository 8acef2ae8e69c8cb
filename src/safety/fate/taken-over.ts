import { type ObjectKey, printKey, splitKey } from "../../admission/key.ts";
import type { Settings } from "../../change/settings.ts";
import type { OpenPoint, Outcome, OwnedObject } from "../../change/types.ts";
import type { YamlData } from "../../contract/objects.ts";
import { walkData } from "../../yaml/walk-data.ts";
import { manifestCommand } from "../values/helm-words.ts";

/**
 * Data that comes into Git while a release goes whose chart may have made it under that name. Helm uninstalls what its record
 * holds, whoever applies it by then and whatever is annotated in Git, so the claim of before goes with its data.
 * @param oldOf an object as it is applied today
 */
export function findTakenOver(
  outcomes: readonly Outcome[],
  oldOf: (key: ObjectKey) => OwnedObject | undefined,
  { dataOf }: Settings,
): OpenPoint[] {
  const data = outcomes.filter(({ key, fate }) => fate === "created" && dataOf(key) !== undefined);
  if (data.length === 0) return [];
  const releases = outcomes.flatMap(({ key, fate }) => {
    const old = fate === "deleted" ? oldOf(key) : undefined;
    return old?.release && !old.release.suspend && old.release.cluster === undefined ? [old] : [];
  });
  return releases.flatMap((old) => {
    const { name: release, target } = old.release!;
    const values = listNames(old.body?.spec?.values);
    const names = [release, old.name, ...values.names];
    const isNamed = (name: string) => names.some((one) => name === one || name.startsWith(`${one}-`));
    const taken = data.filter(
      ({ key, namespace, name }) =>
        namespace === target &&
        splitKey(key).remote === splitKey(old.key).remote &&
        isNamed(name) &&
        !values.claims.has(name),
    );
    return taken.map(({ key, at }) => ({
      resource: printKey(key),
      what: `comes into Git while ${printKey(old.key)} goes, whose chart may have made one of that name: Helm then deletes it with its data, whatever Git says of it`,
      look: `look whether it is in ${manifestCommand(old)}; suspend the release before it leaves Git, and Helm leaves all of it`,
      ...(at ? { at } : {}),
    }));
  });
}

/** What values name as a claim that is there, and that the chart then does not make; and what they name otherwise: `fullnameOverride`. */
function listNames(values: YamlData): { claims: ReadonlySet<string>; names: readonly string[] } {
  const said = walkData(values).flatMap(({ path, value }) =>
    typeof value === "string" && value !== "" ? [{ key: String(path.at(-1)), value }] : [],
  );
  const isClaim = ({ key }: { key: string }) => /claim/i.test(key);
  return {
    claims: new Set(said.filter(isClaim).map(({ value }) => value)),
    names: said.filter((one) => !isClaim(one) && /name(?:Override)?$/i.test(one.key)).map(({ value }) => value),
  };
}
