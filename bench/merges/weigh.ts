import { names } from "./said.ts";
import type { Fate, PairRow, Said, Truth } from "./types.ts";

/** Puts what the real builds show beside what the tool said. */
export function weigh(pair: string, truth: Truth, said: Said, seconds: number): PairRow {
  const { clusters } = truth;
  const went = mergeFates(clusters.flatMap(({ fates }) => fates));
  const sure = went.filter(({ how }) => how === "gone");
  const unsaid = sure
    .filter(({ resource }) => !names(said.text, resource))
    .map(({ resource, why }) => `${resource}: ${why}`);
  const unsaidBreaks = clusters
    .flatMap(({ breaks }) => breaks)
    .filter((key) => !said.breaks.some((text) => text.includes(key)) && !names(said.text, `Kustomization ${key}`))
    .map((key) => `Kustomization ${key} no longer builds`);
  const lost = [...unsaid, ...unsaidBreaks];
  const unproven = said.verdict === "unproven";
  const invented = [...inventedLosses(truth, went, said), ...inventedBreaks(truth, said)];
  const touched = clusters.flatMap((cluster) => cluster.touched);
  const notes = [...truth.notes];
  const calm = said.verdict === "safe" || said.verdict === "deletes";
  if (calm && touched.length > 0) notes.push("the change touches what does not build, and the tool does not say so");
  if (said.cut) notes.push("a list of names is cut");
  if (unproven && touched.length === 0) notes.push("the judge reads everything that this change touches");
  return {
    pair,
    said,
    went,
    handovers: clusters.reduce((sum, { handovers }) => sum + handovers.length, 0),
    unread: clusters.flatMap((cluster) => cluster.unread),
    touched,
    missed: unproven ? [] : lost,
    covered: unproven ? lost : [],
    invented,
    notes,
    seconds,
  };
}

/** Several clusters may lose an object of the same name: it is named once. */
function mergeFates(fates: Fate[]): Fate[] {
  const out = new Map<string, Fate>();
  for (const fate of fates) if (out.get(fate.resource)?.how !== "gone") out.set(fate.resource, fate);
  return [...out.values()];
}

/** What the tool says Flux deletes, and the real builds show in place before and after. */
function inventedLosses({ clusters }: Truth, went: Fate[], said: Said): string[] {
  const known = new Set(went.map(({ resource }) => resource));
  const moved = new Set(clusters.flatMap(({ handovers }) => handovers));
  const readable = clusters.length > 0 && clusters.every(({ unread }) => unread.length === 0);
  const [before, after] = (["before", "after"] as const).map((side) => new Set(clusters.flatMap((one) => one[side])));
  const out: string[] = [];
  for (const resource of said.deleted) {
    if (known.has(resource)) continue;
    if (before?.has(resource) && after?.has(resource)) {
      const how = moved.has(resource) ? "is handed over" : "stays";
      out.push(`${resource} is said to be deleted, and ${how}`);
    } else if (readable && !before?.has(resource)) out.push(`${resource} is said to be deleted, and was never applied`);
  }
  for (const resource of said.recreated) {
    if (!known.has(resource) && !moved.has(resource) && before?.has(resource) && after?.has(resource))
      out.push(`${resource} is said to be recreated, and stays where it is`);
  }
  return out;
}

function inventedBreaks({ clusters }: Truth, said: Said): string[] {
  const broken = clusters.flatMap(({ breaks }) => breaks);
  const unread = clusters.flatMap((cluster) => cluster.unread);
  if (clusters.length === 0 || unread.length > 0) return [];
  return said.breaks.filter((text) => !broken.some((key) => text.includes(key))).map((text) => `${text} (it builds)`);
}
