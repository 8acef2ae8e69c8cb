import type { Finding } from "../../contract/finding.ts";
import type { Plan } from "../../contract/plan.ts";
import { worstVerdict } from "../../safety/merge-safety.ts";
import { isChanged } from "../consequences.ts";
import { collectFindings, hasChanges, isDoneElsewhere, listClusters, sayNoCluster } from "../summary.ts";
import { sayCount } from "../terminal.ts";

type Tone = "good" | "warn" | "bad" | "calm";

/** The answer at the top of a page. */
export interface Headline {
  tone: Tone;
  title: string;
  says: string;
}

/** What a reviewer has to know first about a plan. */
export function judgePlan(plan: Plan): Headline {
  const clusters = listClusters(plan);
  if (clusters.length === 0) {
    const title = sayNoCluster(plan);
    return isDoneElsewhere(plan)
      ? { tone: "calm", title, says: "Nothing is left to migrate." }
      : { tone: "warn", title, says: "No cluster was found, so nothing is planned." };
  }
  const blocked = judgeBlocked(plan, collectFindings(plan));
  if (blocked) return blocked;
  if (!hasChanges(plan)) {
    return { tone: "calm", title: "Nothing to change", says: "What this phase would do is in the tree already." };
  }
  return judgeMerge(plan);
}

function judgeBlocked(plan: Plan, findings: readonly Finding[]): Headline | undefined {
  const blockers = findings.filter(({ level }) => level === "blocker");
  if (blockers.length === 0) return undefined;
  const names = [...new Set(blockers.flatMap(({ cluster }) => cluster ?? []))];
  const count = sayCount(blockers.length, "blocker");
  if (!hasChanges(plan)) {
    const says = `${count} to settle first. No file is changed.`;
    return { tone: "bad", title: "Blocked", says };
  }
  const says = `${count} to settle first. The clusters that are not blocked can go ahead.`;
  return { tone: "bad", title: names.length > 0 ? `Blocked for ${names.join(", ")}` : "Blocked in part", says };
}

function judgeMerge({ phases }: Plan): Headline {
  const parts = phases.flatMap(({ clusters }) => clusters).filter(isChanged);
  const known = parts.flatMap(({ safety }) => safety ?? []);
  if (known.length < parts.length) {
    const says = "What Flux will do with these changes could not be worked out. Read the findings and the diff.";
    return { tone: "warn", title: "Not judged", says };
  }
  const gone = new Set(known.flatMap(({ dangers }) => dangers.map(({ resource }) => resource))).size;
  const open = new Set(known.flatMap(({ unknown }) => unknown.flatMap(({ what, accepted }) => (accepted ? [] : what))))
    .size;
  switch (worstVerdict(known.map(({ verdict }) => verdict))) {
    case "safe":
      return {
        tone: "good",
        title: "Safe to merge",
        says: "Nothing goes, in whatever order the controllers reconcile.",
      };
    case "deletes":
      return {
        tone: "good",
        title: "Safe to merge",
        says: `${gone > 0 ? `${sayCount(gone, "object")} may go; each is meant to, or accepted. ` : ""}Nothing that is still wanted can be deleted, in any order.`,
      };
    case "unproven":
      return {
        tone: "warn",
        title: "Not proven safe",
        says: `${sayCount(open, "thing")} that the change touches cannot be read in the repository.`,
      };
    case "unsafe":
      return { tone: "bad", title: "Not safe to merge", says: "Something still wanted goes, or stops being applied." };
  }
}
