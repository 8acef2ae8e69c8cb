import { given } from "../../contract/given.ts";
import { groupBy } from "../../contract/group-by.ts";
import { listNames } from "../../contract/list-some.ts";
import type { Options, Phase } from "../../contract/options.ts";
import type { ClusterPlan, Plan } from "../../contract/plan.ts";
import { shown, visible } from "../../contract/visible.ts";
import { createBranch } from "../../files/branch.ts";
import { resolveRevision } from "../../files/revision.ts";
import type { Workspace } from "../../files/snapshot.ts";
import { formatCommand } from "../../report/format-command.ts";
import { WAITS } from "../../report/next-step.ts";
import { hasChanges, listClusters } from "../../report/summary.ts";
import { sayPlanning } from "../commands/phase.ts";
import { outcomeOf } from "../commands/session.ts";
import { showDiff, showReport } from "../commands/show.ts";
import { agreeAndWrite } from "../commands/write.ts";
import type { Outcome } from "../exit.ts";
import type { Flags } from "../flags.ts";
import { GLYPH } from "../io.ts";
import type { Engine } from "../load-engine.ts";
import { withProgress } from "../progress.ts";
import type { Session } from "../session.ts";
import { currentContext, measure } from "./measure.ts";
import { Cancelled, type Prompts } from "./prompts.ts";
import { nameBranch, requestCommand } from "./publish.ts";
import { askSettings } from "./settings.ts";

/** What the guide works with, from the first question to the last. */
interface Tour {
  session: Session;
  engine: Engine;
  workspace: Workspace;
  prompts: Prompts;
  flags: Flags;
}

/**
 * Goes on from a survey, question by question; every answer is a flag of `migrate`, and shown as one. Nothing is written
 * before the last answer, so leaving at any question leaves nothing behind.
 * @returns undefined where there is nothing to go on with
 */
export async function runGuide(
  session: Session,
  engine: Engine,
  workspace: Workspace,
  survey: Plan,
  flags: Flags,
): Promise<Outcome | undefined> {
  const { io } = session;
  const offers = [...groupBy(listClusters(survey).filter(canGoOn), ({ standing }) => standing!.next!)];
  if (offers.length === 0 || (workspace.git?.dirty().length ?? 0) > 0) return undefined;
  try {
    const tour = { session, engine, workspace, prompts: await io.prompts(), flags };
    const offer = await choosePhase(tour, offers);
    return offer ? await goOn(tour, survey, ...offer) : outcomeOf(survey);
  } catch (error) {
    if (!(error instanceof Cancelled)) throw error;
    io.err(shown`${GLYPH.fail} Nothing was written.\n`);
    return "unconfirmed";
  }
}

/** Whether the next phase of a cluster can be written now. */
function canGoOn({ standing, findings }: ClusterPlan): boolean {
  const isThere = standing?.reached === "begun" || standing?.reached === "read";
  return isThere && standing.next !== undefined && !findings.some(({ level }) => level === "blocker");
}

type Offer = [phase: Phase, clusters: ClusterPlan[]];

async function choosePhase({ prompts }: Tour, offers: readonly Offer[]): Promise<Offer | undefined> {
  const isOne = offers.length === 1;
  const choices = offers.map(([phase, clusters]) => ({
    value: phase,
    label: isOne ? `Yes, the ${phase} phase` : `The ${phase} phase of ${namesOf(clusters)}`,
  }));
  const stop = { value: "stop", label: "Not now" };
  const answer = await prompts.choose("Go on from here?", [...choices, stop], offers[0]![0]);
  return offers.find(([phase]) => phase === answer);
}

const namesOf = (clusters: readonly ClusterPlan[]) => listNames(clusters.map(({ cluster }) => cluster));

async function goOn(tour: Tour, survey: Plan, phase: Phase, offered: ClusterPlan[]): Promise<Outcome> {
  const { session, prompts } = tour;
  const clusters = await chooseClusters(prompts, offered);
  const names = clusters.length === listClusters(survey).length ? [] : clusters.map(({ cluster }) => cluster);
  const { survey: _, ...flags } = survey.options;
  let options: Options = { ...flags, ...clusters[0]!.standing!.choices, phase, clusters: names };
  const readiness = await askReadiness(tour, options, phase, clusters);
  if (readiness === "stop") return "unconfirmed";
  options = { ...options, ...readiness };
  for (;;) {
    const plan = await withProgress(session.io, sayPlanning(tour.workspace, options), () =>
      tour.engine.makePlan(tour.workspace, options),
    );
    showReport(session.io, tour.engine, plan, tour.flags, true);
    session.io.err(
      shown`${GLYPH.action} The same without questions: ${visible(formatCommand("migrate", options, phase))}\n`,
    );
    if (!hasChanges(plan)) return outcomeOf(plan);
    const answer = await chooseAction(tour, plan, phase);
    if (answer === "stop") throw new Cancelled();
    if (answer === "write") return await write(tour, plan, phase);
    options = await askSettings(prompts, options, clusters);
  }
}

async function chooseClusters(prompts: Prompts, offered: ClusterPlan[]): Promise<ClusterPlan[]> {
  if (offered.length === 1) return offered;
  const choices = offered.map(({ cluster }) => ({ value: cluster, label: cluster }));
  const names = await prompts.chooseSome("Which clusters? (--cluster)", choices);
  return offered.filter(({ cluster }) => names.includes(cluster));
}

/**
 * What must have happened in the cluster, which no file shows: preflight.sh measures it where kubectl is here and the owner
 * agrees; else the owner says it, and no is the preset.
 */
async function askReadiness(
  tour: Tour,
  options: Options,
  phase: Phase,
  clusters: readonly ClusterPlan[],
): Promise<Pick<Options, "facts" | "typed"> | "stop"> {
  const { session, prompts } = tour;
  const wait = Object.values(WAITS).find(({ next }) => next === phase)?.wait;
  const script = formatCommand("plan", options, phase);
  const byHand = `${script} --format preflight > preflight.sh && sh preflight.sh${clusters.length > 1 ? " CLUSTER" : ""}`;
  // A context is one cluster.
  const context = clusters.length === 1 ? currentContext() : undefined;
  if (phase === "install" && context === undefined) return {};
  const measured = { value: "measure" as const, label: `Measure it now: preflight.sh asks ${context}, and only reads` };
  for (;;) {
    const answer = await prompts.choose<"yes" | "no" | "measure">(
      phase === "install"
        ? "Measure what the plan assumes about the cluster?"
        : `${phase} is only safe once ${wait}. Is it so?`,
      phase === "install"
        ? [measured, { value: "yes", label: "Go on without" }]
        : [
            { value: "no", label: "No, or not sure: stop here" },
            ...(context === undefined ? [] : [measured]),
            { value: "yes", label: "Yes, I have seen it in the cluster" },
          ],
      phase === "install" ? "yes" : "no",
    );
    if (answer === "yes") return {};
    if (answer === "no") {
      session.io.err(shown`${GLYPH.action} Measure it, nothing is changed by that:\n    ${visible(byHand)}\n`);
      return "stop";
    }
    const plan = tour.engine.makePlan(tour.workspace, options);
    const facts = await measure(session.io, tour.engine.render.preflight(plan), clusters[0]!.cluster);
    if (facts) {
      session.io.err(shown`${GLYPH.done} The same by hand: ${visible(byHand)} > facts.json\n`);
      return { facts, typed: { ...options.typed, facts: "facts.json" } };
    }
    session.io.err(shown`${GLYPH.warn} preflight.sh could not measure the cluster.\n`);
  }
}

async function chooseAction(tour: Tour, plan: Plan, phase: Phase): Promise<"write" | "settings" | "stop"> {
  const { session, engine, prompts, flags } = tour;
  for (;;) {
    const answer = await prompts.choose(
      "And now?",
      [
        { value: "write", label: "Write it" },
        { value: "diff", label: "Open the diff" },
        ...(phase === "install" ? [{ value: "settings" as const, label: "Change the settings" }] : []),
        { value: "stop", label: "Stop, and write nothing" },
      ],
      "diff",
    );
    if (answer !== "diff") return answer;
    await showDiff(session.io, engine, plan, flags);
  }
}

async function write({ session, engine, workspace, prompts, flags }: Tour, plan: Plan, phase: Phase): Promise<Outcome> {
  const { git, root } = workspace;
  const branch = nameBranch(phase, (name) => resolveRevision(root, `refs/heads/${name}`) !== undefined);
  const choices = [
    ...(git?.head
      ? [{ value: "branch" as const, label: `Write, and commit on a new branch ${branch} (--commit)` }]
      : []),
    ...(git?.head && git.branch
      ? [{ value: "commit" as const, label: `Write, and commit on ${git.branch} (--commit)` }]
      : []),
    { value: "files" as const, label: "Write the files only" },
    { value: "stop" as const, label: "Stop, and write nothing" },
  ];
  const how = await prompts.choose<"branch" | "commit" | "files" | "stop">("How?", choices, choices[0]!.value);
  if (how === "stop") throw new Cancelled();
  if (how === "branch") createBranch(root, branch);
  return agreeAndWrite(
    session,
    engine,
    workspace,
    plan,
    { ...given({ folder: flags.folder }), yes: true, commit: how !== "files" },
    () => {},
    {
      command: formatCommand("migrate", plan.options, phase),
      ...(how === "branch" ? { onBranch: true, ...given({ request: requestCommand(workspace) }) } : {}),
    },
  );
}
