import { Dice, diceArbitrary } from "./dice.ts";
import type { Draft } from "./draft.ts";
import { type Body, compact, object } from "./objects.ts";
import { settings } from "./settings.ts";
import { print, printJson } from "./text.ts";

/** A tree of files and the folder to build. */
export interface Case {
  files: Record<string, string>;
  folder: string;
}

export const caseArbitrary = diceArbitrary.map((throws) => makeCase(new Dice(throws)));

function makeCase(dice: Dice): Case {
  const draft: Draft = { dice, files: {}, ids: new Set() };
  new Writer(draft).folder("app", 0);
  return { files: draft.files, folder: "app" };
}

/** What a folder has, as far as those who include it want to patch it. */
interface Folder {
  path: string;
  objects: Body[];
}

class Writer {
  readonly #draft: Draft;
  readonly #dice: Dice;
  readonly #shared: Folder[] = [];

  constructor(draft: Draft) {
    this.#draft = draft;
    this.#dice = draft.dice;
  }

  /**
   * Writes a kustomization and what it includes.
   * @param given objects that a component finds where it is included
   */
  folder(path: string, depth: number, given?: Body[]): Folder {
    const dice = this.#dice;
    const isComponent = given !== undefined;
    const own =
      !isComponent || dice.chance(0.4) ? this.#resources(path, depth > 1 ? 4 : 3) : { entries: [], objects: [] };
    const bases: Folder[] = depth > 1 ? [] : dice.some(0, 2, (index) => this.folder(`${path}/base${index}`, depth + 1));
    const seen = [...bases.flatMap((base) => base.objects), ...own.objects];
    const components = depth > 1 || dice.chance(0.6) ? [] : [this.#component(path, depth, [...(given ?? []), ...seen])];
    const data: Body = compact({
      apiVersion: isComponent
        ? "kustomize.config.k8s.io/v1alpha1"
        : dice.maybe(0.8, () => "kustomize.config.k8s.io/v1beta1"),
      kind: isComponent ? "Component" : dice.maybe(0.8, () => "Kustomization"),
      resources: [...own.entries, ...bases.map((base) => base.path.slice(path.length + 1))],
      components: components.length > 0 ? components.map((one) => relative(path, one.path)) : undefined,
    });
    settings(this.#draft, data, path, [...(given ?? []), ...seen, ...components.flatMap((one) => one.objects)]);
    if (isComponent && (data.resources as unknown[]).length === 0) delete data.resources;
    if (Object.keys(data).length < 3 && !dice.chance(0.1)) data.commonAnnotations = { component: "yes" };
    const name = dice.chance(0.1) ? dice.pick(["kustomization.yml", "Kustomization"]) : "kustomization.yaml";
    this.#draft.files[`${path}/${name}`] = print(dice, data);
    return { path, objects: seen };
  }

  /** A component of its own, or one that another folder uses too. */
  #component(path: string, depth: number, given: Body[]): Folder {
    const dice = this.#dice;
    if (this.#shared.length > 0 && dice.chance(0.3)) return dice.pick(this.#shared);
    const isShared = dice.chance(0.3);
    const made = this.folder(isShared ? `components/c${this.#shared.length}` : `${path}/comp`, depth + 1, given);
    if (isShared) this.#shared.push(made);
    return made;
  }

  #resources(dir: string, most: number): { entries: string[]; objects: Body[] } {
    const dice = this.#dice;
    const objects: Body[] = [];
    const entries = dice.some(1, most, (index) => {
      const docs = dice.some(1, 3, () => this.#register(object(dice)));
      objects.push(...docs);
      const file = dice.chance(0.1) ? `sub/r${index}.yaml` : `r${index}.yaml`;
      this.#draft.files[`${dir}/${file}`] = this.#printDocs(docs);
      return dice.chance(0.2) ? `./${file}` : file;
    });
    return { entries, objects };
  }

  /** Objects mostly have ids of their own. */
  #register(body: Body): Body {
    const metadata = body.metadata as Body;
    const key = () => `${String(body.kind)} ${String(metadata.name)}`;
    while (this.#draft.ids.has(key()) && !this.#dice.chance(0.05)) metadata.name = `${String(metadata.name)}2`;
    this.#draft.ids.add(key());
    return body;
  }

  #printDocs(docs: Body[]): string {
    const dice = this.#dice;
    if (dice.chance(0.05)) {
      const kind = dice.pick(["List", "ConfigMapList"]);
      return print(dice, { apiVersion: "v1", kind, items: dice.chance(0.1) ? null : docs });
    }
    if (docs.length === 1 && dice.chance(0.03)) return printJson(docs[0]);
    const start = dice.pick(["", "", "---\n", "# comment\n---\n"]);
    const between = dice.pick(["---\n", "---\n", "---\n# c\n", "---\n---\n"]);
    const text = start + docs.map((doc) => print(dice, doc)).join(between);
    if (dice.chance(0.02)) return `${text}---\n`;
    if (dice.chance(0.05)) return text.trimEnd();
    if (dice.chance(0.004)) return text.replace("kind:", "knd:");
    return dice.chance(0.03) ? text.replaceAll("\n", "\r\n") : text;
  }
}

function relative(from: string, to: string): string {
  return to.startsWith(`${from}/`) ? to.slice(from.length + 1) : `${"../".repeat(from.split("/").length)}${to}`;
}
