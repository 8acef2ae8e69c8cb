// The picture of the README: a real run on the example, as the terminal shows it.
import type { GeneratedPart } from "../generated-parts.ts";
import { makeScene } from "./pages.ts";
import { playCommands } from "./play.ts";
import { drawTerminal } from "./svg.ts";

/** What a program without a terminal takes for its width. */
const COLUMNS = 100;

export function renderPicture(bin: string): GeneratedPart {
  const [step] = playCommands(makeScene(bin, "home-ops", { colour: true }), ["fluxlift plan"]);
  const lines = [
    `$ ${step!.command}`,
    `\u001b[2m… the diff, ${step!.diff} lines\u001b[22m`,
    ...step!.output.trimEnd().split("\n"),
  ];
  const title = "fluxlift plan, on a repository of the home-ops kind: what the first phase adds, and the next command";
  return { page: "docs/images/first-run.svg", text: drawTerminal(title, lines, COLUMNS + 1) };
}
