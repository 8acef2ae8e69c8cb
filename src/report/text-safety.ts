import { formatLoc } from "../contract/errors.ts";
import { listSome } from "../contract/list-some.ts";
import type { Shown } from "../contract/media.ts";
import type { ClusterPlan } from "../contract/plan.ts";
import type { Acceptor, MergeSafety, ObjectFate, SafetyDanger } from "../contract/safety.ts";
import { shown } from "../contract/visible.ts";
import { sayAcceptor } from "../safety/fate/acceptance.ts";
import { isChanged } from "./consequences.ts";
import { hangDim, hangText, leavesOut, type Screen, sayCount } from "./terminal.ts";

const SHOWN = 5;
/** What a Helm release of Flux holds is not in Git: its controllers are taken over, and count as created. */
const BY_CHART = "created or taken over from the flux2 chart";
/** As is what was applied by hand: no FluxKustomization delivers it. */
const BY_HAND = "created or taken over from the Flux that was applied by hand";
/** Which of both it is, a change does not tell. */
const BY_EITHER = "created or taken over from the Flux that is there already";

const ROOT_KIND = "kustomizations.kustomize.toolkit.fluxcd.io";

/** Worst first, with the words for a count of objects. */
export const FATE_WORDS: readonly [fate: ObjectFate, says: string][] = [
  ["deleted", "deleted"],
  ["recreated", "may be deleted and applied again"],
  ["unknown", "not known"],
  ["orphaned", "left in the cluster without an owner"],
  ["moved", "handed over to another Kustomization"],
  ["adopted", "owned by the operator"],
  ["created", "created"],
  ["kept", "kept"],
];

/** The words for a count of objects, in a plan for one cluster. */
export function fateWords({
  detected,
  state,
  safety,
}: Pick<ClusterPlan, "detected" | "state" | "safety">): typeof FATE_WORDS {
  if (!/^(?:not-started|partly-installed)$/.test(state)) return FATE_WORDS;
  const isChart = detected.style === "community-chart";
  return wordsFor(isChart ? BY_CHART : safety && takesOver(safety) ? BY_HAND : "created");
}

/** The same where a change is verified: a cluster in which Flux delivers something already has it from somewhere. */
export function verifyWords(safety: MergeSafety): typeof FATE_WORDS {
  return mayTakeOver(safety) ? wordsFor(BY_EITHER) : FATE_WORDS;
}

/** Whether what a verified change creates may be there already. */
export function mayTakeOver(safety: MergeSafety): boolean {
  return safety.outcomes.kept !== undefined && takesOver(safety);
}

function wordsFor(created: string): typeof FATE_WORDS {
  return FATE_WORDS.map(([fate, says]) => [fate, fate === "created" ? created : says]);
}

/** What Flux reads this tree by is there already, and no FluxKustomization delivers anything of it. */
function takesOver({ outcomes: { created, adopted } }: MergeSafety): boolean {
  return !adopted && created?.names.includes(`CustomResourceDefinition ${ROOT_KIND}`) === true;
}

/**
 * What a phase does once it is merged. Of one that is stopped only what may go is said: it is the reason, and nothing is
 * there to be merged.
 */
export function phaseSafetyLines(plan: ClusterPlan, screen: Screen): Shown[] {
  const { safety } = plan;
  if (!safety || (!isChanged(plan) && safety.dangers.length === 0)) return [];
  return [...safetyLines(safety, screen, { words: fateWords(plan) }), ...leftLines(safety, screen)];
}

/** What stays without an owner, by name: some of it harmless, such as a generated ConfigMap, and no finding speaks of it. */
function leftLines({ outcomes }: MergeSafety, screen: Screen): Shown[] {
  const { paint, width, verbose } = screen;
  const names = outcomes.orphaned?.names ?? [];
  if (names.length === 0 || leavesOut(screen, 4)) return [];
  const some = verbose ? names.length : SHOWN;
  return hangText(shown`      ${paint("dim", shown`-`)} `, `no owner: ${listSome(names, some)}`, width);
}

/**
 * What Flux will do when a change is merged: a count for each outcome, and what may go, biggest danger first.
 * @param says the words for a count, and those where nothing is counted
 */
export function safetyLines(
  { outcomes, dangers, unknown }: MergeSafety,
  screen: Screen,
  { words = FATE_WORDS, nothing = "nothing changes" }: { words?: typeof FATE_WORDS; nothing?: string } = {},
): Shown[] {
  const { paint, width, verbose, detail } = screen;
  const counts = words.flatMap(([fate, says]) => {
    const known = outcomes[fate];
    return known ? [`${sayCount(known.count, "object")} ${says}`] : [];
  });
  const some = verbose ? dangers : dangers.slice(0, SHOWN);
  const hidden = dangers.length - some.length;
  const says = counts.join(", ") || nothing;
  const head = shown`when it is merged`;
  const heads =
    detail === "full"
      ? [shown`    ${paint("bold", head)}`, ...hangText(shown`      `, says, width)]
      : hangText(shown`    ${head}  `, says, width);
  return [
    ...heads,
    ...some.flatMap((danger) => dangerLines(danger, screen)),
    ...(hidden > 0 ? [paint("dim", shown`        and ${sayCount(hidden, "more object")}; --verbose lists them`)] : []),
    ...unknown.flatMap(({ what, acceptedBy }) =>
      hangText(shown`      ${paint("yellow", shown`?`)} `, `${what}${sayAccepted(acceptedBy)}`, width),
    ),
  ];
}

function sayAccepted(by: Acceptor | undefined): string {
  return by ? ` (accepted ${sayAcceptor(by)})` : "";
}

function dangerLines(danger: SafetyDanger, screen: Screen): Shown[] {
  const { resource, outcome, wanted, acceptedBy, what, origin, chain } = danger;
  const { paint, width, verbose } = screen;
  const mark = wanted && !acceptedBy ? paint("red", shown`✗`) : paint("dim", shown`-`);
  const says = outcome === "deleted" ? "is deleted" : "may be deleted, then applied again";
  return [
    ...hangText(shown`      ${mark} `, `${resource} ${says}${sayAccepted(acceptedBy)}`, width),
    ...(verbose
      ? [...(origin ? [`${formatLoc(origin.at)} ${origin.says}`] : []), ...(chain.length > 0 ? chain : [what])].flatMap(
          (text) => hangDim(shown`          `, text, screen),
        )
      : []),
  ];
}
