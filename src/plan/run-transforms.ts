import type { Transform, TransformContext } from "../../transforms/contract.ts";
import type { RepoModel } from "../cluster/types.ts";
import { type Edit, type FileChange, pathsOf } from "../contract/edit.ts";
import { InternalError, lineOf, UsageError } from "../contract/errors.ts";
import type { DraftFinding, Finding } from "../contract/finding.ts";
import type { Options, Phase } from "../contract/options.ts";
import type { PatchMapping } from "../contract/plan.ts";
import { pushAll } from "../contract/push-all.ts";
import { isWithin } from "../delivery/paths.ts";
import { findAlike } from "../files/alike.ts";
import { foldersOf } from "../files/disk-tree.ts";
import { applyEdits } from "../files/overlay.ts";
import type { Tree } from "../files/tree.ts";
import { sayOf } from "../findings/say.ts";

export interface TransformRun {
  edits: Edit[];
  findings: Finding[];
  patches: PatchMapping[];
  tree: Tree;
  changes: FileChange[];
}

/** A phase of one cluster. `model` is the meaning of the tree when it began, `tree` has the edits since. */
export interface PhaseContext extends Omit<TransformContext, "before" | "edited"> {
  model: RepoModel;
}

/** Runs the transforms of a phase for one cluster, each on the tree the ones before it left. */
export function runTransforms(input: PhaseContext & { transforms: readonly Transform[] }): TransformRun {
  const { transforms, tree: start, model, cluster, phase, options, agreed } = input;
  const { tree: before } = model;
  const run: TransformRun = { edits: [], findings: [], patches: [], tree: start, changes: [] };
  for (const transform of selectTransforms(transforms, phase, options)) {
    const edited = new Set(pathsOf(run.edits));
    const context = { tree: run.tree, before, model, cluster, phase, options, edited, agreed };
    if (!transform.applies(context)) continue;
    const result = transform.run(context);
    const planned = result.edits.map((draft): Edit => {
      const { evidence = [], ...rest } = draft;
      return { ...rest, evidence, transform: transform.id, phase, cluster: cluster.name };
    });
    const inTheWay = findInTheWay(run.tree, planned);
    const edits = planned.filter((edit) => !inTheWay.has(edit));
    const findings = [
      ...result.findings,
      ...new Map([...inTheWay.values()].map((one) => [one.at?.file, one])).values(),
    ];
    for (const finding of findings) run.findings.push(sayOf(finding, phase, cluster.name));
    pushAll(run.patches, result.patches ?? []);
    if (edits.length === 0) continue;
    pushAll(run.edits, edits);
    run.tree = applyOf(transform, run.tree, edits);
  }
  run.changes = applyEdits(start, run.edits).changes;
  return run;
}

/** @throws UsageError where edits of a transform of the owner, as its id tells, do not fit the tree: fluxlift has no defect then */
function applyOf({ id }: Transform, tree: Tree, edits: readonly Edit[]): Tree {
  try {
    return applyEdits(tree, edits).tree;
  } catch (cause) {
    if (!(cause instanceof InternalError) || !id.includes("/")) throw cause;
    throw new UsageError("own-transform-invalid", cause.message, "docs/own-transforms.md has an example.", { cause });
  }
}

/**
 * New files for which a folder would have to be where the repository has a file or a link, or the other way round, or that
 * differ from what is there in upper and lower case alone.
 */
function findInTheWay(tree: Tree, edits: readonly Edit[]): Map<Edit, DraftFinding> {
  const created = edits.filter(({ kind }) => kind === "create");
  if (created.length === 0) return new Map();
  const deleted = new Set(edits.flatMap(({ kind, path }) => (kind === "delete" ? [path] : [])));
  const likes = findAlike(
    tree.paths.filter((path) => !deleted.has(path)),
    created.map(({ path }) => path),
  );
  const found = created.flatMap((edit): [Edit, DraftFinding][] => {
    const taken = foldersOf(edit.path).find((folder) => tree.has(folder) && !deleted.has(folder));
    const like = likes.get(edit.path);
    if (like !== undefined) {
      const facts = { file: edit.path, like };
      return [[edit, { rule: "path-taken", level: "blocker", at: lineOf(like), facts }]];
    }
    if (taken !== undefined)
      return [[edit, { rule: "path-taken", level: "blocker", at: lineOf(taken), facts: { file: edit.path } }]];
    if (!tree.isDir(edit.path)) return [];
    const below = tree.paths.find((path) => isWithin(path, edit.path) && !deleted.has(path));
    if (below === undefined) return [];
    const facts = { file: edit.path, isFolder: true as const };
    return [[edit, { rule: "path-taken", level: "blocker", at: lineOf(below), facts }]];
  });
  return new Map(found);
}

function selectTransforms(transforms: readonly Transform[], phase: Phase, { only, skip }: Options): Transform[] {
  return transforms.filter(
    ({ id, phases }) => phases.includes(phase) && (only.length === 0 || only.includes(id)) && !skip.includes(id),
  );
}
