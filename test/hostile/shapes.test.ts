import { describe, expect, test } from "vitest";
import { parsePlan } from "../../src/plan/saved/load.ts";
import { renderJson } from "../../src/report/json.ts";
import { APP, makeFluxSystem } from "../gotk/make-gotk.ts";
import { runPhase } from "../gotk/run-phases.ts";
import { inputOf } from "../support/fixtures.ts";
import { faultsOf } from "../support/schemas.ts";
import { judge } from "../verify/judge.ts";
import { example, planExample, withDeadline } from "./plan-example.ts";

const APPS = "kubernetes/flux/apps.yaml";

test("verify judges a Kustomization that loses the line of its spec, and gets it back", () => {
  const text = example[APPS]!.replace(/spec:\n/, "");
  expect(judge(example, { [APPS]: text }).safety.verdict).not.toBe("safe");
  expect(judge({ ...example, [APPS]: text }, { [APPS]: example[APPS] }).safety.verdict).toBeTypeOf("string");
});

const BOMB = `x0: &x0 a\n${Array.from({ length: 60 }, (_, i) => `x${i + 1}: &x${i + 1} [*x${i}, *x${i}]\n`).join("")}`;

test.each(["  b: c", `${BOMB}labels: *x60`])(
  "a kustomization that says a key twice is read as carefully as any other: %#",
  (more) => {
    const file = "kubernetes/apps/default/echo/app/kustomization.yaml";
    const odd = { [file]: `${example[file]}kind: Kustomization\n${more}\n` };
    expect(planExample(odd).phases).toHaveLength(3);
    expect(withDeadline(() => judge(example, odd).safety.verdict)).not.toBe("safe");
  },
);

const SHAPES: readonly (readonly [field: string, path: string, value: string | undefined])[] = [
  ["spec", "/spec", undefined],
  ["spec.template", "/spec/template", "[]"],
  ["spec.template.spec", "/spec/template/spec", "5"],
  ["spec.template.spec.containers", "/spec/template/spec/containers", "{}"],
  ["spec.template.spec.containers", "/spec/template/spec/containers", "[null]"],
  ["spec.template.spec.containers.args", "/spec/template/spec/containers/0/args", "{a: b}"],
  ["metadata.labels", "/metadata/labels", "[a]"],
];

describe("a patch of a controller that leaves none", () => {
  test.each(SHAPES)("at %s: %s, %s stops the cluster and says where", (field, path, value) => {
    const op = value === undefined ? "remove" : "replace";
    const entry = `- {op: ${op}, path: ${path}${value === undefined ? "" : `, value: ${value}`}}`;
    const target = "{kind: Deployment, name: helm-controller}";
    const list = `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n- gotk-components.yaml\n- gotk-sync.yaml\npatches:\n- target: ${target}\n  patch: |\n    ${entry}\n`;
    const { findings, changed } = runPhase(makeFluxSystem("clusters/home", { kustomization: list }), "install");
    const blockers = findings.filter(({ level }) => level === "blocker");
    expect(blockers.map(({ what, why }) => `${what} ${why}`).join("\n")).toContain(`is left at ${field}`);
    expect(changed).toEqual([]);
  });

  test("in the components themselves is no error of fluxlift", () => {
    const edit = (object: { kind: string; spec?: { template?: { spec: { containers: unknown } } } }) => {
      if (object.kind === "Deployment") object.spec!.template!.spec.containers = {};
      return object;
    };
    expect(runPhase(makeFluxSystem("clusters/home", { edit }), "install").changed).toEqual([]);
  });
});

describe("a name of a Secret that is a flag of kubectl", () => {
  const flag = "--kubeconfig=./evil.yaml";
  const commandsOf = (files: Record<string, string>) =>
    JSON.stringify(
      runPhase(files, "install").plan.phases.map(({ clusters }) => clusters.map(({ runbook }) => runbook)),
    );

  test("stops the cluster where a Kustomization decrypts with it", () => {
    const app = `${APP}  decryption: {provider: sops, secretRef: {name: "${flag}"}}\n`;
    const { rules, changed } = runPhase(
      { ...makeFluxSystem("clusters/home"), "clusters/home/apps.yaml": app },
      "install",
    );
    expect(rules).toContain("name-refused");
    expect(changed).toEqual([]);
  });

  test("comes into no command where controllers are pulled with it", () => {
    const pulled = (name: string) => {
      const edit = (object: { kind: string; spec?: { template?: { spec: { imagePullSecrets?: unknown } } } }) => {
        if (object.kind === "Deployment") object.spec!.template!.spec.imagePullSecrets = [{ name }];
        return object;
      };
      return makeFluxSystem("clusters/home", { edit });
    };
    expect(commandsOf(pulled("registry"))).toContain("create secret docker-registry registry ");
    expect(commandsOf(pulled(flag))).not.toContain(flag);
  });
});

test("a plan of a file whose name breaks a line is one that apply takes", async () => {
  const [dir, name] = ["kubernetes/flux/config", "a\nb.yaml"];
  const files: Record<string, string> = { ...example, [`${dir}/${name}`]: example[`${dir}/cluster.yaml`]! };
  delete files[`${dir}/cluster.yaml`];
  const list = `${dir}/kustomization.yaml`;
  files[list] = files[list]!.replace("./cluster.yaml", JSON.stringify(`./${name}`));
  const { plan } = runPhase(files, "install");
  expect(plan.phases[0]!.clusters[0]!.detected.source?.at.file).toContain("\n");
  const text = renderJson(plan);
  expect(faultsOf("plan", JSON.parse(text))).toBeNull();
  await expect(parsePlan(text, "plan.json")).resolves.toBeDefined();
});

test.each(["{a: b}", "5", "text"])("an operator app that waits for %s, which is no list, is planned", (value) => {
  const files = { ...inputFiles("operator-app/uses-a-helm-repository-before-chartref") };
  const { files: installed } = runPhase(files, "install");
  const ks = Object.keys(installed).find((path) => path.endsWith("flux-instance/ks.yaml"))!;
  const odd = installed[ks]!.replace(/dependsOn:\n(?: +-.*\n)+/, `dependsOn: ${value}\n`);
  expect(odd).toContain(`dependsOn: ${value}`);
  expect(runPhase({ ...installed, [ks]: odd }, "install").plan.phases).toHaveLength(1);
});

function inputFiles(name: string): Record<string, string> {
  return Object.fromEntries([...inputOf(name)].map(([path, { bytes }]) => [path, bytes.toString()]));
}
