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
