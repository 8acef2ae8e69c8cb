import { once } from "../contract/once.ts";
import { fluxFieldNames } from "../release/flux-schemas.ts";
import { kubeFieldNames } from "../release/kube-schemas.ts";

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

const names = once(() => new Set([...OTHERS, ...kubeFieldNames(), ...fluxFieldNames()]));

/** Whether some kind has a field of that name. */
export function isFieldName(name: string): boolean {
  return names().has(name);
}
