import { execFileSync } from "node:child_process";
import { chmodSync, linkSync, mkdirSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";

/** Stands in a file outside of the repository; no output may show it. */
export const CANARY = "canary-of-a-secret";

export interface Place {
  /** The repository. */
  root: string;
  /** A folder beside it, with `secret.yaml` and `folder/`. */
  outside: string;
}

const CONFIG = "kubernetes/flux/config";
const APP = "kubernetes/apps/default/echo/app";

const put = (path: string) => (text: string) => (place: Place) => {
  mkdirSync(dirname(join(place.root, path)), { recursive: true });
  writeFileSync(join(place.root, path), text);
};
const link = (path: string, to: (place: Place) => string) => (place: Place) => {
  const at = join(place.root, path);
  rmSync(at, { recursive: true, force: true });
  mkdirSync(dirname(at), { recursive: true });
  symlinkSync(to(place), at);
};
const lists = (entry: string) => put(`${APP}/kustomization.yaml`)(`resources:\n  - ${JSON.stringify(entry)}\n`);
const fifo = (path: string) => (place: Place) => {
  const at = join(place.root, path);
  rmSync(at, { force: true });
  mkdirSync(dirname(at), { recursive: true });
  execFileSync("mkfifo", [at]);
};
const named = (name: string) => put(`kubernetes/${name}`)("apiVersion: v1\nkind: ConfigMap # toolkit.fluxcd.io\n");
const delivers = (path: string) =>
  put("kubernetes/flux/hostile.yaml")(
    `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: hostile\n  namespace: flux-system\nspec:\n  path: ${JSON.stringify(path)}\n  prune: true\n  sourceRef:\n    kind: GitRepository\n    name: home-ops\n`,
  );

/** What a tree may hold besides plain files, by what it is. */
export const PATH_CASES: Readonly<Record<string, (place: Place) => unknown>> = {
  "a file that is a link to a secret": link(`${APP}/secret.yaml`, ({ outside }) => join(outside, "secret.yaml")),
  "a kustomization that is a link to a secret": link(`${APP}/kustomization.yaml`, ({ outside }) =>
    join(outside, "secret.yaml"),
  ),
  "the root's file as a link": link(`${CONFIG}/cluster.yaml`, ({ outside }) => join(outside, "secret.yaml")),
  "a relative link that leads out": link(`${APP}/secret.yaml`, () => "../../../../../../outside/secret.yaml"),
  "a folder that is a link to one outside": link("kubernetes/apps/default", ({ outside }) => join(outside, "folder")),
  "the folder of the install as a link": link(CONFIG, ({ outside }) => join(outside, "folder")),
  "the folder for the new apps as a link": link("kubernetes/apps/flux-system", ({ outside }) =>
    join(outside, "folder"),
  ),
  "a Taskfile that is a link": link("Taskfile.yaml", ({ outside }) => join(outside, "secret.yaml")),
  "a page that is a link": link("README.md", ({ outside }) => join(outside, "secret.yaml")),
  "a link to the root of the system": link("kubernetes/system", () => "/"),
  "a link to the folder above": link("kubernetes/loop", () => ".."),
  "a link to itself": link("kubernetes/self.yaml", () => "self.yaml"),
  "two links to each other": (place) => {
    link("kubernetes/a.yaml", () => "b.yaml")(place);
    link("kubernetes/b.yaml", () => "a.yaml")(place);
  },
  "a link to nothing": link(`${APP}/gone.yaml`, () => "nowhere.yaml"),
  "a link to the folder of git": link("kubernetes/git", ({ root }) => join(root, ".git")),
  "a link to a device": link(`${APP}/zero.yaml`, () => "/dev/zero"),
  "a link to what the process is": link(`${APP}/self.yaml`, () => "/proc/self/environ"),
  "a pipe for an object": fifo(`${APP}/pipe.yaml`),
  "a pipe for a kustomization": fifo(`${APP}/kustomization.yaml`),
  "a pipe for the file of the root": fifo(`${CONFIG}/cluster.yaml`),
  "a pipe for a script": fifo("scripts/flux.sh"),
  "a pipe for a page": fifo("docs/flux.md"),
  "a pipe for the settings of fluxlift": fifo("fluxlift.config.yaml"),
  "a pipe for .sourceignore": fifo(".sourceignore"),
  "a socket": ({ root }) =>
    new Promise((done) => {
      const at = join(root, "socket.yaml");
      const server = createServer().listen(at, () => {
        // Closing would remove it.
        renameSync(at, `${at}.kept.yaml`);
        server.close(done);
      });
    }),
  "a folder called like an install": ({ root }) => mkdirSync(join(root, CONFIG, "gotk-components.yaml")),
  "a folder called like a kustomization": ({ root }) => {
    rmSync(join(root, APP, "kustomization.yaml"));
    mkdirSync(join(root, APP, "kustomization.yaml"));
    writeFileSync(join(root, APP, "kustomization.yaml/a.yaml"), "a: b\n");
  },
  "a file where the new folder goes": ({ root }) => {
    rmSync(join(root, "kubernetes/apps/flux-system"), { recursive: true });
    writeFileSync(join(root, "kubernetes/apps/flux-system"), "");
  },
  "a file that nobody may read": ({ root }) => chmodSync(join(root, APP, "helmrelease.yaml"), 0),
  "a folder that nobody may read": ({ root }) => chmodSync(join(root, "kubernetes/apps/default"), 0),
  "a file that runs as its owner": ({ root }) => chmodSync(join(root, CONFIG, "cluster.yaml"), 0o6777),
  "a second name for a secret": ({ root, outside }) =>
    linkSync(join(outside, "open.yaml"), join(root, APP, "hard.yaml")),
  "a file of a terabyte with nothing in it": ({ root }) => {
    writeFileSync(join(root, APP, "sparse.yaml"), "");
    truncateSync(join(root, APP, "sparse.yaml"), 2 ** 40);
  },
  "a resource far above the repository": lists("../../../../../../outside/secret.yaml"),
  "a resource by its path in the system": lists("/etc/passwd"),
  "a resource in the folder of git": lists("../../../../../.git/config"),
  "a resource in the home folder": lists("~/.ssh/id_rsa"),
  "a resource by an address of files": lists("file:///etc/passwd"),
  "a resource that is a command": lists("ext::sh -c touch% marker"),
  "a resource with a flag for git": lists("--upload-pack=touch marker"),
  "a resource with a NUL": lists("a\0b.yaml"),
  "a resource that is its own folder": lists("."),
  "a resource that is the folder above": lists(".."),
  "a resource of ten thousand steps": lists("../".repeat(10_000)),
  "a resource with a name of a megabyte": lists("x".repeat(1_000_000)),
  "a FluxKustomization above the repository": delivers("../../outside"),
  "a FluxKustomization of the system": delivers("/etc"),
  "a FluxKustomization of the folder of git": delivers("./.git"),
  "a FluxKustomization of a link": (place) => {
    link("kubernetes/linked", ({ outside }) => join(outside, "folder"))(place);
    delivers("./kubernetes/linked")(place);
  },
  "a name with a line break": named("a\nb.yaml"),
  "a name that writes a line of a pipeline": named("a\n::error::x.yaml"),
  "a name that clears a terminal": named("\u001b[2J.yaml"),
  "a name that turns text around": named("\u202elmay.a"),
  "a name that is a flag": named("--version.yaml"),
  "a name that is a command": named("$(touch marker).yaml"),
  "a name in backticks": named("`touch marker`.yaml"),
  "a name with quotes": named(`a'b"c.yaml`),
  "a name with a backslash": named("a\\b.yaml"),
  "a name with a colon": named("a:b.yaml"),
  "a name of spaces": named(" .yaml"),
  "a name of 250 letters": named(`${"x".repeat(245)}.yaml`),
  "a name in two ways of writing": (place) => {
    named("caf\u00e9.yaml")(place);
    named("cafe\u0301.yaml")(place);
  },
  "names that differ in case alone": (place) => {
    named("A.yaml")(place);
    named("a.yaml")(place);
  },
  "names of Windows": (place) => {
    for (const name of ["CON.yaml", "NUL", "aux.yaml.", "a. "]) named(name)(place);
  },
  "names like the folder of git": (place) => {
    for (const name of [".GIT/config", "git~1/config", ".git./config", ".g\u200cit/config"]) named(name)(place);
  },
  "a repository in the repository": ({ root }) => {
    mkdirSync(join(root, "kubernetes/inner/.git"), { recursive: true });
    writeFileSync(join(root, "kubernetes/inner/.git/HEAD"), "ref: refs/heads/main\n");
  },
  "two hundred folders in each other": ({ root }) =>
    mkdirSync(join(root, "kubernetes", "d/".repeat(200)), { recursive: true }),
  "a thousand empty files": ({ root }) => {
    mkdirSync(join(root, "kubernetes/many"));
    for (let index = 0; index < 1000; index++) writeFileSync(join(root, "kubernetes/many", `${index}.yaml`), "");
  },
};
