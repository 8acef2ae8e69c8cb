import { valueAt, type YamlData } from "../contract/objects.ts";
import { isMap } from "../yaml/is-map.ts";
import { findNear } from "./near.ts";
import { isOpenText } from "./open-text.ts";
import type { Refusal } from "./refusal.ts";

const GIT = ["GitHub", "GitLab", "AzureDevOps", "Gitea", "AWSCodeCommit"];
/** They ask nobody outside of the cluster. */
const INSIDE = ["Static", "ExternalArtifact"];
const TYPES = [
  ...[...INSIDE, "ExternalService", "GitLabMergeRequest", "GitLabEnvironment"],
  ...["GitHubPullRequest", "AzureDevOpsPullRequest", "AWSCodeCommitPullRequest", "GiteaPullRequest"],
  ...GIT.flatMap((host) => [`${host}Branch`, `${host}Tag`]),
  ...["OCI", "ACR", "ECR", "GAR"].map((registry) => `${registry}ArtifactTag`),
];

/** Fields by where they stand. */
const FIELDS: readonly [path: readonly string[], fields: readonly string[]][] = [
  [
    [],
    [
      ...["type", "url", "serviceAccountName", "secretRef", "certSecretRef", "defaultValues", "filter", "skip"],
      ...["schedule", "insecure", "selectors"],
    ],
  ],
  [
    ["filter"],
    [
      ...["includeBranch", "excludeBranch", "includeTag", "excludeTag", "includeEnvironment", "excludeEnvironment"],
      ...["labels", "limit", "semver"],
    ],
  ],
  [["skip"], ["labels"]],
];

/**
 * What the CRD of providers of inputs does not take (flux-operator, `ResourceSetInputProviderSpec`), as far as it is a slip: a
 * type or a field that is none may be one of a newer operator, unless it is close to one that is known.
 */
export function breakProviderRules({ apiVersion, kind, spec }: YamlData, isWhole: boolean): Refusal[] {
  if (!String(apiVersion).startsWith("fluxcd.controlplane.io/") || kind !== "ResourceSetInputProvider") return [];
  if (!isMap(spec)) return [];
  const { type, url } = spec;
  const fields = FIELDS.flatMap(([path, known]): Refusal[] => {
    const at = valueAt(spec, path);
    return Object.keys(isMap(at) ? at : {}).flatMap((field): Refusal[] => {
      const near = known.includes(field) ? undefined : nearest(field, known);
      const what = `is no field there, but ${near} is`;
      return near === undefined ? [] : [{ path: ["spec", ...path, field], what, near }];
    });
  });
  if (typeof type !== "string" || isOpenText(type)) return fields;
  const near = TYPES.includes(type) ? undefined : nearest(type, TYPES);
  if (near !== undefined) fields.push({ path: ["spec", "type"], what: `is ${type}, but ${near} is meant` });
  if (near === undefined && TYPES.includes(type)) fields.push(...breakTypeRules(spec, type, isWhole));
  if (typeof url !== "string" || isOpenText(url)) return fields;
  const scheme = type.endsWith("ArtifactTag")
    ? "oci://"
    : GIT.some((host) => type.startsWith(host))
      ? "http"
      : undefined;
  if (scheme !== undefined && !url.startsWith(scheme))
    fields.push({
      path: ["spec", "url"],
      what: `does not begin with ${scheme === "http" ? "https://" : scheme}, as type ${type} asks for`,
    });
  return fields;
}

/** What a type needs, and what stands beside none but others. */
function breakTypeRules(spec: YamlData, type: string, isWhole: boolean): Refusal[] {
  const isInside = INSIDE.includes(type);
  const isCommit = type.startsWith("AWSCodeCommit");
  const isAzure = type.startsWith("AzureDevOps");
  const isRegistry = type.endsWith("ArtifactTag");
  const logsIn = !isInside && !isCommit && (!isRegistry || type === "OCIArtifactTag");
  const takes = {
    url: !isInside,
    selectors: type === "ExternalArtifact",
    secretRef: logsIn,
    certSecretRef: logsIn && !isAzure,
    serviceAccountName: isAzure || isCommit || isRegistry || type === "ExternalArtifact",
  };
  const isSet = (field: string) => spec[field] !== undefined && spec[field] !== null;
  return Object.entries(takes).flatMap(([field, isTaken]): Refusal[] => {
    if (isTaken && isWhole && !isSet(field) && (field === "url" || field === "selectors"))
      return [{ path: ["spec", field], what: "is missing, which its type needs" }];
    if (isTaken || !isSet(field)) return [];
    const none = field === "url" ? "asks nobody" : "takes none";
    return [{ path: ["spec", field], what: `stands beside type ${type}, which ${none}` }];
  });
}

function nearest(name: string, names: readonly string[]): string | undefined {
  const folded = name.toLowerCase();
  return names.find((one) => one.toLowerCase() === folded) ?? findNear(name, names, { short: 3 });
}
