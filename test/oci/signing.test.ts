import { describe, expect, test } from "vitest";
import { openWorkspace } from "../../src/cli/load-engine.ts";
import type { OciOptions, Options, Phase } from "../../src/contract/options.ts";
import { writeChanges } from "../../src/files/write.ts";
import { composeChanges } from "../../src/plan/changes.ts";
import { makeOciPlan } from "../../src/plan/oci-plan.ts";
import { keylessIssuer, verification } from "../../transforms/shared/oci/verification.ts";
import { inputOf } from "../support/fixtures.ts";
import { commitAll, makeRepo } from "../support/repo.ts";

const OPERATOR_RUN = inputOf("artifact-source/declares-the-artifact");

async function plan(root: string, phase: Phase, oci: Partial<OciOptions> = {}) {
  const options = {
    ...{ phase, sync: "adopt", clusters: [], direct: false, only: [], skip: [], serviceMonitor: false },
    ...{ layout: "auto", oci: { sign: false, ...oci } },
  } as Options;
  return makeOciPlan(await openWorkspace(root), options);
}

describe("who signs", () => {
  test.each([
    ["github", "github.com/example-org/fleet", true],
    ["gitlab", "gitlab.com/example/team/fleet", true],
    ["github", "github.example.com/example-org/fleet", false],
    ["gitlab", "gitlab.example.com/example/fleet", false],
    ["azure", "dev.azure.com/example/fleet", false],
    ["bitbucket", "bitbucket.org/example/fleet", false],
    ["forgejo", "codeberg.org/example/fleet", false],
  ] as const)("%s for %s: without a key is %s", (forge, identity, isKeyless) => {
    const signer = { forge, identity, publishes: true };
    expect(keylessIssuer(signer) !== undefined).toBe(isKeyless);
    expect(verification(signer).secretRef === undefined).toBe(isKeyless);
  });

  test("a job that is not ours is not trusted by a name that we would guess", () => {
    const signer = { forge: "github", identity: "github.com/example-org/fleet", publishes: false } as const;
    expect(verification(signer)).toEqual({ provider: "cosign", secretRef: { name: "cosign-public-key" } });
  });

  test("the identity is a pattern that matches this repository and no other", () => {
    const { issuer, subject } = verification({
      ...{ forge: "gitlab", identity: "gitlab.com/example/team.one/fleet", publishes: true },
    }).matchOIDCIdentity[0];
    const matches = (text: string) => new RegExp(subject.replace("(?i)", ""), "i").test(text);
    expect(new RegExp(issuer).test("https://gitlab.com")).toBe(true);
    expect(new RegExp(issuer).test("https://gitlab.com.example.com")).toBe(false);
    expect(matches("https://gitlab.com/Example/team.one/fleet//.gitlab-ci.yml@refs/heads/main")).toBe(true);
    expect(matches("https://gitlab.com/example/teamxone/fleet//.gitlab-ci.yml@refs/heads/main")).toBe(false);
    expect(matches("https://gitlab.com/example/team.one/fleet-2//.gitlab-ci.yml@refs/heads/main")).toBe(false);
  });
});

test("what prepare decides the switch keeps, also without --sign and --forge", async () => {
  const root = makeRepo(OPERATOR_RUN, { remote: "https://github.com/example-org/fleet" });
  const prepared = await plan(root, "prepare", { sign: true, forge: "azure", registry: "registry.example.com/fleet" });
  const [cluster] = prepared.phases[0]!.clusters;
  expect(cluster!.findings.map(({ rule }) => rule)).toContain("publish-sign-key");
  const steps = cluster!.runbook.steps;
  expect(steps.findIndex(({ title }) => title === "Make the key that signs")).toBeLessThan(
    steps.findIndex(({ title }) => title === "Merge prepare"),
  );
  expect(JSON.stringify(steps)).not.toMatch(/BEGIN|PRIVATE KEY-----/);
  writeChanges(await openWorkspace(root), composeChanges(prepared), { label: "test", validate: () => undefined });
  commitAll(root, "prepare");
  const switched = await plan(root, "switch");
  const release = composeChanges(switched).find(({ path }) => path.endsWith("flux-instance/app/helmrelease.yaml"));
  expect(release?.after).toMatch(
    /path: \/spec\/verify\n\s+value:\n\s+provider: cosign\n\s+secretRef:\n\s+name: cosign-public-key/,
  );
  expect(release?.after).not.toContain("matchOIDCIdentity");
});
