import type { Dice } from "./dice.ts";
import { anyOf, type Draft } from "./draft.ts";
import { type Body, compact } from "./objects.ts";
import { jsonOperations } from "./patches.ts";
import { print } from "./text.ts";

/** A file of `configurations`. */
export function configuration({ dice, files }: Draft, dir: string): string[] {
  files[`${dir}/config.yaml`] = print(
    dice,
    compact({
      nameReference: dice.maybe(0.8, () => [
        {
          kind: dice.pick(["ConfigMap", "Secret"]),
          version: "v1",
          fieldSpecs: [
            {
              path: dice.pick(["spec/valuesFrom/name", "spec/postBuild/substituteFrom/name"]),
              kind: dice.pick(["HelmRelease", "Kustomization"]),
            },
          ],
        },
      ]),
      images: dice.maybe(0.2, () => [{ path: "spec/containers/image", kind: "PodMonitor" }]),
      namespace: dice.maybe(0.1, () => [{ path: "spec/namespace", create: true, kind: "PodMonitor" }]),
      commonLabels: dice.maybe(0.1, () => [{ path: "spec/labels", create: true, kind: "PodMonitor" }]),
      replicas: dice.maybe(0.1, () => [{ path: "spec/replicas", kind: "PodMonitor", create: true }]),
    }),
  );
  return ["config.yaml"];
}

/** An entry of `transformers`: inline, or a file. */
export function transformer({ dice, files }: Draft, dir: string, objects: readonly Body[]): string {
  const text = print(dice, builtIn(dice, objects));
  if (!dice.chance(0.3)) return text;
  files[`${dir}/transformer.yaml`] = text;
  return "transformer.yaml";
}

function builtIn(dice: Dice, objects: readonly Body[]): Body {
  const head = (kind: string, namespace?: string) => ({
    apiVersion: "builtin",
    kind,
    metadata: compact({ name: "t", namespace }),
  });
  const body = anyOf(dice, objects);
  return dice.pick<() => Body>([
    () => ({
      ...head("NamespaceTransformer", "moved"),
      ...(dice.chance(0.5) ? { unsetOnly: true } : {}),
      ...(dice.chance(0.3) ? { setRoleBindingSubjects: dice.pick(["none", "allServiceAccounts", "odd"]) } : {}),
      fieldSpecs: dice.chance(0.3) ? [{ path: "metadata/name", kind: "Namespace", create: true }] : [],
    }),
    () => ({ ...head("PrefixTransformer"), prefix: "t-", fieldSpecs: [{ path: "metadata/name" }] }),
    () => ({
      ...head("LabelTransformer"),
      labels: { t: "1" },
      fieldSpecs: [{ path: "metadata/labels", create: true }],
    }),
    () => ({
      ...head("AnnotationsTransformer"),
      annotations: { t: "1" },
      fieldSpecs: [{ path: "metadata/annotations", create: true }],
    }),
    () => ({
      ...head("PatchTransformer"),
      patch: print(dice, jsonOperations(dice, body)),
      target: { kind: body.kind },
    }),
    () => ({ ...head("ImageTagTransformer"), imageTag: { name: "nginx", newTag: "t" } }),
    () => ({
      ...head("ReplicaCountTransformer"),
      replica: { name: "web", count: 4 },
      fieldSpecs: [{ path: "spec/replicas", kind: "Deployment", create: true }],
    }),
  ])();
}
