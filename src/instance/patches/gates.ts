import { ofOwn } from "../../contract/of-own.ts";
import { atLeast, type FluxVersion } from "../../release/releases.ts";
import gates from "../data/feature-gates.json" with { type: "json" };

/**
 * Feature gates each controller accepts, with the Flux minor that brought them (trap 24). Controllers that
 * are not listed here are not judged. Errs towards silence: a gate added in a patch release counts from its minor on.
 */
const GATES: Readonly<Record<string, Readonly<Record<string, string>>>> = gates.controllers;

/** Those that every controller accepts. */
const COMMON: Readonly<Record<string, string>> = gates.common;

/** Why a controller exits at start when it gets this gate; undefined when it accepts it or is not in the table. */
export function refusesGate(controller: string, gate: string, version: FluxVersion): string | undefined {
  const own = ofOwn(GATES, controller);
  if (!own) return undefined;
  const since = ofOwn(own, gate) ?? ofOwn(COMMON, gate);
  if (since === undefined) {
    const owners = Object.keys(GATES).filter((name) => ofOwn(GATES[name]!, gate) !== undefined);
    return owners.length > 0 ? `${gate} belongs to ${owners.join(" and ")}` : `${gate} is no gate of ${controller}`;
  }
  return atLeast(version, since) ? undefined : `${gate} exists from Flux ${since} on`;
}
