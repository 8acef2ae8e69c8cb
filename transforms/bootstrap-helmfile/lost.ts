import { readObjects } from "../../src/cluster/objects.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import { itemsOf, type YamlData } from "../../src/contract/objects.ts";
import { dirname, join } from "../../src/delivery/paths.ts";
import type { TransformContext } from "../contract.ts";
import type { Helmfile } from "../shared/automation/helmfile-find.ts";
import { placeOf } from "./release.ts";

/** What the entries of operator and instance say themselves, and what only says how the old chart is installed. */
const SAID = new Set(
  "name namespace chart version values needs set secrets valuesTemplate setTemplate createNamespace wait waitForJobs timeout atomic cleanupOnFail force verify keyring devel recreatePods historyMax skipDeps disableValidation disableOpenAPIValidation disableValidationOnInstall reuseValues postRenderer missingFileHandler".split(
    " ",
  ),
);

/**
 * Fields of the entry of the old chart that its successors do not have, such as a hook that makes the decryption key. A hook
 * that applies nothing but source and root is no loss: the instance makes both.
 */
export function reportLost(
  context: TransformContext,
  helmfile: Helmfile,
  index: number,
  replaced: YamlData,
): DraftFinding[] {
  const isLost = (field: string) =>
    field === "hooks"
      ? itemsOf(replaced.hooks).some((hook) => !appliesSync(context, helmfile.path, hook))
      : !SAID.has(field);
  const fields = Object.keys(replaced).filter(isLost);
  if (fields.length === 0) return [];
  return [{ rule: "helmfile-entry-lost", level: "caution", at: placeOf(helmfile, index), facts: { fields } }];
}

function appliesSync({ tree, cluster: { root, source } }: TransformContext, helmfile: string, hook: YamlData): boolean {
  const args = itemsOf(hook?.args).map(String);
  const [verb, flag, path, ...others] = args;
  if (hook?.command !== "kubectl" || verb !== "apply" || flag !== "-f" || path === undefined || others.length > 0)
    return false;
  const { objects } = readObjects(tree, join(dirname(helmfile), path));
  const isSync = ({ kind, name, namespace }: (typeof objects)[number]) =>
    [root, source].some((one) => one?.kind === kind && one.name === name && one.namespace === namespace);
  return objects.length > 0 && objects.every(isSync);
}
