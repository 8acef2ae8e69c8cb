import { describe, expect, test } from "vitest";
import { verifyEdits } from "../edited.ts";
import { homeTree, kustomization } from "../home-tree.ts";
import type { Files } from "../judge.ts";
import { answer, SAFE } from "./answer.ts";

describe("a second artifact that is filled from here", () => {
  const artifact = (name: string) =>
    `apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: {name: ${name}, namespace: flux-system}\nspec: {interval: 1m, url: oci://ghcr.io/me/${name}, ref: {tag: latest}}\n`;
  const reader = (name: string, path: string) =>
    `---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: ${name}, namespace: flux-system}\nspec: {interval: 1h, path: ${path}, prune: true, sourceRef: {kind: OCIRepository, name: ${name}}}\n`;
  const push = (name: string, folder: string) =>
    `      - run: flux push artifact oci://ghcr.io/me/${name}:latest --path=./${folder} --source=x --revision=y\n`;
  const job = `on: push\njobs:\n  push:\n    steps:\n${push("home", "clusters/home")}${push("infra", "infra")}${push("apps", "apps")}`;
  const setting = (name: string) =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: media}\ndata: {size: "1"}\n`;
  const tree: Files = {
    "clusters/home/sync.yaml": `${artifact("home")}${reader("home", "./")}`,
    "clusters/home/infra.yaml": `${artifact("infra")}${reader("infra", "./")}`,
    "infra/settings.yaml": setting("infra"),
    // What lies in an artifact names the next one.
    "infra/apps.yaml": `${artifact("apps")}${reader("apps", "./media")}`,
    "apps/media/settings.yaml": setting("media"),
    "apps/media/more.yaml": setting("more"),
    ".github/workflows/push.yaml": job,
  };
  const gone = (file: string, files = tree) => answer({ [file]: undefined }, files);

  test("loses what is taken out of its folder, and all that goes with that", () => {
    expect(gone("infra/settings.yaml")).toMatchObject({ verdict: "deletes", goes: ["ConfigMap media/infra"] });
    expect(gone("apps/media/settings.yaml").goes).toEqual(["ConfigMap media/media"]);
    expect(gone("infra/apps.yaml").goes).toEqual([
      "ConfigMap media/media",
      "ConfigMap media/more",
      "Kustomization flux-system/apps",
      "OCIRepository flux-system/apps",
    ]);
  });

  test("stops building, or applies what another one applies, like what the root reads", () => {
    const broken = answer({ "apps/media/kustomization.yaml": kustomization(["missing.yaml"]) }, tree);
    expect(broken).toMatchObject({ verdict: "unsafe", blockers: ["build-breaks"] });
    expect(answer({ "apps/media/settings.yaml": "metadata: [\n" }, tree).blockers).toEqual(["build-breaks"]);
    const twice = answer({ "infra/more.yaml": setting("more").replace('"1"', '"2"') }, tree);
    expect(twice.blockers).toEqual(["second-owner"]);
  });

  test("is told apart from others that are read by the same path", () => {
    const all: Files = {
      ...tree,
      "infra/apps.yaml": `${artifact("apps")}${reader("apps", "./")}`,
      "apps/media/kustomization.yaml": kustomization(["more.yaml", "settings.yaml"]),
    };
    expect(answer({ "infra/settings.yaml": setting("infra").replace('"1"', '"2"') }, all)).toEqual(SAFE);
    expect(answer({ "apps/new.yaml": setting("new") }, all)).toEqual(SAFE);
    expect(answer({ "infra/settings.yaml": undefined, "apps/infra.yaml": setting("infra") }, all).goes).toEqual([
      "ConfigMap media/infra",
    ]);
  });

  test("is read beside a root on Git", () => {
    const files: Files = {
      ...homeTree(),
      "kubernetes/flux/infra.yaml": `${artifact("infra")}${reader("infra", "./")}`,
      "infra/settings.yaml": setting("infra"),
      ".github/workflows/push.yaml": `on: push\njobs:\n  push:\n    steps:\n${push("infra", "infra")}`,
    };
    expect(gone("infra/settings.yaml", files).blockers).toEqual(["build-breaks"]);
    const edit = { "infra/settings.yaml": setting("other") };
    expect(answer(edit, files)).toMatchObject({ verdict: "deletes", goes: ["ConfigMap media/infra"] });
  });

  test("has a job and a source that leave something out", () => {
    const left = (flags: string) => ({
      ".github/workflows/push.yaml": job.replace("--path=./apps", `--path=./apps ${flags}`),
    });
    const LOST = ["ConfigMap media/more"];
    expect(answer(left("--ignore-paths=media/more.yaml"), tree).goes).toEqual(LOST);
    expect(answer({ "apps/.sourceignore": "media/more.yaml\n" }, tree).goes).toEqual(LOST);
    const source = tree["infra/apps.yaml"]!.replace(
      "ref: {tag: latest}",
      "ref: {tag: latest}, ignore: media/more.yaml",
    );
    expect(answer({ "infra/apps.yaml": source }, tree).goes).toEqual(LOST);
    const ignored = { ...tree, "infra/apps.yaml": source };
    expect(gone("apps/media/more.yaml", ignored)).toEqual(SAFE);
    // The pattern of another artifact means nothing here.
    expect(answer({ "infra/.sourceignore": "media/more.yaml\n" }, tree)).toEqual(SAFE);
  });

  test("is read by a tag that no job moves any more", () => {
    const next = job.replace(push("apps", "apps"), push("apps", "apps").replace(":latest", ":main"));
    const found = answer({ ".github/workflows/push.yaml": next }, tree);
    expect(found.verdict).toBe("unproven");
    expect(found.open).toContain("reads the tag latest, which no job here that publishes it names any more");
  });

  test.each<[string, source: string, made: string]>([
    ["beside the root", "clusters/NAME", "clusters/NAME"],
    ["where another one applies it", "infra/NAME", "clusters/NAME"],
    ["with what reads it", "infra/NAME", "infra/NAME"],
  ])("is one of two clusters, each with a source of that name %s", (_, source, made) => {
    const of = (name: string): Files => {
      const at = (folder: string) => `${folder.replace("NAME", name)}`;
      const base = source.startsWith("infra")
        ? `${artifact("infra").replace("me/infra", `me/${name}-infra`)}${reader("infra", "./")}---\n`
        : "";
      return {
        [`clusters/${name}/sync.yaml`]: `${base}${artifact(name)}${reader(name, "./")}`,
        [`${at(source)}/source.yaml`]: artifact("apps").replace("me/apps", `me/${name}-apps`),
        [`${at(made)}/apps.yaml`]: reader("apps", "./").slice(4),
        [`apps/${name}/settings.yaml`]: setting(name),
      };
    };
    const pushes = ["a", "b"].map(
      (name) =>
        `${push(name, `clusters/${name}`)}${push(`${name}-infra`, `infra/${name}`)}${push(`${name}-apps`, `apps/${name}`)}`,
    );
    const files: Files = {
      ...of("a"),
      ...of("b"),
      ".github/workflows/push.yaml": `on: push\njobs:\n  push:\n    steps:\n${pushes.join("")}`,
    };
    const edits = { "apps/b/settings.yaml": setting("c") };
    const { clusters } = verifyEdits(edits, files);
    expect(clusters.map(({ cluster, safety }) => [cluster, safety.verdict])).toEqual([
      ["a", "safe"],
      ["b", "deletes"],
    ]);
  });

  test("keeps what is edited or moves within its folder", () => {
    const text = setting("media");
    expect(answer({ "apps/media/settings.yaml": text.replace('"1"', '"2"') }, tree)).toEqual(SAFE);
    const moved = { "apps/media/settings.yaml": undefined, "apps/media/media.yaml": text };
    expect(answer(moved, tree)).toEqual(SAFE);
  });

  test("keeps what gets its name in another way, and loses what gets another one", () => {
    const list = (more: string) => kustomization(["more.yaml", "settings.yaml"], [more]);
    const LIST = "apps/media/kustomization.yaml";
    const named: Files = { ...tree, [LIST]: list("namespace: media") };
    for (const file of ["apps/media/settings.yaml", "apps/media/more.yaml"])
      named[file] = tree[file]!.replace(", namespace: media", "");
    const written = { "apps/media/settings.yaml": tree["apps/media/settings.yaml"] };
    expect(answer(written, named)).toEqual(SAFE);
    expect(
      answer({ ...written, "apps/media/more.yaml": tree["apps/media/more.yaml"], [LIST]: list("") }, named),
    ).toEqual(SAFE);
    const LOST = ["ConfigMap media/media", "ConfigMap media/more"];
    expect(answer({ [LIST]: list("namespace: games") }, named).goes).toEqual(LOST);
    const generator = (value: string) => list(`configMapGenerator: [{name: made, literals: [a=${value}]}]`);
    const made = { ...tree, [LIST]: generator("1") };
    expect(answer({ [LIST]: generator("2") }, made)).toEqual(SAFE);
    expect(answer({ [LIST]: list("") }, made).goes).toEqual(["ConfigMap default/made-h29d89cmmt"]);
  });

  test("is filled from another folder, or no more", () => {
    const other = (text: string) => answer({ ".github/workflows/push.yaml": text }, tree);
    const moved = other(job.replace(push("apps", "apps"), push("apps", "old")));
    expect(moved.verdict).toBe("unproven");
    expect(moved.open).toContain("OCIRepository flux-system/apps, which is published from old instead of apps");
    expect(other(job.replace(push("infra", "infra"), "")).open).toContain("no job or task says any more");
  });

  test("is filled from a folder that a variable names", () => {
    const loop = `      - run: |\n          while read -r name folder; do flux push artifact oci://ghcr.io/me/$name:latest --path=./$folder --source=x --revision=y; done < list\n`;
    const all = `on: push\njobs:\n  push:\n    steps:\n${push("home", "clusters/home")}${loop}`;
    const files = { ...tree, ".github/workflows/push.yaml": all };
    expect(gone("apps/media/settings.yaml", files).open).toContain(
      "reads OCIRepository flux-system/apps, which may be filled from here",
    );
    expect(answer({ "docs/media.yaml": undefined }, { ...files, "docs/media.yaml": "a: b\n" })).toEqual(SAFE);
  });

  test("is followed only where it is sure which folder that is", () => {
    const url = (at: string) => ({
      ...tree,
      "infra/apps.yaml": tree["infra/apps.yaml"]!.replace("ghcr.io/me/apps", at),
    });
    const flow = (from: string, to: string) => ({ ".github/workflows/push.yaml": job.replace(from, to) });
    const broken = { "apps/media/settings.yaml": "metadata: [\n" };
    const follows = (files: Files) => answer(broken, files).blockers.length > 0;
    expect(follows({ ...tree, ...flow("ghcr.io/me/apps", "ghcr.io/${{ github.repository_owner }}/apps") })).toBe(true);
    expect(follows({ ...url("registry.local/you/apps"), ...flow("ghcr.io/me/apps", "$REGISTRY/you/apps") })).toBe(true);
    // Anybody may have one of that name.
    const foreign = flow("ghcr.io/me/apps", "ghcr.io/${{ github.repository_owner }}/apps");
    expect(follows({ ...url("ghcr.io/you/apps"), ...foreign })).toBe(false);
    expect(answer({ "apps/media/settings.yaml": undefined }, { ...url("ghcr.io/you/apps"), ...foreign }).verdict).toBe(
      "unproven",
    );
    // No push alters what a digest pins.
    const pinned = tree["infra/apps.yaml"]!.replace("{tag: latest}", "{digest: 'sha256:00'}");
    expect(follows({ ...tree, "infra/apps.yaml": pinned })).toBe(false);
    // Where the job runs is not seen, and what it makes is not here.
    expect(follows({ ...tree, ...flow("--path=./apps", "--path=.") })).toBe(false);
    expect(follows({ ...tree, ...flow("--path=./apps", "--path=./dist") })).toBe(false);
  });

  test("is filled by nothing here, beside the artifact of the root", () => {
    const files = { ...tree, ".github/workflows/push.yaml": job.replace(push("apps", "apps"), "") };
    const edited = (text: string) => answer({ "apps/media/settings.yaml": text }, files);
    expect(edited(setting("media").replace('"1"', '"2"')).open).toContain(
      "from a folder that cannot be read, and apps/media/settings.yaml is perhaps in it",
    );
    expect(answer({ "docs/pages/media.yaml": "a: b\n" }, files)).toEqual(SAFE);
  });

  test.each<[string, url: string, step: string, isFilled: boolean]>([
    ["oras", "ghcr.io/you/infra", "run: oras push ghcr.io/you/infra:latest infra.tgz", true],
    [
      "an action",
      "ghcr.io/you/infra",
      "uses: some/push@v1\n        with: {repository: ghcr.io/you/infra, path: ./infra}",
      true,
    ],
    [
      "a tool that is told another one",
      "ghcr.io/you/infra",
      "run: oras push ghcr.io/you/infra-base:latest infra.tgz",
      false,
    ],
    ["nothing: it is read", "ghcr.io/you/infra", "run: flux pull artifact oci://ghcr.io/you/infra:latest", false],
    [
      "a copy of somebody else's",
      "ghcr.io/you/infra",
      "run: |\n          skopeo copy --all \\\n            docker://ghcr.io/else/infra:1.0.0 \\\n            docker://ghcr.io/you/infra:1.0.0",
      false,
    ],
    ["skopeo", "ghcr.io/you/infra", "run: skopeo copy oci:dist docker://ghcr.io/you/infra:latest", true],
    ["crane, from somebody else", "ghcr.io/you/infra", "run: crane copy ghcr.io/else/infra ghcr.io/you/infra", false],
    [
      "crane, from somebody else, whose digest is asked for",
      "ghcr.io/you/infra",
      "run: crane digest ghcr.io/else/infra:1 > digest && crane copy ghcr.io/else/infra:1 ghcr.io/you/infra:1\n      - run: crane digest ghcr.io/else/infra:1",
      false,
    ],
    [
      "crane, in a registry of its own",
      "registry.test/prod/infra",
      "run: crane copy registry.test/ci/infra registry.test/prod/infra",
      true,
    ],
    ["crane, from its owner", "ghcr.io/you/infra", "run: crane copy ghcr.io/you/next ghcr.io/you/infra", true],
    [
      "a copy of what is pushed before",
      "ghcr.io/you/infra",
      "run: oras push registry.test/build/infra infra.tgz\n      - run: crane copy registry.test/build/infra ghcr.io/you/infra",
      true,
    ],
    ["crane", "ghcr.io/you/infra", "run: crane append -f infra.tgz -t ghcr.io/you/infra:latest", true],
    [
      "nothing: its digest is asked for, and an image pushed",
      "ghcr.io/you/infra",
      "run: crane digest ghcr.io/you/infra:latest\n      - run: docker push ghcr.io/you/app",
      false,
    ],
    ["whatever, below the repository", "ghcr.io/me/home/infra", "run: ./publish infra", true],
    ["whatever, below another one", "ghcr.io/me/home-infra", "run: ./publish infra", false],
  ])("may be filled by %s, beside a root on Git", (_, url, step, isFilled) => {
    const files: Files = {
      ...homeTree(),
      "kubernetes/flux/infra.yaml": `${artifact("infra").replace("ghcr.io/me/infra", url)}${reader("infra", "./")}`,
      "infra/settings.yaml": setting("infra"),
      ".github/workflows/push.yaml": `on: push\njobs:\n  push:\n    steps:\n      - ${step}\n`,
    };
    const { open } = gone("infra/settings.yaml", files);
    expect(open.includes("which may be filled from here")).toBe(isFilled);
    expect(answer({ "docs/settings.yaml": setting("docs") }, files)).toEqual(SAFE);
  });

  test("may be filled by a copy of what another job pushes", () => {
    const files: Files = {
      ...homeTree(),
      "kubernetes/flux/infra.yaml": `${artifact("infra").replace("ghcr.io/me", "ghcr.io/you")}${reader("infra", "./")}`,
      "infra/settings.yaml": setting("infra"),
      ".github/workflows/copy.yaml":
        "jobs:\n  a:\n    steps:\n      - run: crane copy registry.test/build/infra ghcr.io/you/infra\n",
    };
    const pushed = {
      ".github/workflows/push.yaml":
        "jobs:\n  a:\n    steps:\n      - run: oras push registry.test/build/infra:1 x.tgz\n",
    };
    const isOpen = (all: Files) => gone("infra/settings.yaml", all).open.includes("which may be filled from here");
    expect([isOpen(files), isOpen({ ...files, ...pushed })]).toEqual([false, true]);
  });

  test("is none of somebody else, which all that is said of the root's would fit as well", () => {
    const foreign = artifact("podinfo").replace("ghcr.io/me", "ghcr.io/else");
    const files = {
      "clusters/home/sync.yaml": `${artifact("home")}${reader("home", "./clusters/home")}`,
      "clusters/home/podinfo.yaml": `${foreign}${reader("podinfo", "./")}`,
      "clusters/home/settings.yaml": setting("one"),
    };
    const change = { "clusters/home/settings.yaml": undefined };
    const at = (folder: string) => push("home", folder).replace("me/home", "${{ github.repository }}");
    const job = `on: push\njobs:\n  push:\n    steps:\n${at(".")}`;
    expect(answer(change, { ...files, ".github/workflows/push.yaml": job }).open).toBe("");
  });

  test("is none that is filled elsewhere", () => {
    const elsewhere = { "infra/apps.yaml": tree["infra/apps.yaml"]!.replace("ghcr.io/me", "ghcr.io/else") };
    const files = { ...tree, ...elsewhere, ".github/workflows/push.yaml": job.replace(push("apps", "apps"), "") };
    expect(gone("apps/media/settings.yaml", files)).toEqual(SAFE);
    // The one of the root may be meant, and nobody else's.
    const open = push("apps", "apps").replace("ghcr.io/me/apps", "$HOST/$NAME");
    const all = { ...files, ".github/workflows/push.yaml": job.replace(push("apps", "apps"), open) };
    expect(gone("apps/media/settings.yaml", all)).toEqual(SAFE);
  });
});
