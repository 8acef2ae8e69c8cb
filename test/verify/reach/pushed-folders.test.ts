import { describe, expect, test } from "vitest";
import { type Files, judge } from "../judge.ts";
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

describe("what a job makes of a folder before it pushes it", () => {
  const flow = (command: string, folder: string) =>
    job(
      steps(
        `run: ${push("lab", "--path=clusters/lab")}`,
        `run: |\n          ${command}\n          ${push("web", `--path=./${folder}`)}`,
      ),
    );
  const parts: Files = { ...tree, "parts/common.yaml": setting("common"), "parts/README.md": "# Parts\n" };

  test.each<[string, string, boolean]>([
    ["cp -r parts/* sites/one/", "sites/one", true],
    ["envsubst < parts/common.yaml > sites/one/common.yaml", "sites/one", true],
    ["kustomize build ./parts > dist/all.yaml", "dist", true],
    ["rsync -a parts/ ./sites/one --delete", "sites/one", true],
    ["helm template parts --output-dir sites/one", "sites/one", true],
    ["cp -r parts/* $GITHUB_WORKSPACE/sites/one", "sites/one", true],
    ["cp -r parts/* sites/two/", "sites/one", false],
    ["kustomize build parts > /tmp/sites/one/all.yaml", "sites/one", false],
    ["cp sites/one/settings.yaml parts/", "sites/one", false],
    ["helm lint parts -f sites/one/settings.yaml", "sites/one", false],
    ["kubeconform -schema-location parts sites/one > report.txt", "sites/one", false],
    ["ls parts sites/one", "sites/one", false],
  ])("%s", (command, folder, isIn) => {
    const files = { ...parts, ...flow(command, folder) };
    expect(answer({ "parts/common.yaml": undefined }, files).open.includes("is filled with what")).toBe(isIn);
    expect(answer({ "parts/README.md": undefined }, files)).toEqual(SAFE);
    expect(answer({ "clusters/lab/flux/settings.yaml": undefined }, files).goes).toEqual(["ConfigMap media/lab"]);
  });

  test.each<[string, boolean]>([
    ["rm -rf sites/one/dev", true],
    ["git rm -r sites/one/dev", true],
    ["sed -i -e '/^---$/,$d' sites/one/dev/more.yaml", true],
    ["sed -e 's/a/b/' --in-place sites/one/dev/more.yaml", true],
    ["yq -i 'del(.data)' sites/one/dev/more.yaml", true],
    ["envsubst < sites/one/dev/more.yaml > sites/one/dev/all.yaml", true],
    ["(cd sites/one/dev && kustomize edit set nameprefix a-)", true],
    ["./ci/clean.sh", true],
    ["make render", true],
    ["make all", true],
    ["make lint", false],
    ["task build", true],
    ["(cd ci && task other)", false],
    ["unlink sites/one/dev/more.yaml", true],
    ["truncate -s 0 sites/one/dev/more.yaml", true],
    ["patch -p1 sites/one/dev/more.yaml < /tmp/own.patch", true],
    ["kubectl patch -f sites/one/dev/more.yaml --patch-file /tmp/own", false],
    ["find sites/one/dev -type f -exec rm {} +", true],
    ["find sites/one/dev -name '*.yaml' | xargs rm", true],
    ["find sites/one/dev -name '*.yaml' | xargs kubeconform", false],
    ["pushd sites/one\n          rm -r dev\n          popd", true],
    ["pushd sites/one/dev\n          kustomize edit set nameprefix a-\n          popd", false],
    ["sed -i \\\n            -e 's/a/b/' \\\n            sites/one/dev/more.yaml", true],
    ["(cd sites/one/dev && kustomize edit set image app=app:$SHA)", false],
    ["sed -i s/VERSION/$SHA/ sites/one/dev/more.yaml", false],
    ["yq -i '.spec.values.image.tag = strenv(NEW)' sites/one/dev/more.yaml", false],
    ["grep -i size sites/one/dev/more.yaml", false],
    ["sed -n p sites/one/dev/more.yaml", false],
    ["rm -rf sites/one/old", false],
    ["docker run --rm lint sites/one/dev", false],
    ["rm -rf parts/dev", false],
    ["echo rm -rf sites/one/dev", false],
    ["echo a > sites/one/dev/more.yaml", true],
    ["rm -rf sites/one/dev # not in the image", true],
    ["mv sites/one/dev /tmp/$TAG", true],
    ["find sites/one/dev -name '*.yaml' -delete", true],
    ["find sites/one/dev -name '*.md' -delete", false],
    ["sed -i s/VERSION/$SHA/ sites/one/dev/more.yaml && rm -rf tmp", false],
  ])("counts where it alters a part of it: %s", (command, isAltered) => {
    const files = {
      ...parts,
      "ci/clean.sh": "rm -rf sites/one/dev\n",
      Makefile: "all: render lint\nrender:\n\trm -rf sites/one/dev\nlint:\n\tkubeconform sites/one/dev\n",
      "Taskfile.yaml":
        "version: '3'\ntasks:\n  build:\n    deps: [clean]\n  clean:\n    cmds:\n      - rm -rf sites/one/dev\n",
      "parts/dev/more.yaml": setting("part"),
      "sites/one/dev/more.yaml": setting("dev"),
    };
    const [without, altered] = [flow("true", "sites/one"), flow(command, "sites/one")];
    const moved = {
      "sites/one/settings.yaml": undefined,
      "sites/one/dev/more.yaml": `${setting("dev")}---\n${setting("one")}`,
    };
    expect(answer(moved, { ...files, ...without })).toEqual(SAFE);
    expect(answer(moved, { ...files, ...altered }).open.includes("is filled with what")).toBe(isAltered);
    // As it comes, and as it goes.
    expect(answer(altered, { ...files, ...without }).open.includes("is filled with what")).toBe(isAltered);
    expect(answer(without, { ...files, ...altered }).open.includes("is filled with what")).toBe(isAltered);
    const elsewhere = { "sites/one/settings.yaml": undefined };
    expect(answer(elsewhere, { ...files, ...altered })).toMatchObject({ goes: ["ConfigMap media/one"], open: "" });
  });

  test("counts where the whole checkout is pushed, but for its jobs", () => {
    const all = job(
      steps(`run: |\n          rm -rf .github clusters/lab/flux/dev\n          ${push("lab", "--path=.")}`),
    );
    const files = {
      ...parts,
      ...all,
      "clusters/lab/flux/sync.yaml": parts["clusters/lab/flux/sync.yaml"]!.replace("./flux", "./clusters/lab/flux"),
      "clusters/lab/flux/dev/more.yaml": setting("dev"),
    };
    expect(answer({ ".github/workflows/lint.yaml": "on: push\njobs: {}\n" }, files)).toEqual(SAFE);
    expect(answer({ ".github/logo.svg": "<svg/>" }, { ...files, ".github/logo.svg": "" })).toEqual(SAFE);
    const jobs = { [FLOW]: all[FLOW]!.replace(" clusters/lab/flux/dev", "") };
    const none = { [FLOW]: all[FLOW]!.replace(/rm .*/, "true") };
    expect(answer(jobs, { ...files, ...none })).toEqual(SAFE);
    expect(answer({ "clusters/lab/flux/dev/more.yaml": setting("next") }, files).verdict).toBe("unproven");
  });

  test.each<[string, string, string, boolean]>([
    ["another job does", "", "", false],
    ["another job does, from which files are taken", "", "uses: actions/download-artifact@v5", true],
    ["its own job does, far above", `\n${"          echo\n".repeat(150)}`, "", true],
  ])("counts where %s", (_, between, step, isIn) => {
    const make = "run: |\n          cp -r parts/* sites/one/";
    const pushes = [...(step ? [step] : []), `run: ${push("web", "--path=sites/one")}`];
    const lab = `run: ${push("lab", "--path=clusters/lab")}`;
    const flows =
      between === ""
        ? { [FLOW]: `on: push\njobs:\n  lint:\n${steps(make)}  push:\n${steps(lab, ...pushes)}` }
        : job(steps(lab, `${make}${between}`, ...pushes));
    const { open } = answer({ "parts/common.yaml": undefined }, { ...parts, ...flows });
    expect(open.includes("is filled with what")).toBe(isIn);
  });

  test.each<[string, boolean]>([
    ["{ref: live}", true],
    ["{repository: me/other}", true],
    ["{sparse-checkout: sites}", true],
    ["{repository: me/other, path: sites/one/more}", true],
    ["{fetch-depth: 0, persist-credentials: false}", false],
    ["{ref: '${{ github.ref }}', repository: '${{ github.repository }}', path: ., token: x}", false],
    ["{repository: me/tools, path: tools, ref: v2}", false],
    ['{sparse-checkout: "clusters\\nsites\\n"}', false],
  ])("counts where its job comes to check out %s", (said, isOther) => {
    const pushes = [`run: ${push("lab", "--path=clusters/lab")}`, `run: ${push("web", "--path=sites/one")}`];
    const [plain, other] = ["{fetch-depth: 1}", said].map((one) =>
      job(steps(`uses: actions/checkout@v5\n        with: ${one}`, ...pushes)),
    );
    const { open } = answer(other!, { ...parts, ...plain });
    expect(open.includes("checks out something else than before")).toBe(isOther);
    expect(answer({ "sites/one/settings.yaml": setting("one").replace('"1"', '"2"') }, { ...parts, ...other })).toEqual(
      SAFE,
    );
  });

  test("does not count where only versions change in it", () => {
    const values = (tag: string, replicas: number) => `image:\n  tag: ${tag}\nreplicas: ${replicas}\n`;
    const files = {
      ...parts,
      ...flow("helm template parts --output-dir sites/one", "sites/one"),
      "parts/values.yaml": values("1.2.3", 1),
    };
    expect(answer({ "parts/values.yaml": values("1.3.0", 1) }, files)).toEqual(SAFE);
    expect(answer({ "parts/values.yaml": values("1.3.0", 2) }, files).open).toContain("is filled with what");
  });

  test("counts for the artifact of the root as well", () => {
    const own = job(
      steps(`run: |\n          cp -r parts clusters/lab/flux/\n          ${push("lab", "--path=clusters/lab")}`),
    );
    expect(answer({ "parts/common.yaml": undefined }, { ...parts, ...own }).verdict).toBe("unproven");
  });
});

test("a folder of which nothing is left is published no more", () => {
  const files = {
    ...tree,
    ...job(steps(`run: ${push("lab", "--path=clusters/lab")}`, `run: ${push("web", "--path=sites/one")}`)),
  };
  const edits = { "sites/one/settings.yaml": undefined, "sites/one/more.yaml": undefined };
  const { safety, findings } = judge(files, edits);
  expect([safety.verdict, findings[0]?.rule]).toEqual(["unsafe", "build-breaks"]);
  expect(findings[0]?.what).toContain("what publishes it fails, and Flux stays at the artifact that it has");
});
