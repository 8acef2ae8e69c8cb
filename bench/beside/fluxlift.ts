import { resolve } from "node:path";
import type { VerifyReport } from "../../src/safety/verify.ts";
import { runTool } from "../corpus/tool.ts";
import type { Case } from "./house.ts";
import type { Laid } from "./repository.ts";
import type { FluxliftSays } from "./results.ts";

const CLI = resolve(import.meta.dirname, "../../dist/fluxlift.js");

/** Runs the built `fluxlift verify` on the change of a case, with a helm where one is given. */
export function askFluxlift(one: Case, { repo }: Laid, helm: string | undefined): FluxliftSays {
  const between = one.since ? ["--base", "main", "--head", "change"] : ["--base", "HEAD~1", "--head", "HEAD"];
  const run = runTool(CLI, ["verify", repo, ...between, ...(helm ? ["--helm", helm] : []), "--format", "json"]);
  if (run.stdout === "") throw new Error(`verify said nothing of "${one.change}": ${run.stderr}`);
  const { verdict, clusters, findings } = JSON.parse(run.stdout) as VerifyReport;
  const said = JSON.stringify([clusters, findings]);
  const open = clusters.some(({ safety }) => safety.unknown.length > 0) ? ["safety-unknown"] : [];
  const loud = findings.filter(({ level }) => level === "blocker").map(({ rule }) => rule);
  return {
    verdict,
    exit: run.exitCode,
    rules: [...new Set([...loud, ...open])].sort(),
    named: one.harm.filter((label) => said.includes(label)),
  };
}
