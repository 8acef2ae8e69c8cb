import type { Cluster } from "../../src/cluster/types.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import type { KubeObject, YamlData } from "../../src/contract/objects.ts";
import { ofOwn } from "../../src/contract/of-own.ts";
import { describe } from "../../src/delivery/kinds.ts";
import { locateField } from "../../src/delivery/locations.ts";
import type { Tree } from "../../src/files/tree.ts";
import { asks, losesPodLabels } from "../../src/instance/lost-selectors.ts";
import { readDeployments } from "../../src/instance/running.ts";
import type { WantedInstance } from "../../src/instance/want.ts";
import { objectsNaming } from "../shared/read.ts";

const LABEL = "app.kubernetes.io/instance";

/** Where an object names the pods that it is about. */
const SELECTORS: Readonly<Record<string, string>> = {
  NetworkPolicy: "podSelector",
  CiliumNetworkPolicy: "endpointSelector",
  PodDisruptionBudget: "selector",
  PodMonitor: "selector",
  VMPodScrape: "selector",
  Service: "selector",
};

/** Objects of the owner that find the pods of Flux by a label of `flux install` which the operator does not give them. */
export function reportLostPods(tree: Tree, cluster: Cluster, wanted: WantedInstance): DraftFinding[] {
  const { install, written, spec } = wanted;
  if (!losesPodLabels(install.style, written)) return [];
  const found = objectsNaming(tree, cluster, LABEL).filter((object) => asksForFlux(object, cluster.namespace));
  if (found.length === 0) return [];
  const pods = readDeployments({ ...wanted, components: spec.components }, cluster.namespace);
  if (pods.every(({ spec: own }) => own?.template?.metadata?.labels?.[LABEL] !== undefined)) return [];
  return found.map((object) => {
    const resource = describe(object);
    const at = locateField(tree, object, ["spec", SELECTORS[object.kind]!]);
    return { rule: "pods-not-found", level: "caution", resource, at, facts: { resource, label: LABEL } };
  });
}

function asksForFlux({ kind, data }: KubeObject, namespace: string): boolean {
  const field = ofOwn(SELECTORS, kind);
  const spec: YamlData = data.spec;
  const selector = field === undefined ? undefined : spec?.[field];
  return asks(kind === "Service" ? { matchLabels: selector } : selector, LABEL, namespace);
}
