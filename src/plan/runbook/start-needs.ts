import type { TransformContext } from "../../../transforms/contract.ts";
import { keyOfObject, splitKey } from "../../admission/key.ts";
import { listReferences } from "../../change/read.ts";
import { readHelmValues } from "../../cluster/helm-values.ts";
import { objectsIn } from "../../cluster/objects.ts";
import type { SyncNeed } from "../../cluster/sync-needs.ts";
import { readable } from "../../contract/answer.ts";
import type { Edit } from "../../contract/edit.ts";
import { isFilled, itemsOf, type YamlData } from "../../contract/objects.ts";
import { isFluxInstance } from "../../delivery/kinds.ts";
import { readDeployments } from "../../instance/running.ts";
import { CORE_COMPONENTS } from "../../release/releases.ts";
import { resolveDistribution } from "../../safety/operator/operator-set.ts";

interface Input extends Pick<TransformContext, "cluster" | "tree"> {
  edits: readonly Edit[];
}

/** What no controller starts without: the Secret of its images, and what patches of the instance have it mount or read. */
export function listStartNeeds(input: Input): SyncNeed[] {
  const { namespace } = input.cluster;
  const specs = listSpecs(input);
  const pulls = specs.flatMap((spec): Named[] => {
    const name: unknown = spec?.distribution?.imagePullSecret;
    return typeof name === "string" && name !== "" ? [{ kind: "Secret", name, purpose: "pull" }] : [];
  });
  const all = [...pulls, ...specs.flatMap((spec) => listMounts(spec, namespace))];
  const once = new Map(all.map((need) => [`${need.kind} ${need.name}`, need]));
  return [...once.values()].map((need) => ({ ...need, namespace, optional: false }));
}

type Named = Pick<SyncNeed, "kind" | "name" | "purpose">;

/** FluxInstances that are there, and those that the phase writes. */
function listSpecs({ cluster, tree, edits }: Input): YamlData[] {
  const created = edits.flatMap(({ kind, path }) => (kind === "create" ? [path] : []));
  const planned = objectsIn(tree, created).map((object) => {
    const spec = object.data.spec ?? {};
    return isFluxInstance(object) ? spec : readable(readHelmValues(tree, object, spec).values)?.instance;
  });
  return [...cluster.instances.map(({ spec }) => spec), ...planned].filter(isFilled);
}

const MOUNTED = ["Secret", "ConfigMap", "PersistentVolumeClaim"] as const;

function listMounts(spec: YamlData, namespace: string): Named[] {
  const patches: YamlData[] = itemsOf(spec.kustomize?.patches).filter(({ patch }) => typeof patch === "string");
  const version = resolveDistribution(spec.distribution);
  if (!version || patches.length === 0) return [];
  const asked: string[] = itemsOf(spec.components);
  const components = asked.length > 0 ? asked : CORE_COMPONENTS;
  const running = {
    version,
    components,
    fields: {},
    patches: patches.map(({ patch, target }) => ({ data: { patch, target } })),
  };
  return readDeployments(running, namespace).flatMap((body) => {
    const { apiVersion, kind } = body;
    const { name } = body.metadata;
    const key = keyOfObject({ apiVersion, kind, namespace, name });
    return listReferences({ key, kind, name, namespace, body, spared: false }).flatMap(({ target }): Named[] => {
      const named = splitKey(target);
      const mounted = MOUNTED.find((one) => one === named.kind);
      return mounted ? [{ kind: mounted, name: named.name, purpose: "start" }] : [];
    });
  });
}
