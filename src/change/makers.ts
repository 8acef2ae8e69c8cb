import { groupKindOf, inCluster, isFluxElsewhere, keyOfObject, type ObjectKey, splitKey } from "../admission/key.ts";
import { getOrMake } from "../contract/group-by.ts";
import { itemsOf, type YamlData } from "../contract/objects.ts";
import { ofOwn } from "../contract/of-own.ts";
import { isFluxGroup } from "../delivery/kinds.ts";
import { isMap } from "../yaml/is-map.ts";
import { textsIn } from "../yaml/walk-data.ts";
import type { OwnedObject } from "./types.ts";

/** An object that a controller makes for another one. */
export interface Made {
  key: ObjectKey;
  /** It goes with what makes it (an owner reference). */
  owned?: true;
  /** It stays, and runs out once nothing renews it. */
  renewed?: true;
  /** It is filled where it is there, and not made. */
  filled?: true;
}

type Reader = (body: YamlData, namespace: string, name: string) => Made[];

const core = (kind: string, namespace: string, name: unknown): ObjectKey[] =>
  typeof name === "string" && name !== "" ? [keyOfObject({ apiVersion: "v1", kind, namespace, name })] : [];
const secret = (namespace: string, name: unknown): Made[] => core("Secret", namespace, name).map((key) => ({ key }));
/** cert-manager leaves the Secret of a Certificate that goes, and renews it no more. */
const certificate = (namespace: string, name: unknown): Made[] =>
  secret(namespace, name).map(({ key }) => ({ key, renewed: true }));
/** Marks of an Ingress or a Gateway for which cert-manager makes Certificates by itself. */
const ISSUED = ["cert-manager.io/cluster-issuer", "cert-manager.io/issuer", "kubernetes.io/tls-acme"];
const isIssued = ({ metadata }: YamlData): boolean => ISSUED.some((key) => metadata?.annotations?.[key] !== undefined);
const own = (made: readonly Made[]): Made[] => made.map(({ key }) => ({ key, owned: true }));

const suffixed =
  (...suffixes: string[]): Reader =>
  (_, namespace, name) =>
    suffixes.flatMap((suffix) => secret(namespace, `${name}${suffix}`));

/** A Secret that is called as its maker, and goes with it. */
const ofItsName: Reader = (_, namespace, name) => own(secret(namespace, name));

/** Vault Secrets Operator owns what it makes, and without `create` it fills what has to be there. */
const fromVault: Reader = ({ spec }, namespace) => {
  const made = secret(namespace, spec?.destination?.name);
  return spec?.destination?.create === true ? own(made) : made.map(({ key }) => ({ key, filled: true }));
};

/** What well-known controllers make, by `group|Kind`, as their documentation says; `own` where it goes with its maker for certain. */
const READERS: Record<string, Reader> = {
  "external-secrets.io|ExternalSecret": ({ spec }, namespace, name) => {
    const made = secret(namespace, spec?.target?.name ?? name);
    const policy = spec?.target?.creationPolicy ?? "Owner";
    if (policy === "None") return [];
    if (policy === "Merge") return made.map(({ key }) => ({ key, filled: true }));
    return policy === "Owner" ? own(made) : made;
  },
  "external-secrets.io|ClusterExternalSecret": ({ spec }, _, name) => {
    const { target } = spec?.externalSecretSpec ?? {};
    const isOwner = (target?.creationPolicy ?? "Owner") === "Owner";
    const named = target?.name ?? spec?.externalSecretName ?? name;
    return own(isOwner ? itemsOf(spec?.namespaces).flatMap((one) => secret(String(one), named)) : []);
  },
  // Whatever names its template says (sealed-secrets, `Unseal`).
  "bitnami.com|SealedSecret": ofItsName,
  "cert-manager.io|Certificate": ({ spec }, namespace) => certificate(namespace, spec?.secretName),
  "networking.k8s.io|Ingress": (body, namespace) =>
    isIssued(body) ? itemsOf(body.spec?.tls).flatMap((one) => certificate(namespace, one.secretName)) : [],
  "gateway.networking.k8s.io|Gateway": (body, namespace) =>
    isIssued(body)
      ? itemsOf(body.spec?.listeners).flatMap((one) =>
          itemsOf(one.tls?.certificateRefs).flatMap((ref) => certificate(ref.namespace ?? namespace, ref.name)),
        )
      : [],
  "cert-manager.io|Issuer": ({ spec }, namespace) => secret(namespace, spec?.acme?.privateKeySecretRef?.name),
  "onepassword.com|OnePasswordItem": ofItsName,
  "secrets.hashicorp.com|VaultStaticSecret": fromVault,
  "secrets.hashicorp.com|VaultDynamicSecret": fromVault,
  "secrets.hashicorp.com|VaultPKISecret": fromVault,
  "secrets.hashicorp.com|HCPVaultSecretsApp": fromVault,
  "ricoberger.de|VaultSecret": ofItsName,
  "spv.no|AzureKeyVaultSecret": ({ spec }, namespace) => own(secret(namespace, spec?.output?.secret?.name)),
  "secretgenerator.mittwald.de|StringSecret": ofItsName,
  "secretgenerator.mittwald.de|BasicAuth": ofItsName,
  "secretgenerator.mittwald.de|SSHKeyPair": ofItsName,
  "secrets.infisical.com|InfisicalSecret": ({ spec }, namespace) =>
    [spec?.managedSecretReference, ...itemsOf(spec?.managedKubeSecretReferences)].flatMap((to) => {
      const made = secret(to?.secretNamespace ?? namespace, to?.secretName);
      return to?.creationPolicy === "Owner" ? own(made) : made;
    }),
  "secrets.doppler.com|DopplerSecret": ({ spec }, namespace) =>
    secret(spec?.managedSecret?.namespace ?? namespace, spec?.managedSecret?.name),
  "k8s.bitwarden.com|BitwardenSecret": ({ spec }, namespace) => own(secret(namespace, spec?.secretName)),
  "isindir.github.com|SopsSecret": ({ spec }, namespace) =>
    own(itemsOf(spec?.secretTemplates).flatMap((one) => secret(namespace, one.name))),
  "secrets-store.csi.x-k8s.io|SecretProviderClass": ({ spec }, namespace) =>
    itemsOf(spec?.secretObjects).flatMap((one) => secret(namespace, one.secretName)),
  "postgresql.cnpg.io|Cluster": suffixed("-app", "-superuser", "-ca", "-server", "-replication"),
  "rabbitmq.com|RabbitmqCluster": suffixed("-default-user", "-erlang-cookie"),
  "kafka.strimzi.io|KafkaUser": suffixed(""),
  "kafka.strimzi.io|Kafka": suffixed("-cluster-ca-cert", "-clients-ca-cert"),
  "elasticsearch.k8s.elastic.co|Elasticsearch": suffixed("-es-elastic-user", "-es-http-certs-public"),
  "ceph.rook.io|CephObjectStoreUser": ({ spec }, namespace, name) =>
    secret(namespace, `rook-ceph-object-user-${spec?.store}-${name}`),
  "objectbucket.io|ObjectBucketClaim": (_, namespace, name) => [
    ...secret(namespace, name),
    ...core("ConfigMap", namespace, name).map((key) => ({ key })),
  ],
  "source.extensions.fluxcd.io|ArtifactGenerator": ({ spec }, namespace) =>
    own(
      itemsOf(spec?.artifacts).flatMap((one) =>
        typeof one.name === "string"
          ? [{ key: keyOfObject({ apiVersion: EXTERNAL, kind: "ExternalArtifact", namespace, name: one.name }) }]
          : [],
      ),
    ),
  "helm.toolkit.fluxcd.io|HelmRelease": ({ spec }, namespace, name) => {
    const to = spec?.chart?.spec?.sourceRef?.namespace ?? namespace;
    return [
      { key: keyOfObject({ apiVersion: EXTERNAL, kind: "HelmChart", namespace: to, name: `${namespace}-${name}` }) },
    ];
  },
};

const EXTERNAL = "source.toolkit.fluxcd.io/v1";

/** What a controller makes for an object under a name that can be told. */
export function listMade({ key, namespace, name, body }: OwnedObject): Made[] {
  const read = ofOwn(READERS, groupKindOf(key));
  if (!read || !isMap(body) || isFluxElsewhere(key)) return [];
  const { remote } = splitKey(key);
  return read(body, namespace, name).map((one) => ({ ...one, key: inCluster(one.key, remote) }));
}

const COPIES =
  /reflector\.v1\.k8s\.emberstack\.com\/reflection-auto-enabled|replicator\.v1\.mittwald\.de\/replicate-to/;
const ANYWHERE = /^Cluster(ExternalSecret|Policy)$|GeneratingPolicy$/;
/**
 * Groups whose kinds name Secrets and ConfigMaps but never make them. What a ResourceSet makes stands in its templates, which
 * are read on their own.
 */
const CONSUMERS = /^(apps|batch|autoscaling|policy|fluxcd\.controlplane\.io)?$|\.k8s\.io$|\.fluxcd\.io$/;
/** Kinds that send a Secret elsewhere. */
const PUSHES = /PushSecret$/;

/**
 * What may be made in ways that are not spelt out: a Secret that is copied into other namespaces, a policy that generates,
 * a custom resource or the values of a release that hold the name, a release whose name it begins with. Errs towards yes.
 */
export class Plausible {
  readonly #pending: OwnedObject[] = [];
  /** `namespace|text` of what custom resources and releases say; `*` for every namespace. */
  readonly #texts = new Map<string, ObjectKey>();
  readonly #copies = new Set<string>();
  /** By `namespace|name`. */
  readonly #releases = new Map<string, OwnedObject[]>();

  add(object: OwnedObject): void {
    this.#pending.push(object);
  }

  /** @param by what needs it: a release does not make what it waits for */
  isNamed(target: ObjectKey, by: ObjectKey): boolean {
    this.#readAll();
    const { kind, group, namespace, name } = splitKey(target);
    if (this.#copies.has(`${kind}|${name}`)) return true;
    if (isFluxGroup(group)) return false;
    return [namespace, "*"].some((place) => (this.#texts.get(`${place}|${name}`) ?? by) !== by);
  }

  isOfRelease(target: ObjectKey): boolean {
    return this.releasesOf(target).length > 0;
  }

  /** Charts begin the names of what they make with that of the release. */
  releasesOf(target: ObjectKey): OwnedObject[] {
    this.#readAll();
    const { namespace, name } = splitKey(target);
    const parts = name.split("-");
    return parts.flatMap((_, i) => this.#releases.get(`${namespace}|${parts.slice(0, i + 1).join("-")}`) ?? []);
  }

  #readAll(): void {
    for (const object of this.#pending.splice(0)) this.#read(object);
  }

  #read(object: OwnedObject): void {
    const { key, kind, name, namespace, body, release } = object;
    const { group, remote } = splitKey(key);
    if (remote !== "") return;
    if (kind === "Secret" || kind === "ConfigMap") {
      const annotations = Object.keys(body?.metadata?.annotations ?? {});
      if (annotations.some((one) => COPIES.test(one))) this.#copies.add(`${kind}|${name}`);
    }
    if (release) getOrMake(this.#releases, `${release.target}|${name}`, () => [] as OwnedObject[]).push(object);
    if (!release && (CONSUMERS.test(group) || PUSHES.test(kind))) return;
    const place = release?.target ?? (ANYWHERE.test(kind) ? "*" : namespace);
    // Where it lies is no name of anything in there.
    const said = textsIn(release ? body?.spec?.values : { ...body, metadata: { ...body?.metadata, namespace: "" } });
    for (const text of said) {
      // What several say, one of them may make for the others.
      const id = `${place}|${text}`;
      this.#texts.set(id, this.#texts.has(id) && this.#texts.get(id) !== key ? "" : key);
    }
  }
}
