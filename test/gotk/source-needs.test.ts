import { expect, test } from "vitest";
import { CONFIG, kustomization, makeGotk, makeSync } from "./make-gotk.ts";
import { runPhase } from "./run-phases.ts";

test("all that the source names is asked for, also what a patch adds, and made before the root starts", () => {
  const patch = `patches:
- target: { kind: GitRepository }
  patch: |
    - op: add
      path: /spec/verify
      value: { mode: HEAD, secretRef: { name: signers } }
    - op: add
      path: /spec/proxySecretRef
      value: { name: proxy }
`;
  const files = {
    "cluster/flux/gotk-components.yaml": makeGotk(),
    "cluster/flux/gotk-sync.yaml": makeSync("./cluster"),
    "cluster/flux/kustomization.yaml": kustomization(`resources:\n- gotk-components.yaml\n- gotk-sync.yaml\n${patch}`),
    "cluster/settings.yaml": CONFIG,
  };
  const { runbook } = runPhase(files, "install").plan.phases[0]!.clusters[0]!;
  expect(runbook.assumptions.join("\n")).toContain("Secret proxy, Secret signers");
  const commands = runbook.rebuild.flatMap((step) => step.commands).join("\n");
  expect(commands).toMatch(/secret generic proxy --from-literal=address=[\s\S]*secret generic signers [\s\S]*helm/);
});

test("a Secret that has to be made again is given the keys that Flux reads, by address, provider and what SOPS wrote", () => {
  const sopsed = (keys: string) =>
    `apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: default}\nstringData:\n  age: ENC[AES256_GCM,data:A]\nsops:\n${keys}    mac: ENC[AES256_GCM,data:B]\n`;
  const made = (source: object, more: Record<string, string> = {}) => {
    const root = { decryption: { provider: "sops", secretRef: { name: "keys" } } };
    const files = {
      "cluster/flux/gotk-components.yaml": makeGotk(),
      "cluster/flux/gotk-sync.yaml": makeSync("./cluster", { source, root }),
      "cluster/settings.yaml": CONFIG,
      ...more,
    };
    const { rebuild } = runPhase(files, "install").plan.phases[0]!.clusters[0]!.runbook;
    return rebuild.flatMap((step) => step.commands).filter((line) => line.includes("create secret"));
  };
  const [fetch, decrypt] = made({});
  expect(fetch).toContain("generic flux-system --from-file=identity=<your private key> --from-file=known_hosts=");
  expect(decrypt).toContain("--from-file=age.agekey=");
  expect(made({ url: "https://dev.azure.com/o/p/_git/fleet" })[0]).toContain(
    "--from-literal=username=<user> --from-literal=password=<token>",
  );
  expect(made({ url: "https://github.com/o/fleet", provider: "github" })[0]).toContain("--from-literal=githubAppID=");
  const pgp = { "cluster/s.yaml": sopsed("    kms: []\n    age: []\n    pgp:\n        - fp: AA\n") };
  expect(made({}, pgp)[1]).toMatch(/generic keys --from-file=sops\.asc=\S* ?[^-]*$/);
  const rules = { ".sops.yaml": "creation_rules:\n  - path_regex: x\n    hc_vault_transit_uri: https://v/v1/t\n" };
  expect(made({}, rules)[1]).toContain("--from-file=sops.vault-token=");
  expect(made({}, { ...rules, ...pgp })[1]).toContain("sops.asc");
});
