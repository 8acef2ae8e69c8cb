import { mayMake, type NameFacts, readNameFacts } from "./name-facts.ts";
import type { FluxSpec } from "./types.ts";

export interface NameSources {
  /** Files that a build reads. */
  files: (spec: FluxSpec) => Iterable<string>;
  /** Those of them that are no resources. */
  shaping: (spec: FluxSpec) => readonly string[];
  read: (file: string) => string;
}

/** What gives objects names that stand nowhere: prefixes, suffixes, and patches and replacements of the name. */
const RENAMES = /namePrefix|nameSuffix|metadata[./]name|allowNameChange|allowKindChange/;

/** Which objects a build may hold, told from the text of what it reads: nothing is built. Errs towards more. */
export class NameIndex {
  readonly #sources: NameSources;
  readonly #facts = new Map<string, NameFacts>();
  readonly #names = new Map<string, ReadonlySet<string> | "any">();
  readonly #renaming = new Map<string, boolean>();

  constructor(sources: NameSources) {
    this.#sources = sources;
  }

  mayHold(spec: FluxSpec, kind: string, name: string): boolean {
    if (this.#mayRename(spec)) return true;
    for (const file of this.#sources.files(spec)) if (mayMake(this.#factsOf(file), kind, name)) return true;
    return false;
  }

  /** Undefined where names stand nowhere. */
  namesIn(spec: FluxSpec): ReadonlySet<string> | undefined {
    let known = this.#names.get(spec.id);
    if (known === undefined) {
      known = this.#mayRename(spec) ? "any" : this.#collect(spec);
      this.#names.set(spec.id, known);
    }
    return known === "any" ? undefined : known;
  }

  #collect(spec: FluxSpec): ReadonlySet<string> | "any" {
    const names = new Set<string>();
    for (const file of this.#sources.files(spec)) {
      const facts = this.#factsOf(file);
      if (facts.isOpen || facts.stems.length > 0) return "any";
      for (const name of facts.names) names.add(name);
    }
    return names;
  }

  #factsOf(file: string): NameFacts {
    let known = this.#facts.get(file);
    if (!known) {
      known = readNameFacts(this.#sources.read(file));
      this.#facts.set(file, known);
    }
    return known;
  }

  /** Resources rename nothing: only kustomizations, what they name besides, and the spec itself. */
  #mayRename(spec: FluxSpec): boolean {
    let known = this.#renaming.get(spec.id);
    if (known === undefined) {
      known = this.#findRenaming(spec);
      this.#renaming.set(spec.id, known);
    }
    return known;
  }

  #findRenaming(wanted: FluxSpec): boolean {
    const { isLocal, spec } = wanted.data;
    if (!isLocal || spec?.namePrefix || spec?.nameSuffix) return true;
    if (RENAMES.test(JSON.stringify([spec?.patches, spec?.patchesJson6902, spec?.patchesStrategicMerge]))) return true;
    return this.#sources.shaping(wanted).some((file) => RENAMES.test(this.#sources.read(file)));
  }
}
