import { groupKindHere, splitKey } from "../../admission/key.ts";
import { isOpenText } from "../../admission/open-text.ts";
import { RESOURCE_SET } from "../../change/fields.ts";
import type { Given } from "../../change/given.ts";
import { listReferences } from "../../change/read.ts";
import type { Held, World } from "../../change/world.ts";
import { itemsOf, type YamlData } from "../../contract/objects.ts";
import { isMap } from "../../yaml/is-map.ts";
import { type Stop, type Stopped, stopsOf } from "../stopped.ts";
import { readExpression } from "./expressions.ts";

interface Mark {
  /** The object that has to have it: `self`, `dep`, or the one that a ResourceSet asks about. */
  of: string;
  field: "labels" | "annotations";
  name: string;
}

/** What both sides have to say for the whole to be true; what stands in other operators may never be asked. */
const ASKED = new Set(["&&", "==", "!=", "<", "<=", ">", ">="]);
/** Labels and annotations that controllers of Flux and of Kubernetes write. */
const BY_OTHERS = /(?:^|\.)(?:fluxcd\.io|fluxcd\.controlplane\.io)\/|^(?:deployment\.)?kubernetes\.io\//;
const LONGEST = 500;

/**
 * A `readyExpr` that reads a label or annotation which the object does not have in Git: CEL answers with an error (no such key), and
 * the dependency is ready only once somebody else has written it.
 */
export function findAbsentMarks(given: Given): Stopped[] {
  return stopsOf(given, (held, was) => {
    const now = listAbsent(given.after, held);
    const known = new Set(now.length > 0 && was ? listAbsent(given.before, was).map(({ what }) => what) : []);
    return now.filter(({ what }) => !known.has(what));
  });
}

function listAbsent(world: World, { object }: Held): Stop[] {
  const { key, body } = object;
  const dependencies = itemsOf(body?.spec?.dependsOn);
  if (splitKey(key).remote !== "" || !dependencies.some((one) => typeof one.readyExpr === "string")) return [];
  const isSet = groupKindHere(key) === RESOURCE_SET;
  return listReferences(object).flatMap(({ field, path, target }): Stop[] => {
    const text: unknown = dependencies[Number(path.at(-1))]?.readyExpr;
    if (field !== "spec.dependsOn" || typeof text !== "string" || text.length > LONGEST || isOpenText(text)) return [];
    const bodies: Record<string, YamlData> = { self: body, [isSet ? "" : "dep"]: world.find(target)?.object.body };
    return listMarks(text).flatMap(({ of, field: marks, name }): Stop[] => {
      const metadata: YamlData = bodies[of]?.metadata;
      const said: YamlData = metadata?.[marks] ?? {};
      if (!metadata || !isMap(said) || Object.hasOwn(said, name) || BY_OTHERS.test(name)) return [];
      if (Object.keys(said).some(isOpenText)) return [];
      const whose =
        of === "self" ? "it does not have itself" : `${splitKey(target).kind} ${splitKey(target).name} does not have`;
      const what = `may wait for ever: its readyExpr reads the ${marks === "labels" ? "label" : "annotation"} ${name}, which ${whose} in Git`;
      return [
        {
          path: [...path, "readyExpr"],
          what,
          why: "CEL answers with an error where it looks for what is not there, and Flux waits until there is another answer.",
          next: `Ask with has() or 'in' first, or give the object that ${marks === "labels" ? "label" : "annotation"}.`,
          look: "look in the cluster whether something else writes it",
        },
      ];
    });
  });
}

/** The labels and annotations that an expression reads whatever else it finds. */
function listMarks(text: string): Mark[] {
  const marks: Mark[] = [];
  const queue: unknown[] = [readExpression(text).ast];
  for (const at of queue) {
    const { op, args } = nodeOf(at);
    const mark = readMark(op, args);
    if (mark) marks.push(mark);
    else if (ASKED.has(op)) queue.push(...args);
  }
  return marks;
}

function readMark(op: string, [map, key]: unknown[]): Mark | undefined {
  const of = nodeOf(map);
  const name = op === "." ? key : op === "[]" && nodeOf(key).op === "value" ? nodeOf(key).args[0] : undefined;
  const [field] = of.args.slice(1);
  if (typeof name !== "string" || of.op !== "." || (field !== "labels" && field !== "annotations")) return undefined;
  const metadata = nodeOf(of.args[0]);
  if (metadata.op === "id") return metadata.args[0] === "metadata" ? { of: "", field, name } : undefined;
  const root = nodeOf(metadata.args[0]);
  if (metadata.op !== "." || metadata.args[1] !== "metadata" || root.op !== "id") return undefined;
  return { of: String(root.args[0]), field, name };
}

/** A node as the parser gives it; what it is of stands in a list. */
function nodeOf(value: unknown): { op: string; args: unknown[] } {
  const { op, args } = (isMap(value) ? value : {}) as { op?: unknown; args?: unknown };
  return { op: String(op), args: Array.isArray(args) ? args : [args] };
}
