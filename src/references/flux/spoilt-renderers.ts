import { isOpenText } from "../../admission/open-text.ts";
import type { Given } from "../../change/given.ts";
import { notIn } from "../../contract/not-in.ts";
import { itemsOf, type YamlData } from "../../contract/objects.ts";
import { patchStep } from "../../delivery/kustomize/index.ts";
import { isMap } from "../../yaml/is-map.ts";
import { readYaml } from "../../yaml/read.ts";
import { type Stopped, stopsOf } from "../stopped.ts";

/**
 * Patches over what a chart renders that kustomize takes in no case, whatever the chart holds: text that is no patch, a JSON
 * patch without a target, a step that is none. Helm renders nothing then, and the release stays as it is.
 */
export function findSpoiltRenderers(given: Given): Stopped[] {
  return stopsOf(given, ({ object, by }, was) => {
    if (!object.release || object.body?.spec?.suspend === true || by?.fixed) return [];
    const fresh = notIn(listPatches(object.body), was ? listPatches(was.object.body) : [], ({ text }) => text);
    return fresh.flatMap(({ entry, text, path }) => {
      const step = patchStep([], entry, true);
      const reason = step.ok ? findNoStep(entry) : step.reason;
      if (reason === undefined || isOpenText(text)) return [];
      return {
        path,
        what: `is not upgraded any more: kustomize cannot run ${path.slice(1).join(".")} over what its chart renders (${reason})`,
        why: "helm-controller runs postRenderers before it installs or upgrades anything, and stops where one fails.",
        next: "Correct the patch: a strategic merge patch, or a JSON patch with the target that it is for.",
      };
    });
  });
}

const STEPS = new Set<unknown>(["add", "remove", "replace", "move", "copy", "test"]);

/** A step of a JSON patch that is none (RFC 6902), which fails wherever its target is there. */
function findNoStep({ patch }: YamlData): string | undefined {
  const parsed = typeof patch === "string" ? readYaml(patch) : undefined;
  const steps: unknown = parsed?.ok ? parsed.docs[0]?.data : undefined;
  for (const step of Array.isArray(steps) ? steps : []) {
    if (!isMap(step)) continue;
    if (!STEPS.has(step.op)) return `its op ${JSON.stringify(step.op ?? null)} is none`;
    if (typeof step.path !== "string") return "one of its steps has no path";
  }
  return undefined;
}

function listPatches(body: YamlData) {
  return itemsOf(body?.spec?.postRenderers).flatMap((renderer, index) =>
    itemsOf(renderer?.kustomize?.patches).map((entry, at) => ({
      entry,
      text: JSON.stringify(entry),
      path: ["spec", "postRenderers", index, "kustomize", "patches", at],
    })),
  );
}
