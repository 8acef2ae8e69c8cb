/** Compares two builds of Flux the way the gate does (gate item 4); shares no code with what it judges. */

// biome-ignore lint/suspicious/noExplicitAny: parsed YAML has no static shape
type Data = any;

const OPERATOR_LABELS = ["instance", "version", "part-of", "managed-by"].map((name) => `app.kubernetes.io/${name}`);

function flags(args: string[]): string[] {
  const last = new Map<string, string>();
  const gates = new Map<string, string>();
  for (const text of args) {
    const at = text.indexOf("=");
    const [flag, value] = at < 0 ? [text, "true"] : [text.slice(0, at), text.slice(at + 1)];
    if (flag !== "--feature-gates") last.set(flag, value);
    else
      for (const part of value.split(",")) {
        const [gate, state] = part.split("=");
        gates.set(gate!, state!);
      }
  }
  gates.delete("ObjectLevelWorkloadIdentity");
  return [...last, ...gates].map(([key, value]) => `${key}=${value}`).sort();
}

function withoutOwn(map: Record<string, string> | undefined, keys: string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(map ?? {}).filter(([key]) => !keys.includes(key)));
}

/** Deployments by name, with everything that may differ between bootstrap and operator taken out. */
export function effectiveDeployments(objects: Data[]): Record<string, Data> {
  const result: Record<string, Data> = {};
  for (const object of objects.filter(({ kind }) => kind === "Deployment")) {
    const copy = structuredClone(object);
    const pod = copy.spec.template;
    copy.metadata.labels = withoutOwn(copy.metadata.labels, OPERATOR_LABELS);
    pod.metadata.labels = withoutOwn(pod.metadata.labels, OPERATOR_LABELS);
    pod.metadata.annotations = withoutOwn(pod.metadata.annotations, ["cluster-autoscaler.kubernetes.io/safe-to-evict"]);
    pod.spec.nodeSelector = withoutOwn(pod.spec.nodeSelector, ["kubernetes.io/os"]);
    for (const container of pod.spec.containers) {
      container.args = flags(container.args ?? []);
      container.image = container.image.split(":")[0];
    }
    result[copy.metadata.name] = copy;
  }
  return result;
}

/** Kind and name of everything a build holds, sync objects and Namespace aside. */
export function identities(objects: Data[]): string[] {
  return objects
    .filter(({ apiVersion }) => !/(source|kustomize)\.toolkit\.fluxcd\.io/.test(apiVersion))
    .map(({ kind, metadata }) => `${kind}/${metadata.name}`)
    .sort();
}

export function find(objects: Data[], kind: string, name: string): Data {
  return objects.find((object) => object.kind === kind && object.metadata.name === name);
}
