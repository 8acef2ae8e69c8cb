import { lineOf } from "../../contract/errors.ts";
import type { DraftFinding, FactFinding } from "../../contract/finding.ts";
import type { BrokenInstall } from "../../contract/install-ways.ts";
import { itemsOf, type YamlData } from "../../contract/objects.ts";
import { describe } from "../../delivery/kinds.ts";
import type { BaseFacts } from "../../release/facts.ts";
import type { LazyDocument } from "../types.ts";
import { CONTROLLERS, isController } from "./detect.ts";

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
    if (left[0]) findings.push(broken(left[0], { how: "in-part", component, count: left.length }));
  }
  for (const document of documents.filter(isController)) {
    const what = findCut(document.data());
    if (what) findings.push(broken(document, { how: "cut-off", resource: describe(document), what }));
  }
  const seen = new Set<string>();
  const twin = documents.find((document) => {
    const key = `${document.apiVersion}/${describe(document)}`;
    return seen.size === seen.add(key).size;
  });
  if (twin) findings.push(broken(twin, { how: "twice", resource: describe(twin) }));
  return findings;
}

/** What a cut took: the volumes and the account stand behind the containers, and no controller works without them. */
function findCut(deployment: YamlData): string | undefined {
  const pod = deployment?.spec?.template?.spec;
  const volumes = new Set(itemsOf(pod?.volumes).map((volume) => volume.name));
  const mounts = itemsOf(pod?.containers).flatMap((container) => itemsOf(container.volumeMounts));
  const lost = mounts.find((mount) => !volumes.has(mount.name))?.name;
  if (lost) return `mounts the volume ${lost}, which it does not have`;
  return deployment?.spec && !pod?.serviceAccountName ? "names no service account" : undefined;
}

function broken(document: LazyDocument, facts: BrokenInstall): FactFinding {
  const { file, line } = document;
  return { rule: "gotk-broken", level: "blocker", resource: describe(document), at: lineOf(file, line), facts };
}
