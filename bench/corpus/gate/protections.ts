import type { ClusterDelivery } from "./deliver.ts";
import { isHelmRelease } from "./flux-objects.ts";
import type { EffectiveInstance, OperatorRelease } from "./instance.ts";
import type { Data } from "./snapshot.ts";
import { type GateResult, Verdict } from "./types.ts";

const PRUNE = "kustomize.toolkit.fluxcd.io/prune";

export function isPruneDisabled(data: Data): boolean {
  const { labels, annotations } = data?.metadata ?? {};
  return [labels?.[PRUNE], annotations?.[PRUNE]].some((value) => String(value).toLowerCase() === "disabled");
}

const retries = (action: Data): boolean => {
  const remediation = action?.remediation ?? {};
  return Boolean(remediation.retries) || remediation.remediateLastFailure === true;
};

/** Ways in which helm-controller would uninstall this release by itself (trap 55). */
function uninstallsOf(release: Data): string[] {
  const { install, upgrade } = release.spec ?? {};
  const retriesOnFailure = (action: Data): boolean => action?.strategy?.name === "RetryOnFailure";
  const out: string[] = [];
  if (retries(install) && !retriesOnFailure(install)) out.push("a failed install is remediated by uninstalling");
  if (retries(upgrade) && upgrade.remediation.strategy === "uninstall" && !retriesOnFailure(upgrade)) {
    out.push("a failed upgrade is remediated by uninstalling");
  }
  return out;
}

export interface ProtectionsInput {
  delivery: ClusterDelivery;
  instances: EffectiveInstance[];
  operators: OperatorRelease[];
  /** Keys of releases that the owner wrote before; what is unsafe there may be left to a finding. */
  owned: Set<string>;
  /** Texts of the plan's findings. */
  findings: string[];
}

/**
 * Part of gate item 8: what carries the one FluxInstance cannot take Flux down with it. Judged on the objects as they
 * reach the cluster, after patches of all parents.
 */
export function checkProtections({ delivery, instances, operators, owned, findings }: ProtectionsInput): GateResult {
  const verdict = new Verdict(8);
  const complain = (key: string, text: string): void => {
    const name = key.slice(key.indexOf(" ") + 1);
    if (owned.has(key) && findings.some((finding) => finding.includes(name)))
      verdict.note(`${key} ${text} (a finding says so)`);
    else verdict.fail(`${key} ${text}`);
  };
  for (const { key } of [...instances, ...operators]) {
    const data = delivery.objects.get(key)?.data;
    if (!isPruneDisabled(data)) complain(key, `is not protected by ${PRUNE}: disabled`);
    if (isHelmRelease(data)) for (const text of uninstallsOf(data)) complain(key, `uninstalls Flux: ${text}`);
  }
  for (const { key, form } of instances) {
    const { install, upgrade } = delivery.objects.get(key)?.data?.spec ?? {};
    if (form !== "chart") continue;
    if (install?.disableWait !== true) complain(key, "waits on install for Flux, which it restarts itself");
    if (upgrade?.disableWait !== true) complain(key, "waits on upgrade for Flux, which it restarts itself");
  }
  return verdict.result();
}
