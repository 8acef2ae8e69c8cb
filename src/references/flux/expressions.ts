import { splitKey } from "../../admission/key.ts";
import { findNear } from "../../admission/near.ts";
import { isOpenText } from "../../admission/open-text.ts";
import type { Given } from "../../change/given.ts";
import { notIn } from "../../contract/not-in.ts";
import { itemsOf, type YamlData } from "../../contract/objects.ts";
import { isFluxGroup } from "../../delivery/kinds.ts";
import { type Stop, type Stopped, stopsOf } from "../stopped.ts";
import { hasCalls, listStrange, refusesCondition } from "./cel-condition.ts";
import { loadCel } from "./cel-library.ts";

interface Expression {
  path: (string | number)[];
  text: string;
}
/** What reads a `readyExpr` with a compiler; the operator only reads those of a ResourceSet. */
const COMPILES = /^(?:kustomize|helm)\.toolkit\.fluxcd\.io$/;

/**
 * CEL expressions that this change writes and that nobody can read. kustomize-controller and helm-controller read them before
 * anything else, and stop at the first that is wrong (InvalidCELExpression, flux-facts 2.8 item 9).
 */
export function findUnreadableExpressions(given: Given): Stopped[] {
  return stopsOf(given, (held, was) => {
    const { group, remote } = splitKey(held.object.key);
    if (!isFluxGroup(group) || remote !== "") return [];
    const [old, now] = [was, held].map((one) => listExpressions(one?.object.body)) as [Expression[], Expression[]];
    return notIn(now, old, ({ text }) => text).flatMap(({ path, text }): Stop | [] => {
      if (isOpenText(text)) return [];
      const { error, ast, parsed } = readExpression(text);
      const isAsked = text.length <= LONGEST && COMPILES.test(group) && isAwaited(held.object.body);
      const vain = parsed && isAsked ? sayVain(String(path.at(-1)), ast, parsed) : undefined;
      if (vain !== undefined)
        return {
          path,
          what: `never becomes ready, and what depends on it is not applied any more: ${path.join(".")} ${vain}`,
          why: "Flux asks these expressions about each object it waits for, and takes their word.",
          next: "Mend the expression.",
        };
      const isCondition = path.at(-1) === "readyExpr" && COMPILES.test(group);
      const refused = error === undefined && isCondition ? refusesCondition(ast) : undefined;
      if (error === undefined && refused === undefined) return [];
      const stop = {
        path,
        what: `is brought up to date no more: ${path.join(".")} ${refused === undefined ? `is no CEL expression (${error})` : `is no condition that Flux takes (${refused})`}`,
        why: "Flux reads its expressions first, and does nothing where it cannot read one.",
        next: "Mend the expression.",
      };
      if (refused !== undefined || !BEYOND.test(text)) return stop;
      return {
        ...stop,
        what: `may be brought up to date no more: fluxlift cannot read the expression ${path.join(".")}, which holds parts of CEL that it does not know`,
        look: "try it in a playground for CEL",
      };
    });
  });
}

/** What the parser here does not know: `{?"a": b}`, `[?a]`, `[,]`, `br""`, `r"\"`, `Type{}`, `.name` of the root and `.5`. */
const BEYOND = /[{,[]\s*[?,]|[bB][rR]['"]|[rR]['"][^'"]*\\['"]|\w\s*\{|(?:^|[^\w\s\])}'"?])\s*\.[\s\w]/;

const CHECKS = ["current", "inProgress", "failed"];

function listExpressions(body: YamlData): Expression[] {
  const spec = body?.spec;
  const found: { path: (string | number)[]; text: unknown }[] = [
    ...itemsOf(spec?.healthCheckExprs).flatMap((one, index) =>
      CHECKS.map((check) => ({ path: ["spec", "healthCheckExprs", index, check], text: one[check] })),
    ),
    ...itemsOf(spec?.dependsOn).map((one, index) => ({
      path: ["spec", "dependsOn", index, "readyExpr"],
      text: one.readyExpr,
    })),
    ...(body?.kind === "Receiver" ? [{ path: ["spec", "resourceFilter"], text: spec?.resourceFilter }] : []),
  ];
  return found.filter((one): one is Expression => typeof one.text === "string" && one.text !== "");
}

type Parsed = (context?: object) => unknown;

/** Longer ones are read, and nothing is said of what they come to. */
const LONGEST = 500;
/** What health checks ask, and what a name of a kind that nobody knows here is hardly close to by chance. */
const TOP = ["metadata", "status"];

/** Whether Flux waits for anything with these expressions: a FluxKustomization only where it is told to. */
const isAwaited = ({ kind, spec }: YamlData): boolean =>
  kind !== "Kustomization" || spec?.wait === true || itemsOf(spec?.healthChecks).length > 0;

/** Why an expression of a health check can never say what it is there for: the same of every object, or a slip in the first name. */
function sayVain(check: string, ast: unknown, parsed: Parsed): string | undefined {
  if (!CHECKS.includes(check)) return undefined;
  const names = listStrange(ast);
  const slip = names.find((name) => findNear(name, TOP, { short: 4 }) !== undefined);
  if (slip !== undefined)
    return `names ${slip}, which no object has at its top; there is ${findNear(slip, TOP, { short: 4 })}`;
  // What calls nothing ends soon: macros in macros over lists, and regular expressions, may not.
  if (names.length > 0 || hasCalls(ast)) return undefined;
  try {
    const always = parsed();
    return always === (check !== "current") ? `is ${always} whatever the object says` : undefined;
  } catch {
    return undefined;
  }
}

/** What is wrong with it, in the first line that the parser says, or what it means. */
export function readExpression(text: string): { error?: string; ast?: unknown; parsed?: Parsed } {
  try {
    const parsed = new (loadCel().Environment)({ unlistedVariablesAreDyn: true, enableOptionalTypes: true }).parse(
      text,
    );
    return { ast: parsed.ast, parsed };
  } catch (error) {
    return { error: (error as Error).message.split("\n", 1)[0]! };
  }
}
