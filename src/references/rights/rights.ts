import { groupKindHere, keyOfObject } from "../../admission/key.ts";
import { RESOURCE_SET } from "../../change/fields.ts";
import { type Given, goes } from "../../change/given.ts";
import { remoteOf } from "../../change/kube-config.ts";
import type { Held, World } from "../../change/world.ts";
import { getOrMake } from "../../contract/group-by.ts";
import { sh } from "../../contract/shell.ts";
import { type Controller, listLookedAfter } from "../flux/flags.ts";
import { type Stopped, stopsOf } from "../stopped.ts";
import { type Applier, findNarrowed } from "./narrowed.ts";
import { listSubjects, placeOfBinding } from "./subjects.ts";

const SERVICE_ACCOUNTS = "system:serviceaccounts";
export const DEFAULT_ACCOUNT = "--default-service-account";

/**
 * What Flux may apply no more: the last binding goes of a ServiceAccount that something is applied as
 * (`spec.serviceAccountName`), or an account without any rights becomes the default one (flux-facts 1.6, `multitenant`).
 * Bindings that nobody has in Git cannot be seen: where there was none before, nothing is said of the first.
 */
export function findLostRights(given: Given, controllers: readonly Controller[]): Stopped[] {
  return [
    ...findUnbound(given, controllers),
    ...findUnboundControllers(given, controllers),
    ...findDefaulted(given, controllers),
    ...findUnnamed(given, controllers),
    ...findUnnamedUnseen(given, controllers),
    ...findNameless(given, controllers),
    ...findNewlyNamed(given),
    ...findNarrowed(given, () => listAppliers(given.after, controllers)),
  ];
}

/** What is applied as an account of its own, or as the default one. */
function listAppliers({ all }: World, controllers: readonly Controller[]): Applier[] {
  const defaults = new Map(controllers.map((one) => [one.name, one.after.get(DEFAULT_ACCOUNT)]));
  return all.flatMap((held) => {
    const account = isApplier(held) && !held.object.ignored ? accountOf(held, defaults) : undefined;
    return account === undefined ? [] : [{ held, namespace: held.object.namespace, account }];
  });
}

function findUnbound(given: Given, controllers: readonly Controller[]): Stopped[] {
  const { before, after } = given;
  const lost = new Map<string, Set<string>>();
  for (const held of before.objects.values()) {
    const remote = placeOfBinding(held);
    if (held.by?.fixed || remote === undefined) continue;
    const now = after.objects.get(held.object.key);
    // It may stay without Git.
    if (!now && !goes(given, held.object.key)) continue;
    // Flux Operator's own binding, which it takes over from the old install, is not read; it names the same accounts.
    if (now && now.object.body === undefined) continue;
    const kept = new Set(listSubjects(now));
    for (const one of listSubjects(held)) if (!kept.has(one)) getOrMake(lost, remote, newSet).add(one);
  }
  return lost.size > 0 ? findUnboundIn(given, controllers, lost) : [];
}

const newSet = () => new Set<string>();

/** @param lost accounts that a binding names no more, by the cluster that it is in */
function findUnboundIn(
  { before, after }: Given,
  controllers: readonly Controller[],
  lost: ReadonlyMap<string, ReadonlySet<string>>,
): Stopped[] {
  const defaults = new Map(controllers.map((one) => [one.name, one.after.get(DEFAULT_ACCOUNT)]));
  if ([...defaults.values()].some(Boolean)) after.readAll();
  else after.search([...lost.values()].flatMap((accounts) => [...accounts].map((one) => one.split("/").at(-1)!)));
  const bound = listBoundIn(after);
  return stopsOf({ before, after }, (held) => {
    const { namespace } = held.object;
    const remote = groupKindHere(held.object.key) === RESOURCE_SET ? "" : appliedTo(held);
    const name = accountOf(held, defaults, remote);
    const account = `${namespace}/${name}`;
    if (name === undefined || !lost.get(remote)?.has(account)) return [];
    if (isBound(bound.get(remote) ?? newSet(), namespace, name)) return [];
    const [there, elsewhere] = remote === "" ? ["", ""] : [" there", " to another cluster"];
    const isNamed = held.object.body?.spec?.serviceAccountName === name;
    return {
      path: isNamed ? ["spec", "serviceAccountName"] : ["spec"],
      rule: "reference-breaks",
      what: `is applied${elsewhere} as ServiceAccount ${account}${isNamed ? "" : ", since it names none"}, and this change removes its last binding${there}: Flux may not apply it any more`,
      why: isNamed
        ? "What spec.serviceAccountName names decides which rights Flux has for it."
        : `${controllerOf(held)} has the flag ${DEFAULT_ACCOUNT}=${name}.`,
      next: "Keep the binding, or give the account another one in the same change.",
    };
  });
}

/** Controllers that apply objects, and that nothing gives more rights than to read Flux's own kinds any more. */
function findUnboundControllers({ before, after }: Given, controllers: readonly Controller[]): Stopped[] {
  const lets = ({ object }: Held) => !/^crd-controller/.test(String(object.body?.roleRef?.name));
  const isIn = (bound: ReadonlySet<string>, side: 0 | 1) => {
    return ({ accounts, held }: Controller) => isBound(bound, held.object.namespace, accounts[side]);
  };
  const named = (pattern: RegExp) => controllers.filter(({ name }) => pattern.test(name));
  // What source-controller does needs no more rights than those.
  const groups = [
    {
      own: named(/^(kustomize|helm)-controller$/),
      counts: lets,
      so: "Flux may not apply anything any more, this binding included",
      why: "What names no ServiceAccount of its own is applied with the rights of the controller.",
    },
    {
      own: named(/^source-controller$/),
      counts: () => true,
      so: "Flux may not read its own sources any more",
      why: "Its rights on Flux's own kinds are all it has.",
    },
  ].map(({ own, ...group }) => ({
    ...group,
    had: own.length > 0 ? own.filter(isIn(listBound(before, group.counts), 0)) : [],
  }));
  const listLost = () =>
    groups.flatMap(({ had, counts, so, why }) => {
      const has = had.length > 0 ? isIn(listBound(after, counts), 1) : () => true;
      return had.filter((one) => !has(one)).map((one) => ({ ...one, so, why }));
    });
  // Mostly the binding stands beside the controllers, in what is read already.
  if (listLost().length === 0) return [];
  after.readAll();
  return listLost().map(({ accounts: [was, is], held, rule, so, why }) => ({
    held,
    path: ["spec"],
    rule,
    what: `runs as ServiceAccount ${held.object.namespace}/${is}${was === is ? ", and this change removes its last binding" : " from then on, and nothing in Git gives that these rights"}: ${so}`,
    why,
    next:
      was === is
        ? "Keep the binding, or give the account another one in the same change."
        : `Bind ${is} as ${was} is bound first, or take the edit back.`,
  }));
}

/** With a default account what names none is applied as the one of its namespace. */
function findDefaulted({ after }: Given, controllers: readonly Controller[]): Stopped[] {
  const changed = controllers.filter(
    (one) => one.after.get(DEFAULT_ACCOUNT) && one.after.get(DEFAULT_ACCOUNT) !== one.before.get(DEFAULT_ACCOUNT),
  );
  if (changed.length === 0) return [];
  after.readAll();
  const bound = listBound(after);
  const accounts = [...new Set(changed.map((one) => one.after.get(DEFAULT_ACCOUNT)!))];
  return accounts.flatMap((now) => {
    const having = changed.filter((one) => one.after.get(DEFAULT_ACCOUNT) === now);
    const lost = having
      .flatMap(({ name }) => listLookedAfter(after, name))
      .filter((held) => {
        const { namespace, body } = held.object;
        if (!isApplier(held) || body?.spec?.serviceAccountName || body?.spec?.kubeConfig) return false;
        return !isBound(bound, namespace, now);
      });
    const [first, ...rest] = lost;
    if (!first) return [];
    const more =
      rest.length > 0
        ? `, like ${rest.length} more that ${rest.length > 1 ? "name" : "names"} no ServiceAccount`
        : ", since it names none";
    return {
      held: first,
      path: ["spec"],
      rule: having[0]!.rule,
      others: rest,
      what: `is applied as ServiceAccount ${now} of its namespace from then on${more}, and no binding in Git gives that any rights: Flux may not apply ${rest.length > 0 ? "them" : "it"} any more`,
      why: `This change gives ${having.map(({ name }) => name).join(" and ")} the flag ${DEFAULT_ACCOUNT}=${now}.`,
      next: "Name a ServiceAccount with the rights it needs in each of them first, or take the edit back.",
    };
  });
}

/** Where there is a default account already, and something no longer names the one that it was applied as. */
function findUnnamed(given: Given, controllers: readonly Controller[]): Stopped[] {
  const defaults = new Map(
    controllers.map(({ name, before, after }) => {
      const now = after.get(DEFAULT_ACCOUNT);
      return [name, now === before.get(DEFAULT_ACCOUNT) ? now : undefined];
    }),
  );
  if (![...defaults.values()].some(Boolean)) return [];
  const found = stopsOf(given, (held, was) => {
    const account = accountOf(held, defaults);
    // What it named may be the default one.
    if (account === undefined || (namedNoMore(held, was) ?? account) === account) return [];
    return {
      path: ["spec"],
      what: `names no ServiceAccount any more and is applied as ${account} of its namespace, and no binding in Git gives that any rights: Flux may not apply it any more`,
      why: `${controllerOf(held)} has the flag ${DEFAULT_ACCOUNT}=${account}.`,
      next: "Name the ServiceAccount again, or give that account the rights first.",
    };
  });
  if (found.length === 0) return [];
  given.after.readAll();
  const bound = listBound(given.after);
  return found.filter(({ held }) => !isBound(bound, held.object.namespace, accountOf(held, defaults)!));
}

/** What comes and names none, in a namespace where nothing is applied as the default account yet. */
function findNameless(given: Given, controllers: readonly Controller[]): Stopped[] {
  const kept = controllers.filter((one) => one.after.get(DEFAULT_ACCOUNT) === one.before.get(DEFAULT_ACCOUNT));
  const defaults = new Map(kept.map((one) => [one.name, one.after.get(DEFAULT_ACCOUNT)]));
  if (![...defaults.values()].some(Boolean)) return [];
  const isDefaulted = (held: Held) => isApplier(held) && !held.object.body?.spec?.serviceAccountName;
  const found = stopsOf(given, (held, was) => {
    const account = was || !held.by || !isDefaulted(held) ? undefined : accountOf(held, defaults);
    if (account === undefined) return [];
    const { namespace } = held.object;
    return {
      path: ["spec"],
      what: `names no ServiceAccount and is applied as ${account} of its namespace, to which no binding in Git gives any rights: without some Flux may not apply it`,
      why: "",
      next: "",
      look: lookForRights(namespace, account),
    };
  });
  return keepUnbound(given, found, defaults, isDefaulted, [given.after]);
}

/** What comes to name an account of Git, or `default`, as which nothing is applied yet; of any other it is told that nothing makes it. */
function findNewlyNamed(given: Given): Stopped[] {
  const { before, after } = given;
  const none = new Map();
  const found = stopsOf(given, (held, was) => {
    const account = held.by || was ? accountOf(held, none) : undefined;
    if (account === undefined || account === (was && accountOf(was, none))) return [];
    const { namespace } = held.object;
    const key = keyOfObject({ apiVersion: "v1", kind: "ServiceAccount", namespace, name: account });
    if (account !== "default" && !after.makes(key)) return [];
    return {
      path: ["spec", "serviceAccountName"],
      what: `is applied as ServiceAccount ${namespace}/${account} from then on, to which no binding in Git gives any rights: without some Flux may not apply it`,
      why: "",
      next: "",
      look: lookForRights(namespace, account),
    };
  });
  // One that loses its binding with this change is told by that.
  return keepUnbound(given, found, none, () => true, [before, after]);
}

/** Those of them whose account no binding in some worlds gives rights, and as which nothing that counts was applied before. */
function keepUnbound(
  { before, after }: Given,
  found: readonly Stopped[],
  defaults: ReadonlyMap<string, string | undefined>,
  isUsed: (held: Held) => boolean,
  worlds: readonly World[],
): Stopped[] {
  if (found.length === 0) return [];
  for (const world of [before, after]) world.readAll();
  const bound = new Set(worlds.flatMap((world) => [...listBound(world)]));
  const placeOf = (held: Held) => `${held.object.namespace} ${accountOf(held, defaults)}`;
  const known = new Set(before.all.filter(isUsed).map(placeOf));
  return found.filter(({ held }) => {
    const account = accountOf(held, defaults)!;
    return !known.has(placeOf(held)) && !isBound(bound, held.object.namespace, account);
  });
}

const lookForRights = (namespace: string, account: string): string =>
  `look with ${sh`kubectl auth can-i patch deployments -n ${namespace} --as=${`system:serviceaccount:${namespace}:${account}`}`.line}`;

/** What names none any more where nothing in Git says which flags the controllers have. */
function findUnnamedUnseen(given: Given, controllers: readonly Controller[]): Stopped[] {
  return stopsOf(given, (held, was) => {
    const controller = controllerOf(held);
    if (controllers.some(({ name }) => name === controller)) return [];
    const account = isApplier(held) && held.object.body?.spec?.suspend !== true ? namedNoMore(held, was) : undefined;
    if (account === undefined) return [];
    const whose = held.object.body?.spec?.kubeConfig ? "kubeconfig" : "controller";
    const { line } =
      sh`kubectl get deployment -A -l app.kubernetes.io/component=${controller} -o yaml | grep ${DEFAULT_ACCOUNT.slice(2)}`;
    return {
      path: ["spec"],
      what: `names no ServiceAccount any more, and was applied as ${account}. Nothing in Git says whether ${controller} has the flag ${DEFAULT_ACCOUNT}: with it Flux may not apply this any more, without it everything is applied with the rights of the ${whose}`,
      why: "",
      next: "",
      look: `look with ${line}`,
    };
  });
}

/** The account that something named, and names no more. */
function namedNoMore(held: Held, was: Held | undefined): string | undefined {
  const [old, now] = [was?.object.body?.spec, held.object.body?.spec];
  if (!old?.serviceAccountName || now?.serviceAccountName) return undefined;
  // What comes to another cluster, or from there, begins anew.
  if (appliedTo(was!) !== appliedTo(held)) return undefined;
  return String(old.serviceAccountName);
}

/** The cluster that something is applied to, as keys say it. */
export const appliedTo = ({ object }: Held): string => remoteOf(object.body?.spec, object.namespace);

export const controllerOf = ({ object }: Held): string =>
  object.kind === "HelmRelease" ? "helm-controller" : "kustomize-controller";

function isApplier({ object }: Held): boolean {
  return /^(?:kustomize|helm)\.toolkit\.fluxcd\.io\|(?:Kustomization|HelmRelease)$/.test(groupKindHere(object.key));
}

/**
 * The account in its namespace that something is applied as; undefined for the one of the controller, and for clusters other
 * than `remote`. There the user of the kubeconfig acts as it (`impersonation` of fluxcd/pkg/runtime).
 */
export function accountOf(
  held: Held,
  defaults: ReadonlyMap<string, string | undefined>,
  remote = "",
): string | undefined {
  const { key, body } = held.object;
  // What one that names none is applied as is told beside the operator (`findUnnamedSets`).
  if (groupKindHere(key) === RESOURCE_SET) return (remote === "" && body?.spec?.serviceAccountName) || undefined;
  if (!isApplier(held) || body?.spec?.suspend === true) return undefined;
  if (appliedTo(held) !== remote) return undefined;
  const name: unknown = body?.spec?.serviceAccountName;
  if (typeof name === "string" && name !== "") return name;
  return defaults.get(controllerOf(held)) || undefined;
}

export function listBound(world: World, counts = (_: Held) => true): ReadonlySet<string> {
  const bindings = world.all.filter((held) => placeOfBinding(held) === "" && counts(held));
  return new Set(bindings.flatMap(listSubjects));
}

/** The same of each cluster. */
export function listBoundIn({ all }: World): ReadonlyMap<string, ReadonlySet<string>> {
  const bound = new Map<string, Set<string>>();
  for (const held of all) {
    const place = placeOfBinding(held);
    if (place === undefined) continue;
    const own = getOrMake(bound, place, newSet);
    for (const one of listSubjects(held)) own.add(one);
  }
  return bound;
}

/** A name with a variable may be any. */
const holdsOpen = (bound: ReadonlySet<string>): boolean =>
  getOrMake(open, bound, () => [...bound].some((one) => one.includes("${")));
const open = new WeakMap<ReadonlySet<string>, boolean>();

export function isBound(bound: ReadonlySet<string>, namespace: string, name: string): boolean {
  const groups = [SERVICE_ACCOUNTS, `${SERVICE_ACCOUNTS}:${namespace}`, "system:authenticated"];
  return bound.has(`${namespace}/${name}`) || groups.some((one) => bound.has(one)) || holdsOpen(bound);
}
