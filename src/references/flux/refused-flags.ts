import { findNear } from "../../admission/near.ts";
import { isOpenText } from "../../admission/open-text.ts";
import type { Given } from "../../change/given.ts";
import { type RefusedFlag, refusesFlag, refusesValue } from "../../instance/patches/flags.ts";
import { refusesGate } from "../../instance/patches/gates.ts";
import { EMBEDDED_FLUX, type FluxVersion, parseFluxVersion } from "../../release/releases.ts";
import type { Stopped } from "../stopped.ts";
import type { Controller } from "./flags.ts";

/** Where the release is not known, a gate of any is one. */
const NEWEST = parseFluxVersion(EMBEDDED_FLUX.at(-1)!)!;

/** Arguments that this change gives to a controller of Flux and that it exits on at start (flux-facts 1.6). */
export function findRefusedFlags({ flux = NEWEST }: Given, controllers: readonly Controller[]): Stopped[] {
  return controllers.flatMap(({ name, held, before, after, rule }) =>
    [...after].flatMap(([flag, value]): Stopped | [] => {
      if (before.get(flag) === value || isOpenText(`${flag}${value}`)) return [];
      const refused = refuses(name, [flag, value], flux);
      if (!refused) return [];
      return {
        held,
        path: ["spec"],
        rule,
        what: refused.isCertain
          ? `exits at start from then on: ${refused.why}`
          : `may exit at start from then on: ${refused.why}`,
        why: "A controller that does not know an argument does not run.",
        next: "Take the argument out, or write it as this controller knows it.",
        ...(refused.isCertain
          ? {}
          : { look: "look for it among the options of that controller in the documentation of this Flux" }),
      };
    }),
  );
}

/** @param arg a flag and its value; a gate stands behind its flag, as `flagsOf` lists it */
function refuses(controller: string, arg: readonly [string, string], flux: FluxVersion): RefusedFlag | undefined {
  const gate = /^--feature-gates (.*)$/.exec(arg[0])?.[1];
  if (gate === undefined) return refusesFlag(controller, arg, (name, names) => findNear(name, names, { digits: true }));
  const why = refusesGate(controller, gate, flux);
  return why === undefined ? refusesValue(`feature gate ${gate}`, arg[1], "bool") : { why, isCertain: true };
}
