import { itemsOf, type YamlData } from "../contract/objects.ts";
import { isMap } from "../yaml/is-map.ts";
import { isOpenText } from "./open-text.ts";
import type { Refusal } from "./refusal.ts";
import { show } from "./refused-words.ts";

const PART = "[a-z0-9](?:[-a-z0-9]*[a-z0-9])?";
/** A domain of three parts at least. */
const DOMAIN = new RegExp(`^${PART}(?:\\.${PART}){2,}$`);
const LONGEST_TIMEOUT = 30;
const READ_VERSIONS = ["v1", "v1beta1"];

/** Names and targets of admission webhooks (`validateValidatingWebhook` of Kubernetes, which the mutating ones share). */
export function checkWebhooks(webhooks: YamlData, isWhole: boolean): Refusal[] {
  return itemsOf(webhooks).flatMap((hook, index): Refusal[] => {
    const { name, timeoutSeconds, clientConfig, admissionReviewVersions } = isMap(hook) ? hook : {};
    const at = (field: string, what: string): Refusal => ({ path: ["webhooks", index, field], what });
    const found: Refusal[] = [];
    if (typeof name === "string" && !isOpenText(name) && !DOMAIN.test(name))
      found.push(at("name", `is ${show(name)}, and has to be a domain of three parts or more`));
    if (typeof timeoutSeconds === "number" && (timeoutSeconds < 1 || timeoutSeconds > LONGEST_TIMEOUT))
      found.push(at("timeoutSeconds", `is ${timeoutSeconds}, and may be 1 to ${LONGEST_TIMEOUT}`));
    const versions = itemsOf(admissionReviewVersions);
    if (isWhole && versions.length > 0 && !versions.some((one) => READ_VERSIONS.includes(one) || isOpenText(one)))
      found.push(at("admissionReviewVersions", `has none of ${READ_VERSIONS.join(", ")}`));
    if (isWhole && isMap(clientConfig) && !isOpenText(clientConfig)) {
      const targets = ["url", "service"].filter((field) => (clientConfig[field] ?? undefined) !== undefined);
      if (targets.length !== 1)
        found.push(
          at(
            "clientConfig",
            `has ${targets.length === 0 ? "none" : "both"} of url and service, and one of them has to be there`,
          ),
        );
    }
    return found;
  });
}

const HIGHEST_GROUP = 20_000;
const HIGHEST_VERSION = 1000;

/** An APIService is called as what it serves (`ValidateAPIService` of kube-aggregator). */
export function checkApiService({ metadata, spec }: YamlData): Refusal[] {
  const name: unknown = metadata?.name;
  const { group = "", version, service, caBundle, insecureSkipTLSVerify } = isMap(spec) ? spec : {};
  if (typeof name !== "string" || typeof version !== "string" || isOpenText(`${name}${group}${version}`)) return [];
  const found: Refusal[] = [];
  const wanted = `${version}.${group}`;
  if (name !== wanted)
    found.push({
      path: ["metadata", "name"],
      what: `is ${show(name)}, and has to be ${show(wanted)}, its version and group`,
    });
  const within = (field: string, most: number) => {
    const value: unknown = spec[field];
    if (typeof value === "number" && (value <= 0 || value > most))
      found.push({ path: ["spec", field], what: `is ${value}, and may be 1 to ${most}` });
  };
  within("groupPriorityMinimum", HIGHEST_GROUP);
  within("versionPriority", HIGHEST_VERSION);
  if (isMap(service) && insecureSkipTLSVerify === true && caBundle)
    found.push({ path: ["spec", "insecureSkipTLSVerify"], what: "stands beside caBundle" });
  return found;
}
