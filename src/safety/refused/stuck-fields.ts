import { printKey, sayOwner, splitKey } from "../../admission/key.ts";
import type { Comparison } from "../../change/comparison.ts";
import type { OpenPoint, StuckField, TreeChange } from "../../change/types.ts";
import { clip } from "../../contract/cut.ts";
import { formatLoc, type Loc } from "../../contract/errors.ts";
import type { SaidFinding } from "../../contract/finding.ts";
import { groupBy } from "../../contract/group-by.ts";
import { listSome, withOthers } from "../../contract/list-some.ts";
import { locateField } from "../../delivery/locations.ts";
import type { Tree } from "../../files/tree.ts";
import { isMap } from "../../yaml/is-map.ts";
import { isFluxCore } from "../fate/danger.ts";
import type { Locate } from "../fate/losses.ts";

const SHOWN = 4;
const LONGEST = 60;
const CANNOT = "The field cannot be changed once the object exists.";

/** From so many objects on that one document makes, as a component of many apps does, they are one finding. */
const MANY = 6;

/** Fields that change although the API server refuses that, one finding for each object. */
export function reportStuck(
  { stuck }: Pick<Comparison, "stuck">,
  { before, after }: TreeChange,
  locate: Locate,
): SaidFinding[] {
  // A refused FluxInstance is said in words of its own.
  const sure = stuck.filter(({ change, key }) => change.sure && !isFluxCore(key));
  const objects = [...groupBy(sure, ({ key }) => key).values()];
  const alike = [...groupBy(objects, idOfMaker).values()];
  const report = (groups: readonly (readonly StuckField[])[]): SaidFinding => {
    const all = groups.flat();
    const [first] = all as [StuckField];
    const { field, why = CANNOT, next } = first.change;
    const { path, from, to } = narrow(first);
    const place = (tree: Tree, at: StuckField["now"]) => at && locateField(tree, at, [...field.split("."), ...path]);
    const said = path.length > 0 ? ` ${path.join(".")}:` : "";
    const [old, now] = [place(before, first.old), place(after, first.now)];
    const names = [...new Set(all.map(({ key }) => printKey(key)))];
    const fields = listSome([...new Set(all.map(({ change }) => change.field))], SHOWN);
    const owners = [...new Set(all.map(({ owner }) => sayOwner(owner)))];
    return {
      rule: "immutable-changes",
      level: "blocker",
      resource: printKey(first.key),
      at: now ?? old ?? locate({}),
      ...withOthers(names.slice(1)),
      what: `The API server refuses the change of ${fields} of ${listSome(names, SHOWN)}, and Flux then applies nothing more of ${listSome(owners, SHOWN)}.`,
      why: `${why} It is${said} ${show(from)}${sayAt(old)} and becomes${said} ${show(to)}${sayAt(now)}.`,
      next:
        next ??
        `Keep the old value. Where the new one is meant, make it a new object under another name and move what it holds; or delete ${names.length > 1 ? "them" : names[0]} by hand at the merge, after a backup. With force Flux deletes ${names.length > 1 ? "them by itself, with all that they hold" : "it by itself, with all that it holds"}.`,
    };
  };
  return alike.flatMap((groups) => (groups.length < MANY ? groups.map((one) => report([one])) : [report(groups)]));
}

/** The same for objects that one document makes and that change alike. */
function idOfMaker(group: readonly StuckField[]): string {
  const [{ key, now, old }] = group as [StuckField];
  const changes = group.map((one) => [one.change.field, one.change.next ?? "", narrow(one)]);
  return JSON.stringify(now ? [splitKey(key).kind, now, old, changes] : [key]);
}

/** The same where nobody can tell whether the live value is another one. */
export function listDoubtfulFields(stuck: readonly StuckField[]): OpenPoint[] {
  return stuck
    .filter(({ change }) => !change.sure)
    .map(({ key, change: { field, from, to, why }, now }) => {
      const was = from === undefined ? "nothing says today" : `is ${show(from)} today`;
      const set = to === undefined ? `loses ${field}` : `gets ${field} ${show(to)}`;
      const rule = why === undefined ? "and which cannot be changed once it exists" : "and which may not change now";
      return {
        resource: printKey(key),
        what: `${set}, which ${was} ${rule}: where the live value is another one, Flux applies nothing more of its Kustomization${why === undefined ? "" : `. ${why.replace(/\.$/, "")}`}`,
        look: `compare it with ${field} of the live object`,
        ...(now ? { at: { file: now.file, line: 1, col: 1 } } : {}),
      };
    });
}

/** The first part of two maps that differs; of a Secret nothing is shown, not even the names of its keys. */
function narrow({ key, change }: StuckField): { path: string[]; from: unknown; to: unknown } {
  let { from, to } = change;
  const path: string[] = [];
  while (isMap(from) && isMap(to) && splitKey(key).kind !== "Secret") {
    const [was, is]: Record<string, unknown>[] = [from, to];
    const differs = (name: string) => JSON.stringify(was![name]) !== JSON.stringify(is![name]);
    const name = [...Object.keys(was!), ...Object.keys(is!)].find(differs);
    if (name === undefined) break;
    path.push(name);
    [from, to] = [was![name], is![name]];
  }
  return { path, from, to };
}

function sayAt(at: Loc | undefined): string {
  return at ? ` (${formatLoc(at)})` : "";
}

/** A scalar as it is, and a list of them; a Secret's content or a whole template is not shown. */
function show(value: unknown): string {
  if (value === undefined) return "not set";
  if (Array.isArray(value) && value.every((one) => typeof one !== "object"))
    return clip(`[${value.join(", ")}]`, LONGEST);
  if (typeof value === "object") return "a map or list";
  return clip(String(value), LONGEST);
}
