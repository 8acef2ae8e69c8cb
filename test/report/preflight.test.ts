import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseFacts } from "../../src/cluster/facts.ts";
import type { Plan } from "../../src/contract/plan.ts";
import { renderPreflight } from "../../src/report/preflight.ts";
import { faultsOf } from "../support/schemas.ts";
import { samplePlan } from "./sample-plan.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fluxlift-preflight-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a fake kubectl answers to a `get`: the first shell pattern that its arguments match. No match is an error. */
type Answers = [pattern: string, output: string][];

const CLUSTER: Answers = [
  ["namespace flux-system*", "namespace/flux-system"],
  ["gitrepositories* hearth *spec.url*", "https://user:hunter2@hunter2@github.com/mira/hearth.git?token=hunter2"],
  ["gitrepositories* cluster *", ""],
  ["deployment source-controller*", "v2.6.4"],
  ["crd fluxinstances*", "customresourcedefinition/fluxinstances.fluxcd.controlplane.io"],
  ["fluxinstances* flux *", "flux True"],
  [
    "deployments,serviceaccounts*",
    "Deployment/source-controller|Disabled|\nDeployment/flux-operator||\nResourceQuota/critical-pods||flux\n",
  ],
  [
    "customresourcedefinitions,clusterroles*",
    "ClusterRole/crd-controller-flux-system|disabled|\nClusterRole/crd-controller||flux\n",
  ],
  ["kustomizations* cluster -n *spec.prune*", "false"],
  [
    "kustomizations* -A*inventory*",
    "flux-system/cluster|_media__Namespace|media_app_apps_Deployment\nflux-system/apps\n",
  ],
  ["kustomizations* -A*", "Kustomization flux-system/cluster||True\nKustomization flux-system/apps|true|Unknown\n"],
  ["gitrepositories* -A*", "GitRepository flux-system/hearth||True\n"],
  ["helmrepositories* -A*", "HelmRepository flux-system/oci||\nHelmRepository flux-system/dead||False\n"],
  ["helmreleases* -A*", "HelmRelease media/plex|true|True\n"],
  [
    "customresourcedefinitions -o*",
    "alerts.notification.toolkit.fluxcd.io|v1beta2 v1beta3\ncertificates.cert-manager.io|v1\n",
  ],
  ["secret hearth-deploy-key *", ""],
  ["secret *", "found"],
  ["configmap *", "found"],
];

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Escapes what is special in a shell pattern but the star. */
function toPattern(glob: string): string {
  return glob.split("*").map(quote).join("*");
}

function run(answers: Answers, args: string[] = ["main"], plan: Plan = samplePlan({ sync: "rename" })) {
  const script = join(folder, "preflight.sh");
  const log = join(folder, "calls");
  writeFileSync(script, renderPreflight(plan));
  writeFileSync(log, "");
  const fake = join(folder, "kubectl");
  const cases = answers.map(([glob, output]) => `  ${toPattern(`get ${glob}`)}) printf '%s' ${quote(output)} ;;`);
  writeFileSync(
    fake,
    [
      "#!/bin/sh",
      'case "$1" in --request-timeout*) shift ;; esac',
      `printf '%s\\n' "$*" | head -c 400 | tr '\\n' ' ' >>${quote(log)}; echo >>${quote(log)}`,
      'case "$*" in',
      ...cases,
      "  *) exit 1 ;;",
      "esac",
      "",
    ].join("\n"),
  );
  chmodSync(fake, 0o755);
  const result = spawnSync("sh", [script, ...args], {
    encoding: "utf8",
    env: { ...process.env, CONTEXT: "", PATH: `${folder}${delimiter}${process.env.PATH}` },
  });
  return { ...result, calls: readFileSync(log, "utf8").split("\n").filter(Boolean) };
}

function without(...patterns: string[]): Answers {
  return CLUSTER.filter(([pattern]) => !patterns.includes(pattern));
}

describe("preflight.sh", () => {
  test("prints the facts of a healthy cluster in the shape --facts reads", () => {
    const { stdout, stderr, status } = run(CLUSTER);
    expect(status).toBe(0);
    expect(faultsOf("facts", JSON.parse(stdout))).toBeNull();
    expect(parseFacts(stdout)).toEqual({
      cluster: "main",
      sourceUrl: "https://github.com/mira/hearth.git",
      fluxVersion: "v2.6.4",
      fluxInstanceReady: true,
      adopted: true,
      guardsReconciled: true,
      suspended: ["Kustomization flux-system/apps", "HelmRelease media/plex"],
      notReady: ["HelmRepository flux-system/dead"],
      inventories: {
        "flux-system/cluster": ["_media__Namespace", "media_app_apps_Deployment"],
        "flux-system/apps": [],
      },
      storedVersions: { "alerts.notification.toolkit.fluxcd.io": ["v1beta2", "v1beta3"] },
      missing: ["Secret flux-system/hearth-deploy-key"],
    });
    expect(stderr).toContain("✔ Flux v2.6.4 runs");
    expect(stderr).toContain("✗ missing:\n    Secret flux-system/hearth-deploy-key");
  });

  test("only ever gets, and asks of Secrets for the name alone", () => {
    const { calls, stdout, stderr } = run(CLUSTER);
    expect(calls.length).toBeGreaterThan(15);
    expect(calls.filter((call) => !call.startsWith("get "))).toEqual([]);
    const secrets = calls.filter((call) => call.startsWith("get secret"));
    expect(secrets.length).toBe(3);
    for (const call of secrets) expect(call.trim()).toMatch(/ -o name$/);
    expect(stdout + stderr).not.toContain("hunter2");
    const code = renderPreflight(samplePlan())
      .replace(/^#.*$/gm, "")
      .replace(/(bad|unknown|say) "[^"]*"/g, "");
    expect(code.match(/kubectl/g)).toEqual(["kubectl"]);
  });

  test("names what is not adopted and which guard is missing", () => {
    const answers: Answers = [
      ["deployments,serviceaccounts*", "Deployment/helm-controller|Disabled|flux\nDeployment/source-controller||\n"],
      ["kustomizations* cluster -n *spec.prune*", "true"],
      ...CLUSTER,
    ];
    const { stdout, stderr } = run(answers);
    expect(parseFacts(stdout)).toMatchObject({
      adopted: false,
      notAdopted: ["Deployment/helm-controller", "Deployment/source-controller"],
      guardsReconciled: false,
    });
    expect(stderr).toContain("✗ Kustomization flux-system/cluster has prune: true, not false yet");
  });

  test("does not wait for definitions of a controller that is not installed, unless an owner could delete them", () => {
    const image = "CustomResourceDefinition/imagepolicies.image.toolkit.fluxcd.io";
    const watcher = "CustomResourceDefinition/artifactgenerators.source.extensions.fluxcd.io";
    const adopted = (deployments: string, owner = "") =>
      parseFacts(
        run([
          ["deployments,serviceaccounts*", `Deployment/source-controller|Disabled|\n${deployments}`],
          ["customresourcedefinitions,clusterroles*", `${image}||${owner}\n${watcher}||${owner}\n`],
          ...CLUSTER,
        ]).stdout,
      ).notAdopted;
    expect(adopted("")).toBeUndefined();
    expect(adopted("", "flux-system")).toEqual([image, watcher]);
    expect(adopted("Deployment/image-automation-controller|Disabled|\n")).toEqual([image]);
    expect(adopted("Deployment/source-watcher|Disabled|\n")).toEqual([watcher]);
  });

  test("tells a missing instance from one that is not Ready or paused, and both from one it may not read", () => {
    const none: Answers = [["crd fluxinstances*", ""], ...CLUSTER];
    expect(parseFacts(run(none).stdout)).toMatchObject({ fluxInstanceReady: false });
    expect(parseFacts(run(none).stdout).adopted).toBeUndefined();
    const failing: Answers = [["fluxinstances* flux *", "flux False"], ...CLUSTER];
    expect(parseFacts(run(failing).stdout)).toMatchObject({ fluxInstanceReady: false, adopted: true });
    for (const [said, ready] of [
      ["flux True Disabled", false],
      ["flux True enabled", true],
      ["flux True ", true],
    ] as const) {
      const answers: Answers = [["fluxinstances* flux *", said], ...CLUSTER];
      expect(parseFacts(run(answers).stdout), said).toMatchObject({ fluxInstanceReady: ready, adopted: true });
    }
    const hidden = run(without("crd fluxinstances*"));
    expect(parseFacts(hidden.stdout).fluxInstanceReady).toBeUndefined();
    expect(hidden.stderr).toContain("⚠ not measured: the FluxInstance cannot be read");
  });

  test("leaves out what it cannot read, so that it stays an assumption", () => {
    const { stdout, status } = run(
      without(
        ...["deployment source-controller*", "kustomizations* -A*", "kustomizations* -A*inventory*"],
        ...["customresourcedefinitions -o*", "secret *"],
      ),
    );
    expect(status).toBe(0);
    const facts = parseFacts(stdout);
    for (const key of ["fluxVersion", "suspended", "notReady", "inventories", "storedVersions", "missing"] as const) {
      expect(facts, key).not.toHaveProperty(key);
    }
  });

  test("stops without output when the cluster cannot be reached, or which one is unclear", () => {
    const unreachable = run([]);
    expect([unreachable.status, unreachable.stdout]).toEqual([1, ""]);
    expect(unreachable.stderr).toContain("is this the right context?");
    const unnamed = run(CLUSTER, []);
    expect([unnamed.status, unnamed.stdout]).toEqual([2, ""]);
    expect(unnamed.stderr).toContain("one of: main, edge");
  });

  test("needs no name where there is one cluster", () => {
    const plan = samplePlan();
    plan.phases[0]!.clusters.splice(1);
    expect(parseFacts(run(CLUSTER, [], plan).stdout).cluster).toBe("main");
  });

  test("runs nothing that a saved plan smuggles in", () => {
    const plan = samplePlan();
    const evil = `'; touch ${join(folder, "pwned")}; echo '$(touch ${join(folder, "pwned")})\n#`;
    const [main] = plan.phases[0]!.clusters;
    main!.cluster = evil;
    plan.version = `1\ntouch ${join(folder, "pwned")}`;
    const { measure } = main!.runbook;
    measure.sources[0]!.name = evil;
    measure.needs = [{ kind: "Secret", namespace: evil, name: evil }];
    run(CLUSTER, ["main"], plan);
    run(CLUSTER, [evil.replace("\n", "")], plan);
    expect(spawnSync("ls", [folder], { encoding: "utf8" }).stdout).not.toContain("pwned");
  });
});
