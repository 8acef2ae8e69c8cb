import { expect, test } from "vitest";
import { verifyEdits } from "./edited.ts";
import { release } from "./home-tree.ts";
import { HR, h } from "./odd-tree.ts";

const app = (values: string) => release("player", [`values: ${values}`]);
const says = (from: string, to: string) => {
  const { verdict, findings } = verifyEdits({ [HR]: app(to) }, { ...h, [HR]: app(from) });
  const [found] = findings.filter(({ rule }) => rule === "safety-unknown");
  return `${verdict} ${found?.at?.line ?? ""} ${found?.what ?? ""}`;
};
const entry = (more: string) => `{persistence: {data: {type: persistentVolumeClaim, ${more}}}}`;

test.each([
  [entry("size: 5Gi"), entry("size: 4Gi"), "persistence.data.size, from 5Gi to 4Gi"],
  [entry("size: 1Ti, retain: true"), entry("size: 500Gi, retain: true"), "persistence.data.size, from 1Ti to 500Gi"],
  [entry("storageClass: a"), entry("storageClass: b"), "persistence.data.storageClass, from a to b"],
  [entry("accessMode: ReadWriteOnce"), entry("accessMode: ReadWriteMany"), "persistence.data.accessMode"],
  // Whoever says a size means the claim, which most charts make by default.
  ["{persistence: {size: 5Gi}}", "{persistence: {size: 4Gi}}", "persistence.size, from 5Gi to 4Gi"],
  [
    "{primary: {persistence: {enabled: true, accessModes: [ReadWriteOnce]}}}",
    "{primary: {persistence: {enabled: true, accessModes: [ReadWriteMany]}}}",
    "primary.persistence.accessModes, from ReadWriteOnce to ReadWriteMany",
  ],
])("a claim that values want changed as the API server lets nobody: %s to %s", (from, to, what) => {
  expect(says(from, to)).toMatch(/^unproven 9 /);
  expect(says(from, to)).toContain(what);
  expect(says(from, to)).toContain("Helm then fails to upgrade the release");
});

test.each([
  [entry("size: 5Gi"), entry("size: 6Gi")],
  [entry("size: 5Gi"), entry("size: 5120Mi")],
  [entry("size: 5Gi"), entry("size: '${SIZE}'")],
  [entry("size: 5Gi"), entry("storageClass: a, size: 5Gi")],
  [entry("accessMode: ReadWriteOnce"), entry("accessMode: [ReadWriteOnce]")],
  ["{persistence: {enabled: false, size: 5Gi}}", "{persistence: {enabled: false, size: 4Gi}}"],
  ["{persistence: {tmp: {type: emptyDir, size: 5Gi}}}", "{persistence: {tmp: {type: emptyDir, size: 4Gi}}}"],
  [
    "{persistence: {a: {existingClaim: a, size: 5Gi}}}",
    "{persistence: {a: {existingClaim: a, size: 4Gi, storageClass: b}}}",
  ],
  [
    "{db: {enabled: false, main: {persistence: {enabled: true, size: 5Gi}}}}",
    "{db: {enabled: false, main: {persistence: {enabled: true, retain: true, size: 4Gi}}}}",
  ],
  [
    "{db: {enabled: true, main: {persistence: {enabled: true, retain: true, size: 5Gi}}}}",
    "{db: {enabled: false, main: {persistence: {enabled: true, retain: true, size: 4Gi}}}}",
  ],
  [entry("storageClass: {a: b}"), entry("storageClass: {a: c}")],
])("what it may become: %s to %s", (from, to) => {
  expect(says(from, to)).toMatch(/^safe/);
});

const named = (name: string, more = "size: 5Gi") =>
  `{${name}persistence: {data: {type: persistentVolumeClaim, ${more}}}}`;

test.each([
  ["fullnameOverride: a, ", "fullnameOverride: b, ", "fullnameOverride"],
  ["fullnameOverride: a, ", "", "fullnameOverride"],
  ["", "nameOverride: media, ", "nameOverride"],
  ["global: {fullnameOverride: a}, ", "global: {fullnameOverride: b}, ", "global.fullnameOverride"],
])("another name for all that a chart makes, its claim included: %s to %s", (from, to, path) => {
  expect(says(named(from), named(to))).toMatch(/^unproven /);
  expect(says(named(from), named(to))).toContain(`(${path}), the claim of persistence.data included`);
});

test("a name that is the same one, that is not known, or of what has no claim, or keeps it", () => {
  expect(says(named(""), named("fullnameOverride: player, "))).toMatch(/^safe/);
  expect(says(named("fullnameOverride: a, "), named("fullnameOverride: '${NAME}', "))).toMatch(/^safe/);
  expect(says(named(""), named("nameOverride: app, "))).toMatch(/^safe/);
  expect(says(named("fullnameOverride: a, "), named("fullnameOverride: a, nameOverride: b, "))).toMatch(/^safe/);
  expect(says("{fullnameOverride: a}", "{fullnameOverride: b}")).toMatch(/^safe/);
  const kept = "size: 5Gi, retain: true";
  expect(says(named("fullnameOverride: a, ", kept), named("fullnameOverride: b, ", kept))).toMatch(/^safe/);
});
