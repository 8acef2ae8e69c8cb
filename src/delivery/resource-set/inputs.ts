import { getOrMake, groupBy } from "../../contract/group-by.ts";
import { itemsOf, type KubeObject, type YamlData } from "../../contract/objects.ts";
import { sha256 } from "../../files/hash.ts";
import { isMap } from "../../yaml/is-map.ts";
import { HIDDEN } from "./run.ts";

/** What a template is run with; `undefined` for a ResourceSet without any inputs, which is run once. */
export type Input = Readonly<Record<string, unknown>> | undefined;

export type Inputs =
  | { ok: true; sets: readonly Input[] }
  /**
   * `fails`: the operator stops at it, and deletes nothing. `reads`: stands for what the providers say that decides what they
   * give, where that is asked of a forge or a registry.
   */
  | (Unread & { reads?: string });

interface Unread {
  ok: false;
  what: string;
  fails: boolean;
}

/** Reads the providers of a namespace, in the tree that is looked at. */
export type ListProviders = () => readonly KubeObject[];

/** More than the operator takes. */
const MOST = 10_000;

/**
 * The inputs of a ResourceSet, combined as the operator does it (flux-operator, internal/inputs): its own first, then those
 * of its providers by name. Only providers of type Static say in Git what they give.
 */
export function readInputs(
  { name, namespace, data }: Pick<KubeObject, "name" | "namespace"> & { data?: YamlData },
  listProviders: ListProviders,
): Inputs {
  const spec: YamlData = data?.spec;
  const from = itemsOf(spec?.inputsFrom);
  const own = itemsOf(spec?.inputs).map((one) => withProvider(one, "ResourceSet", name, namespace));
  const given = new Map<string, readonly Record<string, unknown>[]>();
  let unread: Unread | undefined;
  const seen = new Set<KubeObject>();
  for (const reference of from) {
    const found = findProviders(reference, listProviders);
    if (!found.ok && found.fails) return found;
    if (!found.ok) unread ??= found;
    for (const provider of found.ok ? found.providers : listProviders()) seen.add(provider);
    for (const provider of found.ok ? found.providers : []) {
      const inputs = readProvider(provider, namespace);
      if (inputs.ok) given.set(provider.name, inputs.sets as Record<string, unknown>[]);
      else unread ??= inputs;
    }
  }
  if (unread) return { ...unread, reads: sha256([...seen].map(printDeciding).join("\n")) };
  const names = [...given.keys()].sort();
  const all = [own, ...names.map((one) => given.get(one)!)];
  const isPermuted = spec?.inputStrategy?.name === "Permute";
  const sets = isPermuted
    ? permute([name, ...names], all, spec.inputStrategy.includeEmptyProviders === true)
    : all.flat();
  if (sets === undefined) return { ok: false, what: "too many combinations of inputs", fails: true };
  if (sets.length > 0) return { ok: true, sets };
  return { ok: true, sets: from.length > 0 ? [] : [undefined] };
}

function withProvider(input: unknown, kind: string, name: string, namespace: string): Record<string, unknown> {
  const provider = { apiVersion: "fluxcd.controlplane.io/v1", kind, name, namespace };
  return { ...(isMap(input) ? input : {}), provider };
}

const printed = new WeakMap<KubeObject, string>();

/** What of a provider decides what it gives; how it logs in, and when it looks, does not. */
function printDeciding(provider: KubeObject): string {
  return getOrMake(printed, provider, () => {
    const { name, data } = provider;
    const { type, url, filter, skip, selectors, defaultValues } = (data.spec ?? {}) as YamlData;
    return JSON.stringify([name, data.metadata?.labels, type, url, filter, skip, selectors, defaultValues]);
  });
}

/** Many references ask the same list. */
const indexes = new WeakMap<readonly KubeObject[], ReturnType<typeof indexProviders>>();

function indexProviders(all: readonly KubeObject[]) {
  return {
    byName: groupBy(all, ({ name }) => name),
    hasVariable: all.some(({ name }) => name.includes("${")),
    hasOpenLabels: all.some((one) => JSON.stringify(labelsOf(one)).includes("${")),
  };
}

const labelsOf = ({ data }: KubeObject): YamlData => data.metadata?.labels ?? {};

type Found = { ok: true; providers: readonly KubeObject[] } | Unread;

function findProviders(reference: YamlData, listProviders: ListProviders): Found {
  const all = listProviders();
  const index = getOrMake(indexes, all, () => indexProviders(all));
  const wanted: unknown = reference?.name;
  if (typeof wanted === "string") {
    const named = index.byName.get(wanted) ?? [];
    if (named.length === 1) return { ok: true, providers: named };
    const what =
      named.length > 1
        ? `which ResourceSetInputProvider ${wanted} is meant`
        : `ResourceSetInputProvider ${wanted}, which is in no file`;
    return { ok: false, what, fails: named.length === 0 && !index.hasVariable };
  }
  const labels = reference?.selector?.matchLabels;
  if (!isMap(labels) || reference.selector.matchExpressions !== undefined)
    return { ok: false, what: "providers by a selector with expressions", fails: false };
  if (index.hasOpenLabels) return { ok: false, what: "providers by labels with variables", fails: false };
  const fits = (one: KubeObject) => Object.entries(labels).every(([key, value]) => labelsOf(one)[key] === value);
  return { ok: true, providers: all.filter(fits) };
}

function readProvider({ name, data }: KubeObject, namespace: string): { ok: true; sets: readonly Input[] } | Unread {
  const spec: YamlData = data.spec;
  const type: unknown = spec?.type;
  const text = JSON.stringify(spec?.defaultValues ?? {});
  const what = `what ResourceSetInputProvider ${name} of type ${type} gives`;
  if (type !== "Static" || text.includes("${")) return { ok: false, what, fails: false };
  const input = { ...(spec?.defaultValues ?? {}), id: HIDDEN };
  return { ok: true, sets: [withProvider(input, "ResourceSetInputProvider", name, namespace)] };
}

/** Every combination of one input of each provider, below the provider's name. */
function permute(
  names: readonly string[],
  all: readonly (readonly Record<string, unknown>[])[],
  withEmpty: boolean,
): Input[] | undefined {
  let found: Record<string, unknown>[] = [{}];
  let isAny = false;
  for (const [at, sets] of all.entries()) {
    if (sets.length === 0 && !withEmpty) continue;
    isAny = true;
    if (found.length * sets.length > MOST) return undefined;
    const key = normalize(names[at]!);
    found = found.flatMap((one) => sets.map((set) => ({ ...one, [key]: set })));
  }
  return isAny ? found.map((one) => ({ ...one, id: HIDDEN })) : [];
}

/** `my-provider` as templates name it: `my_provider`. */
function normalize(name: string): string {
  const plain = name
    .toLowerCase()
    .replace(/[\s\p{P}]/gu, "_")
    .replace(/[^a-z0-9_]/g, "");
  return plain.split("_").filter(Boolean).join("_");
}
