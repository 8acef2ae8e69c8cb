import { parseArgs } from "node:util";
import fc from "fast-check";
import { type Case, caseArbitrary } from "./case.ts";
import { judge, type Verdict } from "./compare.ts";
import { printFound } from "./found.ts";
import { Judge } from "./judge.ts";
import { shrink } from "./shrink.ts";

/**
 * Compares generated kustomizations with the real kustomize. Usage: npm run kustomize:soak [-- --cases N --seed S]; fails
 * unless both build the same, nothing succeeds here that kustomize refuses, and at most 1 % stays unknown.
 * `--shrink I` makes case I of the seed as small as it goes and prints it as a file for test/kustomize/found.
 */
const { values } = parseArgs({
  options: {
    cases: { type: "string", default: "100000" },
    seed: { type: "string", default: "1" },
    shrink: { type: "string" },
  },
});
const batch = 500;
const mostShown = 3;
const real = new Judge();
if (values.shrink === undefined) await soak(Number(values.cases));
else await shrinkCase(Number(values.shrink));
real.close();

async function soak(cases: number): Promise<void> {
  const counts = new Map<Verdict, number>();
  const shown = new Map<string, number>();
  const next = (start: number) => {
    const list = fc.sample(caseArbitrary, { seed: seedOf(start), numRuns: Math.min(batch, cases - start) });
    return { start, list, answers: real.ask(list) };
  };
  for (let asked = next(0); asked.list.length > 0; ) {
    const { start, list, answers } = asked;
    const answered = await answers;
    asked = next(start + list.length); // the real one builds while these are judged
    for (const [index, one] of list.entries()) {
      const { verdict, reason } = judge(one, answered[index]!);
      counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
      if (!isFailure(verdict) && verdict !== "unknown") continue;
      const kind = `${verdict} ${reason.replace(/[^a-z ]/g, "").slice(0, 60)}`;
      shown.set(kind, (shown.get(kind) ?? 0) + 1);
      if (shown.get(kind)! <= mostShown) console.log(`#${start + index} ${verdict}: ${reason.slice(0, 600)}`);
    }
  }
  const count = (...verdicts: Verdict[]) => verdicts.reduce((sum, one) => sum + (counts.get(one) ?? 0), 0);
  const builds = count("same", "different", "refused", "unknown");
  const share = ((count("unknown") / builds) * 100).toFixed(2);
  console.log(`kustomize builds ${builds} of ${cases}: same ${count("same")}, different ${count("different")},`);
  console.log(`  refused ${count("refused")}, unknown ${count("unknown")} (${share} %)`);
  console.log(
    `kustomize fails: refused too ${count("agreed")}, unknown ${count("unsure")}, success ${count("success")}`,
  );
  if (count("different", "refused", "success") > 0 || count("unknown") > builds / 100) process.exitCode = 1;
}

async function shrinkCase(number: number): Promise<void> {
  const start = number - (number % batch);
  const one = fc.sample(caseArbitrary, { seed: seedOf(start), numRuns: number - start + 1 }).at(-1)!;
  const [first] = await verdictsOf([one]);
  if (first!.verdict === "same" || first!.verdict === "agreed") return console.log("it does not fail");
  const fails = async (cases: Case[]) =>
    (await verdictsOf(cases)).map(
      ({ verdict, reason }) => verdict === first!.verdict && likeness(reason) === likeness(first!.reason),
    );
  const smallest = await shrink(one, fails);
  const [answer] = await real.ask([smallest]);
  console.log(printFound(smallest, answer!));
  console.log(judge(smallest, answer!));
}

async function verdictsOf(cases: Case[]): Promise<{ verdict: Verdict; reason: string }[]> {
  const answers = await real.ask(cases);
  return cases.map((one, index) => judge(one, answers[index]!));
}

/** What reasons of one cause have in common. */
function likeness(reason: string): string {
  return reason.replace(/[^a-z ]/g, "").slice(0, 12);
}

function seedOf(start: number): number {
  return Number(values.seed) * 1_000_003 + start;
}

function isFailure(verdict: Verdict): boolean {
  return verdict === "different" || verdict === "refused" || verdict === "success";
}
