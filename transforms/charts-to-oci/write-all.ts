import type { DraftEdit } from "../../src/contract/edit.ts";
import type { Tree } from "../../src/files/tree.ts";
import type { TransformContext } from "../contract.ts";
import { learnConventions } from "../shared/apps/conventions.ts";
import type { ChartMove, ChartStay } from "./decide.ts";
import { learnHabit } from "./place.ts";
import { type Parents, readingsOf } from "./readers.ts";
import { writeMove } from "./write.ts";

export interface WrittenMoves {
  edits: DraftEdit[];
  moved: { move: ChartMove; file: string }[];
  refused: ChartStay[];
}

/**
 * Writes every move that can be written, then builds the result once: a release to which a patch on the way gives a `chart`
 * again would have that and `chartRef`, which its CRD refuses. Such releases stay, and the others are written anew.
 */
export function writeMoves(
  context: TransformContext,
  parentsOf: Parents,
  version: Parameters<typeof learnConventions>[2],
  moves: readonly ChartMove[],
): WrittenMoves {
  const { tree, ...first } = writeEach(context, version, moves);
  const repeated = first.moved.flatMap(({ move }) => {
    const why = objectTo(context, parentsOf, tree, move);
    return why === undefined ? [] : [{ release: move.release, why, move }];
  });
  if (repeated.length === 0) return first;
  const left = moves.filter((move) => !repeated.some((one) => one.move === move));
  const { edits, moved, refused } = writeEach(context, version, left);
  return { edits, moved, refused: [...refused, ...repeated.map(({ release, why }) => ({ release, why }))] };
}

function objectTo(
  { model }: TransformContext,
  parentsOf: Parents,
  tree: Tree,
  { release, source }: ChartMove,
): string | undefined {
  const readings = readingsOf(tree, model.clusters, parentsOf, release);
  if (!readings || readings.length === 0) return "a patch on the way needs its chart where it is";
  if (readings.some(({ body }) => body?.spec?.chart !== undefined))
    return "a patch on the way says its chart again, and a release has a chart or a chartRef, not both";
  const isRead = readings.every(({ body }) => body?.spec?.chartRef?.name === source.metadata.name);
  return isRead ? undefined : "a patch on the way changes its chart";
}

function writeEach(
  context: TransformContext,
  version: Parameters<typeof learnConventions>[2],
  moves: readonly ChartMove[],
): WrittenMoves & { tree: Tree } {
  const conventions = learnConventions(context.tree, context.cluster, version);
  const habit = learnHabit(context.cluster);
  const result: WrittenMoves = { edits: [], moved: [], refused: [] };
  let { tree } = context;
  for (const move of moves) {
    const written = writeMove(tree, move, conventions, habit);
    if ("refused" in written) {
      result.refused.push({ release: move.release, why: written.refused });
      continue;
    }
    result.edits.push(...written.edits);
    result.moved.push({ move, file: written.file });
    tree = written.tree;
  }
  return { ...result, tree };
}
