import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export const SYNC = `apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata:
  name: flux-system
  namespace: flux-system
spec:
  interval: 1m0s
  ref:
    branch: main
  url: https://github.com/acme/fleet
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: flux-system
  namespace: flux-system
spec:
  interval: 10m0s
  path: ./clusters/prod
  prune: true
  sourceRef:
    kind: GitRepository
    name: flux-system
`;

/** How a kustomization begins that lists files. */
export const LIST = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n";

/** What the HelmReleases read their chart from. */
export const HELM_REPOSITORY = `---
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata:
  name: podinfo
  namespace: flux-system
spec:
  interval: 1h
  url: https://charts.example.org
`;

export const applyFolder = (name: string, path: string, source = "flux-system") => `---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: ${name}
  namespace: flux-system
spec:
  interval: 10m
  path: ${path}
  prune: true
  sourceRef:
    kind: GitRepository
    name: ${source}
`;

export const fluxKustomization = (index: number) => applyFolder(`app-${index}`, `./apps/app-${index}`);

export const helmRelease = (index: number) => `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: app-${index}
  namespace: default
spec:
  interval: 1h
  chart:
    spec:
      chart: podinfo
      version: 6.5.0
      sourceRef:
        kind: HelmRepository
        name: podinfo
        namespace: flux-system
  values:
    replicaCount: ${index}
`;

const configMap = (index: number) => `apiVersion: v1
kind: ConfigMap
metadata:
  name: app-${index}
  namespace: default
data:
  a: b
`;

export type Write = (path: string, text: string) => void;

/** Writes files below a folder, with the folders that they need. */
export const writerIn =
  (root: string): Write =>
  (path, text) => {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };

/** One cluster of a size: FluxKustomizations in one file, HelmReleases below one FluxKustomization, or other files. */
export const SYNTHETIC = {
  fluxKustomizations(write: Write, count: number) {
    const all = Array.from({ length: count }, (_, index) => index);
    write("clusters/prod/apps.yaml", all.map(fluxKustomization).join(""));
    for (const index of all) write(`apps/app-${index}/config.yaml`, configMap(index));
  },
  helmReleases(write: Write, count: number) {
    write("clusters/prod/apps.yaml", fluxKustomization(0));
    for (let index = 0; index < count; index++) write(`apps/app-0/release-${index}.yaml`, helmRelease(index));
  },
  files(write: Write, count: number) {
    for (let index = 0; index < count; index++)
      write(`other/${Math.floor(index / 100)}/${index}.yaml`, configMap(index));
  },
};

/** Makes a tree in a new folder, commits it, and deletes it again after `use`. `components`: what `flux install` writes. */
export function withSynthetic<T>(
  kind: keyof typeof SYNTHETIC,
  count: number,
  components: string,
  use: (root: string) => T,
): T {
  return withFolder((root) => {
    const write = writerIn(root);
    const install = "clusters/prod/flux-system";
    write(`${install}/gotk-components.yaml`, components);
    write(`${install}/gotk-sync.yaml`, SYNC);
    write(`${install}/kustomization.yaml`, `${LIST}- gotk-components.yaml\n- gotk-sync.yaml\n`);
    SYNTHETIC[kind](write, count);
    commitAll(root, "https://github.com/acme/fleet");
    return use(root);
  });
}

/** The same for a state of the corpus, named as in its list: `owner__repository__state`. */
export function withState<T>(archives: string, name: string, use: (root: string) => T): T {
  return withFolder((folder) => {
    execFileSync("tar", ["-xzf", join(archives, `${name}.tar.gz`), "-C", folder]);
    const root = join(folder, name);
    const [owner, repository] = name.split("__");
    commitAll(root, `https://github.com/${owner}/${repository}`);
    return use(root);
  });
}

/** Commits a change to the first file of a kind of object. */
export function changeOne(root: string, needle: string): void {
  const files = execFileSync("git", ["grep", "-l", needle, "--", "*.yaml"], { cwd: root, encoding: "utf8" });
  const path = join(root, files.split("\n")[0]!);
  writeFileSync(path, `${readFileSync(path, "utf8")}# changed\n`);
  git(root, "commit", "-qam", "Change");
}

export function withFolder<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "fluxlift-bench-"));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function commitAll(root: string, remote: string): void {
  git(root, "init", "-q", "-b", "main");
  git(root, "add", "-A");
  git(root, "commit", "-qm", "Start");
  git(root, "remote", "add", "origin", remote);
}

export function git(root: string, ...args: string[]): void {
  // Git packs a large repository by itself, in the background, while others are measured.
  const identity = ["-c", "user.name=Bench", "-c", "user.email=bench@example.invalid", "-c", "gc.auto=0"];
  execFileSync("git", [...identity, ...args], { cwd: root, stdio: "ignore" });
}
