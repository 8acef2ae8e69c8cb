import { isOpenText } from "../../admission/open-text.ts";
import type { Refusal } from "../../admission/refusal.ts";
import { findRefusals, sayPath, sayRefusal } from "../../admission/refused.ts";
import type { Harm, OperatorSet } from "../../change/types.ts";
import type { InstanceDescription } from "../../cluster/types.ts";
import { notIn } from "../../contract/not-in.ts";
import { valueAt, type YamlData } from "../../contract/objects.ts";
import { ofOwn } from "../../contract/of-own.ts";
import { pointAt } from "../../delivery/locations.ts";
import type { Tree } from "../../files/tree.ts";
import { findRefusal, type InstanceRefusal } from "./instance-refusal.ts";

/** A FluxInstance after a change, and what the operator makes of it before and after. */
export interface InstanceSets {
  now: InstanceDescription;
  sets: readonly [before: OperatorSet | undefined, after: OperatorSet | undefined];
}

/** What is said of the FluxInstance, at one of its fields. */
export type Said = Pick<Harm, "what" | "why" | "next"> & { path: readonly string[] };

interface Pair {
  old: InstanceDescription;
  now: InstanceDescription;
}

/** A FluxInstance that says nothing yet: beside it all that another one says is new. */
const blank = (instance: InstanceDescription): InstanceDescription => ({ ...instance, spec: {}, values: undefined });

/** What the API server refuses of a FluxInstance that comes, and of all that the operator makes of it: then it takes nothing over. */
export function findFirstHarms(now: InstanceDescription, set: OperatorSet | undefined, after: Tree): Harm[] {
  const sets = [undefined, set?.isStuck ? { ...set, dropped: [] } : undefined] as const;
  const values = now.form === "chart" ? findRefusedValues({ old: blank(now), now }) : [];
  return [findMisnamed(now), findRefusedPods({ now, sets }), findRefusedUrl({ now, sets }), values]
    .flat()
    .map(({ path, ...said }) => ({ ...pointAt(after, now.object, path), ...said }));
}

function findMisnamed({ form, values }: InstanceDescription): Said | [] {
  const name: unknown = (form === "chart" && values?.fullnameOverride) || "flux";
  if (name === "flux" || isOpenText(name)) return [];
  const what = `The FluxInstance is called ${name}, and the API server takes none but flux.`;
  const why = "Its release fails, so nothing of what Flux consists of becomes the operator's own.";
  return { path: ["spec", "values", "fullnameOverride"], what, why, next: "Take fullnameOverride out." };
}

/** The same of what the operator itself does not take. */
export function findFirstRefusal(now: InstanceDescription): InstanceRefusal | undefined {
  return findRefusal(blank(now), now);
}

/** Patches that make a controller one that the API server refuses; the operator tries all it makes before it writes (flux-facts 2.1 item 8). */
export function findRefusedPods({ sets: [was, is] }: InstanceSets): Said | [] {
  const first = (is?.refused ?? []).find((one) => !was?.refused?.includes(one));
  const dropped = (is?.dropped ?? []).find((one) => !was?.dropped?.includes(one));
  if (first !== undefined)
    return {
      path: ["spec"],
      what: `The API server refuses what a patch of the FluxInstance makes of ${first}. The operator then changes nothing more in Flux.`,
      why: "The operator tries all of a stage before it writes the first object of it.",
      next: "Correct that patch.",
    };
  if (dropped === undefined) return [];
  return {
    path: ["spec"],
    what: `The operator leaves out what a patch of the FluxInstance brings to ${dropped}.`,
    why: "It prints each object anew before it applies it, without the fields that its kind does not have, and without a word.",
    next: "Correct that patch.",
  };
}

/** An address without a scheme, as of a clone by ssh (`git@github.com:me/home`). */
export function findRefusedUrl({ now, sets: [was, is] }: InstanceSets): Said | [] {
  if (!is?.refusedUrl || is.refusedUrl === was?.refusedUrl) return [];
  return {
    path: [...(now.form === "chart" ? ["spec", "values", "instance"] : ["spec"]), "sync", "url"],
    what: `The API server refuses what sync of the FluxInstance makes of ${is.refusedUrl}. The operator then changes nothing more in Flux.`,
    why: "The FluxInstance takes any text there, and the source that the operator makes of it does not.",
    next: "Write the address with its scheme, such as ssh://git@github.com/me/home.",
  };
}

/** What the chart leaves out as a whole while one of its values is empty (flux-facts 5.4), by the value that decides. */
const LEFT_OUT: Readonly<Record<string, string>> = { sync: "url", storage: "size", sharding: "shards" };

export const UNKNOWN_FIELD = "is no field";

function listRefusedValues({ values }: InstanceDescription): Refusal[] {
  const spec: YamlData = values?.instance;
  const isRendered = ([, part]: Refusal["path"]) => {
    const decides = ofOwn(LEFT_OUT, String(part));
    const said: unknown = decides === undefined ? true : spec?.[String(part)]?.[decides];
    return Boolean(Array.isArray(said) ? said.length : said);
  };
  const all = findRefusals({ apiVersion: "fluxcd.controlplane.io/v1", kind: "FluxInstance", spec }, false);
  // A slip in the name of a component is found as that, and another one may come with a newer operator.
  const refused = all.filter(({ path }) => path[0] === "spec" && path[1] !== "components");
  const emptied = NEEDED.filter((path) => valueAt(spec ?? {}, path) === null).map((path) => ({
    path: ["spec", ...path],
    what: "is empty, which takes out what the chart says there by default, and it has to be there",
  }));
  const isEmptied = new Set(emptied.map(({ path }) => path.join(".")));
  const others = refused.filter(({ path }) => !isEmptied.has(path.join(".")));
  return [...others, ...emptied].filter(({ path }) => isRendered(path));
}

/** What a FluxInstance has to say, and the chart says by default (values.schema.json of flux-instance 0.59.0). */
const NEEDED = ["distribution", "distribution.version", "distribution.registry", "cluster", "sync.kind"].map((path) =>
  path.split("."),
);

/** Values of fields that are there, which the API server takes in no FluxInstance. */
export function findRefusedValues({ old, now }: Pair): Said[] {
  const list = (one: InstanceDescription) =>
    listRefusedValues(one).filter(({ what, doubtful }) => !doubtful && !what.startsWith(UNKNOWN_FIELD));
  return notIn(list(now), list(old), sayRefusal).map(({ path, what }) => {
    const field = ["instance", ...path.slice(1)];
    return {
      path: ["spec", "values", ...field.map(String)],
      what: `The FluxInstance is refused: ${sayPath(field)} ${what}. Its release fails to upgrade, and nothing of the change reaches Flux.`,
      why: "The chart writes its values into the FluxInstance as they are, and the API server takes that in none.",
      next: "Correct the value.",
    };
  });
}
