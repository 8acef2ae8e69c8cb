import type { ReadConfig } from "../../config/read.ts";
import type { Plan } from "../../contract/plan.ts";
import type { VerifyReport } from "../../safety/verify.ts";
import type { Flags } from "../flags.ts";
import { GLYPH, type Io } from "../io.ts";

/** A plan without the findings that the configuration leaves out; each entry that does so is named on stderr. */
export async function leaveOut(io: Io, plan: Plan, { settled }: Flags): Promise<Plan> {
  if (!settled) return plan;
  const { leaveOutOfPlan } = await import("../../config/leave-out.ts");
  const { rest, notes } = leaveOutOfPlan(plan, settled.read, today());
  await say(io, notes);
  return rest;
}

/** The same for a report of verify; its verdict stays. */
export async function leaveOutOfReport(
  io: Io,
  report: VerifyReport,
  read: ReadConfig | undefined,
): Promise<VerifyReport> {
  if (!read) return report;
  const { leaveOutOfList } = await import("../../config/leave-out.ts");
  const { rest, notes } = leaveOutOfList(report.findings, read, today());
  await say(io, notes);
  return { ...report, findings: rest };
}

async function say(io: Io, notes: readonly string[]): Promise<void> {
  if (notes.length === 0) return;
  const { shown, visible } = await import("../../contract/visible.ts");
  for (const note of notes) io.err(shown`${GLYPH.wait} ${visible(note)}\n`);
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}
