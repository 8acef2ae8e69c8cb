import { itemsOf, type YamlData } from "../../contract/objects.ts";
import { isMap } from "../../yaml/is-map.ts";
import { printDocument } from "../../yaml/print.ts";
import { readYaml } from "../../yaml/read.ts";
import { DEFAULT_STYLE } from "../../yaml/style.ts";
import { mostObjects } from "../vast.ts";
import { CHECKSUM_FROM, listFilled, readFilled } from "./filled.ts";
import type { Input } from "./inputs.ts";
import { type Budget, makeBudget, runTemplate } from "./run.ts";
import { parseTemplate, TemplateProblem } from "./syntax.ts";

/** An object that a ResourceSet makes. */
export interface MadeObject {
  body: YamlData;
  /** The template that makes it, and the input it is made for: `0/resources/2`, and the input as text. */
  template: string;
  input: string;
}

export type MadeObjects = { ok: true; objects: readonly MadeObject[] } | { ok: false; what: string; fails: boolean };

/**
 * The objects of a ResourceSet as the operator makes them (flux-operator, internal/builder): each template once an input,
 * those of `resources` before those of `resourcesTemplate`, the first of a name counts; steps may not share one.
 */
export function makeObjects(spec: YamlData, inputs: readonly Input[]): MadeObjects {
  const steps = Array.isArray(spec?.steps) ? itemsOf(spec.steps) : [spec];
  if (Array.isArray(spec?.steps) && (spec.resources !== undefined || spec.resourcesTemplate !== undefined))
    return { ok: false, what: "steps beside resources, which the API server refuses", fails: true };
  const seen = new Set<string>();
  const objects: MadeObject[] = [];
  const budget = makeBudget();
  try {
    for (const [at, step] of steps.entries()) {
      for (const object of makeStep(step, inputs, { at, budget })) {
        const key = keyOf(object.body);
        if (seen.has(key))
          return { ok: false, what: `${object.body.kind} ${object.body.metadata?.name} in two steps`, fails: true };
        seen.add(key);
        objects.push(object);
      }
    }
  } catch (problem) {
    if (problem instanceof TemplateProblem) return { ok: false, what: problem.message, fails: problem.fails };
    throw problem;
  }
  return { ok: true, objects };
}

function makeStep(
  step: YamlData,
  inputs: readonly Input[],
  { at, budget }: { at: number; budget: Budget },
): MadeObject[] {
  const templates = itemsOf(step?.resources).map((one, index) => ({
    name: `${at}/resources/${index}`,
    text: printDocument(one, DEFAULT_STYLE),
    isText: false,
  }));
  if (typeof step?.resourcesTemplate === "string")
    templates.push({ name: `${at}/resourcesTemplate`, text: step.resourcesTemplate, isText: true });
  const made = new Map<string, MadeObject>();
  for (const { name, text, isText } of templates) {
    const nodes = parseTemplate(text);
    for (const input of inputs) {
      for (const [index, body] of readBodies(runTemplate(nodes, input ?? {}, budget), isText).entries()) {
        // Without inputs the operator looks at it in the text of `resourcesTemplate` only.
        if ((input || isText) && body.metadata?.annotations?.["fluxcd.controlplane.io/reconcile"] === "disabled")
          continue;
        checkFilled(body);
        const key = keyOf(body);
        if (made.size >= mostObjects) throw new TemplateProblem(`more than ${mostObjects} objects`, false);
        if (!made.has(key)) made.set(key, { body, template: `${name}/${index}`, input: JSON.stringify(input ?? {}) });
      }
    }
  }
  return [...made.values()];
}

function checkFilled(body: YamlData): void {
  const wrong = listFilled(body, body.apiVersion === "v1" ? body.kind : undefined).find((one) => !readFilled(one));
  if (wrong)
    throw new TemplateProblem(
      `${wrong.annotation} of ${body.kind} ${body.metadata?.name}, which does not name ${wrong.annotation === CHECKSUM_FROM ? "Kind/namespace/name" : "namespace/name"}`,
      true,
    );
}

/** @param isText of `resourcesTemplate`, where what has no name or API is left out without a word */
function readBodies(text: string, isText: boolean): YamlData[] {
  const parsed = readYaml(text);
  if (!parsed.ok) throw new TemplateProblem(`a result that is no YAML (${parsed.reason})`, true);
  const bodies = parsed.docs.flatMap(({ data }) => (isMap(data) ? [data] : []));
  return bodies.filter(({ apiVersion, kind, metadata, items }) => {
    const [hasKind, ...others] = [kind, apiVersion, metadata?.name].map((one) => typeof one === "string" && one !== "");
    if (isText && hasKind && Array.isArray(items)) throw new TemplateProblem("a list of objects", false);
    const isObject = hasKind && others.every(Boolean);
    if (!isObject && !(isText && hasKind)) throw new TemplateProblem("a result that is no object", true);
    return isObject;
  });
}

function keyOf({ apiVersion, kind, metadata }: YamlData): string {
  const group = String(apiVersion).includes("/") ? String(apiVersion).split("/")[0] : "";
  return JSON.stringify([group, kind, metadata?.namespace ?? "", metadata?.name]);
}
