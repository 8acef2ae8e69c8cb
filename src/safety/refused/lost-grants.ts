import { printKey, splitKey } from "../../admission/key.ts";
import { isOn } from "../../admission/switches.ts";
import type { Given } from "../../change/given.ts";
import { GROUPS } from "../../change/spoilt-install.ts";
import type { Grants, OpenPoint, OperatorSet } from "../../change/types.ts";
import type { World } from "../../change/world.ts";
import type { InstanceDescription } from "../../cluster/types.ts";
import { getOrMake } from "../../contract/group-by.ts";
import { listNames } from "../../contract/list-some.ts";
import { itemsOf, type YamlData } from "../../contract/objects.ts";
import { ofOwn } from "../../contract/of-own.ts";
import { operand, sh } from "../../contract/shell.ts";
import { pointAt } from "../../delivery/locations.ts";
import type { Tree } from "../../files/tree.ts";
import { flagsOf } from "../../release/compare.ts";

/** Variables by which a controller gets out of its network, into a cloud, or at its keys. */
const VARIABLE =
  /^(?:(?:https?|no|all|ftp)_proxy|SSL_CERT_(?:FILE|DIR)|GNUPGHOME|KUBECONFIG|(?:SOPS|AWS|AZURE|ARM|GOOGLE|GCP|VAULT|BAO|ALIBABA|ALICLOUD|OCI|TENCENTCLOUD)_\w+)$/i;
/** Kinds of volumes that hold what somebody has put there. */
const FILLED = ["secret", "configMap", "projected", "csi", "hostPath"];
/** Who a ServiceAccount is in AWS, Azure, Google and Alibaba. */
const IDENTITY =
  /^(?:eks\.amazonaws\.com\/role-arn|azure\.workload\.identity\/(?:client|tenant)-id|iam\.gke\.io\/gcp-service-account|pod-identity\.alibabacloud\.com\/role-name)$/;
const IDENTITY_LABEL = "azure.workload.identity/use";
/** Flags without which it refuses, or cannot read, what it does with them. */
const FLAGS = ["--sops-age-secret", "--insecure-kubeconfig-exec", "--insecure-kubeconfig-tls"];

/** What patches give the controllers among the objects of an install, and no release does by itself; by controller. */
export function listGrants(objects: readonly YamlData[]): Grants {
  const grants = new Map<string, Set<string>>();
  for (const one of objects) {
    const name = String(one?.metadata?.name);
    if (ofOwn(GROUPS, name) === undefined) continue;
    const own = one.kind === "Deployment" ? listOfPods(one) : one.kind === "ServiceAccount" ? listOfAccount(one) : [];
    const all = getOrMake(grants, name, () => new Set<string>());
    for (const each of own) all.add(each);
  }
  return grants;
}

function listOfAccount({ metadata }: YamlData): string[] {
  const marks = Object.entries(metadata?.annotations ?? {}).filter(
    ([key, value]) => IDENTITY.test(key) && isSaid(value),
  );
  return marks.map(([key]) => `the annotation ${key} of its ServiceAccount`);
}

/** An empty text gives nothing, as nothing does. */
const isSaid = (value: unknown): boolean => (value ?? "") !== "";

function listOfPods(deployment: YamlData): string[] {
  const { metadata, spec } = deployment.spec?.template ?? {};
  const [first] = itemsOf(spec?.containers);
  const volumes = new Map(itemsOf(spec?.volumes).map((one) => [one?.name, one]));
  const mounts = itemsOf(first?.volumeMounts).filter(({ name }) => FILLED.some((kind) => volumes.get(name)?.[kind]));
  const flags = flagsOf(deployment);
  return [
    ...itemsOf(first?.env)
      .filter(({ name, value, valueFrom }) => VARIABLE.test(String(name)) && (isSaid(value) || isSaid(valueFrom)))
      .map(({ name }) => `the variable ${name}`),
    ...(itemsOf(first?.envFrom).length > 0 ? ["the variables of envFrom"] : []),
    ...mounts.map(({ mountPath }) => `what is mounted at ${mountPath}`),
    ...FLAGS.filter((flag) => flags.has(flag) && (flag === FLAGS[0] || isOn(flags.get(flag)))).map((flag) => flag),
    // Its webhook selects pods by that value (azure-workload-identity, charts/workload-identity-webhook).
    ...(metadata?.labels?.[IDENTITY_LABEL] === "true" ? [`the label ${IDENTITY_LABEL} of its pods`] : []),
    ...itemsOf(spec?.hostAliases).map(({ ip }) => `the names of hosts for ${ip}`),
    ...itemsOf(spec?.tolerations).map(({ key }) => `the toleration of ${key ?? "every taint"}`),
  ];
}

interface Input {
  given: Given;
  sets: readonly [before: OperatorSet | undefined, after: OperatorSet | undefined];
  /** The FluxInstance after the change. */
  next: InstanceDescription | undefined;
  after: Tree;
  namespace: string;
}

/**
 * What controllers have been given by patches and lose: in the FluxInstance, in another install, or as a first FluxInstance takes
 * that over and the operator applies its own objects in place of it (flux-facts 2.6).
 */
export function findLostGrants({ given, sets: [was, is], next, after, namespace }: Input): OpenPoint[] {
  // What cannot be read, or is not applied, takes nothing away.
  if (next?.unread !== undefined || is?.failure) return [];
  const old = was?.grants ?? readGrants(given.before, namespace);
  const now = is?.grants ?? readGrants(given.after, namespace);
  return [...old].flatMap(([name, grants]): OpenPoint | [] => {
    const kept = now.get(name);
    const lost = kept ? [...grants].filter((one) => !kept.has(one)) : [];
    const held = given.after.objects.get(`apps|Deployment|${namespace}|${name}`);
    const at = held?.object.at ?? held?.by?.at;
    const place =
      is && next ? pointAt(after, next.object, ["spec"]) : held && at && { resource: printKey(held.object.key), at };
    if (lost.length === 0 || !place) return [];
    const command = sh`kubectl get deploy ${operand(name)} -n ${namespace} -o yaml`.line;
    return {
      ...place,
      what: `${is && next ? `leaves ${name} without` : "loses"} ${listNames(lost)}, which it has today, and whether Flux works without cannot be seen here`,
      look: `look what that is for with ${command}; what is needed goes into a patch`,
    };
  });
}

function readGrants(world: World, namespace: string): Grants {
  world.search(["kustomize-controller"]);
  const parts = world.all.filter(({ object, by }) => {
    const isHere = object.namespace === namespace && splitKey(object.key).remote === "";
    return isHere && by !== undefined && (object.kind === "Deployment" || object.kind === "ServiceAccount");
  });
  return listGrants(parts.map(({ object }) => object.body));
}
