import { itemsOf, type YamlData } from "../../contract/objects.ts";
import type { Given } from "../compare.ts";
import { splitKey } from "../key.ts";
import { isOpenText } from "../open-text.ts";
import { loadCel } from "./cel-library.ts";
import { isFluxGroup } from "./fields.ts";
import type { Stopped } from "./stops.ts";

interface Expression {
  path: (string | number)[];
  text: string;
}

/**
 * CEL expressions that this change writes and that nobody can read. kustomize-controller and helm-controller read them before
 * anything else, and stop at the first that is wrong (InvalidCELExpression, flux-facts 2.8 item 9).
 */
export function findUnreadableExpressions({ before, after }: Given): Stopped[] {
  return [...after.objects.values()].flatMap((held): Stopped[] => {
    const { group, remote } = splitKey(held.object.key);
    if (!isFluxGroup(group) || remote !== "") return [];
    const known = new Set(listExpressions(before.objects.get(held.object.key)?.object.body).map(({ text }) => text));
    return listExpressions(held.object.body).flatMap(({ path, text }): Stopped[] => {
      if (known.has(text) || isOpenText(text)) return [];
      const error = readExpression(text);
      if (error === undefined) return [];
      const stop = {
        held,
        path,
        rule: "reconcile-stops" as const,
        what: `is brought up to date no more: ${path.join(".")} is no CEL expression (${error})`,
        why: "Flux reads its expressions first, and does nothing where it cannot read one.",
        next: "Mend the expression.",
      };
      if (!BEYOND.test(text)) return [stop];
      return [
        {
          ...stop,
          what: `may be brought up to date no more: fluxlift cannot read the expression ${path.join(".")}, which holds parts of CEL that it does not know`,
          look: "try it in a playground for CEL",
        },
      ];
    });
  });
}

/** What the parser here does not know: `{?"a": b}`, `Type{}`, `.name` of the root and `.5`. */
const BEYOND = /[{,]\s*\?|\w\s*\{|(?:^|[^\w\s\])}'"?])\s*\.[\s\w]/;

const CHECKS = ["current", "inProgress", "failed"];

function listExpressions(body: YamlData): Expression[] {
  const spec = body?.spec;
  const found: { path: (string | number)[]; text: unknown }[] = [
    ...itemsOf(spec?.healthCheckExprs).flatMap((one, index) =>
      CHECKS.map((check) => ({ path: ["spec", "healthCheckExprs", index, check], text: one?.[check] })),
    ),
    ...itemsOf(spec?.dependsOn).map((one, index) => ({
      path: ["spec", "dependsOn", index, "readyExpr"],
      text: one?.readyExpr,
    })),
  ];
  return found.filter((one): one is Expression => typeof one.text === "string" && one.text !== "");
}

/** What is wrong with it, in the first line that the parser says; undefined where nothing is. */
function readExpression(text: string): string | undefined {
  try {
    new (loadCel().Environment)({ unlistedVariablesAreDyn: true, enableOptionalTypes: true }).parse(text);
    return undefined;
  } catch (error) {
    return (error as Error).message.split("\n", 1)[0]!;
  }
}
