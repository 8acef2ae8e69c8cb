import { ofText } from "../../../src/yaml/of-text.ts";
import { depthOf } from "./lines.ts";

/** Ansible's module for manifests, by its old and new names. */
const MODULE = /^\s*(?:-\s+)?(?:kubernetes\.core\.|community\.kubernetes\.|community\.okd\.)?k8s:\s*$/;
const SOURCE = /^\s+(?:src|template|definition|resource_definition)\s*:/;

/** Whether a line names what a step of Ansible applies: `src:` below `kubernetes.core.k8s:`, which deletes nothing. */
export function appliesByModule(text: string, start: number): boolean {
  const line = lineAt(text, start);
  if (!SOURCE.test(line)) return false;
  const depth = depthOf(line);
  const { before, rest } = linesAround(text, start);
  const above = before.findIndex((one) => one.trim() !== "" && depthOf(one) < depth);
  if (above < 0 || !MODULE.test(before[above]!)) return false;
  const body = [...before.slice(0, above), ...deeperThan(rest, depth - 1)];
  return !body.some((one) => /^\s*state\s*:\s*["']?absent\b/.test(one));
}

/** A task of Azure Pipelines that runs kubectl by its inputs, and the inputs that name what it applies. */
const TASK = /^\s*-\s+task\s*:\s*["']?Kubernetes(Manifest)?@/;
const INPUT = /^\s+(?:arguments|configuration|manifests)\s*:/;

/** Whether a line names what such a task applies: `arguments: -k folder` beside `command: apply`. */
export function appliesByTask(text: string, start: number): boolean {
  const line = lineAt(text, start);
  if (!INPUT.test(line)) return false;
  const { before, rest } = linesAround(text, start);
  const above = before.findIndex((one) => /^\s*-\s/.test(one) && depthOf(one) < depthOf(line));
  const task = above < 0 ? null : TASK.exec(before[above]!);
  if (task === null) return false;
  const body = [...before.slice(0, above), ...deeperThan(rest, depthOf(before[above]!))];
  const said = body.map((one) => /^\s+(?:command|action)\s*:\s*["']?(\w+)/.exec(one)?.[1]).find(Boolean);
  return task[1] === undefined ? /^(?:apply|create|replace)$/.test(said ?? "") : (said ?? "deploy") === "deploy";
}

function deeperThan(lines: readonly string[], depth: number): readonly string[] {
  const end = lines.findIndex((one) => one.trim() !== "" && depthOf(one) <= depth);
  return end < 0 ? lines : lines.slice(0, end);
}

/** The lines above a place, the nearest first, and from it on; as far as a step reaches. */
function linesAround(text: string, start: number): { before: string[]; rest: string[] } {
  const above = text.slice(Math.max(0, start - FAR), start).split("\n");
  return { before: above.slice(0, -1).reverse(), rest: text.slice(start, start + FAR).split("\n") };
}

/** Ansible's module that runs one program and no shell, on the line of it or above its field `cmd`. */
const COMMAND = /^\s*(?:-\s+)?(?:ansible\.builtin\.)?command\s*:/;

/** Whether a line is what a step of Ansible runs without a shell. */
export function isCommandModule(text: string, { text: line, start }: { text: string; start: number }): boolean {
  if (COMMAND.test(line)) return holdsList(text);
  const above =
    text
      .slice(Math.max(0, start - FAR), start)
      .split("\n")
      .at(-2) ?? "";
  return /^\s+cmd\s*:/.test(line) && COMMAND.test(above) && holdsList(text);
}

/** Asked of a text for each of its lines. */
const holdsList = ofText((text) => /^-\s/m.test(text), 16);

/** Whether a command is more than one program with its arguments. */
export function needsShell(command: string): boolean {
  return /[|;]|\$\(/.test(command);
}

/** A step is short; what stands further away belongs to another one. */
const FAR = 4096;

function lineAt(text: string, start: number): string {
  const end = text.indexOf("\n", start);
  return text.slice(start, end < 0 ? undefined : end);
}
