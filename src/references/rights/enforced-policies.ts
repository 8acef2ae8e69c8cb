import { splitKey } from "../../admission/key.ts";
import type { Given } from "../../change/given.ts";
import type { Held } from "../../change/world.ts";
import { itemsOf, type YamlData } from "../../contract/objects.ts";
import { operand, sh } from "../../contract/shell.ts";
import { type Stopped, stopsOf } from "../stopped.ts";
import { isDenying, isRefusing } from "./refusing-policies.ts";

/**
 * Policies of Kyverno, Gatekeeper and Kubernetes itself that only reported, and refuse from then on: what in the cluster breaks
 * one today is refused with its next change, that of Flux included, and which objects these are stands in no tree.
 */
export function findEnforcedPolicies({ before, after }: Pick<Given, "before" | "after">): Stopped[] {
  return stopsOf({ before, after }, (held, was) => {
    if (!was) return [];
    const { group, kind, name } = splitKey(held.object.key);
    if (isKyverno(held)) {
      const old = listEnforced(was.object.body?.spec, false);
      const added = [...listEnforced(held.object.body?.spec, true)].find((rule) => old.has(rule));
      return added === undefined
        ? []
        : say(["spec"], `with ${sh`kubectl get policyreport,clusterpolicyreport -A`.line}`);
    }
    if (isDenying(held)) {
      const isNew = !isDenying(was) && !isRefusing(after, String(held.object.body?.spec?.policyName));
      return isNew ? say(["spec", "validationActions"], "in the audit log of the API server") : [];
    }
    if (group !== "constraints.gatekeeper.sh" || isDenied(was) || !isDenied(held)) return [];
    return say(
      ["spec", "enforcementAction"],
      `with ${sh`kubectl get ${operand(`${kind}.${group}`)} ${operand(name)} -o yaml`.line}`,
    );
  });
}

function say(path: readonly string[], where: string) {
  return {
    path,
    what: "only reported until now and refuses from then on: whether something that Flux applies breaks it cannot be seen here, and of that Flux would apply nothing more",
    why: "",
    next: "",
    look: `look ${where} whether anything fails it today`,
  };
}

function isKyverno({ object }: Held): boolean {
  return /^kyverno\.io\|(?:Cluster)?Policy\|/.test(object.key);
}

/** Rules of a policy by whether they refuse; each may say so itself. */
function listEnforced(spec: YamlData, isMeant: boolean): Set<string> {
  const rules = itemsOf(spec?.rules).filter(({ validate }) => validate);
  const acts = (validate: YamlData) => String(validate?.failureAction ?? spec?.validationFailureAction ?? "Audit");
  return new Set(
    rules
      .filter(({ validate }) => (acts(validate).toLowerCase() === "enforce") === isMeant)
      .map(({ name }) => String(name)),
  );
}

const isDenied = ({ object }: Held): boolean => (object.body?.spec?.enforcementAction ?? "deny") === "deny";
