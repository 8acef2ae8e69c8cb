import { expect, test } from "vitest";
import { object } from "../home-tree.ts";
import { thingTree, USER } from "./thing-tree.ts";
import { inShort } from "./tree.ts";

const role = (rule: string, kind = "Role") => object(kind, "web", "rbac.authorization.k8s.io/v1", [`rules: [${rule}]`]);
const PODS = '{apiGroups: [""], resources: [pods, services], verbs: [get, list]}';
const APPS = "{apiGroups: [apps, networking.k8s.io], resources: [deployments, ingresses], verbs: [get]}";
const says = (was: string, is: string, kind?: string) =>
  inShort(thingTree(object("ConfigMap", "thing"), "{}", role(was, kind)), { [USER]: role(is, kind) });

test.each([
  ["a verb", PODS, PODS.replace("list", "lsit")],
  ["a resource", PODS, PODS.replace("pods", "pdos")],
  ["one that loses its end", APPS, APPS.replace("deployments", "deployment")],
  ["a group", APPS, APPS.replace("networking.k8s.io", "networking.ks8.io")],
])("a slip in %s of a Role", (_, was, is) => {
  expect(says(was, is)).toBe("unsafe | reference-missing Role media/web");
  expect(says(was, is, "ClusterRole")).toBe("unsafe | reference-missing ClusterRole web");
  expect(says(is, was)).toBe("safe");
  expect(says(is, is.replace("verbs: [", "verbs: [watch, "))).toBe("safe");
});

test.each([
  ["another word", PODS.replace("list", "watch")],
  ["one more", PODS.replace("pods", "pods, pods/log")],
  ["one that goes", PODS.replace("pods, ", "")],
])("is none: %s", (_, is) => {
  expect(says(PODS, is)).toBe("safe");
});

test("of what nobody here knows nothing is said", () => {
  const of = (word: string) => `{apiGroups: [books.example], resources: [${word}], verbs: [get]}`;
  expect(says(of("shelves"), of("shelve"))).toBe("safe");
});
