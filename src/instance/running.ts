import type { YamlData } from "../contract/objects.ts";
import { operatorBase } from "../release/base.ts";
import { readBaseFacts } from "../release/facts.ts";
import { type FluxVersion, nearestFlux } from "../release/releases.ts";
import { deploymentsOf, runPatches } from "../release/simulate.ts";
import type { InstanceFields, SimObject } from "../release/types.ts";
import type { PortedPatch } from "./types.ts";

/** What of an instance decides which controllers run, and how. */
interface Running {
  version: FluxVersion;
  components: readonly string[];
  fields: InstanceFields;
  patches: readonly Pick<PortedPatch, "data">[];
}

/** The Deployments of the controllers as the patches of an instance leave them; none where a patch or the release is not known. */
export function readDeployments(running: Running, namespace: string): YamlData[] {
  return deploymentsOf(readInstalled(running, namespace) ?? []).map(({ data }) => data);
}

/** All that the patches of an instance leave of the install; undefined where a patch or the release is not known. */
export function readInstalled(
  { version, components, fields, patches }: Running,
  namespace: string,
): SimObject[] | undefined {
  const nearest = nearestFlux(version);
  const facts = nearest && readBaseFacts(nearest);
  if (!facts) return undefined;
  const objects = operatorBase(facts, { components, namespace, fields });
  const items = patches.map(({ data }) => data);
  return runPatches(objects, items) === undefined ? objects : undefined;
}
