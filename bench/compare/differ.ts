import { statementsOf } from "./statements.ts";
import type { Answer, Difference, Kind, Record } from "./types.ts";

/** Every statement and every file that only one of two builds makes. */
export function compareRecords(base: Record, now: Record, kinds: ReadonlySet<Kind>): Difference[] {
  const answers = new Map(now.answers.map((answer) => [answer.id, answer]));
  return base.answers.flatMap((was) => {
    const is = answers.get(was.id);
    return is ? compareAnswers(base.unit, was, is, kinds) : [];
  });
}

function compareAnswers(unit: string, was: Answer, is: Answer, kinds: ReadonlySet<Kind>): Difference[] {
  const about = { unit, step: was.id };
  const out: Difference[] = [];
  const left = count(was, kinds);
  const right = count(is, kinds);
  for (const side of ["-", "+"] as const) {
    const [mine, other] = side === "-" ? [left, right] : [right, left];
    for (const [key, { kind, text, detail, times }] of mine) {
      const surplus = times - (other.get(key)?.times ?? 0);
      if (surplus <= 0) continue;
      const many = surplus > 1 ? ` (${surplus} times)` : "";
      out.push({ ...about, kind, side, text: `${text}${many}`, ...(detail ? { detail } : {}) });
    }
  }
  pairFindings(out);
  for (const [key, { kind, text, detail }] of left) {
    const other = right.get(key)?.detail;
    if ((kind === "fate" || kind === "kept") && detail && other && detail !== other) {
      out.push({ ...about, kind, side: "~", text: `${text}, other ones`, detail: `${detail}\n→ ${other}` });
    }
  }
  for (const { path, status, diff } of kinds.has("file") ? (is.files ?? []) : []) {
    const side = status === "A" ? "+" : status === "D" ? "-" : "~";
    out.push({ ...about, kind: "file", side, text: path, detail: diff });
  }
  return out;
}

/** A finding with the same words at another place or level is one that changed, not one that went and one that came. */
function pairFindings(out: Difference[]): void {
  const gone = new Map<string, Difference[]>();
  const keyOf = ({ text, detail }: Difference): string => `${text.split(" ")[1]}\0${detail}`;
  const isFinding = ({ kind, side }: Difference, wanted: "-" | "+"): boolean => kind === "finding" && side === wanted;
  for (const difference of out) {
    if (!isFinding(difference, "-")) continue;
    const key = keyOf(difference);
    gone.set(key, [...(gone.get(key) ?? []), difference]);
  }
  const paired = new Set<Difference>();
  for (const difference of out.filter((one) => isFinding(one, "+"))) {
    const was = gone.get(keyOf(difference))?.shift();
    if (!was) continue;
    paired.add(was);
    difference.side = "~";
    difference.text = `${was.text} → ${difference.text}`;
    delete difference.detail;
  }
  out.splice(0, out.length, ...out.filter((one) => !paired.has(one)));
}

interface Counted {
  kind: Kind;
  text: string;
  detail?: string;
  times: number;
}

function count(answer: Answer, kinds: ReadonlySet<Kind>): Map<string, Counted> {
  const out = new Map<string, Counted>();
  for (const statement of statementsOf(answer)) {
    if (!kinds.has(statement.kind)) continue;
    const key = `${statement.kind} ${statement.text}`;
    const known = out.get(key);
    if (known) known.times++;
    else out.set(key, { ...statement, times: 1 });
  }
  return out;
}

/** Differences that several steps of a unit have in common, said once. */
export interface Grouped extends Difference {
  steps: string[];
}

/** Joins what differs in the same way in several steps of a unit; order is kept. */
export function groupSteps(differences: readonly Difference[]): Grouped[] {
  const out = new Map<string, Grouped>();
  for (const difference of differences) {
    const { unit, kind, side, text, step } = difference;
    const key = [unit, kind, side, text].join("\0");
    const known = out.get(key);
    if (known) known.steps.push(step);
    else out.set(key, { ...difference, steps: [step] });
  }
  return [...out.values()];
}
