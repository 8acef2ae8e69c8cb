import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { DELIVERED } from "../../bench/growth/inputs.ts";
import { judge } from "../verify/judge.ts";
import { example, planExample } from "./plan-example.ts";
import { wordInstance, wordObjects } from "./word-objects.ts";

const INSTALL = "kubernetes/flux/config/flux.yaml";
const SOURCE = "kubernetes/flux/config/cluster.yaml";
const LIST = join(DELIVERED, "../kustomization.yaml");

const edited = (path: string, from: string, to: string) => ({ [path]: example[path]!.replace(from, to) });

describe.each(["constructor", "toString", "__proto__"])(
  "%s, which every object of JavaScript has, is a word",
  (word) => {
    test.each<[string, Record<string, string>]>([
      ["as a feature gate", edited(INSTALL, "OOMWatch=true", `${word}=true`)],
      ["as a flag", edited(INSTALL, "--concurrent=10", `--${word}=10`)],
      ["as a field of the source", edited(SOURCE, "  interval: 30m\n  url", `  interval: 30m\n  ${word}: true\n  url`)],
      ["as a field of a kustomization", edited(LIST, "resources:", `${word}: []\nresources:`)],
      [
        "as a kind of Flux",
        {
          [DELIVERED]: `apiVersion: notification.toolkit.fluxcd.io/v1\nkind: ${word}\nmetadata: {name: a}\nspec: {}\n`,
        },
      ],
      [
        "as a version of Flux's API",
        {
          [DELIVERED]: `apiVersion: helm.toolkit.fluxcd.io/${word}\nkind: HelmRelease\nmetadata: {name: a}\nspec: {}\n`,
        },
      ],
      [
        "as an amount and a label",
        {
          [DELIVERED]: `apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {${word}: a}}\nspec: {containers: [{name: a, image: b, resources: {limits: {memory: 1${word}}}}]}\n`,
        },
      ],
    ])("%s", (_, files) => {
      expect(planExample(files).phases).toHaveLength(3);
      expect(judge(example, files).safety.verdict).toBeTypeOf("string");
    });

    test.each([
      ["many kinds", wordObjects],
      ["a FluxInstance", wordInstance],
    ])("in the objects of %s that come, change and go", (_, objects) => {
      const [old, now] = ["1m", "2m"].map((value) => ({ [DELIVERED]: objects(word, value) }));
      const tree = { ...example, ...old };
      expect(planExample(old!).phases).toHaveLength(3);
      for (const verdict of [judge(example, old!), judge(tree, now!), judge(tree, { [DELIVERED]: example[DELIVERED] })])
        expect(verdict.safety.verdict).toBeTypeOf("string");
    });
  },
);
