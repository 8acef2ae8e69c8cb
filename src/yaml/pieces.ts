import type { TextRange } from "../contract/edit.ts";

type Piece = { from: number; to: number } | { text: string };

/**
 * A text under a row of splices that remembers which of its bytes are still the original's, so that the whole row can be
 * told as ranges of the original. Never changes.
 */
export class PieceText {
  /** The text as it is now. */
  readonly text: string;
  readonly #original: string;
  readonly #pieces: readonly Piece[];

  constructor(original: string, pieces: readonly Piece[] = [{ from: 0, to: original.length }]) {
    this.#original = original;
    this.#pieces = pieces;
    this.text = pieces.map((piece) => ("text" in piece ? piece.text : original.slice(piece.from, piece.to))).join("");
  }

  /** With ranges of the present text replaced that do not overlap; insertions at one offset keep their order. */
  splice(ranges: readonly TextRange[]): PieceText {
    let pieces = this.#pieces;
    const ordered = [...ranges].reverse().sort((a, b) => b.start - a.start || b.end - a.end);
    for (const { start, end, text } of ordered) {
      pieces = [...cut(pieces, 0, start), { text }, ...cut(pieces, end, Number.POSITIVE_INFINITY)];
    }
    return new PieceText(this.#original, pieces);
  }

  /** Offset in the original that is at, or just before, an offset of the present text. */
  toOriginal(offset: number): number {
    let at = 0;
    let last = 0;
    for (const piece of this.#pieces) {
      const length = lengthOf(piece);
      if ("from" in piece) {
        if (offset < at + length) return piece.from + Math.max(0, offset - at);
        last = piece.to;
      } else if (offset < at + length) {
        return last;
      }
      at += length;
    }
    return last;
  }

  /** Ranges of the original that give the present text: ordered, not overlapping, without common ends. */
  ranges(): TextRange[] {
    const ranges: TextRange[] = [];
    let at = 0;
    let pending = "";
    const flush = (to: number) => {
      const range = trim(this.#original, { start: at, end: to, text: pending });
      if (range) ranges.push(range);
      pending = "";
    };
    for (const piece of this.#pieces) {
      if ("text" in piece) {
        pending += piece.text;
        continue;
      }
      if (piece.from === piece.to) continue;
      flush(piece.from);
      at = piece.to;
    }
    flush(this.#original.length);
    return ranges;
  }
}

function lengthOf(piece: Piece): number {
  return "text" in piece ? piece.text.length : piece.to - piece.from;
}

function cut(pieces: readonly Piece[], start: number, end: number): Piece[] {
  const kept: Piece[] = [];
  let at = 0;
  for (const piece of pieces) {
    const length = lengthOf(piece);
    const from = Math.max(start - at, 0);
    const to = Math.min(end - at, length);
    if (from < to) {
      kept.push(
        "text" in piece ? { text: piece.text.slice(from, to) } : { from: piece.from + from, to: piece.from + to },
      );
    }
    at += length;
  }
  return kept;
}

/** Drops what the old and the new text of a range have in common at both ends; undefined when that is all. */
function trim(original: string, { start, end, text }: TextRange): TextRange | undefined {
  let head = 0;
  const longest = Math.min(end - start, text.length);
  while (head < longest && original[start + head] === text[head]) head++;
  let tail = 0;
  while (tail < longest - head && original[end - 1 - tail] === text[text.length - 1 - tail]) tail++;
  if (head === end - start && head === text.length) return undefined;
  return { start: start + head, end: end - tail, text: text.slice(head, text.length - tail) };
}
