import { notIn } from "../../contract/not-in.ts";
import type { Tree } from "../../files/tree.ts";
import type { Given } from "../given.ts";
import { keyOfObject, splitKey } from "../key.ts";
import type { TreeChange } from "../types.ts";
import { findNear } from "./near.ts";
import type { Stopped } from "./stopped.ts";
import type { Held, World } from "./world.ts";

/** What image automation looks for behind a value: `{"$imagepolicy": "namespace:name:tag"}` (kyaml, setters). */
const MARKER = /\{"\$imagepolicy":\s*"([\w.-]+):([\w.-]+)(?::\w+)?"\}/g;
const WORD = "$imagepolicy";
/** Shorter names are alike by chance. */
const SHORT = 3;

/** Markers that come to name no policy by a slip: what stands before them is updated no more, and nobody reports an error. */
export function findLostMarkers({ after }: Given, change: TreeChange): Stopped[] {
  const files = [...change.changed].filter((file) => change.after.read(file)?.includes(WORD));
  if (files.length === 0) return [];
  after.search(["ImagePolicy"]);
  return files.flatMap((file) => {
    const [old, now] = [listMarkers(change.before, file), listMarkers(change.after, file)];
    return notIn(now, old, ({ name }) => name).flatMap(({ name, line, col }): Stopped | [] => {
      const meant = findMeant(after, name);
      if (!meant) return [];
      const { namespace, name: own } = splitKey(meant.object.key);
      return {
        held: meant,
        path: [],
        at: { file, line, col },
        what: `is not named by the marker here, which says ${name}: there is no such policy, and this image is updated no more`,
        why: "Image automation leaves out a marker whose policy it does not know, and reports no error.",
        next: `Write ${namespace}:${own}.`,
      };
    });
  });
}

/** The markers of a text, which are comments to everybody else. */
export function printMarkers(text: string): string {
  return text.includes(WORD) ? (text.match(MARKER) ?? []).join("\n") : "";
}

function listMarkers(tree: Tree, file: string) {
  const lines = (tree.read(file) ?? "").split("\n");
  return lines.flatMap((text, index) =>
    text.includes(WORD)
      ? [...text.matchAll(MARKER)].map(({ 1: namespace, 2: name, index: at }) => {
          return { name: `${namespace}:${name}`, line: index + 1, col: at + 1 };
        })
      : [],
  );
}

/** The policy that a slip in the namespace or the name makes of one that is not there. */
function findMeant(after: World, marker: string): Held | undefined {
  const [namespace = "", name = ""] = marker.split(":");
  const key = keyOfObject({ apiVersion: "image.toolkit.fluxcd.io/v1", kind: "ImagePolicy", namespace, name });
  if (after.has(key) || after.isOpenName(key)) return undefined;
  const all = after.all.filter(({ object }) => object.kind === "ImagePolicy");
  return all.find(({ object }) =>
    object.namespace === namespace
      ? findNear(name, [object.name], { short: SHORT }) !== undefined
      : object.name === name && findNear(namespace, [object.namespace]) !== undefined,
  );
}
