import { expect, test } from "vitest";
import { homeTree, kustomization, object } from "../home-tree.ts";
import { inShort, PLAYER_APP } from "./tree.ts";

const LIST = `${PLAYER_APP}/kustomization.yaml`;
const WEB = `${PLAYER_APP}/web.yaml`;
const ADDRESSES = `${PLAYER_APP}/addresses.yaml`;
const list = (...more: string[]) => kustomization(["helmrelease.yaml", "pvc.yaml", ...more]);
const service = (more = "") => object("Service", "web", "v1", [`spec: {ports: [{port: 80}]${more}}`]);
const endpoints = (name: string) =>
  object("Endpoints", name, "v1", ["subsets: [{addresses: [{ip: 10.0.0.9}], ports: [{port: 80}]}]"]);
const slice = (name: string, of: string) =>
  object("EndpointSlice", name, "discovery.k8s.io/v1", [
    `  labels: {kubernetes.io/service-name: ${of}}`,
    "addressType: IPv4",
    "endpoints: [{addresses: [10.0.0.9]}]",
  ]);
const tree = (web: string, addresses: string) => ({
  ...homeTree(),
  [WEB]: web,
  [ADDRESSES]: addresses,
  [LIST]: list("web.yaml", "addresses.yaml"),
});
const LOST = "unsafe | reference-breaks Service media/web";

test("the addresses of a Service go, or get another name, while it stays", () => {
  expect(inShort(tree(service(), endpoints("web")), { [ADDRESSES]: endpoints("website") })).toBe(LOST);
  expect(inShort(tree(service(), endpoints("web")), { [ADDRESSES]: undefined, [LIST]: list("web.yaml") })).toBe(LOST);
  expect(inShort(tree(service(), slice("web-1", "web")), { [ADDRESSES]: slice("other", "other") })).toBe(LOST);
});

test("a Service gets another name, and its addresses keep the old one", () => {
  const renamed = service().replace("name: web", "name: site");
  const lost = "unsafe | reference-breaks Service media/site";
  expect(inShort(tree(service(), endpoints("web")), { [WEB]: renamed })).toBe(lost);
  expect(inShort(tree(service(), slice("a", "web")), { [WEB]: renamed })).toBe(lost);
  expect(inShort(tree(service(), endpoints("web")), { [WEB]: renamed, [ADDRESSES]: endpoints("site") })).toBe(
    "deletes",
  );
});

test("what is served by others, selects pods, or goes as well draws no word", () => {
  expect(inShort(tree(service(), endpoints("web")), { [ADDRESSES]: slice("web-1", "web") })).toBe("deletes");
  expect(inShort(tree(service(), slice("web-1", "web")), { [ADDRESSES]: slice("web-2", "web") })).toBe("deletes");
  const selecting = service(", selector: {app: web}");
  expect(inShort(tree(selecting, endpoints("web")), { [ADDRESSES]: endpoints("website") })).toBe("deletes");
  const named = object("Service", "web", "v1", ["spec: {type: ExternalName, externalName: a.example}"]);
  expect(inShort(tree(named, endpoints("web")), { [ADDRESSES]: endpoints("website") })).toBe("deletes");
  const both = { [ADDRESSES]: undefined, [WEB]: undefined, [LIST]: list() };
  expect(inShort(tree(service(), endpoints("web")), both)).toBe("deletes");
});
