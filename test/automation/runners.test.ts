import { expect, test } from "vitest";
import { APP, makeFluxSystem } from "../gotk/make-gotk.ts";
import { type Files, runAll } from "../gotk/run-phases.ts";

const HOME = "clusters/home";

/** What each phase says of manifests that run the flux CLI. */
function found(files: Files): string[][] {
  const { install, cutover, cleanup } = runAll({ ...makeFluxSystem(HOME), [`${HOME}/apps.yaml`]: APP, ...files });
  return [install, cutover, cleanup].map(({ findings }) =>
    findings.filter(({ what }) => what.startsWith("This manifest")).map(({ at }) => `${at?.file}:${at?.line}`),
  );
}

const job = (image: string, lines: string, name = "start") =>
  `apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: ${name}\n  namespace: default\nspec:\n  template:\n    spec:\n      restartPolicy: Never\n      containers:\n        - name: start\n          image: ${image}\n${lines.replace(/^(?=.)/gm, "          ")}`;
const CLI = "ghcr.io/fluxcd/flux-cli:v2.6.4";
const MACHINE =
  "apiVersion: bootstrap.cluster.x-k8s.io/v1beta1\nkind: KubeadmConfig\nmetadata:\n  name: one\n  namespace: default\nspec:\n  postKubeadmCommands:\n    - export A=b\n    - flux bootstrap git --url=ssh://git@example.com/x --path=clusters/one\n";

test.each<[string, string, number]>([
  ["arguments of the image, in brackets", job(CLI, 'args:\n  [\n    "bootstrap",\n    "github",\n  ]\n'), 13],
  ["arguments of the image, on one line", job(CLI, 'args: ["install"]\n'), 13],
  [
    "arguments of the image, in a list",
    job("mirror.example.com/flux-cli@sha256:00", "args:\n  - bootstrap\n  - git\n"),
    13,
  ],
  ["arguments with the CLI before them", job("example.com/flux-cli", "command: [flux, bootstrap, github]\n"), 13],
  [
    "arguments after a list of names",
    job(CLI, "env:\n  - name: TOKEN\n    value: x\n\n  - name: OTHER\n    value: y\nargs:\n- bootstrap\n"),
    19,
  ],
  [
    "a script",
    job(CLI, "command: [sh, -c]\nargs:\n  - |\n    cd /flux && flux bootstrap github --path=clusters/one\n"),
    16,
  ],
  ["arguments that name the CLI", job("example.com/tools:1", 'command: ["flux", "bootstrap", "git"]\n'), 13],
  ["a list that names the CLI", job("example.com/tools:1", "command:\n  - flux\n  - bootstrap\n  - git\n"), 14],
  ["a machine of Cluster API", MACHINE, 9],
])("what Flux delivers and runs the flux CLI is named in every phase: %s", (_, text, line) => {
  const place = `${HOME}/start.yaml:${line}`;
  expect(found({ [`${HOME}/start.yaml`]: text })).toEqual([[place], [place], [place]]);
});

test("of the document that has the image, and of no other", () => {
  const other = job("example.com/shop:1", "args: [install]\n", "shop");
  const cli = job(CLI, "args: [bootstrap, git]\n");
  expect(found({ [`${HOME}/start.yaml`]: `${other}---\n${cli}` })[1]).toEqual([`${HOME}/start.yaml:27`]);
  expect(found({ [`${HOME}/start.yaml`]: `${cli.replace("[bootstrap, git]", "[get, all]")}---\n${other}` })[1]).toEqual(
    [],
  );
});

test("of the container that has the image, and of no other", () => {
  const beside = "- name: charts\n  image: alpine/helm\n  args: [install, shop]\n".replace(/^(?=.)/gm, "        ");
  const text = (args: string) => job(CLI, `args: ${args}\n`) + beside;
  expect(found({ [`${HOME}/start.yaml`]: text("[bootstrap, git]") })[1]).toEqual([`${HOME}/start.yaml:13`]);
  for (const args of ["[get, all]", "[install, --export]", "[install, --help]"])
    expect(found({ [`${HOME}/start.yaml`]: text(args) })[1]).toEqual([]);
});

test("not what only tells of it, compares, or does something else", () => {
  const files = {
    [`${HOME}/check.yaml`]: job(
      CLI,
      "command: [sh, -c]\nargs:\n  - flux install --export | kubectl diff -f -\n".replace(
        "kubectl diff -f -",
        "diff - /flux.yaml",
      ),
    ),
    [`${HOME}/get.yaml`]: job(CLI, "args: [check]\n"),
    [`${HOME}/text.yaml`]:
      "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: text\n  namespace: default\ndata:\n  # flux bootstrap git\n  about: Made once with the help of flux bootstrap git, as everything here.\n  description: flux install\n  say: echo flux install\n",
  };
  expect(found(files)).toEqual([[], [], []]);
});

test("a manifest that nothing delivers is read as a script, but for the arguments of its image", () => {
  const files = { "jobs/start.yaml": job(CLI, "args: [bootstrap, git]\n"), "jobs/script.yaml": MACHINE };
  expect(found(files)[1]).toEqual(["jobs/start.yaml:13"]);
});

test("of several clusters it is told of the one that delivers it", () => {
  const files = { ...makeFluxSystem(HOME), ...makeFluxSystem("clusters/hub"), "clusters/hub/start.yaml": MACHINE };
  const { cutover } = runAll(files);
  const said = cutover.findings.filter(({ what }) => what.startsWith("This manifest"));
  expect(said.map(({ cluster }) => cluster)).toEqual(["hub"]);
});
