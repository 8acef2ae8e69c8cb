import { describe, expect, test } from "vitest";
import type { Files } from "../judge.ts";
import { answer, SAFE } from "./answer.ts";

const artifact = (name: string) =>
  `apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: {name: ${name}, namespace: flux-system}\nspec: {interval: 1m, url: oci://ghcr.io/me/${name}, ref: {tag: latest}}\n`;
const reader = (name: string, path: string) =>
  `---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: ${name}, namespace: flux-system}\nspec: {interval: 1h, path: ${path}, prune: true, sourceRef: {kind: OCIRepository, name: ${name}}}\n`;
const setting = (name: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: media}\ndata: {size: "1"}\n`;
const tree: Files = {
  "clusters/lab/flux/sync.yaml": `${artifact("lab")}${reader("lab", "./flux")}---\n${artifact("web")}${reader("web", "./")}`,
  "clusters/lab/flux/settings.yaml": setting("lab"),
  "sites/one/settings.yaml": setting("one"),
  "sites/one/more.yaml": setting("more"),
};
const FLOW = ".github/workflows/push.yaml";
const AT = "--source=x --revision=y";
const push = (name: string, path: string) => `flux push artifact oci://ghcr.io/me/${name}:latest ${path} ${AT}`;
const steps = (...all: string[]) => `    steps:\n${all.map((one) => `      - ${one}\n`).join("")}`;
const job = (text: string) => ({ [FLOW]: `on: push\njobs:\n  push:\n${text}` });
const matrix = (text: string) => `    strategy:\n      matrix:\n${text}`;
const PAIRS = matrix(
  "        include:\n          - {name: lab, folder: clusters/lab}\n          - {name: web, folder: sites/one}\n",
);
const RUN = push("${{ matrix.name }}", "--path=./${{ matrix.folder }}");
const CALL = push("${{ inputs.name }}", "--path=./${{ inputs.folder }}");
const WITH = "{name: lab, folder: clusters/lab}";

describe("the folder of an artifact is read of", () => {
  test.each<[string, Files]>([
    ["a matrix of pairs", job(`${PAIRS}${steps(`run: ${RUN}`)}`)],
    [
      "a matrix of maps",
      job(
        `${matrix("        it: [{name: lab, folder: clusters/lab}, {name: web, folder: sites/one}]\n")}${steps(`run: ${RUN.replaceAll("matrix.", "matrix.it.")}`)}`,
      ),
    ],
    [
      "a list that is given more",
      job(
        `${matrix("        name: [lab, web]\n        include: [{name: lab, folder: clusters/lab}, {name: web, folder: sites/one}]\n")}${steps(`run: ${RUN}`)}`,
      ),
    ],
    [
      "a matrix that the environment hands on",
      job(
        `${PAIRS}${steps(`env:\n          NAME: \${{ matrix.name }}\n          FOLDER: \${{ matrix.folder }}\n        run: ${push("$NAME", '--path="./$FOLDER"')}`)}`,
      ),
    ],
    [
      "what jobs give to a workflow",
      {
        [FLOW]: `on: push\njobs:\n  lab:\n    uses: ./.github/workflows/one.yaml\n    with: ${WITH}\n  all:\n${PAIRS}    uses: ./.github/workflows/one.yaml\n    with:\n      name: \${{ matrix.name }}\n      folder: \${{ matrix.folder }}\n`,
        ".github/workflows/one.yaml": `on:\n  workflow_call:\n    inputs: {name: {type: string}, folder: {type: string}}\njobs:\n  push:\n${steps(`run: ${CALL}`)}`,
      },
    ],
    [
      "what steps give to an action",
      {
        ...job(
          `${PAIRS}${steps("uses: ./.github/actions/push\n        with:\n          name: ${{ matrix.name }}\n          folder: ${{ matrix.folder }}")}`,
        ),
        ".github/actions/push/action.yml": `runs:\n  using: composite\n  steps:\n    - shell: bash\n      run: ${CALL}\n`,
      },
    ],
    [
      "the arguments of a function",
      {
        "push.sh": `#!/bin/sh\npush() {\n  local name="$1"\n  ${push("$name", '--path="./$2"')}\n}\n\npush lab clusters/lab\npush "web" "sites/one"\n`,
      },
    ],
    [
      "a loop over names",
      {
        [FLOW]: `on: push\njobs:\n  push:\n${steps(`run: for name in lab web; do ${push("$name", "--path=clusters/$name")}; done`)}`,
        "clusters/web/settings.yaml": setting("one"),
        "clusters/web/more.yaml": setting("more"),
      },
    ],
    [
      "what is entered before",
      job(
        steps(
          `run: |\n          cd clusters/lab\n          ${push("lab", "--path=.")}`,
          `run: cd sites/one && ${push("web", "--path=.")}`,
        ),
      ),
    ],
    [
      "the folder of a step, which stands behind",
      job(
        steps(
          `run: ${push("lab", "--path=.")}\n        working-directory: clusters/lab`,
          `run: ${push("web", "--path=.")}\n        working-directory: ./sites/one`,
        ),
      ),
    ],
    [
      "the folder of a job",
      job(
        `    defaults:\n      run:\n        working-directory: sites/one\n${steps(`run: ${push("lab", "--path=../../clusters/lab")}`, `run: ${push("web", "--path=.")}`)}`,
      ),
    ],
    ["a short flag", job(steps(`run: ${push("lab", "-f ./clusters/lab")}`, `run: ${push("web", "-f sites/one")}`))],
    [
      "what stands for where it runs",
      job(
        steps(`run: ${push("lab", '--path="$(pwd)/clusters/lab"')}`, `run: ${push("web", "--path=${PWD}/sites/one")}`),
      ),
    ],
    [
      "what a file sets once",
      {
        Makefile: `SITE := sites/one\n\npush:\n\t${push("lab", "--path=clusters/lab")}\n\t${push("web", "--path=./$(SITE)")}\n`,
      },
    ],
  ])("%s", (_, more) => {
    const files = { ...tree, ...more };
    const folder = files["clusters/web/more.yaml"] ? "clusters/web" : "sites/one";
    expect(answer({ [`${folder}/settings.yaml`]: undefined }, files)).toMatchObject({
      verdict: "deletes",
      goes: ["ConfigMap media/one"],
    });
    expect(answer({ [`${folder}/settings.yaml`]: "metadata: [\n" }, files).blockers).toEqual(["build-breaks"]);
    expect(answer({ "clusters/lab/flux/settings.yaml": undefined }, files).goes).toEqual(["ConfigMap media/lab"]);
  });

  test.each<[string, string]>([
    ["what is built", push("web", "-f -")],
    ["what nothing says", push("web", "--path=./$FOLDER")],
    ["what a run makes known", push("web", "--path=./${{ matrix.folder }}")],
  ])("not %s", (_, command) => {
    const files = { ...tree, ...job(steps(`run: ${push("lab", "--path=clusters/lab")}`, `run: ${command}`)) };
    expect(answer({ "sites/web/settings.yaml": setting("one") }, files).verdict).toBe("unproven");
    expect(answer({ "docs/settings.yaml": setting("one") }, files)).toEqual(SAFE);
  });
});
