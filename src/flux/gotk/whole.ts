import type { DraftFinding } from "../../engine/transform.ts";
import { describe } from "../kinds.ts";
import type { BaseFacts } from "../patches/facts.ts";
import type { YamlData } from "../types.ts";
import { CONTROLLERS, isController } from "./detect.ts";
import type { LazyDocument } from "./documents.ts";

/**
 * What shows that a gotk file is cut off or put together from two: objects of a component without its controller, and
 * objects that stand in it twice. Read as it is, the FluxInstance would leave the component out, and its CRDs would take
 * every Alert or ImagePolicy along when the file goes (trap 2).
 */
export function checkWhole(
  documents: readonly LazyDocument[],
  components: readonly string[],
  facts: BaseFacts | undefined,
): DraftFinding[] {
  const findings: DraftFinding[] = [];
  for (const component of CONTROLLERS.filter((name) => !components.includes(name))) {
    const own = facts?.files[component] ?? [];
    const left = documents.filter(({ kind, name }) =>
      own.some((data) => data.kind === kind && data.metadata.name === name),
    );
    if (left[0]) findings.push(inPart(component, left[0], left.length));
  }
  for (const document of documents.filter(isController)) {
    const data = document.data();
    const mount = findUnmounted(data);
    if (mount) findings.push(cutInside(document, `mounts the volume ${mount}, which it does not have`));
    // It stands behind the containers, and no controller can work without its account.
    else if (data?.spec && !data.spec.template?.spec?.serviceAccountName)
      findings.push(cutInside(document, "names no service account"));
  }
  const seen = new Set<string>();
  const twin = documents.find((document) => {
    const key = `${document.apiVersion}/${describe(document)}`;
    return seen.size === seen.add(key).size;
  });
  if (twin) findings.push(twice(twin));
  return findings;
}

/** A mount whose volume is missing: the volumes come last, so they are what a cut takes first. */
function findUnmounted(deployment: YamlData): string | undefined {
  const pod = deployment?.spec?.template?.spec;
  const volumes = new Set((pod?.volumes ?? []).map((volume: YamlData) => volume?.name));
  const mounts: YamlData[] = (pod?.containers ?? []).flatMap((container: YamlData) => container?.volumeMounts ?? []);
  return mounts.find((mount) => !volumes.has(mount?.name))?.name;
}

function cutInside(document: LazyDocument, what: string): DraftFinding {
  return {
    rule: "gotk-broken",
    level: "blocker",
    resource: describe(document),
    at: { file: document.file, line: document.line, col: 1 },
    what: `${describe(document)} ${what}: the file is cut off there.`,
    why: "What is missing would be carried over as if you had taken it out.",
    next: "Restore the file (flux install --export for the running version), commit, and run fluxlift again.",
  };
}

function inPart(component: string, document: LazyDocument, count: number): DraftFinding {
  return {
    rule: "gotk-broken",
    level: "blocker",
    resource: describe(document),
    at: { file: document.file, line: document.line, col: 1 },
    what: `The file holds ${count === 1 ? "an object" : `${count} objects`} of ${component}, but no Deployment that runs its image: it is cut off, or edited in a way that cannot be followed.`,
    why: "The FluxInstance would leave the component out, and its CRDs would go with the file, together with every object of their kinds (trap 2).",
    next: `Restore the file (flux install --export for the running version), or take ${component} out of it altogether if it is not wanted; let that reconcile, and run fluxlift again.`,
  };
}

function twice(document: LazyDocument): DraftFinding {
  return {
    rule: "gotk-broken",
    level: "blocker",
    resource: describe(document),
    at: { file: document.file, line: document.line, col: 1 },
    what: `${describe(document)} stands in the install twice, so kustomize refuses to build it.`,
    why: "Two installs were put together; which of them runs cannot be told from here.",
    next: "Keep the one that runs (see flux version), let that reconcile, and run fluxlift again.",
  };
}
