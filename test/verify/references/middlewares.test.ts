import { expect, test } from "vitest";
import { object } from "../home-tree.ts";
import { thingTree, without } from "./thing-tree.ts";
import { inShort } from "./tree.ts";

const middleware = (name: string, group = "traefik.io") =>
  object("Middleware", name, `${group}/v1alpha1`, ["spec: {}"]);
const KEY = "traefik.ingress.kubernetes.io/router.middlewares";
const ingress = (names: string) =>
  object("Ingress", "user", "networking.k8s.io/v1", [
    `  annotations: {${KEY}: '${names}'}`,
    "spec: {rules: [{host: a.example}]}",
  ]);
const values = (names: string) => `{ingress: {main: {annotations: {${KEY}: '${names}'}}}}`;
const NONE = object("ConfigMap", "none");

test("a middleware goes that an Ingress, or values of a chart, name in an annotation", () => {
  const names = "kube-system-other@kubernetescrd, media-login@kubernetescrd";
  expect(inShort(thingTree(middleware("login"), "{}", ingress(names)), without)).toBe(
    "unsafe | reference-breaks Ingress media/user",
  );
  expect(inShort(thingTree(middleware("login"), values(names), NONE), without)).toMatch(
    /^unsafe \| reference-breaks HelmRelease media\/player/,
  );
});

test("what names another one, or another group, is left alone", () => {
  for (const names of ["media-log@kubernetescrd", "media-login@file", "login", "media-login-2@kubernetescrd"])
    expect(inShort(thingTree(middleware("login"), "{}", ingress(names)), without)).toMatch(/^deletes/);
  const tree = thingTree(middleware("login", "traefik.containo.us"), "{}", ingress("media-login@kubernetescrd"));
  const thing = Object.keys(without)[0]!;
  expect(inShort(tree, { [thing]: middleware("login") })).toMatch(/^deletes/);
});
