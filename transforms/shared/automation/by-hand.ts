import type { AutomationKind } from "../../../src/cluster/automation-files.ts";
import type { KubeObject } from "../../../src/contract/objects.ts";
import { operand, sh } from "../../../src/contract/shell.ts";
import { basename } from "../../../src/delivery/paths.ts";
import { escapeRegExp } from "../../../src/delivery/patterns.ts";
import type { TransformContext } from "../../contract.ts";
import { type FluxApp, findApps } from "./apps.ts";
import { lacksServiceMonitor } from "./service-monitor.ts";
import { readSubstitution } from "./substitution.ts";
import type { Role } from "./targets.ts";

/** How a command is written in the place where it is to stand. */
export interface Wording {
  /** A path of the repository as one word of that place; undefined where there is no way to say it. */
  say(path: string): string | undefined;
  /** Any other word; undefined where that place might take it for more than one. */
  word(text: string): string | undefined;
  /** How that place writes the `$` of a shell: `$$` in a Makefile. */
  dollar: "$" | "$$";
  /** `--kubeconfig` and `--kube-context` with a blank before each. */
  flags: string;
}

const WORDS: Record<Role, string> = { operator: "flux-operator", instance: "the FluxInstance" };

/** The commands of a cluster for some of its parts, from the root of the repository; words where there is no command. */
export function sayByHand(
  context: TransformContext,
  roles: readonly Role[],
  flags = "",
  dollar: Wording["dollar"] = "$",
): string[] {
  const byRole = planByHand(context);
  return roles.map((role) => {
    const command = byRole[role]?.print({ ...AT_ROOT, flags, dollar });
    return command === undefined ? `install ${WORDS[role]}` : onOneLine(command);
  });
}

/** How a file of that kind writes the `$` of a shell. */
export const dollarIn = (kind: AutomationKind): Wording["dollar"] => (kind === "make" ? "$$" : "$");

/** In a shell at the root of the repository. */
export const AT_ROOT: Wording = {
  say: (path) => sh`${operand(path)}`.line,
  word: (text) => sh`${text}`.line,
  dollar: "$",
  flags: "",
};

/** A command that installs one part of Flux with helm or kubectl, without a helmfile. */
export interface ByHand {
  /** Repository paths that it reads. */
  files: string[];
  /** What a line holds that runs it already. */
  runs: RegExp;
  /** The command; a line break where it may be broken. */
  print(wording: Wording): string | undefined;
}

/** A command on one line. */
export const onOneLine = (command: string): string => command.replaceAll("\n", " ");

/**
 * The commands that install operator and instance as Flux does later: the same release, version and values, each read
 * from the file that Flux reads, so that they never drift apart. Undefined for a part that is neither a HelmRelease nor
 * a manifest.
 */
export function planByHand(context: TransformContext): Partial<Record<Role, ByHand>> {
  const { operator, instance, manifest } = findApps(context);
  const byRole: Partial<Record<Role, ByHand>> = {};
  if (operator) byRole.operator = byHelm(context, operator, ["--wait"]);
  // Helm 4 would wait for the root, too, and so for what a script makes behind this (flux-facts 5.1).
  if (instance) byRole.instance = byHelm(context, instance, []);
  else if (manifest) byRole.instance = byManifest(context, manifest);
  return byRole;
}

function byHelm({ tree, cluster }: TransformContext, app: FluxApp, wait: readonly string[]): ByHand {
  const { release, versionAt, values, valuesFiles, object } = app;
  const inline = values === undefined ? [] : [object.file];
  const files = [...new Set([...inline, ...valuesFiles, ...(versionAt ? [versionAt.file] : [])])];
  const { unescape: isEscaped } = readSubstitution(cluster, app);
  // Helm refuses the whole release while the API server does not know a kind of it; Flux turns it on later.
  const isMonitored = lacksServiceMonitor(tree, app, []);
  return { runs: new RegExp(`\\bhelm upgrade --install ${escapeRegExp(release)}(?![\\w-])`), files, print };

  function print({ say, word, dollar, flags }: Wording): string | undefined {
    const said = new Map(files.map((file) => [file, say(file)]));
    const words = [release, app.chart, app.namespace].map(word);
    if ([...said.values(), ...words].includes(undefined)) return undefined;
    const [name, chart, namespace] = words;
    const version = versionAt && yq("yq -r", versionAt.path, versionAt.kind, said.get(versionAt.file)!);
    const mended = isEscaped ? ` | ${mend(dollar)}` : "";
    const kind = app.firstDocument ? undefined : "HelmRelease";
    const last = [
      ...inline.map(() => "--values -"),
      ...(isMonitored ? ["--set serviceMonitor.create=false"] : []),
      ...wait,
    ];
    return [
      ...inline.map((file) => `${yq("yq", ["spec", "values"], kind, said.get(file)!)}${mended} |`),
      `helm upgrade --install ${name} ${chart}${flags}`,
      ...(version ? [`--version ${dollar}(${version})`] : []),
      `--namespace ${namespace} --create-namespace`,
      ...valuesFiles.map((file) => `--values ${said.get(file)}`),
      ...(last.length > 0 ? [last.join(" ")] : []),
    ].join("\n");
  }
}

/** Of several documents in a file the one of a kind is asked. */
function yq(program: string, path: readonly string[], kind: string | undefined, file: string): string {
  const query = `.${path.join(".")}`;
  return `${program} ${kind === undefined ? query : `'select(.kind == "${kind}") | ${query}'`} ${file}`;
}

function byManifest({ cluster }: TransformContext, object: KubeObject): ByHand {
  const { unescape: isEscaped } = readSubstitution(cluster, { object, values: object.data.spec });
  const print = ({ say, dollar, flags }: Wording) => {
    const path = say(object.file);
    const context = flags.replace("--kube-context", "--context");
    const apply = `kubectl${context} apply --server-side --filename`;
    if (path === undefined || !isEscaped) return path && `${apply} ${path}`;
    return `${mend(dollar)} ${path} | ${apply} -`;
  };
  const name = escapeRegExp(basename(object.file));
  const runs = new RegExp(`\\bkubectl .*\\bapply .*${name}(?![\\w-])|${name} \\| kubectl `);
  return { runs, files: [object.file], print };
}

/** Turns `$$` into `$`, as post-build substitution does. */
const mend = (dollar: string): string => `sed 's/[${dollar}][${dollar}]/${dollar}/g'`;
