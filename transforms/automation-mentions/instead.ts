import { repositoryPath } from "../../src/cluster/graph.ts";
import type { Cluster } from "../../src/cluster/types.ts";
import { repositoryIdentity } from "../../src/contract/address.ts";
import { given } from "../../src/contract/given.ts";
import { getOrMake } from "../../src/contract/group-by.ts";
import { once } from "../../src/contract/once.ts";
import { sh } from "../../src/contract/shell.ts";
import { basename, normalizePath } from "../../src/delivery/paths.ts";
import { escapeRegExp } from "../../src/delivery/patterns.ts";
import type { TransformContext } from "../contract.ts";
import type { Line } from "../shared/automation/applies.ts";
import { sayByHand, type Wording } from "../shared/automation/by-hand.ts";
import { ROLES, type Role } from "../shared/automation/targets.ts";
import { sayFlags, untilRoot } from "./awaited.ts";
import type { InsteadOf } from "./installs.ts";
import { needsFlux } from "./near.ts";
import { type Bootstrap, findBootstrap } from "./rewrite.ts";

/**
 * What to run, where the line's own way of writing paths cannot be followed; with the flags that choose its cluster.
 * @param line what the commands take the place of
 * @param dollar how that place writes the `$` of a shell
 */
export function adviceFor(
  context: TransformContext,
  roles: readonly Role[],
  bootstrap: Bootstrap | undefined,
  clusterFlags: readonly string[] = [],
  line?: Line,
  dollar: Wording["dollar"] = "$",
): string[] {
  const flags = sayFlags(clusterFlags);
  const awaited = line && roles.includes("instance") && needsFlux(line) ? untilRoot(context, clusterFlags) : [];
  if (!bootstrap || !("path" in bootstrap)) return [...sayByHand(context, roles, flags, dollar), ...awaited];
  const selectors = roles.map((role) => sh`--selector name=${bootstrap[role] ?? ""}`);
  return [`helmfile${flags} ${sh`--file ${[bootstrap.path, ...selectors]} sync`.line}`, ...awaited];
}

/**
 * What to run in place of a command that installs Flux: the commands of the cluster whose folder it names, such as
 * `flux bootstrap git --path=clusters/prod`. Nothing where that one keeps the old install.
 */
export function makeInstead(context: TransformContext, bootstrap: Bootstrap | undefined): InsteadOf {
  const { model, cluster } = context;
  // Most runs meet no such command, and there are as many runs as clusters.
  const tests = once(() =>
    model.clusters.map(({ root, artifactRoot }) => {
      const path = repositoryPath(root.data.spec, artifactRoot);
      return path ? new RegExp(String.raw`(?<![\w-])${escapeRegExp(path)}(?![\w-]|/[\w.])`) : undefined;
    }),
  );
  const adviceIn = (of: TransformContext, by: Bootstrap | undefined, dollar: Wording["dollar"]) =>
    adviceFor(of, ROLES, by, [], undefined, dollar);
  const own = adviceIn(context, bootstrap, "$");
  const isOther = (repository: string) => getOrMake(others, model, () => otherThan(model.clusters))(repository);
  return (command, text, dollar) => {
    // The top of the repository says nothing: any cluster may be started from there.
    const folder = normalizePath(flagOf("path", command, text) ?? "") || undefined;
    const named = model.clusters.filter((_, index) => tests()[index]?.test(`${command} ${folder ?? ""}`));
    const [only] = named;
    const repository = flagOf("repository", command, text) ?? flagOf("url", command, text);
    if (!only && repository !== undefined && isOther(repository)) return { commands: [], isElsewhere: true };
    if (!only || named.length > 1 || only === cluster) {
      // A folder that is no cluster's here, or that of another repository.
      const isOpen = named.length !== 1 && (model.clusters.length > 1 || folder !== undefined);
      const commands = dollar === "$" ? own : adviceIn(context, bootstrap, dollar);
      return { commands, ...given({ of: isOpen ? cluster.name : undefined, secret: loginOf(cluster) }) };
    }
    if (only.instances.length === 0) return undefined;
    const its = { ...context, cluster: only };
    return { commands: adviceIn(its, findBootstrap(its), dollar), ...given({ secret: loginOf(only) }) };
  };
}

/** What the source that the FluxInstance generates logs in with. */
function loginOf({ instances }: Cluster): string | undefined {
  const secret = instances.find(({ delivered }) => delivered)?.spec.sync?.pullSecret;
  return typeof secret === "string" && secret !== "" ? secret : undefined;
}

const others = new WeakMap<object, (repository: string) => boolean>();

/** Tells a repository that no cluster reads by its name alone: owners and hosts of a fork or a mirror are others. */
function otherThan(clusters: readonly Cluster[]): (repository: string) => boolean {
  const nameOf = (url: string) => basename(repositoryIdentity(url));
  const read = clusters.map(({ runningSource, instances }) =>
    [runningSource?.data.spec?.url, ...instances.map(({ spec }) => spec.sync?.url)].filter(
      (url): url is string => typeof url === "string" && url !== "" && !url.startsWith("oci://"),
    ),
  );
  // One that reads an artifact may read this repository.
  if (read.length === 0 || read.some((urls) => urls.length === 0 || urls.some((url) => url.includes("${"))))
    return () => false;
  const names = new Set(read.flat().map(nameOf));
  return (repository) => !names.has(nameOf(repository));
}

/** What a command says with a flag, also by a variable that the text gives one value: `DIR=${DIR:-clusters/prod}`. */
function flagOf(flag: "path" | "repository" | "url", command: string, text: string): string | undefined {
  const said = new RegExp(String.raw`\s--${flag}[=\s]+["']?([^\s"']+)`).exec(command)?.[1];
  const name = said && /^\$\{?(\w+)\}?$/.exec(said)?.[1];
  if (!name) return said === undefined || /[${<]/.test(said) ? undefined : said;
  const values = [...text.matchAll(new RegExp(String.raw`^[ \t]*(?:export[ \t]+)?${name}=(.*)$`, "gm"))];
  const value = values.length === 1 ? values[0]![1]!.trim().replace(/^(["'])(.*)\1$/, "$2") : "";
  const plain = new RegExp(String.raw`^\$\{${name}:?[-=](.*)\}$`).exec(value)?.[1] ?? value;
  return plain === "" || /[\s${`]/.test(plain) ? undefined : plain;
}
