import type { Install } from "../cluster/types.ts";
import { given } from "../contract/given.ts";
import type { InstanceFields } from "../release/types.ts";
import type { InstallResult, Versions } from "./types.ts";

/** The spec of a FluxInstance as far as the install alone decides it, without patches and sync (flux-facts 1.2). */
export interface InstanceSpec {
  distribution: { version: string; registry?: string; imagePullSecret?: string };
  commonMetadata?: { labels?: Record<string, string>; annotations?: Record<string, string> };
  components: string[];
  cluster: {
    networkPolicy: boolean;
    domain?: string;
    multitenant?: true;
    tenantDefaultServiceAccount?: string;
    objectLevelWorkloadIdentity?: true;
  };
}

/** What an instance says so that the operator runs what the install runs. */
export function specOf({ install, range }: Versions, { fields, components }: InstallResult): InstanceSpec {
  const registry = fields.registry ?? install.registry?.value;
  return {
    distribution: {
      version: range,
      ...(registry ? { registry } : {}),
      ...(fields.imagePullSecret ? { imagePullSecret: fields.imagePullSecret } : {}),
    },
    ...readCommonMetadata(install),
    components,
    cluster: clusterOf(fields),
  };
}

function clusterOf(fields: InstanceFields): InstanceSpec["cluster"] {
  const { domain, multitenant, objectLevelWorkloadIdentity } = fields;
  return {
    // Always written: the default is true, and previews differ from the cluster when it is left out (trap 30).
    networkPolicy: fields.networkPolicy ?? true,
    ...given({ domain, multitenant: multitenant && (true as const), ...multitenant, objectLevelWorkloadIdentity }),
  };
}

/** Labels and annotations that kustomizations set on every object of the install; the operator sets them last. */
function readCommonMetadata({ gotk }: Install): Pick<InstanceSpec, "commonMetadata"> {
  const entries = Object.entries(gotk?.commonMetadata ?? {}).filter(([, map]) => Object.keys(map).length > 0);
  return entries.length > 0 ? { commonMetadata: Object.fromEntries(entries) } : {};
}
