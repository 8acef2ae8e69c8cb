import type { ObjectKey } from "../../admission/key.ts";
import { mayBecome } from "../../admission/open-text.ts";
import type { FluxSpec, Snapshot } from "../../change/types.ts";
import { getOrMake } from "../../contract/group-by.ts";
import { isFluxInstallUrl } from "../../delivery/kinds.ts";
import { fieldSource } from "../../yaml/kind-pattern.ts";

interface NameSources {
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

  readonly #files = new Map<string, NameFacts[]>();

  constructor(sources: NameSources) {
    this.#sources = sources;
  }

  mayHold(spec: FluxSpec, kind: string, name: string): boolean {
    if (this.#mayRename(spec)) return true;
    return this.#factsIn(spec).some((facts) => mayMake(facts, kind, name));
  }

  /** Undefined where names stand nowhere. */
  namesIn(spec: FluxSpec): ReadonlySet<string> | undefined {
    const names = getOrMake(this.#names, spec.id, () => (this.#mayRename(spec) ? "any" : this.#collect(spec)));
    return names === "any" ? undefined : names;
  }

  #collect(spec: FluxSpec): ReadonlySet<string> | "any" {
    const names = new Set<string>();
    for (const facts of this.#factsIn(spec)) {
      if (facts.isOpen || facts.filled.size > 0 || facts.stems.length > 0) return "any";
      for (const name of facts.names) names.add(name);
    }
    return names;
  }

  #factsIn(spec: FluxSpec): readonly NameFacts[] {
    return getOrMake(this.#files, spec.id, () => [...this.#sources.files(spec)].map((file) => this.#factsOf(file)));
  }

  #factsOf(file: string): NameFacts {
    return getOrMake(this.#facts, file, () => readNameFacts(this.#sources.read(file)));
  }

  /** Resources rename nothing: only kustomizations, what they name besides, and the spec itself. */
  #mayRename(wanted: FluxSpec): boolean {
    return getOrMake(this.#renaming, wanted.id, () => {
      const { isLocal, spec } = wanted.data;
      if (!isLocal || spec.namePrefix || spec.nameSuffix) return true;
      if (RENAMES.test(JSON.stringify([spec.patches, spec.patchesJson6902, spec.patchesStrategicMerge]))) return true;
      return this.#sources.shaping(wanted).some((file) => RENAMES.test(this.#sources.read(file)));
    });
  }
}

/** What a file may make objects of, told from its text alone. Errs towards more. */
interface NameFacts {
  kinds: ReadonlySet<string>;
  names: ReadonlySet<string>;
  /** A name that is not written out, such as a text over several lines. */
  isOpen: boolean;
  /** Names with variables: `${APP}-tls` never becomes `cluster-settings`. */
  filled: ReadonlySet<string>;
  /** Names that generators begin with; a hash may follow. */
  stems: readonly string[];
}

/** The value of a `kind` without its anchor and tag; empty for an alias, and for what YAML escapes in it. */
const KIND = new RegExp(String.raw`${fieldSource("kind")}(?:([\w.$]+)(?=["']?(?:[\s,}\]#]|$)))?`, "g");
/** The value of a `name`, its anchor and tag left out; an alias stands for a value that has its anchor in the same file. */
const NAME =
  /\bname["']?\s*:[ \t]*(?:[&!][^\s,]{0,200}[ \t]+){0,2}(?:"([^"\n]*)"|'([^'\n]*)'|((?:\$\{[^}\n$]{0,200}\}|[^\s,}\]"'*&!#])(?:\$\{[^}\n$]{0,200}\}|[^\s,}\]])*))?/g;
const ANCHORED = /&[^\s,&]+[ \t]+(?:![^\s,]*[ \t]+)?["']?([\w.-]+)/g;
/** A key that YAML spells otherwise: `"\x6bind"`. */
const ESCAPED_KEY = /\\[xuU][\da-fA-F][^"\n]{0,99}"\s*:/;

function readNameFacts(text: string): NameFacts {
  const kinds = new Set<string>();
  for (const [, kind = "$"] of text.matchAll(KIND)) kinds.add(kind.startsWith("$") ? "$" : kind);
  const names = new Set<string>();
  const filled = new Set<string>();
  let isOpen = text.includes("\\") && ESCAPED_KEY.test(text);
  if (isOpen) kinds.add("$");
  for (const [, double, single, plain] of text.matchAll(NAME)) {
    const value = double ?? single ?? plain;
    if (value === undefined || /[\\|>]|\$(?!\{)/.test(value) || isCut(value)) isOpen = true;
    else if (value.includes("$")) filled.add(value);
    else names.add(value);
  }
  if (text.includes("&")) for (const [, value] of text.matchAll(ANCHORED)) names.add(value!);
  // A release of Flux as a base: all it holds stands elsewhere.
  if (isFluxInstallUrl(text)) {
    kinds.add("$");
    isOpen = true;
  }
  return { kinds, names, isOpen, filled, stems: /generator/i.test(text) ? [...names] : [] };
}

/** Whether the last variable is not read to its end, nor what follows it. */
const isCut = (value: string): boolean => value.lastIndexOf("${") > value.lastIndexOf("}");

/** Whether a file may make an object, given that nothing renames it. */
function mayMake({ kinds, names, isOpen, filled, stems }: NameFacts, kind: string, name: string): boolean {
  // A name that nothing fills in stays as it is written.
  const isFilled = () => filled.size > 0 && (name.includes("$") || [...filled].some((open) => mayBecome(open, name)));
  if ((kinds.has(kind) || kinds.has("$") || kinds.has("List")) && (isOpen || names.has(name) || isFilled()))
    return true;
  const isGenerated = kind === "ConfigMap" || kind === "Secret";
  return isGenerated && stems.some((stem) => name === stem || name.startsWith(`${stem}-`));
}

/** Whether a build may hold one of some objects, given by name; looks up the fewer names. */
export function mayHoldAny(
  world: Snapshot,
  spec: FluxSpec,
  watched: ReadonlyMap<string, readonly ObjectKey[]>,
): boolean {
  const names = world.namesIn(spec);
  const some = names && names.size < watched.size ? names : watched.keys();
  for (const name of some) {
    if (names && !names.has(name)) continue;
    if (watched.get(name)?.some((key) => world.mayHold(spec, key))) return true;
  }
  return false;
}
