import { expect, test } from "vitest";
import type { Cluster } from "../../src/cluster/types.ts";
import type { Runbook } from "../../src/contract/runbook.ts";
import { md } from "../../src/report/markdown-escape.ts";
import { runbookLines } from "../../src/report/markdown-runbook.ts";
import type { OciFacts } from "../../src/runbook/oci/facts.ts";
import { PULL_SECRET } from "../../src/runbook/oci/secret.ts";
import { render } from "../../src/runbook/template.ts";
import { learnSecrets, type SecretHabit } from "../../transforms/pull-secret/index.ts";
import { memoryTree } from "../support/memory.ts";

const encrypted = (namespace: string): string =>
  `apiVersion: v1\nkind: Secret\nmetadata:\n  name: one\n  namespace: ${namespace}\ndata:\n  key: ENC[AES256_GCM,data:x]\n`;
const kustomization = (namespace: string): string =>
  `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nnamespace: ${namespace}\nresources: [secret.sops.yaml]\n`;

function learn(files: Record<string, string>) {
  const cluster = { files: new Set(Object.keys(files)), namespace: "flux-system" } as unknown as Cluster;
  return learnSecrets(memoryTree(files), cluster);
}

function secretStep(secrets: SecretHabit) {
  const facts = { pullSecret: "ghcr-auth", host: "ghcr.io", namespace: "flux-system", secrets } as OciFacts;
  const steps = render(PULL_SECRET, facts);
  expect(steps.length).toBe(1);
  return steps[0]!;
}

test("an encrypted Secret of the namespace of Flux shows where a new one goes", () => {
  const habit = learn({
    "apps/secret.sops.yaml": encrypted("default"),
    "config/secret.sops.yaml": encrypted("flux-system"),
  });
  expect(habit).toEqual({ kind: "sops", example: "config/secret.sops.yaml", isNeighbour: true });
  expect(secretStep(habit).commands.at(-1)).toBe("sops --encrypt --in-place config/ghcr-auth.sops.yaml");
});

test("a folder that would move it to another namespace does not", () => {
  const habit = learn({
    "apps/kustomization.yaml": kustomization("default"),
    "apps/secret.sops.yaml": encrypted("flux-system"),
  });
  expect(habit).toMatchObject({ example: "apps/secret.sops.yaml", isNeighbour: false });
  const step = secretStep(habit);
  expect(step.commands.at(-1)).toBe("sops --encrypt --in-place ghcr-auth.sops.yaml");
  expect(step.body.join(" ")).toContain("no kustomization sets another namespace than flux-system");
});

test("a folder that gives it the namespace does", () => {
  const text = encrypted("flux-system").replace("  namespace: flux-system\n", "");
  const files = { "flux/kustomization.yaml": kustomization("flux-system"), "flux/secret.sops.yaml": text };
  expect(learn(files)).toMatchObject({ isNeighbour: true });
});

test("a command of several lines stays inside its step", () => {
  const step = secretStep({ kind: "none" });
  const parts = { assumptions: [], preChecks: [], steps: [step], rollback: [], rebuild: [] };
  const lines = runbookLines(parts as unknown as Runbook, "prepare", md``, false);
  const from = lines.findIndex((line) => line.includes("```sh"));
  const to = lines.findIndex((line, index) => index > from && line.includes("```"));
  expect(to - from).toBe(6);
  for (const line of lines.slice(from, to + 1)) expect(line).toMatch(/^ {3}\S| {5}--/);
});

test.each(["kind: ExternalSecret", '"kind": "ExternalSecret"', "kind:   &it ExternalSecret"])(
  "a store that %s reads is the owner's way",
  (kind) => {
    const text = `apiVersion: external-secrets.io/v1\n${kind}\nmetadata:\n  name: one\nspec:\n  secretStoreRef:\n    kind: ClusterSecretStore\n    name: vault\n`;
    const files = { "apps/external.yaml": text };
    const cluster = {
      files: new Set(Object.keys(files)),
      manifests: new Set(Object.keys(files)),
    } as unknown as Cluster;
    expect(learnSecrets(memoryTree(files), cluster)).toMatchObject({ kind: "external" });
  },
);
