import type { StepCluster, Stop, Stops } from "./result.ts";

/** What the cluster showed before the merge, and who waits for whom after it. */
export interface Holding {
  /** `namespace/name` of the FluxKustomization in the labels of each object. */
  owners: ReadonlyMap<string, string>;
  /** `dependsOn` of each FluxKustomization and release, as `Kind namespace/name`. */
  waits: ReadonlyMap<string, readonly string[]>;
}

/** Rules that say of an object that it is refused, which stops the FluxKustomization that applies it. */
const REFUSED = new Set(["api-not-served", "immutable-changes", "namespace-missing", "object-refused"]);

/** Rules that say of an object of Flux that it does nothing more itself. */
const IDLE = new Set([
  "build-breaks",
  "login-mismatch",
  "reconcile-stops",
  "reference-breaks",
  "reference-missing",
  "waits-in-circle",
]);

/** Compares what was said to stop with what does not report Ready. */
export function compareStops(
  { blockers, losses, settled }: Pick<StepCluster, "blockers" | "losses" | "settled">,
  { owners, waits }: Holding,
): Stops {
  const said = new Set(blockers.flatMap((blocker) => stopping(blocker, owners, settled)));
  const robbed = new Set(
    losses
      .filter(({ verdict }) => verdict !== "false-safe")
      .flatMap(({ object }) => (owners.has(object) ? [`Kustomization ${owners.get(object)}`] : [])),
  );
  const seen: Stop[] = settled.notReady.map(({ object, reason }) => ({
    object,
    reason,
    verdict: said.has(object) ? "foretold" : robbed.has(object) ? "followed" : "not-foretold",
  }));
  for (let grew = true; grew; ) {
    grew = false;
    const known = new Set(seen.filter(({ verdict }) => verdict !== "not-foretold").map(({ object }) => object));
    for (const one of seen) {
      if (known.has(one.object) || !waits.get(one.object)?.some((other) => known.has(other))) continue;
      one.verdict = "followed";
      grew = true;
    }
  }
  return { seen, idle: [...said].filter((object) => !seen.some((one) => one.object === object)) };
}

/** Of a blocker, `rule Kind namespace/name`: the object of Flux that stops. */
function stopping(
  blocker: string,
  owners: ReadonlyMap<string, string>,
  { notReady }: StepCluster["settled"],
): string[] {
  const [rule = "", kind, name] = blocker.split(" ");
  if (!kind) return [];
  const object = `${kind} ${name}`;
  if (IDLE.has(rule)) return [object];
  if (!REFUSED.has(rule)) return [];
  const owner = owners.get(object);
  if (owner) return [`Kustomization ${owner}`];
  // An object that is new: only the refusal says who wants to apply it.
  const refused = notReady.filter(({ message }) => message.includes(`${kind}/${name}`));
  return refused.length > 0 ? refused.map((one) => one.object) : [object];
}
