import { COMMUNITY } from "../../cluster/chart-elsewhere.ts";
import type { Loc } from "../../contract/errors.ts";
import type { KubeObject } from "../../contract/objects.ts";
import { locateField } from "../../delivery/locations.ts";
import type { Tree } from "../../files/tree.ts";
import { holdsOnlyAnchors, readComments } from "../../yaml/comments.ts";
import { locate } from "../../yaml/locate.ts";

export type ValuePath = readonly (string | number)[];

/** Where the values of a release are written, and what stands beside them. */
export interface WrittenValues {
  locate(path: ValuePath): Loc;
  /** Comment lines above a value and within it, with their `#`. */
  comments(path: ValuePath): { above: string[]; within: string[] };
  /** Whether a value is there for the YAML anchors it carries alone. */
  holdsOnlyAnchors(path: ValuePath): boolean;
}

interface Place {
  file: string;
  text: string;
  doc: number;
  path: ValuePath;
}

/** The HelmRelease goes over its files, and a later file over an earlier one: the last word is where a value stands. */
export function openValues(tree: Tree, release: KubeObject, files: readonly string[]): WrittenValues {
  const places = [
    { file: release.file, doc: release.doc, prefix: ["spec", "values"] },
    ...files.toReversed().map((file) => ({ file, doc: 0, prefix: [] })),
  ];
  const find = (path: ValuePath): Place | undefined => {
    for (const { file, doc, prefix } of places) {
      const text = tree.read(file) ?? "";
      if (locate(text, doc, [...prefix, ...path])) return { file, text, doc, path: [...prefix, ...path] };
    }
    return undefined;
  };
  return {
    locate: (path) => {
      const place = find(path);
      return place ? locateField(tree, place, place.path) : locateField(tree, release, ["spec", "values"]);
    },
    comments: (path) => {
      const place = find(path);
      if (!place) return { above: [], within: [] };
      const { above, within } = readComments(place.text, place.doc, place.path);
      // Where to read of the values of the chart says nothing of a FluxInstance.
      const own = (lines: string[]) => lines.filter((line) => !line.includes(COMMUNITY));
      return { above: own(above), within: own(within) };
    },
    holdsOnlyAnchors: (path) => {
      const place = find(path);
      return place !== undefined && holdsOnlyAnchors(place.text, place.doc, place.path);
    },
  };
}
