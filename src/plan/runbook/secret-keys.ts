import type { SyncNeed } from "../../cluster/sync-needs.ts";
import type { Cluster } from "../../cluster/types.ts";
import { basename } from "../../delivery/paths.ts";
import type { Tree } from "../../files/tree.ts";
import type { SecretKeys } from "../../runbook/facts.ts";

/** What the Secret of a need holds, by the keys that Flux reads there; none where nothing tells (flux-facts 4.5). */
export function keysOf({ purpose }: SyncNeed, cluster: Cluster, tree: Tree): readonly SecretKeys[] {
  if (purpose === "fetch") return keysOfSource(cluster);
  return purpose === "decrypt" ? keysOfSops(cluster, tree) : [];
}

function keysOfSource({ runningSource }: Cluster): readonly SecretKeys[] {
  const { kind, data } = runningSource ?? {};
  if (kind === "OCIRepository") return ["registry"];
  if (kind === "Bucket") return ["bucket"];
  if (data?.spec?.provider === "github") return ["github-app"];
  const url = String(data?.spec?.url ?? "");
  if (url.startsWith("ssh://")) return ["ssh"];
  return /^https?:\/\//.test(url) ? ["login"] : [];
}

const KINDS: Record<string, SecretKeys> = {
  age: "age",
  pgp: "pgp",
  hc_vault: "vault",
  hc_vault_transit_uri: "vault",
  kms: "aws",
  gcp_kms: "gcp",
  azure_kv: "azure",
  azure_keyvault: "azure",
};

/**
 * What decrypts the files that the cluster is delivered, as SOPS writes it below each, else what `.sops.yaml` encrypts for.
 * A cloud's keys are most often used without a Secret, so they count where nothing else does.
 */
function keysOfSops(cluster: Cluster, tree: Tree): readonly SecretKeys[] {
  const encrypted = tree.grep("ENC[AES256_GCM").filter((path) => cluster.files.has(path));
  const rules = tree.paths.filter((path) => /^\.sops\.ya?ml$/.test(basename(path)));
  for (const paths of [encrypted, rules]) {
    const found = new Set(paths.flatMap((path) => kindsIn(tree.read(path) ?? "", paths === encrypted)));
    if (found.size === 0) continue;
    const own = [...found].filter((kind) => ["age", "pgp", "vault"].includes(kind));
    return own.length > 0 ? own : [...found];
  }
  return [];
}

function kindsIn(text: string, isEncrypted: boolean): SecretKeys[] {
  const from = isEncrypted ? text.lastIndexOf("\nsops:") : 0;
  if (from < 0) return [];
  return text
    .slice(from)
    .split("\n")
    .flatMap((line) => {
      const [, name = "", value = ""] = /^[ \t]*(?:- )?([a-z_]+):(.*)$/.exec(line) ?? [];
      const kind = Object.hasOwn(KINDS, name) && !["[]", "null", '""'].includes(value.trim()) ? KINDS[name] : undefined;
      return kind === undefined ? [] : [kind];
    });
}
