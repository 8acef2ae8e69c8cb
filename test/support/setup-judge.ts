import { findJudge } from "../../bench/corpus/gate/judge-process.ts";

/** Builds the Go program once, before every test file that needs it would. */
export default function setup(): void {
  findJudge();
}
