import type { Dice } from "./dice.ts";
import { type Draft, nameOf } from "./draft.ts";
import { type Body, compact, labels, namespaces } from "./objects.ts";

/** An entry of `configMapGenerator` or `secretGenerator`. */
export function generator(draft: Draft, dir: string, objects: readonly Body[]): Body {
  const { dice, files } = draft;
  const write = (name: string, text: string) => {
    if (!dice.chance(0.02)) files[`${dir}/${name}`] = text;
    return dice.chance(0.3) ? `./${name}` : name;
  };
  const isMerge = objects.some(({ kind }) => kind === "ConfigMap") && dice.chance(0.12);
  return compact({
    name: isMerge ? nameOf(dice, objects, ["ConfigMap", "Secret"]) : freshName(draft),
    namespace: dice.maybe(0.15, () => dice.pick(namespaces)),
    behavior: isMerge ? dice.pick(["merge", "replace"]) : dice.maybe(0.05, () => dice.pick(["create", "odd"])),
    literals: dice.maybe(0.7, () =>
      dice.some(1, 3, (index) =>
        dice.pick([
          `k${index}=v`,
          `q${index}="quoted"`,
          `e${index}=`,
          `s${index}=a=b`,
          index === 0 ? "k=v" : `k${index}="`,
        ]),
      ),
    ),
    files: dice.maybe(0.3, () =>
      dice.some(1, 2, (index) =>
        index === 0
          ? dice.pick([write("app.conf", "x: <&>\n"), `key.txt=${write("other.txt", "text\n")}`])
          : `more.yaml=${write("config/more.yaml", dice.pick(["a: ${B}\n", "no end", "ä\r\n\tü\u2028\n"]))}`,
      ),
    ),
    envs: dice.maybe(0.2, () => [write("vars.env", "# c\nA=1\nB=two words\n\n  C=3\nD\n")]),
    options: dice.maybe(0.25, () => generatorOptions(dice)),
  });
}

function freshName({ dice, ids }: Draft): string {
  const name = dice.pick(["conf", "gen", "settings", "web"]);
  const used = ids.has(`ConfigMap ${name}`) && !dice.chance(0.06);
  const fresh = used ? `${name}-${ids.size}` : name;
  ids.add(`ConfigMap ${fresh}`);
  return fresh;
}

export function generatorOptions(dice: Dice): Body {
  return compact({
    disableNameSuffixHash: dice.maybe(0.5, () => dice.chance(0.8)),
    labels: dice.maybe(0.3, () => labels(dice)),
    annotations: dice.maybe(0.3, () => dice.pick([{ gen: "yes" }, { "example.com/substitute": "disabled" }])),
    immutable: dice.maybe(0.15, () => true),
  });
}
