import { isDeepStrictEqual } from "node:util";
import { isObjectName } from "../../contract/names.ts";
import type { YamlData } from "../../contract/objects.ts";
import { splitPointer } from "../../delivery/kustomize/index.ts";
import { CROSS_NAMESPACE } from "../../release/base.ts";
import { flagsOf, splitGates } from "../../release/compare.ts";
import { atLeast, type FluxVersion, SOURCE_WATCHER } from "../../release/releases.ts";
import { deploymentsOf } from "../../release/simulate.ts";
import type { InstanceFields, JsonOp, SimObject } from "../../release/types.ts";
import type { PortInput } from "../types.ts";

/** What first-class fields could take over, judged by the effective old build; the caller tries each and compares. */
export function detectFields(old: readonly SimObject[], input: PortInput, version: FluxVersion): InstanceFields[] {
  const deployments = deploymentsOf(old);
  const flag = (name: string, key: string) => {
    const deployment = deployments.find((object) => object.data.metadata.name === name);
    return deployment ? flagsOf(deployment.data).get(key) : undefined;
  };
  const found: InstanceFields[] = [];
  const policies = old.filter((object) => object.data.kind === "NetworkPolicy");
  if (policies.length > 0 && policies.every((object) => object.deleted)) found.push({ networkPolicy: false });

  const domain = domainOf(flag("source-controller", "--storage-adv-addr") ?? "");
  if (domain && domain !== "cluster.local") found.push({ domain });

  const secrets = deployments.map((object) => object.data.spec.template.spec.imagePullSecrets);
  const secret = secrets[0]?.[0]?.name;
  if (
    typeof secret === "string" &&
    isObjectName(secret) &&
    secrets.every((list) => isDeepStrictEqual(list, [{ name: secret }]))
  ) {
    found.push({ imagePullSecret: secret });
  }
  // Before, the operator refuses the field (flux-facts 1.2).
  const hasIdentity =
    atLeast(version, "2.6") &&
    deployments.some((object) => flagsOf(object.data).get("--feature-gates ObjectLevelWorkloadIdentity") === "true");
  if (hasIdentity) found.push({ objectLevelWorkloadIdentity: true });

  const root = old.find((object) => object.id === "sync/root");
  const rootAccount = root?.data.spec.serviceAccountName ?? input.rootServiceAccountName;
  const account = flag("kustomize-controller", "--default-service-account");
  const isLocked =
    rootAccount === "kustomize-controller" &&
    account !== undefined &&
    (flag("helm-controller", "--default-service-account") ?? account) === account &&
    flag("kustomize-controller", "--no-remote-bases") === "true" &&
    deployments
      .filter((object) => CROSS_NAMESPACE.includes(object.data.metadata.name))
      .every((object) => flagsOf(object.data).get("--no-cross-namespace-refs") === "true");
  if (isLocked) {
    found.push({ multitenant: account === "default" ? {} : { tenantDefaultServiceAccount: account } });
  }
  return found;
}

function domainOf(address: string): string | undefined {
  return /^source-controller\.\$\(RUNTIME_NAMESPACE\)\.svc\.(.+)\.$/.exec(address)?.[1];
}

/** The field that already says what a JSON6902 operation does to these objects; undefined when none does. */
export function fieldCoveringOp(
  op: JsonOp,
  ids: readonly string[],
  fields: InstanceFields,
  input: Pick<PortInput, "components" | "namespace">,
): string | undefined {
  const path = splitPointer(op.path);
  const isSet = op.op === "add" || op.op === "replace";
  if (!isSet) return undefined;
  if (fields.multitenant && op.path === "/spec/serviceAccountName" && op.value === "kustomize-controller") {
    return ids.every((id) => id === "sync/root") ? "cluster.multitenant" : undefined;
  }
  if (!ids.every((id) => id.startsWith("Deployment/"))) return undefined;
  if (op.path === "/spec/template/spec/imagePullSecrets") {
    const isEqual = fields.imagePullSecret && isDeepStrictEqual(op.value, [{ name: fields.imagePullSecret }]);
    return isEqual ? "distribution.imagePullSecret" : undefined;
  }
  const isArgument = path.length === 7 && path.slice(0, 6).join("/") === "spec/template/spec/containers/0/args";
  if (!isArgument || typeof op.value !== "string") return undefined;
  return fieldCoveringFlag(op.value, op.op === "add", ids, fields, input);
}

function fieldCoveringFlag(
  arg: string,
  isAdded: boolean,
  ids: readonly string[],
  fields: InstanceFields,
  input: Pick<PortInput, "components" | "namespace">,
): string | undefined {
  const [flag, ...rest] = arg.split("=");
  const value = rest.join("=");
  if (fields.domain) {
    const events = `--events-addr=http://notification-controller.${input.namespace}.svc.${fields.domain}./`;
    const storage = ids.map((id) => `--storage-adv-addr=${id.slice(11)}.$(RUNTIME_NAMESPACE).svc.${fields.domain}.`);
    if (arg === events || storage.every((candidate) => candidate === arg)) return "cluster.domain";
  }
  if (!isAdded) return undefined;
  if (fields.multitenant) {
    const account = fields.multitenant.tenantDefaultServiceAccount ?? "default";
    const isTenancy =
      ((flag === "--no-cross-namespace-refs" || flag === "--no-remote-bases") && (value === "true" || value === "")) ||
      (flag === "--default-service-account" && value === account);
    if (isTenancy) return "cluster.multitenant";
  }
  if (flag !== "--feature-gates") return undefined;
  const covers = splitGates(value).map(([gate, state]) => {
    if (gate === "ObjectLevelWorkloadIdentity" && state === "true" && fields.objectLevelWorkloadIdentity) {
      return "cluster.objectLevelWorkloadIdentity";
    }
    const isConsumer = ids.every(
      (id) => id === "Deployment/kustomize-controller" || id === "Deployment/helm-controller",
    );
    const isDefault = gate === "ExternalArtifact" && state === "true" && input.components.includes(SOURCE_WATCHER);
    return isDefault && isConsumer ? `components: ${SOURCE_WATCHER}` : undefined;
  });
  return covers.length > 0 && covers.every(Boolean) ? covers[0] : undefined;
}

/** Whether a strategic-merge body says nothing but the pull secret that the field sets. */
export function isPullSecretBody(doc: YamlData, fields: InstanceFields, ids: readonly string[]): boolean {
  if (!fields.imagePullSecret || !ids.every((id) => id.startsWith("Deployment/"))) return false;
  const { apiVersion: _apiVersion, kind: _kind, metadata, ...rest } = doc;
  const { name: _name, namespace: _namespace, ...others } = metadata;
  const wanted = { spec: { template: { spec: { imagePullSecrets: [{ name: fields.imagePullSecret }] } } } };
  return Object.keys(others).length === 0 && isDeepStrictEqual(rest, wanted);
}
