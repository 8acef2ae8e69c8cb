import { sayPath } from "../../admission/refused.ts";
import type { Given } from "../../change/given.ts";
import type { YamlData } from "../../contract/objects.ts";
import { printGoTime } from "../../yaml/go-time.ts";
import { isMap } from "../../yaml/is-map.ts";
import { type Stopped, stopsOf } from "../stopped.ts";

/** Dates that lose their quotes: kustomize then makes a time of each, as text, which the API server takes. */
export function findUnquotedDates(given: Given): Stopped[] {
  return stopsOf(given, ({ object }, was) => {
    const old: YamlData = was?.object.body;
    if (old === undefined || old === object.body) return [];
    const [path, ...more] = listUnquoted(old, object.body);
    if (!path) return [];
    const others = more.length === 0 ? "" : `, and ${more.length} more`;
    return {
      path,
      rule: "setting-lost",
      what: `gets a time instead of a date in ${sayPath(path)}${others}: without quotes 2024-01-02 becomes 2024-01-02T00:00:00Z`,
      why: "YAML reads a date without quotes as a time, and kustomize prints it as one. With quotes it stayed as it is written.",
      next: "Put it in quotes again.",
    };
  });
}

/** A label that is a time is refused, and annotations are texts in any case. */
function listUnquoted(old: YamlData, now: YamlData): (string | number)[][] {
  const found: (string | number)[][] = [];
  const queue: [old: YamlData, now: YamlData, path: (string | number)[]][] = [[old, now, []]];
  for (const [was, is, path] of queue) {
    if (was === is) continue;
    if (typeof was === "string") {
      if (printGoTime(was) === is) found.push(path);
    } else if (isMap(was) && isMap(is)) {
      for (const [key, one] of Object.entries(was))
        if (Object.hasOwn(is, key) && (path.length > 0 || key !== "metadata"))
          queue.push([one, is[key], [...path, key]]);
    } else if (Array.isArray(was) && Array.isArray(is) && was.length === is.length)
      for (const [index, one] of was.entries()) queue.push([one, is[index], [...path, index]]);
  }
  return found;
}
