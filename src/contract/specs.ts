/*
 * The specs of the Flux kinds that are read most. A field that Flux does not have, or that is misspelt, does not compile. What a
 * repository says under them is not checked: a reader that depends on a type asks for it (`typeof path === "string"`).
 */

/** `sourceRef`, `chartRef`, `dependsOn[]`, a Receiver's resource. */
interface Reference {
  apiVersion?: string;
  kind?: string;
  name?: string;
  namespace?: string;
}

interface SecretReference {
  name?: string;
}

interface ValuesReference extends Reference {
  optional?: boolean;
  targetPath?: string;
  valuesKey?: string;
}

interface Remediation {
  remediateLastFailure?: boolean;
  retries?: number;
  strategy?: string;
}

/** `install` and `upgrade` of a HelmRelease. */
interface HelmAction {
  crds?: string;
  disableWait?: boolean;
  remediation?: Remediation;
  strategy?: { name?: string };
}

interface Common {
  interval?: string;
  suspend?: boolean;
  timeout?: string;
}

/** Under this the folder stands that an artifact of its own is filled from, and that its path counts from: no field of a file. */
export const FILLED_FROM: unique symbol = Symbol("filled from");

/** `kustomize.toolkit.fluxcd.io/v1` Kustomization. */
interface FluxKustomizationSpec extends Common {
  [FILLED_FROM]?: string | undefined;
  commonMetadata?: { labels?: Record<string, string>; annotations?: Record<string, string> };
  components?: string[];
  decryption?: { provider?: string; secretRef?: SecretReference; serviceAccountName?: string };
  deletionPolicy?: string;
  dependsOn?: (Reference & { readyExpr?: string })[];
  force?: boolean;
  healthCheckExprs?: unknown[];
  healthChecks?: Reference[];
  ignoreMissingComponents?: boolean;
  images?: unknown[];
  kubeConfig?: { secretRef?: SecretReference; configMapRef?: SecretReference };
  namePrefix?: string;
  nameSuffix?: string;
  patches?: unknown[];
  patchesJson6902?: unknown[];
  patchesStrategicMerge?: unknown[];
  path?: string;
  postBuild?: {
    substitute?: Record<string, unknown>;
    substituteFrom?: (Reference & { optional?: boolean })[];
    substituteStrategy?: string;
  };
  prune?: boolean;
  retryInterval?: string;
  serviceAccountName?: string;
  sourceRef?: Reference;
  targetNamespace?: string;
  wait?: boolean;
}

/** `helm.toolkit.fluxcd.io/v2` HelmRelease. */
interface HelmReleaseSpec extends Common {
  chart?: {
    metadata?: unknown;
    spec?: {
      chart?: string;
      ignoreMissingValuesFiles?: boolean;
      interval?: string;
      reconcileStrategy?: string;
      sourceRef?: Reference;
      valuesFile?: string;
      valuesFiles?: string[];
      verify?: unknown;
      version?: string;
    };
  };
  chartRef?: Reference;
  dependsOn?: Reference[];
  driftDetection?: unknown;
  install?: HelmAction & { createNamespace?: boolean };
  postRenderers?: unknown[];
  releaseName?: string;
  storageNamespace?: string;
  targetNamespace?: string;
  uninstall?: unknown;
  upgrade?: HelmAction & { chartNameChangeStrategy?: string };
  values?: Record<string, unknown>;
  valuesFrom?: ValuesReference[];
  waitStrategy?: { name?: string };
}

/** `source.toolkit.fluxcd.io/v1` GitRepository, OCIRepository, Bucket and HelmRepository: what each of them may say. */
interface SourceSpec extends Common {
  bucketName?: string;
  certSecretRef?: SecretReference;
  endpoint?: string;
  ignore?: string;
  include?: { repository?: SecretReference; fromPath?: string; toPath?: string }[];
  insecure?: boolean;
  layerSelector?: { mediaType?: string; operation?: string };
  passCredentials?: boolean;
  prefix?: string;
  provider?: string;
  proxySecretRef?: SecretReference;
  recurseSubmodules?: boolean;
  ref?: {
    branch?: string;
    commit?: string;
    digest?: string;
    name?: string;
    semver?: string;
    semverFilter?: string;
    tag?: string;
  };
  secretRef?: SecretReference;
  serviceAccountName?: string;
  sparseCheckout?: string[];
  type?: string;
  url?: string;
  verify?: unknown;
}

/** `fluxcd.controlplane.io/v1` FluxInstance. */
interface FluxInstanceSpec {
  cluster?: { domain?: string; multitenant?: boolean; networkPolicy?: boolean; size?: string; type?: string };
  commonMetadata?: unknown;
  components?: string[];
  distribution?: {
    artifact?: string;
    artifactPullSecret?: string;
    imagePullSecret?: string;
    registry?: string;
    variant?: string;
    version?: string;
  };
  kustomize?: { patches?: unknown[] };
  migrateResources?: boolean;
  sharding?: { key?: string; shards?: string[]; storage?: string };
  storage?: unknown;
  sync?: {
    interval?: string;
    kind?: string;
    name?: string;
    path?: string;
    provider?: string;
    pullSecret?: string;
    ref?: string;
    url?: string;
  };
  wait?: boolean;
}

/** The spec of an object whose kind the reader has looked at. */
export type FluxObjectSpec = FluxKustomizationSpec & HelmReleaseSpec & SourceSpec & FluxInstanceSpec;

/** A Kubernetes object as parsed: its head, and the spec if it is Flux's. */
export interface KubeData {
  apiVersion?: string;
  kind?: string;
  metadata?: {
    annotations?: Record<string, string>;
    generateName?: string;
    labels?: Record<string, string>;
    name?: string;
    namespace?: string;
  };
  spec?: FluxObjectSpec;
}
