import { expect, test } from "vitest";
import { flux, gitRepository, list, URL } from "../cluster/fleet.ts";
import { kustomization, makeFluxSystem, makeGotk } from "./make-gotk.ts";
import { type Files, runAll } from "./run-phases.ts";

const tree = (more: Files): Files => ({
  ...makeFluxSystem("clusters/home"),
  "clusters/home/kustomization.yaml": kustomization("resources:\n  - flux-system\n  - app.yaml\n"),
  "clusters/home/app.yaml": "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: app\n",
  ...more,
});

test("a command that applies the cluster's whole folder installs operator and instance first from then on", () => {
  const makefile = "up:\n\tkubectl apply -k clusters/home\n\nlook:\n\tkustomize build clusters/home\n";
  const { cleanup } = runAll(tree({ Makefile: makefile }));
  expect(cleanup.files.Makefile).toMatch(
    /^up:\n\t.*charts\/flux-operator[\s\S]*charts\/flux-instance[\s\S]*\n\tkubectl apply -k clusters\/home\n/,
  );
  expect(cleanup.files.Makefile).toContain("\nlook:\n\tkustomize build clusters/home\n");
});

test.each<[path: string, upgrade: string, up: string]>([
  ["Makefile", "upgrade:\n\tkubectl apply -f FILE\n\n", "up:\n\tkubectl create ns a\n\tkubectl apply -k DIR\n"],
  ["justfile", "upgrade:\n    kubectl apply -f FILE\n\n", "up:\n    kubectl apply -k DIR\n"],
  [
    "Taskfile.yaml",
    'version: "3"\ntasks:\n  upgrade:\n    cmds:\n      - kubectl apply -f FILE\n',
    "  up:\n    cmds:\n      - kubectl apply -k DIR\n",
  ],
])(
  "what starts the cluster in a %s installs the operator itself, whatever another recipe does",
  (path, upgrade, up) => {
    const dir = "clusters/home/flux-system";
    const text = `${upgrade}${up}`.replace("FILE", `${dir}/gotk-components.yaml`).replace("DIR", dir);
    const { cleanup } = runAll(tree({ [path]: text }));
    const started = cleanup.files[path]!.split(/^ *up:/m)[1];
    expect(started).toMatch(/charts\/flux-operator[\s\S]*charts\/flux-instance[\s\S]*kubectl apply -k /);
  },
);

test.each(["kubectl apply -f clusters/home/flux-system/gotk-sync.yaml", "kubectl apply -k clusters/home"])(
  "a command that applies the file of flux bootstrap is moved off it as it goes, before %s",
  (start) => {
    const script = `#!/bin/sh\nset -e\nkubectl apply -f clusters/home/flux-system/gotk-components.yaml\n${start}\n`;
    const { cutover, cleanup } = runAll(tree({ "up.sh": script }));
    const both = /^#!\/bin\/sh\nset -e\nhelm .*flux-operator [\s\S]*upgrade --install flux-instance [\s\S]*/;
    expect(cutover.files["up.sh"]).toMatch(
      new RegExp(`${both.source}\\nuntil kubectl wait crd/gitrepositories.*\\n${start}\\n$`),
    );
    expect(cleanup.files["up.sh"]).toMatch(both);
    expect(cleanup.files["up.sh"]).not.toContain("gotk-");
    expect(cleanup.files["up.sh"]!.match(/upgrade --install/g)).toHaveLength(2);
    const listed = [...cutover.findings, ...cleanup.findings].filter(({ rule }) => rule.startsWith("automation-"));
    expect(listed).toEqual([]);
  },
);

test.each([
  "envsubst < clusters/home/flux-system/gotk-sync.yaml | kubectl apply -f -",
  "envsubst < clusters/home/flux-system/gotk-sync.yaml | \\\n  kubectl apply -f -",
  "kubectl apply --server-side \\\n  -f clusters/home/flux-system/gotk-sync.yaml",
])("a command of several parts that applies a file which keeps the apps is told: %s", (command) => {
  const sync = "clusters/home/flux-system/gotk-sync.yaml";
  const app = "---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: other\n";
  const start = tree({ "up.sh": `${command}\n` });
  const { cleanup } = runAll({ ...start, [sync]: `${start[sync]}${app}` });
  const own = cleanup.findings.filter(({ rule }) => rule === "automation-applies-removed");
  const line = command.split("\n").findIndex((text) => text.includes(sync)) + 1;
  expect(own.map(({ at }) => at?.line)).toEqual([line]);
  expect(own[0]?.what).toContain("no longer holds the Flux install or the source and root");
});

test("source and root are there until cleanup, also where another line stands for the install", () => {
  const dir = "clusters/home/flux-system";
  const steps = `      run: |\n        kubectl apply -f ${dir}/gotk-components.yaml\n        kubectl apply -k ${dir}/\n`;
  const { cutover } = runAll(
    tree({ ".github/workflows/e2e.yaml": `jobs:\n  e2e:\n    steps:\n    - name: up\n${steps}` }),
  );
  const own = cutover.findings.filter(({ rule }) => rule === "automation-applies-removed");
  expect(own.map(({ what }) => what)).toEqual([
    `This line applies ${dir}/gotk-components.yaml, which is gone, so it fails.`,
    `This line applies ${dir}, which no longer holds the source and root once the cleanup is merged.`,
  ]);
});

test("where it runs elsewhere it is listed, with what it no longer does", () => {
  const makefile = 'up:\n\tssh node "sudo kubectl apply -k /tmp/copy/clusters/home"\n';
  const { cutover } = runAll(tree({ Makefile: makefile }));
  const own = cutover.findings.filter(({ rule }) => rule === "automation-applies-removed");
  expect(own.map(({ at }) => `${at?.file}:${at?.line}`)).toEqual(["Makefile:2"]);
  expect(own[0]?.what).toContain(
    "clusters/home, which no longer holds the Flux install, and once the cleanup is merged not the source and root",
  );
  expect(own[0]?.next).toContain("charts/flux-operator");
});

test.each([
  ["-k kickoff", "of which this phase takes the install, and the cleanup the rest"],
  ["-f kickoff/gotk-sync.yaml", "which the cleanup takes away: it fails then"],
  ["-f kickoff/gotk-components.yaml", "which is gone, so it fails"],
])("what only the cleanup takes is not gone at the cutover: %s", (target, said) => {
  const start = makeFluxSystem("clusters/home");
  const moved = Object.entries(start).map(([path, text]) => [
    path.replace("clusters/home/flux-system", "kickoff"),
    text,
  ]);
  const app = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: app\n";
  const script = `kubectl apply ${target} ||\\\n  kubectl apply ${target} # the kinds are there by now\n`;
  const { cutover, cleanup } = runAll({ ...Object.fromEntries(moved), "clusters/home/app.yaml": app, "up.sh": script });
  const whatOf = ({ findings }: typeof cutover) =>
    findings.find(({ rule }) => rule === "automation-applies-removed")?.what ?? "";
  expect(whatOf(cutover)).toContain(said);
  // What went with the cutover is said there.
  if (!target.includes("components")) expect(whatOf(cleanup)).toContain("which is gone, so it fails");
});

test("a page that says to is listed, and one that names the sync file alone", () => {
  const page =
    "# Home\n\nRun `kubectl apply -k clusters/home` once.\n\nSee clusters/home for the apps.\n\nThe key of `gotk-sync.yaml`.\n";
  const { cutover } = runAll(tree({ "README.md": page }));
  const [own] = cutover.findings.filter(({ rule }) => rule === "docs-name-removed");
  expect(own?.what).toContain("README.md:3 (clusters/home), README.md:7 (gotk-sync.yaml)");
  expect(own?.what).not.toContain("README.md:5");
});

/** Install and sync in a base; each cluster has its path from a patch of its own. */
const overlays = (more: Files): Files => {
  const { "base/flux-system/gotk-sync.yaml": sync, ...base } = makeFluxSystem("base");
  const overlay = (name: string): Files => ({
    [`clusters/${name}/kustomization.yaml`]: kustomization("resources:\n- flux-system\n- app.yaml\n"),
    [`clusters/${name}/app.yaml`]: "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: app\n",
    [`clusters/${name}/flux-system/kustomization.yaml`]: kustomization(
      "resources:\n- ../../../base/flux-system\npatches:\n- path: root.yaml\n",
    ),
    [`clusters/${name}/flux-system/root.yaml`]: `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: flux-system\n  namespace: flux-system\nspec:\n  path: ./clusters/${name}\n`,
  });
  const open = { "base/flux-system/gotk-sync.yaml": sync!.replace("  path: ./base\n", "") };
  return { ...base, ...open, ...overlay("blue"), ...overlay("green"), ...more };
};

test("commands that each apply the folder of one cluster install that cluster, though both share a base", () => {
  const script = "#!/bin/sh\nkubectl apply -k clusters/green/flux-system\nkubectl apply -k clusters/blue/flux-system\n";
  const { cleanup } = runAll(overlays({ "up.sh": script }));
  const text = cleanup.files["up.sh"]!;
  const named = [...text.matchAll(/\b(blue|green)\/flux-system\/flux-(operator|instance)/g)].map(
    ([, cluster]) => cluster,
  );
  expect(named).toEqual(["green", "green", "green", "blue", "blue", "blue"]);
  expect(cleanup.rules.filter((rule) => rule.startsWith("automation-"))).toEqual([]);
});

test("a command that applies the base itself is left to the owner, with the commands of each cluster", () => {
  const makefile = "up:\n\tkubectl apply -k base/flux-system\n";
  const { cleanup } = runAll(overlays({ Makefile: makefile }));
  expect(cleanup.files.Makefile).toBe(makefile);
  const own = cleanup.findings.filter(({ rule }) => rule === "automation-shared-line");
  expect(own.map(({ what }) => /It starts (\w+) too\./.exec(what)?.[1])).toEqual(["green", "blue"]);
  expect(own[0]?.next).toContain("blue/flux-system/flux-instance/helmrelease.yaml");
  expect(own[1]?.next).toContain("green/flux-system/flux-instance/helmrelease.yaml");
});

/** The parts that the commands of a script install, and what it applies behind them. */
const stepsOf = (text: string): string[] =>
  [...text.matchAll(/--install (flux-\w+)|until kubectl .*wait (crd)\/|kubectl .*(?:apply|create) -\w (\S+)/g)].map(
    ([, part, crd, path]) => part ?? crd ?? path!,
  );

test.each(["clusters/home/flux-system", "clusters/home"])(
  "between cutover and cleanup a command that applies %s finds the kinds of Flux",
  (path) => {
    const { cutover, cleanup } = runAll(tree({ "up.sh": `#!/bin/sh\nkubectl apply -k ${path}\n` }));
    expect(stepsOf(cutover.files["up.sh"]!)).toEqual(["flux-operator", "flux-instance", "crd", path]);
    expect(cleanup.files["up.sh"]).toBe(cutover.files["up.sh"]);
  },
);

test("so does one that creates an overlay of the install, once more what the instance has made", () => {
  const script =
    "#!/bin/sh\nkubectl create -k clusters/green/flux-system\nkubectl create -k clusters/blue/flux-system\n";
  const { cutover, cleanup } = runAll(overlays({ "up.sh": script }));
  const install = ["flux-operator", "flux-instance", "crd"];
  const folders = ["clusters/green/flux-system", "clusters/blue/flux-system"];
  expect(stepsOf(cutover.files["up.sh"]!)).toEqual(folders.flatMap((folder) => [...install, folder]));
  expect(cutover.files["up.sh"]).not.toContain("kubectl create");
  expect(stepsOf(cleanup.files["up.sh"]!)).toEqual([...install, ...install]);
});

test("commands of one cluster are not taken for those of the next in the same script", () => {
  const start = (name: string) =>
    ["gotk-components", "gotk-sync"]
      .map((file) => `kubectl --context ${name} apply -f clusters/${name}/flux-system/${file}.yaml\n`)
      .join("");
  const files = { ...makeFluxSystem("clusters/green"), ...makeFluxSystem("clusters/blue") };
  const green = runAll({ ...files, "up.sh": `#!/bin/sh\n${start("green")}${start("blue")}` }, { clusters: ["green"] });
  const { cleanup } = runAll(green.cleanup.files, { clusters: ["blue"] });
  expect(stepsOf(cleanup.files["up.sh"]!)).toEqual([1, 2].flatMap(() => ["flux-operator", "flux-instance", "crd"]));
  expect(cleanup.files["up.sh"]).toContain("--kube-context blue");
});

test("a playbook that applies the folder of whatever cluster it is run for is listed for each, by its own folder", () => {
  const play = "- hosts: all\n  tasks:\n    - ansible.builtin.shell: kubectl apply -k clusters/{{ env }}/flux-system\n";
  const { cutover } = runAll(overlays({ "ansible/flux.yml": play }));
  const own = cutover.findings.filter(({ rule }) => rule === "automation-shared-line");
  expect(own.map(({ what }) => /applies (\S+), which/.exec(what)?.[1])).toEqual(
    ["blue", "green"].map((name) => `clusters/${name}/flux-system`),
  );
  expect(own[0]?.next).toContain("clusters/{{ env }}/flux-system/flux-operator/ocirepository.yaml");
});

test("a command that is given twice, as the first fails for want of CRDs, gets the operator in front once", () => {
  const apply = "kubectl apply -k clusters/home/flux-system\n";
  const script = `#!/bin/sh\n${apply}sleep 10\n${apply}if true; then\n  ${apply}fi\n`;
  const { cutover, cleanup } = runAll(tree({ "up.sh": script }));
  const install = ["flux-operator", "flux-instance", "crd", "clusters/home/flux-system"];
  expect(stepsOf(cutover.files["up.sh"]!)).toEqual([...install, "clusters/home/flux-system", ...install]);
  expect(cleanup.files["up.sh"]).toBe(cutover.files["up.sh"]);
  expect(cleanup.rules).not.toContain("automation-applies-removed");
});

test("so does one that is given again until it goes through", () => {
  const apply = "kubectl apply -k clusters/home/flux-system";
  const script = `#!/bin/sh\n${apply}\nuntil ${apply}; do sleep 3; done\n`;
  const { cutover, cleanup } = runAll(tree({ "up.sh": script }));
  expect(cutover.files["up.sh"]).toContain(`; done\n${apply}\nuntil ${apply}; do sleep 3; done\n`);
  expect([...cutover.rules, ...cleanup.rules]).not.toContain("automation-applies-removed");
});

test("so does one whose recipe needs another that installs both", () => {
  const makefile = (needs: string) =>
    `flux:\n\tkubectl apply -k clusters/home/flux-system\n\nready: flux\n\tsleep 9\n\nup:${needs}\n\tkubectl apply -k clusters/home\n`;
  const countIn = (needs: string) =>
    runAll(tree({ Makefile: makefile(needs) })).cleanup.files.Makefile!.split("install flux-instance").length - 1;
  expect([" ready", " | flux", " other"].map(countIn)).toEqual([1, 1, 2]);
});

test("so does one between which and the other a wait stands, as one command may go over many lines", () => {
  const wait = "kubectl -n flux-system wait --for=condition=available deploy --all";
  const { cutover, cleanup } = runAll({
    "flux/home/kustomization.yaml": list("source.yaml", "root.yaml", "system.yaml"),
    "flux/home/source.yaml": gitRepository("home", URL),
    "flux/home/root.yaml": flux("root", "./flux/home", "GitRepository home"),
    "flux/home/system.yaml": flux("system", "./flux/system", "GitRepository home"),
    "flux/system/gotk-components.yaml": makeGotk(),
    "up.sh": `kubectl apply -f flux/system/gotk-components.yaml\n${wait}\nkubectl apply -k flux/home\n`,
  });
  expect(cutover.files["up.sh"]).toMatch(/charts\/flux-operator[\s\S]*charts\/flux-instance[\s\S]*\nuntil /);
  expect(cleanup.files["up.sh"]).toBe(cutover.files["up.sh"]);
});

test("a job that reads what goes out of a revision is listed", () => {
  const path = "clusters/home/flux-system/gotk-components.yaml";
  const job = `jobs:\n  diff:\n    steps:\n      - run: git show origin/main:${path} > old.yaml\n      - run: docker run -v ./${path}:/x app\n`;
  const { cutover } = runAll(tree({ ".github/workflows/diff.yaml": job }));
  const [own] = cutover.findings.filter(({ rule }) => rule === "automation-names-removed");
  expect(own?.what).toContain(`.github/workflows/diff.yaml:4 (perhaps ${path})`);
});

test("a recipe that applies the overlay of whatever cluster it is given is no recipe of the first one", () => {
  const justfile = 'up cluster="blue":\n    kubectl apply -k ../overlays/{{cluster}}\n';
  const overlay = (name: string): Files => {
    const { [`clusters/${name}/flux-system/gotk-sync.yaml`]: sync, ...rest } = makeFluxSystem(`clusters/${name}`);
    return {
      "base/gotk-components.yaml": rest[`clusters/${name}/flux-system/gotk-components.yaml`]!,
      "base/kustomization.yaml": kustomization("resources:\n- gotk-components.yaml\n"),
      [`overlays/${name}/gotk-sync.yaml`]: sync!,
      [`overlays/${name}/kustomization.yaml`]: kustomization("resources:\n- ../../base\n- gotk-sync.yaml\n"),
      [`clusters/${name}/kustomization.yaml`]: kustomization(`resources:\n- ../../overlays/${name}\n`),
    };
  };
  const { cleanup } = runAll({ ...overlay("blue"), ...overlay("green"), "just/flux.just": justfile });
  expect(cleanup.files["just/flux.just"]).toBe(justfile);
  const own = cleanup.findings.filter(({ rule }) => rule === "automation-shared-line");
  expect(own.map(({ cluster }) => cluster)).toEqual(["blue", "green"]);
});

test("operator and instance go before the folder, also where its file is applied once more behind it", () => {
  const dir = "clusters/home/flux-system";
  const script = `#!/bin/sh\nkubectl apply -k ${dir}\nkubectl apply -f ${dir}/gotk-components.yaml\n`;
  const { cutover, cleanup } = runAll(tree({ "up.sh": script }));
  for (const { files } of [cutover, cleanup]) {
    expect(files["up.sh"]).toMatch(
      /^#!\/bin\/sh\nhelm .*flux-operator [\s\S]*flux-instance [\s\S]*\nkubectl apply -k \S+\n$/,
    );
    expect(files["up.sh"]!.match(/charts\/flux-operator/g)).toHaveLength(1);
  }
});

test("a folder that is called apply makes no command of what only looks into it", () => {
  const recipe =
    'check:\n\tfor dir in $(DIRS); do kubectl kustomize "$$dir"; done; \\\n\tgrep -h path: apply/base/flux-system/gotk-sync.yaml\n';
  const files = {
    ...makeFluxSystem("apply/base"),
    "apply/base/app.yaml": tree({})["clusters/home/app.yaml"]!,
    Makefile: recipe,
  };
  const said = runAll(files).cutover.findings.filter(({ at }) => at?.file === "Makefile");
  expect(said.map(({ rule, at }) => [rule, at?.line])).toEqual([["automation-names-removed", 3]]);
});

test("a line for a cluster whose folder is the base of another starts that cluster alone", () => {
  const overlay = kustomization(
    "resources:\n- ../../local/flux-system\npatches:\n- target:\n    kind: Kustomization\n    name: flux-system\n  patch: |-\n    - op: replace\n      path: /spec/path\n      value: ./clusters/dev\n",
  );
  const files = {
    ...makeFluxSystem("clusters/local"),
    "clusters/dev/flux-system/kustomization.yaml": overlay,
    Makefile:
      "local:\n\tkubectl apply -k clusters/local/flux-system\ndev:\n\tkubectl apply -k clusters/dev/flux-system\n",
  };
  const { cutover, cleanup } = runAll(files);
  for (const { findings } of [cutover, cleanup]) {
    expect(findings.filter(({ rule }) => rule.startsWith("automation-"))).toEqual([]);
  }
  const text = cleanup.files.Makefile!;
  expect(text).not.toContain("apply -k");
  const [, local, dev] = /^local:\n(.*)dev:\n(.*)$/s.exec(text)!;
  expect(local).not.toContain("clusters/dev");
  expect(dev).not.toContain("clusters/local");
  for (const [name, lines] of Object.entries({ local, dev })) {
    expect(lines).toContain(`yq .spec.values flux-system/${name}/flux-instance/helmrelease.yaml`);
  }
});
