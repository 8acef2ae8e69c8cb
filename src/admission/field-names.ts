import { once } from "../contract/once.ts";
import { listFluxWords } from "../release/flux-schemas.ts";
import { listKubeWords } from "../release/kube-schemas.ts";

/** Fields of kinds that people keep in Git beside those of Flux and Kubernetes (the references of their APIs). */
const OTHERS = [
  "acme apiKeySecretRef apiTokenSecretRef cloudflare commonName dns01 dnsNames dnsZones email http01 isCA issuerRef privateKey",
  "privateKeySecretRef renewBefore route53 secretName selfSigned server solvers usages webhook",
  "auth conversionStrategy creationPolicy dataFrom decodingStrategy deletionPolicy extract find onepassword property provider",
  "refreshInterval remoteRef secretKey secretStoreRef secretStoreRefs sourceRef target vault",
  "backup barmanObjectStore bootstrap database databases destinationPath enablePodMonitor enableSuperuserAccess endpointURL",
  "externalClusters imageName initdb instances managed monitoring owner plugins postgresql recovery retentionPolicy roles",
  "s3Credentials schedule size storage storageClass superuserSecret walStorage",
  "addresses allowedRoutes backendRefs certificateRefs filters gatewayClassName hostnames listeners parentRefs requestRedirect",
  "sectionName targetRef targetRefs urlRewrite",
  "entryPoints forwardAuth middlewares permanent priority redirectScheme routes scheme services stripPrefix",
  "blocks cidr ipAddressPools loadBalancerIPs peerASN peerAddress serviceSelector",
  "copyMethod destinationPVC driver kopia repository restic retain sourcePVC trigger volumeSnapshotClassName",
].flatMap((line) => line.split(" "));

/** The same of what such fields may say. */
const VALUES = [
  "Always Certificate ClusterIssuer ClusterSecretStore Clone Delete DeleteOnScaledownOnly Direct Exact Gateway HTTPRoute Issuer Merge",
  "Never Orphan Owner PathPrefix PreferNoSchedule ReadWriteMany ReadWriteOnce RegularExpression ReplaceFullPath ReplacePrefixMatch",
  "RequestHeaderModifier RequestRedirect ResponseHeaderModifier Retain SecretStore Secret Service Snapshot Terminate",
].flatMap((line) => line.split(" "));

const words = once(() => {
  const known = [listKubeWords(), listFluxWords()];
  return {
    fields: new Set([...OTHERS, ...known.flatMap(({ fields }) => [...fields])]),
    values: new Set([...VALUES, ...known.flatMap(({ values }) => [...values])]),
  };
});

/** Whether some kind has a field of that name. */
export function isFieldName(name: string): boolean {
  return words().fields.has(name);
}

/** Whether some field of some kind may be that word. */
export function isFieldValue(word: string): boolean {
  return words().values.has(word);
}
