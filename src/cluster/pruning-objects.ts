import { itemsOf, type YamlData } from "../contract/objects.ts";
import { foldersHolding } from "../files/disk-tree.ts";
import { compileSegment } from "../files/glob.ts";
import type { Tree } from "../files/tree.ts";
import { isYamlPath, readObjects } from "./objects.ts";

/** A folder of this repository that something applies, and where that is said. */
interface Applied {
  path: string;
  field: readonly (string | number)[];
  url?: unknown;
  /** It does so no more as long as this stands there. */
  isIdle?: boolean;
}

interface Reader {
  search: string;
  kinds: RegExp;
  program: string;
  read: (body: YamlData, tree: Tree) => Applied[];
}

/** Objects of what applies a folder of Git and deletes what the folder no longer holds. */
export const READERS: readonly Reader[] = [
  {
    search: "configsync.gke.io/",
    kinds: /^(?:RootSync|RepoSync)$/,
    program: "Config Sync",
    read: ({ spec }) => (spec?.git ? [{ path: spec.git.dir ?? "", url: spec.git.repo, field: ["spec", "git"] }] : []),
  },
  {
    search: "kappctrl.k14s.io/",
    kinds: /^App$/,
    program: "kapp-controller",
    read: ({ spec }) =>
      itemsOf(spec?.fetch).flatMap(({ git }, at): Applied[] =>
        git
          ? [
              {
                path: git.subPath ?? "",
                url: git.url,
                field: ["spec", "fetch", at, "git"],
                isIdle: spec.paused === true || spec.canceled === true,
              },
            ]
          : [],
      ),
  },
  {
    search: "fleet.cattle.io/",
    kinds: /^GitRepo$/,
    program: "Rancher Fleet",
    read: ({ spec }, tree) => {
      // What lists bundles reads no paths, and what lists none of either the whole repository.
      const lists = ["bundles", "paths"].map((list) => itemsOf(spec?.[list]).map((one, at) => ({ list, one, at })));
      const listed = (lists.find((list) => list.length > 0) ?? []).map(({ list, one, at }) => ({
        path: list === "bundles" ? one?.base : one,
        field: ["spec", list, at],
      }));
      const found = listed.flatMap(({ path, field }) =>
        matchFolders(tree, path).map((each) => ({ path: each, field })),
      );
      const all: Pick<Applied, "path" | "field">[] = listed.length > 0 ? found : [{ path: "", field: ["spec"] }];
      return all.map((one) => ({ ...one, url: spec?.repo, isIdle: spec?.paused === true }));
    },
  },
  {
    search: "open-cluster-management.io/",
    kinds: /^Subscription$/,
    program: "Open Cluster Management",
    read: ({ metadata, spec }, tree) =>
      ["git-path", "github-path"].flatMap((name): Applied[] => {
        const key = `apps.open-cluster-management.io/${name}`;
        const path: unknown = metadata?.annotations?.[key];
        return typeof path === "string"
          ? [{ path, url: urlOfChannel(tree, spec?.channel), field: ["metadata", "annotations", key] }]
          : [];
      }),
  },
  {
    search: "gitops.kluctl.io/",
    kinds: /^KluctlDeployment$/,
    program: "Kluctl",
    read: ({ spec }) => {
      const { git, url, path } = spec?.source ?? {};
      const isRead = spec?.prune === true && (git ?? url) !== undefined;
      return isRead ? [{ path: git?.path ?? path ?? "", url: git?.url ?? url, field: ["spec", "source"] }] : [];
    },
  },
  {
    search: "config.projectsveltos.io/",
    kinds: /Profile$/,
    program: "Sveltos",
    read: ({ spec }, tree) =>
      ["policyRefs", "kustomizationRefs"].flatMap((list) =>
        itemsOf(spec?.[list]).flatMap((source, at): Applied[] =>
          source.kind === "GitRepository"
            ? [{ path: source.path ?? "", url: findSpec(tree, source)?.url, field: ["spec", list, at] }]
            : [],
        ),
      ),
  },
];

/** The folders that a path of Fleet means, as Go's filepath.Glob finds them: `clusters/*` is each folder there, and none below. */
function matchFolders(tree: Tree, path: YamlData): YamlData[] {
  if (typeof path !== "string" || !/[*?[]/.test(path)) return [path];
  const tests = path
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .map(compileSegment);
  const isMatch = (dir: string) => {
    const parts = dir.split("/");
    return parts.length === tests.length && tests.every((test, at) => test(parts[at]!));
  };
  const files = tree.grep("flux");
  return [...foldersHolding(files)].filter(isMatch);
}

/** The repository of a Channel that a Subscription names. */
function urlOfChannel(tree: Tree, named: unknown): unknown {
  const [namespace = "", name] = typeof named === "string" ? named.split("/") : [];
  return findSpec(tree, { kind: "Channel", namespace, name })?.pathname;
}

/** The spec of what an object names, where Git has one of that name, in that namespace or in none that it says. */
function findSpec(tree: Tree, named: { kind: string; namespace?: unknown; name?: unknown }): YamlData {
  const found = tree
    .grep(named.kind)
    .filter(isYamlPath)
    .flatMap((path) => readObjects(tree, path).objects)
    .filter(({ kind, name, namespace }) => {
      const isNear = !named.namespace || !namespace || namespace === named.namespace;
      return kind === named.kind && name === named.name && isNear;
    });
  return found.length === 1 ? (found[0]!.data as YamlData).spec : undefined;
}
