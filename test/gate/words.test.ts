import { describe, expect, it } from "vitest";
import { checkBlockers } from "../../bench/corpus/gate/blockers.ts";
import { findBrokenReleases } from "../../bench/corpus/gate/helmfile.ts";
import type { Finding, PhasePlan } from "../../bench/corpus/gate/plan-json.ts";
import { checkRebuild } from "../../bench/corpus/gate/rebuild.ts";
import { type Files, tree } from "./trees.ts";

const finding = (over: Partial<Finding>): Finding => ({
  rule: "path-taken",
  level: "blocker",
  what: "Flux would go down",
  why: "versions differ",
  next: "align them",
  at: { file: "a.yaml", line: 1, col: 1 },
  ...over,
});

describe("item 11: blockers", () => {
  const before = tree({ "a.yaml": "a: 1\n" });
  const good = { before, after: before, allowed: new Set<string>(), cluster: "main", phase: undefined, exitCode: 1 };
  const phase = { phase: "install", files: [], clusters: [{ cluster: "main", edits: [{}] }] } as unknown as PhasePlan;

  it("accepts a complete blocker and an untouched tree", () => {
    expect(checkBlockers({ ...good, blockers: [finding({})] }).status).toBe("ok");
  });

  it.each([
    ["no place", [finding({ at: undefined } as unknown as Finding)], {}],
    ["a file that is not there", [finding({ at: { file: "x.yaml", line: 1, col: 1 } })], {}],
    ["a line outside the file", [finding({ at: { file: "a.yaml", line: 99, col: 1 } })], {}],
    ["no next step", [finding({ next: " " })], {}],
    ["a written file", [finding({})], { after: tree({ "a.yaml": "a: 2\n" }) }],
    ["planned edits", [finding({})], { phase }],
    ["exit code 0", [finding({})], { exitCode: 0 }],
  ])("fails %s", (_title, blockers, change) => {
    expect(checkBlockers({ ...good, blockers, ...change }).status).toBe("FAIL");
  });
});

describe("item 12: ways to rebuild", () => {
  const before: Files = {
    "k8s/bootstrap/flux/kustomization.yaml": "resources:\n  - github.com/fluxcd/flux2/manifests/install?ref=v2.6.4\n",
    "k8s/flux/app.yaml": "a: 1\n",
    "Taskfile.yaml": "cmds:\n  - kubectl apply -k {{.K8S_DIR}}/bootstrap/flux\n",
  };
  const judge = (
    after: Files,
    findings: Finding[] = [],
    gone: { kind: string; name: string }[] = [],
    cleaned = false,
  ) => checkRebuild({ before: tree(before), after: tree(after), findings, gone, cleaned, charts: new Map() });
  const { "k8s/bootstrap/flux/kustomization.yaml": _removed, ...left } = before;

  it("accepts a task that was edited", () => {
    expect(judge({ ...left, "Taskfile.yaml": "cmds:\n  - helmfile apply\n" }).status).toBe("ok");
  });

  it("accepts a task that a finding lists with its line", () => {
    expect(judge(left, [finding({ at: { file: "Taskfile.yaml", line: 2, col: 1 } })]).status).toBe("ok");
  });

  it("fails a task that names a removed folder behind a variable", () => {
    expect(judge(left).reasons.join()).toContain("Taskfile.yaml:2");
  });

  it("fails a finding for another line of the file", () => {
    expect(judge(left, [finding({ at: { file: "Taskfile.yaml", line: 1, col: 1 } })]).status).toBe("FAIL");
  });

  it("fails a workflow and a document that name the folder by its full path", () => {
    const after = {
      ...left,
      "Taskfile.yaml": "",
      ".github/w.yaml": "run: ls ./k8s/bootstrap/flux",
      "docs/a.md": "see `k8s/bootstrap/flux`.",
    };
    expect(judge(after).reasons).toHaveLength(2);
  });

  it("lets a path with the same end that still exists alone", () => {
    const after = {
      ...left,
      "edge/bootstrap/flux/kustomization.yaml": "",
      "Taskfile.yaml": "cmds:\n  - kubectl apply -k {{.DIR}}/bootstrap/flux\n",
    };
    expect(judge(after).status).toBe("ok");
  });

  it("fails a command that names a source which is gone", () => {
    const after = { ...left, "Taskfile.yaml": "cmds:\n  - flux reconcile -n flux-system source git fleet\n" };
    expect(judge(after, [], [{ kind: "GitRepository", name: "fleet" }]).status).toBe("FAIL");
    expect(judge(after, [], [{ kind: "GitRepository", name: "fleet-two" }]).status).toBe("ok");
    const ci = {
      ...left,
      "Taskfile.yaml": "",
      ".github/w.yaml": 'run: flux-local test --sources "fleet" --path k8s\n',
    };
    expect(judge(ci, [], [{ kind: "GitRepository", name: "fleet" }]).status).toBe("FAIL");
  });

  it("fails a command that builds a folder whose kustomization is gone, through variables", () => {
    const old = {
      "k8s/boot/kustomization.yaml": "resources: []\n",
      "k8s/boot/age.yaml": "a: 1\n",
      "Taskfile.yaml": "vars:\n  BOOT_DIR: '{{.ROOT_DIR}}/k8s/boot'\n",
      ".taskfiles/Flux.yaml": "cmds:\n  - kubectl apply --server-side --kustomize {{.BOOT_DIR}}\n",
    };
    const { "k8s/boot/kustomization.yaml": _gone, ...rest } = old;
    const run = (after: Files) =>
      checkRebuild({
        before: tree(old),
        after: tree(after),
        findings: [],
        gone: [],
        cleaned: false,
        charts: new Map(),
      });
    expect(run(rest).reasons.join()).toContain(".taskfiles/Flux.yaml:2 builds k8s/boot");
    expect(run(old).status).toBe("ok");
    expect(run({ ...rest, "edge/k8s/boot/kustomization.yaml": "resources: []\n" }).status).toBe("ok");
  });

  it("fails commands on an emptied folder, on a file behind a variable, and an instance before its operator", () => {
    const old = {
      "k8s/boot/kustomization.yaml": "resources:\n  - ./age.yaml\n  - ./flux.yaml\n",
      "k8s/flux/release.yaml": "a: 1\n",
      "up.sh": 'kubectl apply -k k8s/boot\nkubectl apply -f "${FLUX_DIR}/release.yaml"\n',
    };
    const run = (after: Files) =>
      checkRebuild({
        ...{ before: tree(old), after: tree(after), findings: [], gone: [] },
        ...{ cleaned: false, charts: new Map() },
      }).reasons.join("; ");
    expect(run(old)).toBe("");
    const { "k8s/flux/release.yaml": _gone, ...rest } = old;
    expect(run(rest)).toContain("up.sh:2 applies k8s/flux/release.yaml");
    expect(run({ ...rest, "other/release.yaml": "" })).toBe("");
    expect(run({ ...old, "k8s/boot/kustomization.yaml": "resources: [] # - none\n" })).toContain(
      "up.sh:1 builds k8s/boot",
    );
    const sync = (...names: string[]) => names.map((name) => `helmfile --selector name=${name} sync\n`).join("");
    expect(run({ ...old, "up.sh": sync("flux-instance", "flux-operator") })).toContain("up.sh:1 installs the instance");
    expect(run({ ...old, "up.sh": sync("flux-operator", "flux-instance") })).toBe("");
  });

  it("fails helmfile releases that read what is not there or pin another chart", () => {
    const release = (values: string): string =>
      `releases:\n  - name: flux-operator\n    namespace: flux-system\n    chart: oci://x/charts/flux-operator\n    version: 0.57.0\n    values:\n      - ${values}\n`;
    const files = {
      "boot/apps.yaml": release("./values.yaml.gotmpl"),
      "boot/values.yaml.gotmpl": '{{ readFile (printf "../apps/%s/%s/hr.yaml" .Release.Namespace .Release.Name) }}',
    };
    const charts = (version: string) => new Map([["flux-operator", new Set([version])]]);
    expect(
      findBrokenReleases(tree(files), charts("0.57.0"))
        .map((one) => one.what)
        .join(),
    ).toContain("reads ../apps/flux-system/flux-operator/hr.yaml");
    const whole = { ...files, "apps/flux-system/flux-operator/hr.yaml": "a: 1\n" };
    expect(findBrokenReleases(tree(whole), charts("0.57.0"))).toEqual([]);
    expect(
      findBrokenReleases(tree(whole), charts("0.58.0"))
        .map((one) => one.what)
        .join(),
    ).toContain("Flux delivers 0.58.0");
    expect(findBrokenReleases(tree({ "boot/apps.yaml": release("./none.yaml") }), charts("0.57.0"))[0]?.line).toBe(2);
  });

  it("fails a script that installs Flux the old way once all is cleaned up", () => {
    const after = { ...left, "Taskfile.yaml": "", "up.sh": "flux install --version v2.6.4\n" };
    expect(judge(after).status).toBe("ok");
    expect(judge(after, [], [], true).status).toBe("FAIL");
  });
});
