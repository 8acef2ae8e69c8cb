import { printKey, splitKey } from "../../admission/key.ts";
import type { BuildUnknown, FailedBuild, Gap, OpenPoint, PartialBuild } from "../../change/types.ts";
import { buildsAt, type Config, type Course } from "../../change/variants.ts";
import { makeWords } from "../../change/words.ts";
import type { SaidFinding } from "../../contract/finding.ts";
import type { Verdict } from "../../contract/safety.ts";
import { operand, sh } from "../../contract/shell.ts";

/**
 * FluxKustomizations that stay and build on neither side, where the change touches them or takes away what they may name:
 * Flux applies nothing of them, until what keeps them from building is put right, or because a file is missing in this copy
 * only. Those about which something is open already are left out.
 * @param lost names of what goes
 */
export function findGaps(course: Course, open: readonly OpenPoint[], lost: ReadonlySet<string>): Gap[] {
  const said = new Set(open.map(({ resource }) => resource));
  const words = makeWords(lost);
  return [...course.histories.values()].flatMap((history) => {
    const { key, existed, delivered, fixed, configs, at } = history;
    if (!existed || !delivered || said.has(printKey(key))) return [];
    if (configs.every(({ spec }) => spec.suspend)) return [];
    const names = ({ spec }: Config) => course.before.mentions?.(spec, words);
    if (fixed && !configs.some(names)) return [];
    const isFailed = (build: { ok: boolean }): build is FailedBuild => !build.ok;
    const [old, now] = [buildsAt(course, history, 0).find(isFailed), buildsAt(course, history, 2).find(isFailed)];
    if (!old || !now || old.unread || now.unread) return [];
    const failures = listFailures(old.partial?.(), now.partial?.());
    if (fixed && !failures) return [];
    const place = now.at ?? old.at ?? at;
    return [{ key, reason: old.reason, failures, ...(place ? { at: place } : {}) }];
  });
}

/** What was missing before, and what comes and only adds to it. */
function listFailures(old: PartialBuild | undefined, now: PartialBuild | undefined): Set<string> | undefined {
  if (!old || !now) return undefined;
  const isKept = [...old.objects.keys()].every((key) => now.objects.has(key));
  const added = isKept ? now.unknown.filter(({ adds }) => adds) : [];
  return new Set([...old.unknown, ...added].map(printFailure));
}

/** What fails, wherever it stands in its file. */
export function printFailure({ what, at }: BuildUnknown): string {
  return `${at?.file}\0${what}`;
}

interface Judged {
  verdict: Verdict;
  findings: readonly SaidFinding[];
}

const SHOWN = 3;

/**
 * What is not known of them: what the change does where they build all the same. Nothing is open where that is safe.
 * @param judge what is said of the change, and of the change as if they were built
 */
export function openGaps(gaps: readonly Gap[], judge: { as: () => Judged; asIfBuilt: () => Judged }): OpenPoint[] {
  if (gaps.length === 0) return [];
  const closed = gaps.filter(({ failures }) => failures === undefined);
  const unread = closed.map((gap) => toPoint(gap, "what Flux applies of it cannot be seen here"));
  const readable = gaps.filter(({ failures }) => failures !== undefined);
  const more = readable.length > 0 ? listMore(judge.as(), judge.asIfBuilt()) : [];
  const [first] = more;
  if (!first) return unread;
  const all = more.map(({ what }) => what.replace(/\.$/, ""));
  const rest = all.length > SHOWN ? `; and ${all.length - SHOWN} more` : "";
  const says = `if it builds in the cluster, then: ${all.slice(0, SHOWN).join("; ")}${rest}`;
  const open = readable.map((gap) => toPoint(gap, says, first.at));
  return [...unread, ...open];
}

function listMore(plain: Judged, filled: Judged): SaidFinding[] {
  if (filled.verdict === "safe") return [];
  const placeOf = ({ rule, at }: SaidFinding) => `${rule} ${at?.file}:${at?.line}`;
  const said = new Set(plain.findings.flatMap((one) => [placeOf(one), one.what]));
  return filled.findings.filter(
    (one) => (one.level !== "info" || one.rule === "will-be-deleted") && !said.has(placeOf(one)) && !said.has(one.what),
  );
}

function toPoint({ key, reason, at: place }: Gap, says: string, at = place): OpenPoint {
  const { name, namespace } = splitKey(key);
  return {
    resource: printKey(key),
    what: `builds neither before this change nor after (${reason}); ${says}`,
    look: sh`mend what keeps it from building first, or look what it says with flux get kustomization ${operand(name)} -n ${namespace}`
      .line,
    ...(at ? { at } : {}),
  };
}
