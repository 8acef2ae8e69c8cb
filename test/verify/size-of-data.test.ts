import { expect, test } from "vitest";
import { findRefusals, sayRefusal } from "../../src/admission/refused.ts";

const MIB = 1024 * 1024;
const base64 = (text: string) => Buffer.from(text).toString("base64");
const says = (kind: string, more: object, isWhole = true) =>
  findRefusals({ apiVersion: "v1", kind, metadata: { name: "x" }, ...more }, isWhole).map(sayRefusal);
const above = (size: number) => [`data holds ${size} bytes or more, and at most ${MIB} are taken`];

test("a ConfigMap holds 1 MiB at most, all values together, without the keys", () => {
  expect(says("ConfigMap", { data: { a: "x".repeat(MIB) } })).toEqual([]);
  expect(says("ConfigMap", { data: { a: "x".repeat(MIB), b: "y" } })).toEqual(above(MIB + 1));
  expect(says("ConfigMap", { data: { a: "x" }, binaryData: { b: base64("y".repeat(MIB)) } })).toEqual(above(MIB + 1));
  expect(says("ConfigMap", { binaryData: { b: base64("y".repeat(MIB)) } })).toEqual([]);
  expect(says("ConfigMap", { binaryData: { b: Buffer.alloc(MIB, 0xff).toString("base64") } })).toEqual([]);
  // Of other letters each takes several bytes.
  expect(says("ConfigMap", { data: { a: "ä".repeat(MIB / 2 + 1) } })).toEqual(above(MIB + 2));
});

test("a Secret as much, decoded, and stringData takes the place of data", () => {
  expect(says("Secret", { data: { a: base64("x".repeat(MIB)) } })).toEqual([]);
  expect(says("Secret", { data: { a: base64("x".repeat(MIB + 1)) } })).toEqual(above(MIB + 1));
  expect(says("Secret", { stringData: { a: "x".repeat(MIB + 1) } })).toEqual(above(MIB + 1));
  expect(says("Secret", { data: { a: base64("x".repeat(MIB)) }, stringData: { a: "y" } })).toEqual([]);
});

test("what is encrypted, filled in or not known counts for nothing", () => {
  const cipher = `ENC[AES256_GCM,data:${"A".repeat(MIB)}]`;
  expect(says("ConfigMap", { data: { a: cipher } })).toEqual([]);
  expect(says("Secret", { stringData: { a: cipher } })).toEqual([]);
  expect(says("Secret", { data: { a: base64(JSON.stringify({ data: cipher })) } })).toEqual([]);
  expect(says("ConfigMap", { data: { a: `\${A:=${"x".repeat(MIB)}}` } })).toEqual([]);
  expect(says("ConfigMap", { data: { a: `\${A}${"x".repeat(MIB + 1)}` } })).toEqual(above(MIB + 1));
  expect(says("ConfigMap", { data: { a: "x".repeat(MIB + 1) } }, false)).toEqual([]);
});

test("names of what makes jobs and pods are shorter", () => {
  const named = (kind: string, length: number, spec = {}) =>
    findRefusals({ apiVersion: "batch/v1", kind, metadata: { name: "a".repeat(length) }, spec }, false).map(sayRefusal);
  expect([named("CronJob", 52), named("Job", 63), named("Job", 64, { manualSelector: true })]).toEqual([[], [], []]);
  expect(named("CronJob", 53)[0]).toMatch(/^metadata\.name is "a+", and at most 52 characters may be in it$/);
  expect(named("Job", 64)[0]).toMatch(/and at most 63 characters may be in it$/);
});
