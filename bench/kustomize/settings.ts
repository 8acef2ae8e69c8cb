import type { Dice } from "./dice.ts";
import { anyOf, type Draft, nameOf } from "./draft.ts";
import { generator, generatorOptions } from "./generators.ts";
import { type Body, compact, labels } from "./objects.ts";
import { legacyJson, legacyMerge, patch } from "./patch-entries.ts";
import { configuration, transformer } from "./plugins.ts";
import { replacement } from "./replacements.ts";

/** Fills a kustomization with what changes or adds objects. */
export function settings(draft: Draft, data: Body, dir: string, given: readonly Body[]): void {
  const { dice } = draft;
  const generators = {
    configMapGenerator: dice.maybe(0.25, () => dice.some(1, 2, () => generator(draft, dir, given))),
    secretGenerator: dice.maybe(0.12, () =>
      dice.some(1, 2, () => ({ ...generator(draft, dir, given), ...(dice.chance(0.2) ? { type: "x/y" } : {}) })),
    ),
    generatorOptions: dice.maybe(0.12, () => generatorOptions(dice)),
  };
  const objects = [...given, ...(generators.configMapGenerator ?? []).map(generated)];
  Object.assign(
    data,
    compact({
      ...generators,
      patches: dice.maybe(objects.length > 0 ? 0.5 : 0.02, () => dice.some(1, 3, () => patch(draft, dir, objects))),
      patchesStrategicMerge: dice.maybe(objects.length > 0 ? 0.1 : 0.01, () =>
        dice.some(1, 2, (index) => legacyMerge(draft, dir, objects, index)),
      ),
      patchesJson6902: dice.maybe(objects.length > 0 ? 0.08 : 0.01, () =>
        dice.some(1, 2, () => legacyJson(draft, dir, objects)),
      ),
      namespace: dice.maybe(0.25, () => dice.pick(["one", "other", "default"])),
      namePrefix: dice.maybe(0.2, () => dice.pick(["p-", "dev-"])),
      nameSuffix: dice.maybe(0.15, () => "-s"),
      labels: dice.maybe(0.15, () => dice.some(1, 2, () => labelEntry(dice))),
      commonLabels: dice.maybe(0.12, () => labels(dice)),
      commonAnnotations: dice.maybe(0.12, () => ({ note: "n", "example.com/x": dice.pick(["1", "true", "text"]) })),
      images: dice.maybe(0.2, () => dice.some(1, 2, () => image(dice))),
      replicas: dice.maybe(objects.some(({ kind }) => kind === "Deployment") ? 0.12 : 0.005, () => [
        { name: nameOf(dice, objects, ["Deployment", "StatefulSet"]), count: dice.pick([3, 0]) },
      ]),
      replacements: dice.maybe(0.12, () => dice.some(1, 2, () => replacement(draft, dir, objects))),
      buildMetadata: dice.maybe(0.005, () => [
        dice.pick(["originAnnotations", "managedByLabel", "transformerAnnotations"]),
      ]),
      sortOptions: dice.maybe(0.03, () =>
        dice.pick<Body>([{ order: "fifo" }, { order: "legacy" }, { order: "fifo" }, { order: "odd" }]),
      ),
      configurations: dice.maybe(0.05, () => configuration(draft, dir)),
      transformers: dice.maybe(0.05, () => [transformer(draft, dir, objects)]),
      vars: dice.maybe(0.005, () => vars(dice, objects)),
    }),
  );
  spoil(dice, data);
}

function generated({ name, namespace }: Body): Body {
  const metadata = { name, ...(namespace ? { namespace } : {}) };
  return { apiVersion: "v1", kind: "ConfigMap", metadata, data: { k: "v" } };
}

/** Seldom something that kustomize refuses. */
function spoil(dice: Dice, data: Body): void {
  const resources = data.resources as string[];
  if (dice.chance(0.004)) data.resource = ["x.yaml"];
  if (dice.chance(0.004)) data.unknownField = true;
  if (dice.chance(0.004)) resources.push("missing.yaml");
  if (dice.chance(0.004)) resources.push(resources[0] ?? "x");
  if (dice.chance(0.004)) data.namePrefix = 1;
}

function labelEntry(dice: Dice): Body {
  return compact({
    pairs: labels(dice),
    includeSelectors: dice.maybe(0.3, () => true),
    includeTemplates: dice.maybe(0.3, () => true),
    fields: dice.maybe(0.15, () => [
      compact({
        path: dice.pick(["spec/labels", "metadata/labels", "spec/template/metadata/labels"]),
        create: dice.maybe(0.6, () => true),
        kind: dice.maybe(0.5, () => dice.pick(["PodMonitor", "Deployment"])),
      }),
    ]),
  });
}

function image(dice: Dice): Body {
  return compact({
    name: dice.pick(["nginx", "app", "redis", "ghcr.io/org/app", "localhost:5000/app", "n.*"]),
    newName: dice.maybe(0.4, () => "mirror.example/x"),
    newTag: dice.maybe(0.6, () => dice.pick(["v2", "1.0"])),
    digest: dice.maybe(0.15, () => "sha256:00"),
    tagSuffix: dice.maybe(0.1, () => "-slim"),
  });
}

function vars(dice: Dice, objects: readonly Body[]): Body[] {
  const body = anyOf(dice, objects);
  return [
    compact({
      name: "VAR",
      objref: { apiVersion: body.apiVersion, kind: body.kind, name: (body.metadata as Body).name },
      fieldref: dice.maybe(0.5, () => ({ fieldpath: "metadata.namespace" })),
    }),
  ];
}
