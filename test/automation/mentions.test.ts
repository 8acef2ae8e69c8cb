import { describe, expect, test } from "vitest";
import transform from "../../transforms/automation-mentions/index.ts";
import { clusterFiles, contextOf, type Files, HELMFILE, homeWith, runTransform } from "./support.ts";

function runOnScript(script: string) {
  const outcome = runTransform(transform, contextOf(homeWith({ "run.sh": script })));
  return { text: outcome.texts["run.sh"], rules: outcome.rules };
}

describe("rules of linters and bots", () => {
  const path = "kubernetes/flux/config/cluster";
  const rulesOf = (files: Files) => {
    const kept = { "kubernetes/flux/config/age.agekey": "the folder stays\n" };
    return runTransform(transform, contextOf(homeWith({ ...kept, ...files }))).rules;
  };

  test.each([
    [".pre-commit-config.yaml", `exclude: ^${path}.yaml$\n`],
    [".pre-commit-config.yaml", `exclude: ^(docs/.*|${path}\\.yaml)$\n`],
    ["renovate.json", `{"flux": {"fileMatch": ["^${path}\\\\.yaml$", "/apps/"]}}\n`],
    [".yamllint", `ignore: |\n  ${path}.yaml\n`],
    [".yamlfmt.yaml", `exclude:\n  - ${path}.yaml\n`],
  ])("names the path that %s writes as an expression: %s", (file, text) => {
    expect(rulesOf({ [file]: text })).toEqual(["automation-names-removed"]);
  });

  test.each([".prettierignore", ".yamlignore", "apps/.trivyignore.yaml", ".gitleaks.toml"])(
    "takes what %s leaves out for a rule, which fails nothing",
    (file) => {
      const files = homeWith({ "kubernetes/flux/config/age.agekey": "stays\n", [file]: `${path}.yaml\n` });
      const found = runTransform(transform, contextOf(files)).findings;
      expect(found.map(({ rule, level }) => `${rule} ${level}`)).toEqual(["automation-names-removed info"]);
    },
  );

  test.each([`exclude: ^other/${path}\\.yaml$\n`, `exclude: ^${path}\\.yaml\\.old$\n`, "exclude: \\.yaml$\n"])(
    "has nothing to say about %s",
    (text) => expect(rulesOf({ ".pre-commit-config.yaml": text })).toEqual([]),
  );
});

describe("command lines", () => {
  test.each([".github/workflows/e2e.yaml.disabled", "old.sh.bak", ".archive/run.sh"])(
    "says nothing of %s, which nobody runs",
    (path) => {
      const text = "kubectl apply -k kubernetes/bootstrap/flux\n";
      const said = runTransform(transform, contextOf(homeWith({ [path]: text })));
      expect([said.texts[path] ?? text, said.rules]).toEqual([text, []]);
      expect(runOnScript(text).text).not.toBe(text);
    },
  );

  test("of an encrypted file are listed, for no byte of it may change", () => {
    const plain =
      "version: '3'\ntasks:\n  up:\n    cmds:\n      - kubectl apply -k kubernetes/bootstrap/flux\n    env:\n      TOKEN: abc\n";
    const sealed = `${plain.replace("abc", "ENC[AES256_GCM,data:YWJj,iv:eA==,tag:eA==,type:str]")}sops:\n  mac: ENC[AES256_GCM,data:eA==,iv:eA==,tag:eA==,type:str]\n`;
    const run = (text: string) => runTransform(transform, contextOf(homeWith({ "Taskfile.yaml": text })));
    expect(run(plain).texts["Taskfile.yaml"]).not.toBe(undefined);
    expect(run(sealed).texts["Taskfile.yaml"]).toBe(undefined);
    expect(run(sealed).findings.map(({ rule, at }) => `${rule} ${at?.file}`)).toContain(
      "automation-applies-removed Taskfile.yaml",
    );
  });

  test("a source and its root that are applied one by one make way for one start", () => {
    const dir = "kubernetes/flux/config";
    const [source, root] = homeWith({})[`${dir}/cluster.yaml`]!.split("---\n");
    const files = homeWith({ [`${dir}/cluster.yaml`]: root!, [`${dir}/source.yaml`]: source! });
    files[`${dir}/kustomization.yaml`] += "  - ./source.yaml\n";
    files["run.sh"] = `set -e\nkubectl apply -f ${dir}/source.yaml\necho then\nkubectl apply -f ${dir}/cluster.yaml\n`;
    const { texts, rules } = runTransform(transform, contextOf(files));
    expect(texts["run.sh"]).toMatch(/^set -e\nhelmfile .* sync\necho then\n$/);
    expect(rules).toEqual([]);
  });

  test.each([
    ["kubectl apply -k $DIR/$CLUSTER/config", ["automation-applies-removed"]],
    ["kubectl apply -k $DIR/$CLUSTER/flux-system", []],
    ["kubectl apply -k $CLUSTER/config", []],
    ["docker pull $REGISTRY/$OWNER/config", []],
  ])("knows a folder by its name behind variables, where it alone is built: %s", (line, rules) => {
    expect(runOnScript(`${line}\n`)).toEqual({ text: undefined, rules });
  });

  test.each([
    [
      "kubectl apply -k kubernetes/bootstrap/flux",
      "helmfile --file kubernetes/bootstrap/helmfile.yaml --selector name=flux-operator --selector name=flux-instance sync",
    ],
    [
      "kubectl --context=home apply --kustomize=./kubernetes/bootstrap/flux/",
      "helmfile --kube-context home --file ./kubernetes/bootstrap/helmfile.yaml --selector name=flux-operator --selector name=flux-instance sync",
    ],
    [
      "kubectl apply --kubeconfig ./kubeconfig -f kubernetes/flux/config/cluster.yaml",
      "helmfile --kubeconfig ./kubeconfig --file kubernetes/bootstrap/helmfile.yaml --selector name=flux-operator --selector name=flux-instance sync",
    ],
  ])("rewrites %s", (line, expected) => {
    expect(runOnScript(`#!/bin/sh\n${line}\necho done\n`)).toEqual({
      text: `#!/bin/sh\n${expected}\necho done\n`,
      rules: [],
    });
  });

  test.each([
    "kubectl apply -k kubernetes/bootstrap/flux || true",
    "kubectl apply -k kubernetes/bootstrap/flux --dry-run=none",
    "if ! kubectl apply -k kubernetes/bootstrap/flux; then exit 1; fi",
    "kubectl apply -k kubernetes/bootstrap/flux \\",
    'kubectl apply -k "$ROOT/kubernetes/bootstrap/flux" # start',
    "kubectl apply -k /srv/home/kubernetes/bootstrap/flux",
  ])("only lists %s", (line) => {
    expect(runOnScript(`${line}\n`)).toEqual({ text: undefined, rules: ["automation-applies-removed"] });
  });

  test.each([
    "kubectl apply -k kubernetes/bootstrap/flux --dry-run=client",
    "kubectl apply --dry-run=server -f kubernetes/flux/config/cluster.yaml",
    "kubectl apply --dry-run -k kubernetes/bootstrap/flux -o yaml | kubeconform",
  ])("knows that %s starts no cluster, and fails", (line) => {
    expect(runOnScript(`${line}\n`)).toEqual({ text: undefined, rules: ["automation-names-removed"] });
  });

  test("of a pipe counts the end", () => {
    const line = "kubectl create --dry-run=client -o yaml -f kubernetes/flux/config/cluster.yaml | kubectl apply -f -";
    expect(runOnScript(`${line}\n`).rules).toEqual(["automation-applies-removed"]);
  });

  test.each([
    "kubectl apply -k kubernetes/bootstrap/other",
    "# kubectl apply -k kubernetes/bootstrap/flux",
    "kubectl apply -k bootstrap",
    "curl https://example.org/kubernetes/bootstrap/flux",
    "mount /config",
  ])("has nothing to say about %s", (line) => {
    expect(runOnScript(`${line}\n`)).toEqual({ text: undefined, rules: [] });
  });

  test.each(["./", ".", '"./"'])("knows the folder of a script by %s", (here) => {
    const path = "kubernetes/bootstrap/flux/start.sh";
    const lines = [`kubectl apply --kustomize ${here}`, `find ${here}`, "kubectl apply -k ../../flux/config"];
    const said = runTransform(transform, contextOf(homeWith({ [path]: lines.join("\n") })));
    const run = (name: string) => `helmfile --file ../helmfile.yaml --selector name=${name} sync`;
    const expected = [run("flux-operator"), `find ${here}`, run("flux-instance")];
    expect([said.texts[path]?.split("\n"), said.rules]).toEqual([expected, []]);
  });

  test.each<[wait: string, rules: string[]]>([
    ["kubectl -n flux-system rollout status deploy/source-controller", ["automation-waits-early"]],
    [
      "kubectl wait crd/gitrepositories.source.toolkit.fluxcd.io --for=condition=Established",
      ["automation-waits-early"],
    ],
    ["flux check", ["automation-waits-early"]],
    ["kubectl wait \\\n  --for=condition=Available \\\n  deployment/source-controller", ["automation-waits-early"]],
    ["kubectl wait \\\n  --for=condition=Available \\\n  deployment/coredns", []],
    ["flux check --pre", []],
    ["kubectl -n kube-system rollout status deploy/coredns", []],
    ["# kubectl -n flux-system rollout status deploy/source-controller", []],
  ])("names a line between the two commands that waits for what the second brings: %s", (wait, rules) => {
    const lines = ["kubectl apply -k kubernetes/bootstrap/flux", wait, "kubectl apply -k kubernetes/flux/config"];
    expect(runOnScript(lines.join("\n")).rules).toEqual(rules);
    expect(runOnScript([lines[0], lines[2], wait].join("\n")).rules).toEqual([]);
  });

  test("waits for the root where a command of several lines asks for it behind", () => {
    const wait = ["kubectl wait \\", "  --for=condition=Ready \\", "  kustomization/cluster"];
    const said = runOnScript(["kubectl apply -k kubernetes/flux/config", ...wait].join("\n"));
    expect(said.text).toContain(
      "until kubectl -n flux-system get kustomization/cluster; do sleep 5; done\nkubectl wait",
    );
  });

  test("lists the folder of a script where the top of the repository is one that builds, too", () => {
    const path = "kubernetes/bootstrap/flux/start.sh";
    const files = homeWith({ [path]: "kubectl apply -k .\n", "kustomization.yaml": "resources: [kubernetes]\n" });
    const said = runTransform(transform, contextOf(files));
    expect([said.texts[path], said.rules]).toEqual([undefined, ["automation-shared-line"]]);
  });

  test.each([
    ["  KEY: '{{.DIR}}/bootstrap/flux/github-deploy-key.sops.yaml'", []],
    ["  KEY: '{{.DIR}}/bootstrap/flux/age.agekey'", []],
    ["  FILE: '{{.DIR}}/bootstrap/flux/kustomization.yaml'", ["automation-names-removed"]],
    ["tasks:\n  key: age-keygen > {{.DIR}}/bootstrap/flux/age.agekey", ["automation-names-removed"]],
  ])("takes a key that Git does not have for none of what goes: %s", (line, rules) => {
    const text = `vars:\n  DIR: '{{.ROOT_DIR}}/kubernetes'\n${line}\n`;
    expect(runTransform(transform, contextOf(homeWith({ "Taskfile.yaml": text }))).rules).toEqual(rules);
  });

  test.each([
    [
      "site/play.yaml",
      "    definition: \"{{ lookup('kubernetes.core.kustomize', dir='kubernetes/bootstrap/flux') }}\"",
    ],
    ["Taskfile.yaml", '      - ls {{joinPath .ROOT_DIR "kubernetes/bootstrap/flux"}}'],
  ])("lists the path that an expression of %s quotes", (path, line) => {
    const said = runTransform(transform, contextOf(homeWith({ [path]: `tasks:\n${line}\n` })));
    expect([said.texts[path], said.rules]).toEqual([undefined, ["automation-names-removed"]]);
  });

  test("lists prose that explains a path that goes, but not a command commented out", () => {
    const { rules } = runOnScript("# now apply what kubernetes/bootstrap/flux/kustomization.yaml lists\n");
    expect(rules).toEqual(["automation-names-removed"]);
  });

  test.each([
    "kubectl apply -k https://github.com/example/home//kubernetes/bootstrap/flux?ref=main",
    "kubectl apply -k 'github.com/Example/home/kubernetes/bootstrap/flux?ref=main'",
    "kustomize build git@github.com:example/home.git//kubernetes/bootstrap/flux | kubectl apply -f -",
    "kubectl apply -f https://raw.githubusercontent.com/example/home/main/kubernetes/flux/config/cluster.yaml",
  ])("lists %s, an address of this very repository", (line) => {
    expect(runOnScript(`${line}\n`)).toEqual({ text: undefined, rules: ["automation-applies-removed"] });
  });

  test.each([
    "kubectl apply -k https://github.com/example/other//kubernetes/bootstrap/flux?ref=main",
    "kubectl apply -k https://github.com/example/home//kubernetes/bootstrap/other?ref=main",
    "flux push artifact oci://ghcr.io/example/home/kubernetes/bootstrap/flux",
  ])("says nothing of %s", (line) => {
    expect(runOnScript(`${line}\n`)).toEqual({ text: undefined, rules: [] });
  });

  test("knows a folder by a pattern for its files, and edits on it where nothing else is in there", () => {
    const { text } = runOnScript("kubectl apply -f kubernetes/flux/config/*.yaml\n");
    expect(text).toMatch(/^helmfile .* sync\n$/);
    const key = {
      "kubernetes/flux/config/key.sops.yaml": "kind: Secret\n",
      "run.sh": "kubectl apply -f kubernetes/flux/config/*.yaml\n",
    };
    const { texts, rules } = runTransform(transform, contextOf(homeWith(key)));
    expect([texts["run.sh"], rules]).toEqual([undefined, ["automation-applies-removed"]]);
    const copied = runTransform(
      transform,
      contextOf(homeWith({ "k0sctl.yaml": "files:\n  - src: kubernetes/flux/config/*.yaml\n" })),
    );
    expect(copied.rules).toEqual(["automation-names-removed"]);
  });

  test("lists the steps of Ansible, which run elsewhere, and edits the same line of a Taskfile", () => {
    const line = "cmd: kubectl apply -k kubernetes/bootstrap/flux\n";
    const steps = {
      "ansible/roles/flux/tasks/main.yml": `---\n# Flux\n\n- name: Flux\n  ansible.builtin.command:\n    ${line}`,
    };
    const { texts, rules } = runTransform(transform, contextOf(homeWith(steps)));
    expect([texts, rules]).toEqual([{}, ["automation-applies-removed"]]);
    const task = { "tasks/flux.yaml": `version: "3"\ntasks:\n  flux:\n    ${line}` };
    expect(runTransform(transform, contextOf(homeWith(task))).texts["tasks/flux.yaml"]).toContain("cmd: helmfile ");
  });

  test.each([
    `command: kubectl\n        args: ["apply", "-k", "kubernetes/bootstrap/flux"]`,
    "command: kubectl\n        args:\n          - apply\n          - -k\n          - kubernetes/bootstrap/flux",
    'args:\n        - apply\n        - "--kustomize"\n        - kubernetes/bootstrap/flux\n        command: "kubectl"',
  ])("lists the hooks of a helmfile, and in the one that has the charts as what to drop: %s", (command) => {
    const hook = `      - events: [postsync]\n        ${command}\n`;
    const release = `\n  - name: cilium\n    chart: cilium/cilium\n    hooks:\n${hook}`;
    const own = "kubernetes/bootstrap/helmfile.yaml";
    const run = (path: string, text: string) => runTransform(transform, contextOf(homeWith({ [path]: text })));
    expect(run("network/helmfile.yaml", `releases:${release}`).rules).toEqual(["automation-applies-removed"]);
    expect(run(own, HELMFILE + release)).toMatchObject({ texts: {}, rules: ["automation-names-removed"] });
  });

  test("keeps CRLF and everything around the line", () => {
    expect(runOnScript("a\r\nkubectl apply -k kubernetes/flux/config\r\nb").text).toBe(
      "a\r\nhelmfile --file kubernetes/bootstrap/helmfile.yaml --selector name=flux-operator --selector name=flux-instance sync\r\nb",
    );
  });

  describe("a helmfile that wants a variable of the environment", () => {
    const wanting = HELMFILE.replace("- ./templates/values.yaml.gotmpl", `- '{{ requiredEnv "TOP" }}/values.yaml'`);
    const line = "kubectl apply -k kubernetes/bootstrap/flux";
    const task = (env: string) => `version: "3"\n${env}tasks:\n  one:\n    cmds:\n      - ${line}\n`;
    const runWith = (path: string, text: string, more: Files = {}) => {
      const files = homeWith({ "kubernetes/bootstrap/helmfile.yaml": wanting, [path]: text, ...more });
      return runTransform(transform, contextOf(files));
    };

    test.each([
      ["run.sh", `${line}\n`, {}],
      ["Taskfile.yaml", task("vars:\n  TOP: x\n"), {}],
      [".taskfiles/flux.yaml", `${task("")}  two:\n    env:\n      TOP: x\n    cmds: []\n`, {}],
    ])("is not run from %s, which does not set it", (path, text, more) => {
      const { texts, findings } = runWith(path, text, more);
      expect([texts[path], findings.map(({ rule }) => rule)]).toEqual([undefined, ["automation-applies-removed"]]);
      expect(findings[0]!.next).toContain("TOP=… helmfile --file");
    });

    test.each([
      ["run.sh", `export TOP=$PWD\n${line}\n`, {}],
      ["run.sh", `${line}\n`, { ".envrc": "export TOP=$PWD\n" }],
      ["Taskfile.yaml", task("env:\n  TOP: x\n"), {}],
      [".taskfiles/flux.yaml", task(""), { "Taskfile.yaml": "env: { A: 1, TOP: x }\n" }],
      [".taskfiles/flux.yaml", `${task("")}    env:\n      TOP: x\n`, {}],
    ])("is run from %s, which has it: %j", (path, text, more) => {
      const { texts, rules } = runWith(path, text, more);
      expect([texts[path]?.includes("helmfile --file"), rules]).toEqual([true, []]);
    });
  });

  test("renders CRDs first where fluxlift wrote a helmfile for them", () => {
    const crds = "# Only rendered, never installed\nreleases:\n  - name: p\n    chart: oci://registry.example/p\n";
    const files = {
      ...clusterFiles("kubernetes"),
      "bootstrap/helmfile.d/01-apps.yaml": HELMFILE,
      "bootstrap/helmfile.d/00-crds.yaml": crds,
    };
    const { texts } = runTransform(
      transform,
      contextOf({ ...files, "run.sh": "kubectl apply -k kubernetes/bootstrap/flux\n" }),
    );
    expect(texts["run.sh"]).toBe(
      "helmfile --file bootstrap/helmfile.d/00-crds.yaml template --include-crds --quiet | kubectl apply --server-side --filename -\n" +
        "helmfile --file bootstrap/helmfile.d/01-apps.yaml --selector name=flux-operator --selector name=flux-instance sync\n",
    );
  });
});

describe("a folder that keeps other objects", () => {
  const shared = "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: other\n";
  const tasks =
    "tasks:\n  up:\n    cmds:\n      - kubectl apply -k kubernetes/bootstrap/flux\n      - kubectl apply -k kubernetes/flux/config\n";

  function files(text: string): Files {
    const all = homeWith({ "Taskfile.yaml": text });
    all["kubernetes/flux/config/cluster.yaml"] += shared;
    return all;
  }

  test("gets the instance, and a wait for its CRDs, before it is applied", () => {
    const { texts } = runTransform(transform, contextOf(files(tasks)));
    expect(texts["Taskfile.yaml"]).toBe(`tasks:
  up:
    cmds:
      - helmfile --file kubernetes/bootstrap/helmfile.yaml --selector name=flux-operator sync
      - helmfile --file kubernetes/bootstrap/helmfile.yaml --selector name=flux-instance sync
      - until kubectl wait crd/gitrepositories.source.toolkit.fluxcd.io crd/kustomizations.kustomize.toolkit.fluxcd.io --for=condition=Established; do sleep 5; done
      - kubectl apply -k kubernetes/flux/config
`);
    expect(runTransform(transform, contextOf(files(texts["Taskfile.yaml"]!))).texts).toEqual({});
  });
});

describe("a run of the whole helmfile", () => {
  const whole = "helmfile --quiet --file {{.DIR}}/bootstrap/helmfile.yaml apply --skip-diff-on-install";
  const start = "kubectl apply --server-side --kustomize {{.DIR}}/flux/config";
  const task = (...lines: string[]) =>
    `version: '3'\nvars:\n  DIR: '{{.ROOT_DIR}}/kubernetes'\ntasks:\n  up:\n    cmds:\n${lines.map((line) => `      - ${line}\n`).join("")}`;
  const done = (text: string) => runTransform(transform, contextOf(homeWith({ "Taskfile.yaml": text })));

  test("leaves nothing to do for a line behind it that starts the sync", () => {
    const { texts, rules } = done(task(whole, start, "echo up"));
    expect([texts["Taskfile.yaml"], rules]).toEqual([task(whole, "echo up"), []]);
  });

  test.each([
    ["stands behind the line", [start, whole]],
    ["picks releases", [`${whole} --selector name=cilium`, start]],
    ["is of another helmfile", [whole.replace("bootstrap/", "bootstrap/apps/"), start]],
    ["only shows what it would do", [whole.replace("apply --skip-diff-on-install", "diff"), start]],
    ["is switched off", [`# ${whole}`, start]],
  ])("does not count where it %s", (_, lines) => {
    expect(done(task(...lines)).texts["Taskfile.yaml"]).toContain("--selector name=flux-instance sync");
  });

  test("does not count in a task of its own", () => {
    const text = task(whole).replace("  up:", "  apps:") + task(start).split("tasks:\n")[1]!;
    expect(done(text).texts["Taskfile.yaml"]).toContain("--selector name=flux-instance sync");
  });
});

describe("checks", () => {
  const vars = "version: '3'\nvars:\n  HOME_DIR: '{{.ROOT_DIR}}/kubernetes'\n";
  const task = (...checks: string[]) =>
    `${vars}tasks:\n  up:\n    cmds:\n      - echo up\n    preconditions:\n${checks.map((check) => `      - ${check}\n`).join("")}`;
  const check = (...checks: string[]) => {
    const { texts, rules } = runTransform(transform, contextOf(homeWith({ "Taskfile.yaml": task(...checks) })));
    return { text: texts["Taskfile.yaml"], rules };
  };

  test("of what goes look for the helmfile, once in a list", () => {
    expect(
      check(
        "which kubectl",
        "test -f {{.HOME_DIR}}/bootstrap/flux/kustomization.yaml",
        "kustomize build {{.HOME_DIR}}/bootstrap/flux",
        "kustomize build {{ .HOME_DIR }}/flux/config",
        '{ msg: "No bootstrap", sh: "test -d {{.HOME_DIR}}/bootstrap/flux" }',
      ),
    ).toEqual({
      text: task(
        "which kubectl",
        "test -f {{.HOME_DIR}}/bootstrap/helmfile.yaml",
        "test -f {{ .HOME_DIR }}/bootstrap/helmfile.yaml",
        '{ msg: "No bootstrap", sh: "test -f {{.HOME_DIR}}/bootstrap/helmfile.yaml" }',
      ),
      rules: [],
    });
  });

  test("of a folder that keeps a key, and nothing to build", () => {
    const files = homeWith({
      "Taskfile.yaml": task("kustomize build {{.HOME_DIR}}/bootstrap/flux"),
      "kubernetes/bootstrap/flux/age-key.sops.yaml": "kind: Secret\n",
    });
    const { texts, rules } = runTransform(transform, contextOf(files));
    expect([texts["Taskfile.yaml"], rules]).toEqual([task("test -f {{.HOME_DIR}}/bootstrap/helmfile.yaml"), []]);
  });

  test.each([
    "kustomize build {{.HOME_DIR}}/bootstrap/flux | wc -l",
    "kustomize build {{.HOME_DIR}}/bootstrap/flux -o out",
  ])("are not guessed at: %s", (line) =>
    expect(check(line)).toEqual({ text: undefined, rules: ["automation-names-removed"] }),
  );

  test("a build that is no precondition is listed", () => {
    const text = `${vars}tasks:\n  up:\n    preconditions:\n      - which kubectl\n    cmds:\n      - kustomize build {{.HOME_DIR}}/bootstrap/flux\n`;
    const { texts, rules } = runTransform(transform, contextOf(homeWith({ "Taskfile.yaml": text })));
    expect([texts, rules]).toEqual([{}, ["automation-names-removed"]]);
  });
});

test.each([
  ["kubectl delete -k $DIR/bootstrap", true],
  ["kubectl --context home diff --kustomize='$DIR/bootstrap'", true],
  ["kubectl kustomize $DIR/bootstrap | less", true],
  ["kubectl delete -f $DIR/bootstrap", false],
  ["ls -k $DIR/apps", false],
])("a folder that keeps something builds no more: %s", (line, isListed) => {
  const old = "kubernetes/bootstrap/flux/kustomization.yaml";
  const { [old]: bootstrap = "", ...files } = homeWith({ "scripts/down.sh": `DIR=kubernetes\n${line}\n` });
  const { rules } = runTransform(transform, contextOf({ ...files, [old.replace("/flux", "")]: bootstrap }));
  expect(rules).toEqual(isListed ? ["automation-names-removed"] : []);
});

test("a comment behind the command of a task stays there", () => {
  const task = (command: string) => `tasks:\n  up:\n    cmds:\n      - ${command}\n`;
  const run = (command: string) =>
    runTransform(transform, contextOf(homeWith({ "Taskfile.yaml": task(command) }))).texts["Taskfile.yaml"];
  const helmfile = "helmfile --file kubernetes/bootstrap/helmfile.yaml --selector name=flux-operator";
  expect(run("kubectl apply -k kubernetes/bootstrap/flux  # once")).toBe(
    task(`${helmfile} --selector name=flux-instance sync  # once`),
  );
  expect(run("kubectl apply -k kubernetes/bootstrap/flux#once")).toBeUndefined();
});

test("source and root that are applied one after the other want the instance once", () => {
  const cluster = "kubernetes/flux/config/cluster.yaml";
  const [source, root] = homeWith({})[cluster]!.split("---\n");
  const kept = "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: kept\n  namespace: default\n";
  const lines = `kubectl apply -f ${cluster.replace("cluster", "source")}\nkubectl apply -f ${cluster}\n`;
  const files = homeWith({ "run.sh": lines });
  files[cluster] = root! + kept;
  files[cluster.replace("cluster", "source")] = source! + kept.replace("name: kept", "name: too");
  files[cluster.replace("cluster", "kustomization")] += "  - ./source.yaml\n";
  const text = runTransform(transform, contextOf(files)).texts["run.sh"]!;
  expect(text.match(/--selector name=flux-instance/g)).toHaveLength(1);
  expect(text.indexOf("helmfile")).toBeLessThan(text.indexOf("kubectl apply -f"));
});

describe("a folder that only a run knows", () => {
  const up = (path: string) =>
    `vars:\n  CLUSTER: '{{.CLUSTER | default "main"}}'\n  DIR: '{{.ROOT_DIR}}/kubernetes/{{.CLUSTER}}'\ntasks:\n  up:\n    cmds:\n      - kubectl apply -k ${path}\n`;
  const run = (path: string, more: Files = {}) =>
    runTransform(transform, contextOf({ ...homeWith({}, "kubernetes/main"), "Taskfile.yaml": up(path), ...more }));

  test("is the cluster's where no other has the rest of the path", () => {
    const { texts, rules } = run("{{.DIR}}/bootstrap/flux");
    expect(texts["Taskfile.yaml"]).toContain("- helmfile --file {{.DIR}}/bootstrap/helmfile.yaml --selector");
    expect(rules).toEqual([]);
  });

  test("is left where another has it, or the variable is near the end", () => {
    const other = { "kubernetes/old/bootstrap/flux/kustomization.yaml": "resources: []\n" };
    expect(run("{{.DIR}}/bootstrap/flux", other).rules).toEqual(["automation-shared-line"]);
    expect(run("kubernetes/main/{{.CLUSTER}}/flux").rules).toEqual(["automation-applies-removed"]);
  });
});

describe("several clusters", () => {
  const task =
    "vars:\n  K8S: '{{.ROOT_DIR}}/kubernetes'\ntasks:\n  up:\n    cmds:\n      - kubectl --context {{.cluster}} apply -k {{.K8S}}/{{.cluster}}/bootstrap/flux\n";
  const both = (text: string): Files => ({
    ...homeWith({}, "kubernetes/main"),
    ...homeWith({}, "kubernetes/edge"),
    "Taskfile.yaml": text,
  });

  test("a line for all of them is rewritten when all of them are migrated", () => {
    const { texts, rules } = runTransform(transform, contextOf(both(task), "edge"));
    expect(texts["Taskfile.yaml"]).toContain(
      "- helmfile --kube-context {{.cluster}} --file {{.K8S}}/{{.cluster}}/bootstrap/helmfile.yaml --selector",
    );
    expect(rules).toEqual([]);
  });

  test("by commands as well, where the paths in them mean the files of each", () => {
    const files: Files = {
      ...clusterFiles("kubernetes/main"),
      ...clusterFiles("kubernetes/edge"),
      "Taskfile.yaml": task,
    };
    const { texts, rules } = runTransform(transform, contextOf(files, "edge"));
    expect(texts["Taskfile.yaml"]).toContain(
      "yq .spec.values {{.K8S}}/{{.cluster}}/apps/flux-system/flux-instance/app/helmrelease.yaml |\n        helm upgrade --install flux-instance",
    );
    expect(rules).toEqual([]);
    const release = "kubernetes/main/apps/flux-system/flux-instance/app/helmrelease.yaml";
    const unlike = { ...files, [release]: files[release]!.replace("spec:\n", "spec:\n  releaseName: flux\n") };
    expect(runTransform(transform, contextOf(unlike, "edge"))).toMatchObject({
      texts: {},
      rules: ["automation-shared-line"],
    });
  });

  test("is left to the one planned last, whose helmfile gets its releases after this one's", () => {
    const files = both(task);
    files["kubernetes/main/bootstrap/helmfile.yaml"] = "releases:\n  - name: cilium\n    chart: cilium/cilium\n";
    const run = (more: Files = {}, options = {}) =>
      runTransform(transform, contextOf({ ...files, ...more }, "edge", options));
    expect(run()).toMatchObject({ texts: {}, rules: [] });
    expect(run({}, { clusters: ["edge"] }).rules).toEqual(["automation-shared-line"]);
    const template = { "kubernetes/main/bootstrap/helmfile.yaml": "releases:\n  {{ if true }}\n  {{ end }}\n" };
    expect(run(template).rules).toEqual(["automation-shared-line"]);
    const last = { "kubernetes/edge/bootstrap/helmfile.yaml": files["kubernetes/main/bootstrap/helmfile.yaml"] };
    const turned = runTransform(transform, contextOf({ ...both(task), ...last }, "main"));
    expect(turned).toMatchObject({ texts: {}, rules: ["automation-shared-line"] });
  });

  test("and only listed when one of them is left out", () => {
    const { texts, rules } = runTransform(transform, contextOf(both(task), "edge", { clusters: ["edge"] }));
    expect([texts, rules]).toEqual([{}, ["automation-shared-line"]]);
  });

  test("a variable with one value per cluster is not taken for either", () => {
    const text = `${task}  calls:\n    cmds:\n      - task: up\n        vars:\n          cluster: main\n`;
    const { rules } = runTransform(transform, contextOf(both(text), "main", { clusters: ["main"] }));
    expect(rules).toEqual([]);
    const more = `${text}      - task: up\n        vars:\n          cluster: edge\n`;
    expect(runTransform(transform, contextOf(both(more), "main", { clusters: ["main"] })).rules).toEqual([
      "automation-shared-line",
    ]);
  });

  test("a source name that another cluster keeps is listed, not changed", () => {
    const files = both("tasks:\n  sync: flux reconcile source git home-kubernetes\n");
    expect(runTransform(transform, contextOf(files, "main", { clusters: ["main"] }))).toMatchObject({
      texts: {},
      rules: ["automation-names-renamed"],
    });
    expect(runTransform(transform, contextOf(files, "main")).texts["Taskfile.yaml"]).toContain("source git cluster\n");
  });

  test("where two clusters of a run rename an object of one name, both new names are told", () => {
    const files = both("tasks:\n  sync: flux reconcile source git home-kubernetes\n");
    for (const [path, text] of Object.entries(files))
      if (path.startsWith("kubernetes/edge/")) files[path] = text.replaceAll("name: cluster\n", "name: edge\n");
    const { texts, findings } = runTransform(transform, contextOf(files, "main"));
    expect(texts).toEqual({});
    expect(findings.map(({ what, next }) => [what, next])).toEqual([
      [
        "This line names GitRepository home-kubernetes, which is called cluster from now on; cluster edge calls its own edge.",
        "Name cluster for this cluster and edge for edge.",
      ],
    ]);
  });

  test("a command that takes the old object away is never pointed at the new one", () => {
    const files = homeWith({ "Taskfile.yaml": "tasks:\n  down: kubectl delete gitrepository home-kubernetes\n" });
    const { texts, findings } = runTransform(transform, contextOf(files));
    expect(texts).toEqual({});
    expect(findings.map(({ rule, next }) => [rule, next])).toEqual([["automation-names-renamed", "Drop the line."]]);
  });

  test.each([
    ["[flux, reconcile, source, git, home-kubernetes]", 1],
    ['[sh, -c, "kubectl annotate gitrepository/home-kubernetes x=y --overwrite"]', 1],
    ['[sh, -c, "flux reconcile source git home-kubernetes-charts"]', 0],
    ["[home-kubernetes]", 0],
  ])("what Flux applies and runs such a command in the cluster is listed: %s", (command, count) => {
    const job = `apiVersion: batch/v1
kind: CronJob
metadata: {name: poke, namespace: flux-system}
spec:
  schedule: "0 * * * *"
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers:
            - name: poke
              image: example.org/tools:1
              command: ${command}
`;
    const files = homeWith({ "kubernetes/apps/flux-system/poke.yaml": job });
    files["kubernetes/apps/flux-system/kustomization.yaml"] += "  - ./poke.yaml\n";
    const { texts, findings } = runTransform(transform, contextOf(files));
    expect(texts).toEqual({});
    const at = { file: "kubernetes/apps/flux-system/poke.yaml", line: 14 };
    expect(findings).toMatchObject(
      Array.from({ length: count }, () => ({ rule: "automation-names-renamed", at, next: "Write cluster instead." })),
    );
  });

  test("a script delivered to another cluster is that cluster's business", () => {
    const files = both("");
    files["kubernetes/main/apps/flux-system/kustomization.yaml"] +=
      "configMapGenerator:\n  - name: gate\n    files: [gate.sh]\n";
    files["kubernetes/main/apps/flux-system/gate.sh"] = "kubectl get gitrepository home-kubernetes\n";
    expect(runTransform(transform, contextOf(files, "edge")).texts).toEqual({});
    expect(Object.keys(runTransform(transform, contextOf(files, "main")).texts)).toEqual([
      "kubernetes/main/apps/flux-system/gate.sh",
    ]);
  });
});

test.each([
  ["        args: diff ks --path /github/workspace/kubernetes/flux/config", "can begin at kubernetes/flux,"],
  ["        args: test --path kubernetes/flux/config", "can begin at kubernetes/flux,"],
  ["        args: test --file kubernetes/flux/config/cluster.yaml", undefined],
])("says where flux-local finds what the root builds: %s", (line, advice) => {
  const path = ".github/workflows/flux-local.yaml";
  const job = `      - uses: docker://ghcr.io/allenporter/flux-local:v7.0.0\n      - with:\n${line}\n`;
  const run = (text: string) => runTransform(transform, contextOf(homeWith({ [path]: text }))).findings;
  const next = (text: string) => run(text).find(({ rule }) => rule === "automation-names-removed")?.next;
  expect(next(job)).toContain("Change or drop these lines.");
  if (advice) expect(next(job)).toContain(advice);
  else expect(next(job)).not.toContain("can begin");
  expect(next(job.replace("allenporter/flux-local", "me/lint"))).not.toContain("can begin");
});

describe("new names", () => {
  test.each([
    ['flux-local diff ks --sources "home-kubernetes" x', 'flux-local diff ks --sources "cluster" x'],
    [
      "flux-local test --sources=infra,home-kubernetes=./kubernetes",
      "flux-local test --sources=infra,cluster=./kubernetes",
    ],
    ["flux -n flux-system reconcile source git home-kubernetes", "flux -n flux-system reconcile source git cluster"],
    ["kubectl annotate gitrepo/home-kubernetes x=y", "kubectl annotate gitrepo/cluster x=y"],
    [
      "flux create kustomization app --source=GitRepository/home-kubernetes --path=./app --export",
      "flux create kustomization app --source=GitRepository/cluster --path=./app --export",
    ],
    [
      "flux create helmrelease app --source GitRepository/home-kubernetes.flux-system --chart ./app",
      "flux create helmrelease app --source GitRepository/cluster.flux-system --chart ./app",
    ],
  ])("follows into %s", (line, expected) => {
    expect(runOnScript(`${line}\n`)).toEqual({ text: `${expected}\n`, rules: [] });
  });

  test.each([
    "flux reconcile source git home-kubernetes-charts",
    "echo home-kubernetes",
    "flux reconcile source oci home-kubernetes",
    "git clone home-kubernetes",
    "flux create kustomization app --source=GitRepository/home-kubernetes.apps",
  ])("leaves %s", (line) => {
    expect(runOnScript(`${line}\n`)).toEqual({ text: undefined, rules: [] });
  });
});
