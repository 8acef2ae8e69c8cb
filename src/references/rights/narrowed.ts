import { isCustomGroup, keyOfObject, type ObjectKey, printKey, splitKey } from "../../admission/key.ts";
import { isOpenText } from "../../admission/open-text.ts";
import { pluralOf } from "../../admission/plural.ts";
import { isSkipped } from "../../change/exclusions.ts";
import { type Given, listAltered, staysWithoutGit } from "../../change/given.ts";
import type { Held, World } from "../../change/world.ts";
import { getOrMake, groupBy } from "../../contract/group-by.ts";
import { andMore } from "../../contract/list-some.ts";
import { itemsOf, type YamlData } from "../../contract/objects.ts";
import { says } from "../network/selectors.ts";
import type { Stopped } from "../stopped.ts";
import { isBinding, listSubjects } from "./subjects.ts";

const RBAC = "rbac.authorization.k8s.io";
const ALL = [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }];

/** What a binding gives an account: where, and by which rules; undefined rules cannot be seen here, and may be any. */
interface Grant {
  namespace: string | undefined;
  rules: readonly YamlData[] | undefined;
}

/** What is applied as an account of its own. */
export interface Applier {
  held: Held;
  namespace: string;
  account: string;
}

/**
 * Appliers whose account keeps a binding and may no more do what it has to: its Role loses rules, the binding moves to
 * another namespace, or what comes is nothing that its Roles speak of. Only where the Roles in Git let it do all that it
 * does today, so that nothing else gives it rights.
 */
export function findNarrowed(given: Given, listAppliers: () => readonly Applier[]): Stopped[] {
  const { before, after } = given;
  const roles = listAltered(given, ({ object }) => object.key.startsWith(`${RBAC}|`));
  if (roles.length > 0) after.search(listAccounts([before, after], roles));
  const rightsOf = makeRights(given);
  return listAppliers().flatMap(({ held, namespace, account }): Stopped[] => {
    if (roles.length === 0 && !isAltered(given, held)) return [];
    const [old, now] = [listApplied(before, held.object.key), listApplied(after, held.object.key)];
    if (old.length === 0) return [];
    const isOld = new Set(old);
    const lacks = (allows: Allows, key: ObjectKey) => verbsOf(held, !isOld.has(key)).find((verb) => !allows(verb, key));
    const { had, has } = rightsOf(namespace, account);
    if (!had || old.some((key) => lacks(had, key) !== undefined)) return [];
    // Without any binding it is told as that.
    const barred = has ? now.filter((key) => lacks(has, key) !== undefined) : [];
    const [first, ...rest] = barred;
    if (!first) return [];
    const verb = has && lacks(has, first);
    return [
      {
        held,
        path: held.object.body?.spec?.serviceAccountName ? ["spec", "serviceAccountName"] : ["spec"],
        rule: "reference-breaks",
        what: `is applied as ServiceAccount ${namespace}/${account}, which may not ${verb} ${printKey(first)}${andMore(rest.length)} ${isOld.has(first) ? "any more" : "by any of its Roles"}: Flux applies nothing more of it`,
        why: "Flux applies it with the rights of that account alone, and all that Git binds to it was read.",
        next: "Give the account that right in the same change, or take the edit back.",
      },
    ];
  });
}

/** Helm makes a Secret for each upgrade, and brings its state up to date; Flux applies all else with a patch. */
function verbsOf({ object }: Held, isNew: boolean): string[] {
  if (object.kind === "HelmRelease") return ["create", "update"];
  return isNew ? ["create", "patch"] : ["patch"];
}

const isAltered = ({ before, after }: Given, { object }: Held): boolean =>
  after.holdersOf(object.key).some(({ fixed }) => !fixed) || !before.has(object.key);

/** Names of the accounts that some bindings are for, or bindings to some roles. */
function listAccounts(worlds: readonly World[], altered: readonly Held[]): string[] {
  const names = new Set(altered.map(({ object }) => object.name));
  const isMeant = ({ object }: Held) => names.has(object.name) || names.has(object.body?.roleRef?.name);
  return worlds.flatMap((world) => {
    world.search(names);
    const bindings = world.all.filter((held) => isBinding(held) && isMeant(held));
    return bindings.flatMap(listSubjects).map((one) => one.slice(one.lastIndexOf("/") + 1));
  });
}

/** What a Kustomization applies; helm-controller keeps what it has installed in Secrets, whatever the chart holds. */
function listApplied(world: World, key: ObjectKey): ObjectKey[] {
  const { kind, namespace } = splitKey(key);
  if (kind === "HelmRelease") {
    const object = world.find(key)?.object;
    const spec: YamlData = object?.ignored ? undefined : object?.body?.spec;
    const home = String(spec?.storageNamespace || namespace);
    return spec ? [keyOfObject({ apiVersion: "v1", kind: "Secret", namespace: home, name: "sh.helm.release" })] : [];
  }
  return world.holdersOf(key).flatMap((holder) =>
    world
      .objectsOf(holder)
      .filter(({ ignored, open }) => !ignored && open === undefined)
      .map((object) => object.key)
      .filter((one) => splitKey(one).remote === "" && !isOpenText(one)),
  );
}

function listGrants(world: World, namespace: string, account: string, counts = (_: Held) => true): Grant[] {
  world.search([account, "system:serviceaccounts", "system:authenticated"]);
  const groups = ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"];
  const bySubject = indexBindings(world);
  const bindings = [`${namespace}/${account}`, ...groups, OPEN].flatMap((one) =>
    (bySubject.get(one) ?? []).filter(counts),
  );
  world.search(bindings.map(({ object }) => String(object.body?.roleRef?.name)));
  return bindings.map(({ object }) => ({
    namespace: object.kind === "ClusterRoleBinding" ? undefined : object.namespace,
    rules: rulesOf(world, object.body?.roleRef, object.namespace),
  }));
}

/** Subjects with a variable, which may be anybody. */
const OPEN = "${}";
type Bindings = ReadonlyMap<string, readonly Held[]>;
const indexed = new WeakMap<World, { size: number; bySubject: Bindings }>();

/** Listed anew where more was read meanwhile. */
function indexBindings(world: World): Bindings {
  const { size } = world.objects;
  const last = indexed.get(world);
  if (last?.size === size) return last.bySubject;
  const pairs = world.all
    .filter(isBinding)
    .flatMap((held) => listSubjects(held).map((one) => ({ held, subject: isOpenText(one) ? OPEN : one })));
  const grouped = groupBy(pairs, ({ subject }) => subject);
  const bySubject = new Map([...grouped].map(([subject, all]) => [subject, all.map(({ held }) => held)]));
  indexed.set(world, { size, bySubject });
  return bySubject;
}

/** Of the roles that Kubernetes brings only these two are the same in every cluster. */
function rulesOf(world: World, ref: YamlData, namespace: string): Grant["rules"] {
  const { kind, name } = ref ?? {};
  const role = world.objects.get(
    keyOfObject({ apiVersion: `${RBAC}/v1`, kind: String(kind), namespace, name }),
  )?.object;
  if (!role)
    return kind !== "ClusterRole" ? undefined : name === "cluster-admin" ? ALL : name === "view" ? [] : undefined;
  const { rules, aggregationRule }: YamlData = role.body ?? {};
  const isSeen = role.body && !role.isPart && !isSkipped(role.body.metadata, undefined) && !aggregationRule;
  return isSeen && !isOpenText(JSON.stringify(rules ?? "")) ? itemsOf(rules) : undefined;
}

/** Whether an account may do something to an object. */
type Allows = (verb: string, key: ObjectKey) => boolean;

interface Rights {
  had: Allows | undefined;
  has: Allows | undefined;
}

/** What accounts might do and may do; undefined without any binding. One account may apply thousands of objects. */
function makeRights(given: Given): (namespace: string, account: string) => Rights {
  const { before, after } = given;
  const isLeft = ({ object }: Held) => staysWithoutGit(given, object.key);
  const known = new Map<string, Rights & { size: number }>();
  return (namespace, account) => {
    const one = known.get(`${namespace}/${account}`);
    // Looked at anew where more was read meanwhile.
    if (one?.size === before.objects.size + after.objects.size) return one;
    const had = listGrants(before, namespace, account);
    const has = [...listGrants(after, namespace, account), ...listGrants(before, namespace, account, isLeft)];
    const size = before.objects.size + after.objects.size;
    const made = { had: testOf(had), has: testOf(has), size };
    known.set(`${namespace}/${account}`, made);
    return made;
  };
}

/** No namespace. */
const EVERYWHERE = "*";

function testOf(grants: readonly Grant[]): Allows | undefined {
  if (grants.length === 0) return undefined;
  const byHome = groupBy(grants, ({ namespace = EVERYWHERE }) => namespace);
  const open = [...byHome.keys()].filter(isOpenText);
  const asked = new Map<string, { any: boolean; names: ReadonlySet<unknown> }>();
  const gives = (home: string, verb: string, { group, kind, name }: ReturnType<typeof splitKey>) => {
    const { any, names } = getOrMake(asked, [home, verb, group, kind].join(" "), () => {
      const here = byHome.get(home) ?? [];
      const rules = here.flatMap((grant) => grant.rules ?? []).filter((rule) => isGiven(rule, verb, group, kind));
      const only = rules.map((rule) => itemsOf(rule?.resourceNames));
      const isUnseen = here.some((grant) => grant.rules === undefined);
      return {
        any: isUnseen || only.some(({ length }) => length === 0),
        names: new Set<unknown>(verb === "create" ? [] : only.flat()),
      };
    });
    return any || names.has(name);
  };
  return (verb, key) => {
    const parts = splitKey(key);
    // A binding in a namespace counts for the Namespace itself.
    const home = parts.kind === "Namespace" && parts.group === "" ? parts.name : parts.namespace;
    return open.some((one) => one !== home) || gives(EVERYWHERE, verb, parts) || gives(home, verb, parts);
  };
}

/** Whether a rule is for a kind, whatever objects of it. */
function isGiven(rule: YamlData, verb: string, group: string, kind: string): boolean {
  if (!says(rule?.verbs, "*", verb) || !says(rule?.apiGroups, "*", group)) return false;
  const plural = pluralOf(kind);
  // What people call the plural of their own kinds is not known.
  const isLike = (one: string) => one === plural || (isCustomGroup(group) && one.startsWith(plural.slice(0, 3)));
  return itemsOf(rule?.resources).some((one) => one === "*" || isLike(String(one)));
}
