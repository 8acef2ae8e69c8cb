import { isMap } from "../../yaml/is-map.ts";
import { isVast, sizeOf } from "../vast.ts";
import { countTo, FUNCTIONS, isTrue, print } from "./functions.ts";
import { type Command, type Node, type Operand, type Pipeline, TemplateProblem } from "./syntax.ts";

/** An input that only the cluster knows, such as the id that the operator gives a provider. */
export const HIDDEN: unique symbol = Symbol("hidden");

/** A longer text is a template that nobody wrote by hand. */
const LONGEST = 10_000_000;

interface Scope {
  inputs: unknown;
  dot: unknown;
  /** The innermost last. */
  variables: Map<string, unknown>[];
  out: string[];
  length: number;
  /** Shared by all runs of a ResourceSet. */
  budget: Budget;
}

/** How much a ResourceSet may still do before it counts as one that nobody wrote by hand. */
export interface Budget {
  steps: number;
  /** Of all that its functions return, and of all that is written. */
  characters: number;
}

export function makeBudget(): Budget {
  return { steps: 2_000_000, characters: 3 * LONGEST };
}

/**
 * What the operator makes of a template (flux-operator, internal/builder: text/template with slim-sprig, `missingkey=error`).
 * @throws TemplateProblem where the operator fails, or where it cannot be told here
 */
export function runTemplate(nodes: readonly Node[], inputs: unknown, budget: Budget): string {
  const variables = [new Map([["$", undefined]])];
  const scope: Scope = { inputs, dot: undefined, variables, out: [], length: 0, budget };
  runAll(nodes, scope);
  return scope.out.join("");
}

/** As deep as the blocks of the template, which the parser limits. */
function runAll(nodes: readonly Node[], scope: Scope): void {
  for (const node of nodes) {
    if (--scope.budget.steps < 0) throw new TemplateProblem("a template that does very much", false);
    if (node.type === "text") write(scope, node.text);
    else if (node.type === "action") {
      const value = runPipeline(node.pipe, scope);
      if (node.pipe.variables.length === 0) write(scope, print(value));
    } else inScope(scope, () => runBlock(node, scope));
  }
}

function write(scope: Scope, text: string): void {
  scope.length += text.length;
  scope.budget.characters -= text.length;
  if (scope.length > LONGEST || scope.budget.characters < 0) throw new TemplateProblem("a very long result", false);
  scope.out.push(text);
}

function inScope(scope: Scope, run: () => void): void {
  const { dot } = scope;
  scope.variables.push(new Map());
  run();
  scope.variables.pop();
  scope.dot = dot;
}

function runBlock({ type, pipe, body, otherwise }: Extract<Node, { body: Node[] }>, scope: Scope): void {
  if (type === "range") {
    runRange(pipe, body, otherwise, scope);
    return;
  }
  const value = runPipeline(pipe, scope);
  const isMet = isTrue(value);
  if (type === "with" && isMet) scope.dot = value;
  runAll(isMet ? body : otherwise, scope);
}

function runRange(pipe: Pipeline, body: readonly Node[], otherwise: readonly Node[], scope: Scope): void {
  const value = runPipeline({ ...pipe, variables: [] }, scope);
  const entries = entriesOf(value);
  if (entries.length === 0) runAll(otherwise, scope);
  for (const [key, item] of entries) {
    if (--scope.budget.steps < 0) throw new TemplateProblem("a template that does very much", false);
    inScope(scope, () => {
      const [first, second] = pipe.variables;
      if (second !== undefined) {
        scope.variables.at(-1)!.set(first!, key);
        scope.variables.at(-1)!.set(second, item);
      } else if (first !== undefined) scope.variables.at(-1)!.set(first, item);
      scope.dot = item;
      runAll(body, scope);
    });
  }
}

/** Maps in the order of their keys, as Go goes through them. */
function entriesOf(value: unknown): [unknown, unknown][] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.map((item, at) => [at, item]);
  if (typeof value === "number") return countTo(value).map((at) => [at, at]);
  if (!isMap(value)) throw new TemplateProblem("range over what is no list", true);
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
}

function runPipeline({ variables, declares, commands }: Pipeline, scope: Scope): unknown {
  let value: unknown;
  for (const [at, command] of commands.entries()) value = runCommand(command, scope, at === 0 ? [] : [value]);
  const [name] = variables;
  if (name === undefined) return value;
  const known = declares ? undefined : scope.variables.findLast((one) => one.has(name));
  (known ?? scope.variables.at(-1)!).set(name, value);
  return value;
}

function runCommand({ name, operands }: Command, scope: Scope, piped: readonly unknown[]): unknown {
  if (name === "and" || name === "or") return runLogic(name, operands, scope, piped);
  const values = operands.map((one) => readOperand(one, scope));
  if (name === undefined) {
    if (piped.length > 0) throw new TemplateProblem("a value that takes none", true);
    return values[0];
  }
  if (name === "inputs") return scope.inputs;
  const call = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (!call) throw new TemplateProblem(`the function ${name}`, false);
  const made = call(...values, ...piped);
  scope.budget.characters -= sizeOf(made).characters;
  if (isVast(made) || scope.budget.characters < 0) throw new TemplateProblem("a value that grows very long", false);
  return made;
}

/** What stands behind the value that decides is not looked at. */
function runLogic(name: "and" | "or", operands: readonly Operand[], scope: Scope, piped: readonly unknown[]): unknown {
  let value: unknown;
  for (const read of [...operands.map((one) => () => readOperand(one, scope)), ...piped.map((one) => () => one)]) {
    value = read();
    if (isTrue(value) === (name === "or")) return value;
  }
  return value;
}

function readOperand(operand: Operand, scope: Scope): unknown {
  if (operand.type === "value") return operand.value;
  const { from, fields } = operand;
  let value: unknown;
  if (from === "dot") value = scope.dot;
  else if ("variable" in from) value = readVariable(from.variable, scope);
  else if ("call" in from) value = runCommand({ name: from.call, operands: [] }, scope, []);
  else value = runPipeline(from, scope);
  for (const field of fields) {
    if (!isMap(value)) throw new TemplateProblem(`no field ${field}`, true);
    if (!Object.hasOwn(value, field)) throw new TemplateProblem(`no input ${field}`, true);
    value = value[field];
    if (value === HIDDEN) throw new TemplateProblem(`the input ${field}, which only the cluster knows`, false);
  }
  return value;
}

function readVariable(name: string, scope: Scope): unknown {
  const known = scope.variables.findLast((one) => one.has(name));
  if (!known) throw new TemplateProblem(`no variable ${name}`, true);
  return known.get(name);
}
