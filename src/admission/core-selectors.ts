import { itemsOf, type YamlData } from "../contract/objects.ts";
import { isMap } from "../yaml/is-map.ts";
import { checkLabelNames, checkLabels } from "./metadata.ts";
import { isOpenText } from "./open-text.ts";
import type { Part } from "./pods.ts";
import type { Refusal } from "./refusal.ts";

const WITH = new Set(["In", "NotIn"]);
const WITHOUT = new Set(["Exists", "DoesNotExist"]);
const LABELS = new Set(["matchLabels", "nodeSelector"]);
const PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution";
const HEAVIEST = 100;

/** Labels and expressions of selectors, and weights of wishes, wherever they stand (`ValidateLabelSelectorRequirement` of Kubernetes). */
export function checkSelectors(whole: Part, isWhole: boolean): Refusal[] {
  const found: Refusal[] = [];
  const open: Part[] = [whole];
  for (let part = open.pop(); part; part = open.pop()) {
    for (const [key, data] of Object.entries(isMap(part.data) ? part.data : [...itemsOf(part.data)])) {
      const path = [...part.path, Array.isArray(part.data) ? Number(key) : key];
      // Selectors of metrics, which may ask anything of whoever measures.
      if (typeof data !== "object" || data === null || key === "metric") continue;
      if (key === "matchExpressions") found.push(...checkExpressions(data, path, isWhole));
      if (LABELS.has(key)) found.push(...checkLabels(data, path), ...checkLabelNames(data, path));
      if (key === PREFERRED) found.push(...checkWeights(data, path));
      open.push({ data, path });
    }
  }
  return found;
}

function checkExpressions(expressions: YamlData, path: Refusal["path"], isWhole: boolean): Refusal[] {
  return itemsOf(expressions).flatMap((one, index): Refusal[] => {
    const { operator, values } = isMap(one) ? one : {};
    if (typeof operator !== "string" || isOpenText(values)) return [];
    const isFilled = itemsOf(values).length > 0;
    const at = [...path, index, "values"];
    if (isWhole && WITH.has(operator) && !isFilled) return [{ path: at, what: `is missing beside ${operator}` }];
    return WITHOUT.has(operator) && isFilled ? [{ path: at, what: `stands beside ${operator}` }] : [];
  });
}

function checkWeights(terms: YamlData, path: Refusal["path"]): Refusal[] {
  return itemsOf(terms).flatMap((term, index) => {
    const weight: unknown = isMap(term) ? term.weight : undefined;
    if (typeof weight !== "number" || (weight >= 1 && weight <= HEAVIEST)) return [];
    return [{ path: [...path, index, "weight"], what: `is ${weight}, and has to be 1 to ${HEAVIEST}` }];
  });
}
