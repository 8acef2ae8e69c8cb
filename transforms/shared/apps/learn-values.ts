import { itemsOf, type YamlData } from "../../../src/contract/objects.ts";
import type { LearnedConvention } from "../../../src/contract/plan.ts";
import { kustomizationOf } from "../../../src/delivery/kustomize/index.ts";
import { basename, dirname, isWithin, join, relative } from "../../../src/delivery/paths.ts";
import { escapeRegExp } from "../../../src/delivery/patterns.ts";
import type { Tree } from "../../../src/files/tree.ts";
import { findHelmfile, type Place } from "../automation/helmfile-find.ts";
import { docsIn } from "../read.ts";
import { elect, tell, type Vote } from "./evidence.ts";
import { holds, type Sample } from "./learn-files.ts";

/** Values in a file of their own, which a generator makes a ConfigMap of. `APP` stands for the name of the release. */
export interface ValuesFile {
  /** Below the folder of the app: `helm/values.yaml`. */
  path: string;
  /** Of `configMapGenerator`, without its namespace. */
  generator: YamlData;
  generatorOptions?: YamlData;
  /** Of `valuesFrom`. */
  from: YamlData;
  /** Settings that let the hash of the ConfigMap reach the HelmRelease; `copy` where each app has its own. */
  configurations: { entry: string; path: string; copy: boolean }[];
}

export interface ValuesHabit {
  /** Undefined where values stand in the HelmRelease. */
  file?: ValuesFile;
  learned: LearnedConvention[];
}

const APP = "<app>";

/** A habit with the name of an app in it. */
export function forApp(habit: ValuesFile, app: string): ValuesFile {
  return JSON.parse(JSON.stringify(habit).replaceAll(APP, app)) as ValuesFile;
}

/**
 * Where the values of an app live. The apps that a helmfile installs first decide, as operator and instance are of their
 * kind: one file serves helmfile and Flux there, while all other apps have their values inline. Else most apps do.
 */
export function learnValues(place: Place, samples: readonly Sample[]): ValuesHabit {
  const { tree } = place;
  const votes = samples.filter(holds("HelmRelease")).flatMap((sample) => votesIn(tree, sample));
  const first = new Set(readNames(findHelmfile(place).helmfile?.text ?? ""));
  const started = votes.filter(({ name }) => first.has(name));
  const voters = started.length > 1 ? started : votes;
  const best = elect(voters);
  if (!best || best.value === "") return { learned: tell("values of a HelmRelease", best, "inline") };
  const inFiles = voters.filter(({ value }) => value !== "");
  if (inFiles.length * 2 <= voters.length) return { learned: [] };
  const file = JSON.parse(best.value) as ValuesFile;
  const who = started.length > 1 ? `in ${file.path}, for what the helmfile installs` : `in ${file.path}`;
  return { file, learned: tell("values of a HelmRelease", best, who) };
}

/** Names of releases in a helmfile, which may be a template. */
function readNames(text: string): string[] {
  return [...text.matchAll(/^[ \t]*(?:- )?name:[ \t]*(?:[&!]\S+[ \t]+)*["']?([\w.-]+)/gm)].map(([, name]) => name!);
}

/** `''` for inline values, else the habit as text, by which equal ones are counted. */
function votesIn(tree: Tree, { file, text }: Sample): (Vote<string> & { name: string })[] {
  // Most releases have their values inline and say nothing else; parsing those takes a third of a plan's time.
  const name = /^ +name: *["']?([\w.-]+)/m.exec(text)?.[1];
  if (!text.includes("valuesFrom") && name) return /^ +values:/m.test(text) ? [{ name, file, value: "" }] : [];
  return docsIn(text).flatMap(({ data }) => {
    if (data?.kind !== "HelmRelease") return [];
    const name = String(data.metadata?.name);
    const habit = readHabit(tree, dirname(file), data.spec, name);
    if (habit) return [{ name, file, value: JSON.stringify(habit) }];
    return data.spec?.values === undefined ? [] : [{ name, file, value: "" }];
  });
}

/** The one ConfigMap that a HelmRelease reads its values from, if the kustomization beside it makes it of one file. */
function readHabit(tree: Tree, dir: string, spec: YamlData, name: string): ValuesFile | undefined {
  const [from, ...more] = itemsOf(spec?.valuesFrom);
  const own: YamlData = kustomizationOf(tree, dir)?.data;
  const generator = itemsOf(own?.configMapGenerator).find((entry) => entry.name === from?.name);
  const [entry, ...others] = itemsOf(generator?.files);
  if (from?.kind !== "ConfigMap" || more.length + others.length > 0 || typeof entry !== "string") return undefined;
  if (from.targetPath !== undefined || generator.envs || generator.literals) return undefined;
  const path = join(dir, entry.slice(entry.indexOf("=") + 1));
  const key = entry.includes("=") ? entry.slice(0, entry.indexOf("=")) : basename(path);
  if (key !== (from.valuesKey ?? "values.yaml")) return undefined;
  if (!isWithin(path, dir) || !tree.has(path)) return undefined;
  const configurations = itemsOf(own.configurations).flatMap((config) => {
    const at = join(dir, String(config));
    return isReference(tree, at) ? [{ entry: String(config), path: at, copy: isWithin(at, dir) }] : [];
  });
  const options = { ...own.generatorOptions, ...generator.options };
  const isHashed = options.disableNameSuffixHash !== true;
  // Without the hash, two apps with one name for it would share a ConfigMap; with it, the name has to be followed.
  if (isHashed ? configurations.length === 0 : !replaceName(String(from.name), name).includes(APP)) return undefined;
  const { namespace: _, ...made } = generator;
  const habit: ValuesFile = {
    path: relative(dir, path),
    generator: made,
    ...(own.generatorOptions ? { generatorOptions: own.generatorOptions } : {}),
    from,
    configurations: configurations.map((each) => (each.copy ? { ...each, path: relative(dir, each.path) } : each)),
  };
  return JSON.parse(replaceName(JSON.stringify(habit), name)) as ValuesFile;
}

/** Errs towards keeping a text: of `flux` in `flux-helm-values`, but not of `a` in `values`. */
function replaceName(text: string, name: string): string {
  return text.replaceAll(new RegExp(`(?<![\\w])${escapeRegExp(name)}(?![\\w])`, "g"), APP);
}

/** Whether a file of settings is nothing but the reference of a HelmRelease to its values. */
function isReference(tree: Tree, path: string): boolean {
  const data = docsIn(tree.read(path))[0]?.data;
  const isOurs = ({ kind, fieldSpecs }: YamlData) =>
    kind === "ConfigMap" && itemsOf(fieldSpecs).some((spec) => spec.kind === "HelmRelease");
  return Object.keys(data ?? {}).join() === "nameReference" && itemsOf(data.nameReference).some(isOurs);
}
