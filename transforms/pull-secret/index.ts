import { isYamlPath, objectsIn, readObjects } from "../../src/cluster/objects.ts";
import type { Cluster } from "../../src/cluster/types.ts";
import { bodyOf, type KubeObject, type YamlData } from "../../src/contract/objects.ts";
import { kustomizationOf } from "../../src/delivery/kustomize/index.ts";
import { dirname } from "../../src/delivery/paths.ts";
import type { Tree } from "../../src/files/tree.ts";
import { combine, defineTransform, type TransformContext, withTarget } from "../contract.ts";
import { majority } from "../shared/apps/evidence.ts";
import { addCompanion } from "../shared/oci/companion.ts";
import type { OciTarget } from "../shared/oci/types.ts";
import { objectsNaming } from "../shared/read.ts";

/** Says how the pull secret gets there; where the owner uses external secrets, adds one. Never a value. */
export default defineTransform({
  id: "pull-secret",
  title: "Prepare the secret that pulls the artifact",
  phases: ["prepare"],
  run: withTarget((context, target) => {
    const { pullSecret: secret, host, at, sync } = target;
    if (!secret || sync.kind !== "GitRepository") return {};
    if (declaresSecret(context.tree, context.cluster, target)) return {};
    const { store } = learnSecrets(context.before, context.cluster);
    const { namespace } = sync;
    if (!store) {
      const place = { resource: `Secret ${namespace}/${secret}`, at };
      return {
        findings: [{ rule: "pull-secret-missing", level: "caution", ...place, facts: { host, secret, namespace } }],
      };
    }
    const shared = findShared(context, target);
    const added = shared
      ? {}
      : addCompanion(context, sync, {
          file: "externalsecret",
          data: externalPullSecret(target, store),
          why: "Make the pull secret the way this repository makes its secrets.",
          evidence: [at],
        });
    const place = { resource: `ExternalSecret ${namespace}/${secret}`, at };
    const facts = { host, secret, store: shared ? String(bodyOf(shared).spec.secretStoreRef.name) : store.name };
    return combine(added, { findings: [{ rule: "pull-secret-entry", level: "caution", ...place, facts }] });
  }),
});

/** How the owner keeps secrets, judged by what the cluster is delivered. */
export interface SecretHabit {
  kind: "external" | "sops" | "none";
  /** The store that most ExternalSecrets read, when it is a store of the whole cluster. */
  store?: { name: string; apiVersion: string; refreshInterval?: string };
  /** An encrypted file, as an example. */
  example?: string;
  /** Whether the example holds a Secret of the instance's namespace, so that a new one may stand beside it. */
  isNeighbour?: boolean;
}

/** External secrets or SOPS files, whichever the owner has more of. */
export function learnSecrets(tree: Tree, cluster: Cluster): SecretHabit {
  const external = objectsNaming(tree, cluster, "ExternalSecret").filter(({ kind }) => kind === "ExternalSecret");
  const encrypted = tree.grep("ENC[AES256").filter((file) => isYamlPath(file) && cluster.files.has(file));
  const shared = external.filter((object) => bodyOf(object).spec?.secretStoreRef?.kind === "ClusterSecretStore");
  const nameOf = (object: KubeObject) => String(bodyOf(object).spec.secretStoreRef.name);
  const name = majority(shared.map(nameOf));
  const store = shared.find((object) => nameOf(object) === name);
  if (store && external.length > encrypted.length) {
    const { refreshInterval, secretStoreRef } = bodyOf(store).spec;
    return {
      kind: "external",
      store: {
        name: String(secretStoreRef.name),
        apiVersion: store.apiVersion,
        ...(typeof refreshInterval === "string" ? { refreshInterval } : {}),
      },
    };
  }
  const neighbour = encrypted.find((file) => holdsSecretOf(tree, file, cluster.namespace));
  const example = neighbour ?? encrypted[0];
  return example ? { kind: "sops", example, isNeighbour: neighbour !== undefined } : { kind: "none" };
}

/** SOPS leaves kind and namespace readable; a kustomization beside the file may still set another namespace. */
function holdsSecretOf(tree: Tree, file: string, namespace: string): boolean {
  const own = kustomizationOf(tree, dirname(file))?.data.namespace;
  return readObjects(tree, file).objects.some(
    ({ kind, data }) => kind === "Secret" && (own ?? data.metadata?.namespace) === namespace,
  );
}

/** Whether the tree declares the secret already: as itself, encrypted or not, or as what an ExternalSecret makes. */
function declaresSecret(tree: Tree, cluster: Cluster, { pullSecret }: OciTarget): boolean {
  if (pullSecret === undefined) return true;
  return objectsNaming(tree, cluster, pullSecret).some(
    (object) => (object.kind === "Secret" && object.name === pullSecret) || makesSecret(object, pullSecret),
  );
}

function makesSecret(object: KubeObject, secret: string): boolean {
  return object.kind === "ExternalSecret" && (bodyOf(object).spec?.target?.name ?? object.name) === secret;
}

/** The ExternalSecret that this run has written for another cluster of the same instance folder. */
function findShared({ tree, before }: TransformContext, { pullSecret = "", sync }: OciTarget): KubeObject | undefined {
  const folder = dirname(sync.instance.object.file);
  const added = tree.grep(pullSecret).filter((file) => dirname(file) === folder && !before.has(file));
  return objectsIn(tree, added).find((object) => makesSecret(object, pullSecret));
}

/** An ExternalSecret that makes the pull secret out of `username` and `password` of an entry of the same name. */
function externalPullSecret({ host, pullSecret, sync }: OciTarget, store: NonNullable<SecretHabit["store"]>): YamlData {
  const auths = { auths: { [host]: { username: "{{ .username }}", password: "{{ .password }}" } } };
  return {
    apiVersion: store.apiVersion,
    kind: "ExternalSecret",
    metadata: { name: pullSecret, namespace: sync.namespace },
    spec: {
      ...(store.refreshInterval ? { refreshInterval: store.refreshInterval } : {}),
      secretStoreRef: { kind: "ClusterSecretStore", name: store.name },
      target: {
        name: pullSecret,
        template: {
          type: "kubernetes.io/dockerconfigjson",
          data: { ".dockerconfigjson": JSON.stringify(auths, null, 2) },
        },
      },
      dataFrom: [{ extract: { key: pullSecret } }],
    },
  };
}
