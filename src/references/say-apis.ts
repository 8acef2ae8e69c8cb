import { ownerName, printKey } from "../admission/key.ts";
import type { OpenPoint } from "../change/types.ts";
import type { SaidFinding } from "../contract/finding.ts";
import { groupBy } from "../contract/group-by.ts";
import { listSome, withOthers } from "../contract/list-some.ts";
import { operand, sh } from "../contract/shell.ts";
import type { Unserved } from "./apis.ts";
import type { Homeless } from "./namespaces.ts";
import { locateIn, type ReportInput } from "./report.ts";
import type { Stopped } from "./stopped.ts";

/** Findings, and things that cannot be known. */
interface Said {
  findings: SaidFinding[];
  open: OpenPoint[];
}

const SHOWN = 4;

/** One finding an API, with what uses it. */
export function reportUnserved(input: ReportInput, unserved: readonly Unserved[]): Said {
  const said: Said = { findings: [], open: [] };
  for (const group of groupBy(unserved, ({ api, because }) => `${api} ${because}`).values()) {
    const [first] = group as [Unserved];
    if (first.isStored) {
      said.findings.push(...group.map((one) => sayStored(input, one)));
      continue;
    }
    const at = locateIn(input, first.held, ["apiVersion"]);
    const resource = printKey(first.held.object.key);
    const names = group.slice(1).map(({ held }) => printKey(held.object.key));
    const more = names.length > 0 ? ` The same holds for ${listSome(names, SHOWN - 1)}.` : "";
    const [apiVersion, kind] = first.api.split(" ");
    const text = `is written in ${apiVersion}, of which the API server does not take ${kind}: ${first.because}`;
    if (first.look !== undefined) {
      const may = `is written in ${apiVersion}, of which the API server may not know ${kind}: ${first.because}`;
      said.open.push(
        ...group.map(({ held }) => ({ resource: printKey(held.object.key), what: may, look: first.look!, at })),
      );
      continue;
    }
    const owners = [...new Set(group.flatMap(({ held }) => (held.by ? [ownerName(held.by.key)] : [])))];
    said.findings.push({
      rule: "api-not-served",
      level: "blocker",
      resource,
      ...withOthers(names),
      at,
      what: `${resource} ${text}.${more}`,
      why: `Flux tries every object of a Kustomization before it applies the first, so nothing of ${owners.slice(0, SHOWN).join(", ")} is applied any more.`,
      next: "Write an API version and kind that the cluster serves, or bring the API first.",
    });
  }
  return said;
}

/** A CustomResourceDefinition without a version that objects lie in. */
function sayStored(input: ReportInput, { held, api }: Unserved): SaidFinding {
  const resource = printKey(held.object.key);
  const [apiVersion, kind] = api.split(" ");
  const owner = held.by ? ` of ${printKey(held.by.key)}` : "";
  return {
    rule: "api-not-served",
    level: "blocker",
    resource,
    at: locateIn(input, held, ["spec", "versions"]),
    what: `${resource} loses the version ${apiVersion}, in which objects of kind ${kind} are stored: the API server refuses it, and Flux then applies nothing more${owner}.`,
    why: "The API server takes no version out of a definition while it is in status.storedVersions.",
    next: "Keep that version, without serving it if need be, until the objects are stored in another one and status.storedVersions no longer has it.",
  };
}

/** What several objects of one FluxKustomization lack is one thing to look at. */
export function reportHomeless(input: ReportInput, homeless: readonly Homeless[]): Said {
  const said: Said = { findings: [], open: [] };
  for (const group of groupBy(homeless, ({ held, near }) => near ?? held.by?.key ?? "").values()) {
    const [first] = group as [Homeless];
    const at = locateIn(input, first.held, first.path);
    for (const { namespace, held, path, near } of group) {
      const resource = printKey(held.object.key);
      if (near === undefined) {
        const what = `is made by nothing here, and nothing was applied to it before; ${printKey(first.held.object.key)} goes there`;
        const look = `look with ${sh`kubectl get namespace ${operand(namespace)}`.line} whether it is there`;
        said.open.push({ resource: `Namespace ${namespace}`, what, look, at });
        continue;
      }
      said.findings.push({
        rule: "namespace-missing",
        level: "blocker",
        resource,
        at: locateIn(input, held, path),
        what: `${resource} goes to namespace ${namespace}, which nothing makes and where nothing was applied before: Flux cannot apply it.`,
        why: `There is ${near}, which differs by a letter.`,
        next: `Write ${near} if that is meant, or add the Namespace.`,
      });
    }
  }
  return said;
}

export function reportStops(input: ReportInput, stops: readonly Stopped[]): Said {
  const said: Said = { findings: [], open: [] };
  for (const stop of stops) {
    const { held, path, at: place, rule = "reconcile-stops", level = "blocker", what, why, next, look, others } = stop;
    const resource = printKey(held.object.key);
    const at = place ?? locateIn(input, held, path);
    if (look !== undefined) said.open.push({ resource, what, look, at });
    else {
      const more = withOthers((others ?? []).map(({ object }) => printKey(object.key)));
      said.findings.push({ rule, level, resource, ...more, at, what: `${resource} ${what}.`, why, next });
    }
  }
  return said;
}
