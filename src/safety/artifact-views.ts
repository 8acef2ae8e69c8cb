import { repositoryPath } from "../cluster/graph.ts";
import { readable } from "../contract/answer.ts";
import { lineOf } from "../contract/errors.ts";
import { getOrMake } from "../contract/group-by.ts";
import { type Keeps, readKeeps } from "../delivery/artifact-files.ts";
import { basename, isWithin } from "../delivery/paths.ts";
import { indexPaths } from "../files/path-index.ts";
import type { Tree } from "../files/tree.ts";
import type { ClusterChange, Side } from "./change.ts";
import type { SourceFacts, SourceTable } from "./source-facts.ts";

const NO_RULES: SourceFacts = { ref: "", ignore: "", sparse: [], delivered: false, at: lineOf("") };

/**
 * Both trees as each source, named `Kind/name`, passes them on. Where nothing that is read is left out, that is the tree
 * itself: everything already known of it stays of use.
 */
export class ArtifactViews {
  readonly #change: ClusterChange;
  readonly #tables: Record<Side, SourceTable>;
  readonly #dropping = new Map<string, boolean>();
  readonly #keeps = new Map<string, Keeps>();
  readonly #trees = new Map<string, Tree>();
  #relevant: readonly string[] | undefined;

  constructor(change: ClusterChange, tables: Record<Side, SourceTable>) {
    this.#change = change;
    this.#tables = tables;
  }

  tree(source: string, side: Side): Tree {
    const whole = this.#change[side];
    if (!this.#drops(source)) return whole;
    const key = `${side} ${this.#rules(source, side)}`;
    return getOrMake(this.#trees, key, () => keepOnly(whole, this.#keepsOf(source, side)));
  }

  /** Equal for sources that leave out the same in either tree; `''` where nothing is. */
  token(source: string): string {
    return this.#drops(source) ? `${this.#rules(source, "before")}>${this.#rules(source, "after")}` : "";
  }

  /** Whether the change alters what the source leaves out. */
  differs(source: string): boolean {
    return this.#drops(source) && this.#isOtherRule(source);
  }

  #isOtherRule(source: string): boolean {
    const isEdited = [...this.#change.changed].some((path) => basename(path) === ".sourceignore");
    return isEdited || this.#rules(source, "before") !== this.#rules(source, "after");
  }

  /** A source that only one of the trees declares has the same rules in both. */
  #facts(source: string, side: Side): SourceFacts {
    const { before, after } = this.#tables;
    const [first, second] = side === "before" ? [before, after] : [after, before];
    return first.get(source) ?? second.get(source) ?? NO_RULES;
  }

  #rules(source: string, side: Side): string {
    const { ignore, sparse } = this.#facts(source, side);
    return JSON.stringify([ignore, sparse]);
  }

  #keepsOf(source: string, side: Side): Keeps {
    const { cluster, [side]: tree } = this.#change;
    const read = () => readKeeps(tree, this.#facts(source, side), cluster.artifactRoot);
    return getOrMake(this.#keeps, `${side} ${this.#rules(source, side)}`, read);
  }

  #drops(source: string): boolean {
    return getOrMake(this.#dropping, source, () => {
      const { cluster, changed } = this.#change;
      const isLeftOut = (path: string, side: Side) =>
        this.#change[side].has(path) && !this.#keepsOf(source, side)(path);
      const touched = [...changed].filter((path) => this.#mayBeRead(path));
      if (touched.some((path) => isLeftOut(path, "before") || isLeftOut(path, "after"))) return true;
      if ([...cluster.files].some((path) => isLeftOut(path, "before"))) return true;
      return this.#isOtherRule(source) && [...cluster.files].some((path) => isLeftOut(path, "after"));
    });
  }

  #mayBeRead(path: string): boolean {
    const { local, artifactRoot } = this.#change.cluster;
    this.#relevant ??= local.flatMap(({ effective }) => repositoryPath(readable(effective)?.spec, artifactRoot) ?? []);
    return this.#relevant.some((dir) => isWithin(path, dir));
  }
}

/** The tree without what the artifact leaves out. */
function keepOnly(tree: Tree, keeps: Keeps): Tree {
  const index = indexPaths(tree.paths.filter(keeps));
  return {
    ...index,
    status: (path) => (index.has(path) ? tree.status(path) : undefined),
    executable: (path) => index.has(path) && tree.executable(path),
    read: (path) => (index.has(path) ? tree.read(path) : undefined),
    grep: (needle) => tree.grep(needle).filter((path) => index.has(path)),
  };
}
