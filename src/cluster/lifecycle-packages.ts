import type { InstallElsewhere } from "../contract/install-ways.ts";
import type { KubeObject, YamlData } from "../contract/objects.ts";
import { locateField } from "../delivery/locations.ts";
import type { Tree } from "../files/tree.ts";
import { isArchived } from "./automation-files.ts";
import type { FluxChart } from "./chart-reconcilers.ts";
import { isYamlPath, readObjects } from "./objects.ts";

/** What Flux and its operator are called in the catalogues of OperatorHub. */
const PACKAGES: Record<FluxChart, string> = { flux2: "flux", "flux-operator": "flux-operator" };

/** Objects that have the Operator Lifecycle Manager install Flux, or its operator. */
export function findLifecyclePackages(tree: Tree, chart: FluxChart): InstallElsewhere[] {
  const files = ["operators.coreos.com/", "olm.operatorframework.io/"].flatMap((group) => tree.grep(group));
  return [...new Set(files)].flatMap((file) => {
    if (!isYamlPath(file) || isArchived(file)) return [];
    return readObjects(tree, file).objects.flatMap((object): InstallElsewhere[] =>
      packageOf(object) === PACKAGES[chart]
        ? [{ by: "olm", file, line: locateField(tree, object).line, name: `${object.kind} ${object.name}` }]
        : [],
    );
  });
}

function packageOf({ apiVersion, kind, data }: KubeObject): unknown {
  const { spec }: YamlData = data;
  if (apiVersion.startsWith("operators.coreos.com/") && kind === "Subscription") return spec?.name;
  if (apiVersion.startsWith("olm.operatorframework.io/") && kind === "ClusterExtension")
    return spec?.source?.catalog?.packageName;
  return undefined;
}
