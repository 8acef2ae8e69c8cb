import { anyOf, type Draft } from "./draft.ts";
import { type Body, compact } from "./objects.ts";
import { print } from "./text.ts";

/** An entry of `replacements`. */
export function replacement({ dice, files }: Draft, dir: string, objects: readonly Body[]): Body {
  const [source, target] = [anyOf(dice, objects), anyOf(dice, objects)];
  const select = (body: Body) =>
    compact({
      kind: body.kind,
      name: dice.maybe(0.8, () => (body.metadata as Body).name),
      namespace: dice.maybe(0.1, () => (body.metadata as Body).namespace),
    });
  const paths = (body: Body) => {
    const there = fieldPaths(body);
    return dice.chance(0.9) && there.length > 0 ? dice.pick(there) : dice.pick(oddFieldPaths);
  };
  const options = () =>
    dice.maybe(0.3, () =>
      compact({
        delimiter: dice.maybe(0.6, () => dice.pick([":", "/"])),
        index: dice.maybe(0.6, () => dice.pick([0, 1, -1, 5])),
        create: dice.maybe(0.6, () => true),
      }),
    );
  const entry = {
    source: compact({
      ...select(source),
      fieldPath: dice.maybe(0.6, () => paths(source)),
      options: dice.maybe(0.1, () => ({ delimiter: ":", index: dice.pick([0, 1]) })),
    }),
    targets: dice.some(1, 2, () =>
      compact({
        select: select(target),
        reject: dice.maybe(0.1, () => [select(anyOf(dice, objects))]),
        fieldPaths: dice.some(1, 2, () => paths(target)),
        options: options(),
      }),
    ),
  };
  if (!dice.chance(0.1)) return entry;
  files[`${dir}/replacement.yaml`] = print(dice, dice.chance(0.5) ? entry : [entry]);
  return { path: "replacement.yaml" };
}

const oddFieldPaths = [
  "metadata.namespace",
  "metadata.labels.app",
  "metadata.annotations.[example.com/team]",
  "spec.template.spec.containers.[name=app].image",
  "spec.template.spec.containers.*.image",
  "spec.template.spec.containers.5.name",
  "spec.new.field",
  "data.k",
];

/** Paths of the scalars in an object, written as replacements write them. */
function fieldPaths(value: unknown, prefix: readonly string[] = []): string[] {
  if (typeof value !== "object" || value === null) return prefix.length > 0 ? [prefix.join(".")] : [];
  return Object.entries(value).flatMap(([key, item]) => {
    if (!Array.isArray(value)) return fieldPaths(item, [...prefix, key.includes(".") ? `[${key}]` : key]);
    const name = (item as Body | null)?.name;
    return fieldPaths(item, [...prefix, typeof name === "string" ? `[name=${name}]` : key]);
  });
}
