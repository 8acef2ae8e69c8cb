import type { Dice } from "./dice.ts";
import { anyOf, type Draft, splitVersion } from "./draft.ts";
import { type Body, compact } from "./objects.ts";
import { jsonOperations, strategic } from "./patches.ts";
import { print, printJson } from "./text.ts";

function target(dice: Dice, body: Body): Body {
  const metadata = body.metadata as Body;
  const { group, version } = splitVersion(body);
  const name = String(metadata.name);
  return compact({
    kind: dice.chance(0.8)
      ? body.kind
      : dice.maybe(0.5, () => dice.pick([`${String(body.kind)}|Service`, ".*", "[", "Deployment"])),
    name: dice.chance(0.6)
      ? dice.chance(0.8)
        ? name
        : dice.pick([".*", `${name}|x`, `${name[0]}.*`, "nothing"])
      : undefined,
    namespace: dice.maybe(0.12, () => metadata.namespace ?? dice.pick(["default", ".*", "one"])),
    group: dice.maybe(0.1, () => group),
    version: dice.maybe(0.1, () => dice.pick([version, "v1", "v.*"])),
    labelSelector: dice.maybe(0.12, () =>
      dice.pick([
        ...["app=web", "app in (web, db)", "!tier", "app", "app!=web", "app==", "tier notin (1)", "=="],
        ...["app=web,tier!=1", "app in (web),!example.com/part", "tier in ()", "app =web , tier"],
      ]),
    ),
    annotationSelector: dice.maybe(0.05, () => dice.pick(["note", "note=home", "!note"])),
  });
}

/** An entry of `patches`. */
export function patch({ dice, files }: Draft, dir: string, objects: readonly Body[]): Body {
  const body = anyOf(dice, objects);
  const isJson = dice.chance(0.4);
  const hasTarget = isJson ? !dice.chance(0.01) : dice.chance(0.4);
  const docs = () =>
    dice.some(1, hasTarget && !dice.chance(0.01) ? 1 : 2, (index) =>
      print(dice, strategic(dice, index === 0 ? body : anyOf(dice, objects), !hasTarget || dice.chance(0.7))),
    );
  const operations = isJson ? jsonOperations(dice, body) : [];
  const text = isJson ? (dice.chance(0.3) ? printJson(operations) : print(dice, operations)) : docs().join("---\n");
  const file = `patch-${Object.keys(files).length}.yaml`;
  const byFile = dice.chance(0.2);
  if (byFile && !dice.chance(0.02)) files[`${dir}/${file}`] = dice.chance(0.1) ? text.trimEnd() : text;
  return compact({
    path: byFile ? file : undefined,
    patch: byFile ? undefined : dice.chance(0.01) ? "a: b" : text,
    target: hasTarget ? target(dice, body) : undefined,
    options: dice.maybe(0.06, () =>
      dice.pick<Body>([
        { allowNameChange: true },
        { allowKindChange: true },
        { allowNameChange: true, allowKindChange: true },
      ]),
    ),
  });
}

/** An entry of `patchesStrategicMerge`. */
export function legacyMerge({ dice, files }: Draft, dir: string, objects: readonly Body[], index: number): string {
  const text = print(dice, strategic(dice, anyOf(dice, objects), true));
  if (dice.chance(0.5)) return text;
  files[`${dir}/smp-${index}.yaml`] = text;
  return `smp-${index}.yaml`;
}

/** An entry of `patchesJson6902`. */
export function legacyJson({ dice, files }: Draft, dir: string, objects: readonly Body[]): Body {
  const body = anyOf(dice, objects);
  const { group, version } = splitVersion(body);
  const selected = compact({
    group: group === "" ? undefined : group,
    version,
    kind: body.kind,
    name: (body.metadata as Body).name,
  });
  const text = print(dice, jsonOperations(dice, body));
  if (dice.chance(0.7)) return { target: selected, patch: text };
  files[`${dir}/json.yaml`] = text;
  return { target: selected, path: "json.yaml" };
}
