import type { LoadOptions } from "js-yaml";
import type { Position } from "./types.ts";

/** Blanks, tags and anchors that a node may begin with. */
const START = /\s*(?:[&!]\S*\s+)*/y;
const PLAIN_QUESTION = /^\s*(?:[&!]\S*\s+)*(?!["'&!*\s])[\s\S]*\?/;

/**
 * For js-yaml: tells of a question mark in a plain scalar of a flow collection (`{url: https://a/?b}`), which Go's decoder
 * takes for the mark of a key.
 */
export function findFlowQuestions(tell: (at: Position) => void): NonNullable<LoadOptions["listener"]> {
  const starts: number[] = [];
  let depth = 0;
  return (event, state) => {
    const { input, position, kind } = state;
    if (event === "open") {
      starts.push(position);
      if (isFlow(input, position)) depth++;
      return;
    }
    const start = starts.pop()!;
    if (isFlow(input, start)) depth--;
    else if (depth > 0 && kind === "scalar" && PLAIN_QUESTION.test(input.slice(start, position)))
      tell({ line: state.line + 1, col: position - state.lineStart });
  };
}

function isFlow(input: string, at: number): boolean {
  START.lastIndex = at;
  START.test(input);
  return input[START.lastIndex] === "{" || input[START.lastIndex] === "[";
}
