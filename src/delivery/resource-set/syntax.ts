import { clip } from "../../contract/cut.ts";

const LONGEST = 120;

/** Something in a template that is not evaluated here, or that makes the operator fail. */
export class TemplateProblem extends Error {
  /** The operator stops at it as well; otherwise only nobody can tell here what it gives. */
  readonly fails: boolean;

  constructor(message: string, fails: boolean) {
    // A piece of a template may go over several lines, and be as long as the template.
    super(clip(message.replace(/\s+/g, " "), LONGEST));
    this.fails = fails;
  }
}

export type Operand =
  | { type: "value"; value: unknown }
  /** `.a.b`, `$x.a`, `inputs.a`, `(…).a`: what it starts from, and the fields. */
  | { type: "path"; from: "dot" | { variable: string } | { call: string } | Pipeline; fields: string[] };

export interface Command {
  /** Name of the function; without one the only operand is the value. */
  name?: string;
  operands: Operand[];
}

export interface Pipeline {
  /** `$i, $x :=` or `$x =`. */
  variables: string[];
  declares: boolean;
  commands: Command[];
}

export type Node =
  | { type: "text"; text: string }
  | { type: "action"; pipe: Pipeline }
  | { type: "if" | "range" | "with"; pipe: Pipeline; body: Node[]; otherwise: Node[] };

/** Actions in one another; more than anybody writes. */
const DEEPEST = 40;

interface Token {
  kind: "text" | "string" | "number" | "name" | "field" | "variable" | "mark";
  text: string;
  /** It follows the token before it without a space. */
  joined: boolean;
}

const TOKEN =
  /(?<string>"(?:[^"\\\n]|\\.)*"|`[^`]*`)|(?<number>-?\d[\w.]*)|(?<variable>\$\w*)|(?<field>\.\w+)|(?<name>[A-Za-z_]\w*)|(?<mark>:=|[|(),=.])/y;

function tokenize(action: string): Token[] {
  const tokens: Token[] = [];
  let joined = false;
  for (let at = 0; at < action.length; ) {
    if (/\s/.test(action[at]!)) {
      at++;
      joined = false;
      continue;
    }
    TOKEN.lastIndex = at;
    const groups = TOKEN.exec(action)?.groups;
    const kind = (["string", "number", "variable", "field", "name", "mark"] as const).find((one) => groups?.[one]);
    if (kind === undefined) throw new TemplateProblem(`<< ${action.trim()} >>`, false);
    const text = groups![kind]!;
    tokens.push({ kind, text, joined });
    at += text.length;
    joined = true;
  }
  return tokens;
}

type Piece = { text: string } | { action: string };

/** Texts and actions; `<<-` and `->>` take the white space beside them. */
function cut(template: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  let trims = false;
  const addText = (text: string) => {
    const rest = trims ? text.trimStart() : text;
    if (rest !== "") pieces.push({ text: rest });
  };
  for (;;) {
    const start = template.indexOf("<<", from);
    if (start < 0) {
      addText(template.slice(from));
      return pieces;
    }
    const end = endOf(template, start + 2);
    const isTrimming = /^-\s/.test(template.slice(start + 2, start + 4));
    const text = template.slice(from, start);
    addText(isTrimming ? text.trimEnd() : text);
    const action = template.slice(start + (isTrimming ? 3 : 2), end);
    trims = /\s-$/.test(action);
    const inner = trims ? action.slice(0, -1) : action;
    if (!/^\s*\/\*[\s\S]*\*\/\s*$/.test(inner)) pieces.push({ action: inner });
    from = end + 2;
  }
}

/** Where an action ends: not inside one of its strings. */
function endOf(template: string, from: number): number {
  for (let at = from; at < template.length; at++) {
    const char = template[at];
    if (char === '"' || char === "`") {
      for (at++; at < template.length && template[at] !== char; at++) if (char === '"' && template[at] === "\\") at++;
    } else if (template.startsWith(">>", at)) return at;
  }
  throw new TemplateProblem("an action without its end", true);
}

/**
 * Reads a template of a ResourceSet: Go's text/template between `<<` and `>>`.
 * @throws TemplateProblem where it holds what is not read here (`define`, `template`, `block`, `break`, `continue`)
 */
export function parseTemplate(template: string): Node[] {
  const root: Node[] = [];
  const open: { node: Extract<Node, { body: Node[] }>; into: Node[]; chained: number }[] = [];
  const into = () => open.at(-1)?.into ?? root;
  for (const piece of cut(template)) {
    if ("text" in piece) {
      into().push({ type: "text", text: piece.text });
      continue;
    }
    const tokens = tokenize(piece.action);
    const word = tokens[0]?.kind === "name" ? tokens[0].text : "";
    if (word === "if" || word === "range" || word === "with") {
      if (open.length >= DEEPEST) throw new TemplateProblem("blocks too deep in one another", false);
      const node: Node = { type: word, pipe: readPipeline(tokens.slice(1)), body: [], otherwise: [] };
      into().push(node);
      open.push({ node, into: node.body, chained: 0 });
    } else if (word === "else") {
      const top = open.at(-1);
      if (!top) throw new TemplateProblem("else without a block", true);
      top.into = top.node.otherwise;
      const next = tokens[1]?.text;
      if (next !== "if" && next !== "with") continue;
      const node: Node = { type: next, pipe: readPipeline(tokens.slice(2)), body: [], otherwise: [] };
      top.into.push(node);
      open[open.length - 1] = { node, into: node.body, chained: 0 };
    } else if (word === "end") {
      if (!open.pop()) throw new TemplateProblem("end without a block", true);
    } else if (["define", "template", "block", "break", "continue"].includes(word)) {
      throw new TemplateProblem(`<< ${word} >>`, false);
    } else into().push({ type: "action", pipe: readPipeline(tokens) });
  }
  if (open.length > 0) throw new TemplateProblem("a block without its end", true);
  return root;
}

function readPipeline(tokens: readonly Token[], depth = 0): Pipeline {
  if (depth > DEEPEST) throw new TemplateProblem("brackets too deep in one another", false);
  const assigns = tokens.findIndex(({ text, kind }) => kind === "mark" && (text === ":=" || text === "="));
  const variables = tokens
    .slice(0, Math.max(assigns, 0))
    .flatMap(({ kind, text }) => (kind === "variable" ? [text] : []));
  const commands: Command[] = [];
  let parts: Token[] = [];
  let nesting = 0;
  for (const token of tokens.slice(assigns + 1)) {
    if (token.text === "(" && token.kind === "mark") nesting++;
    if (token.text === ")" && token.kind === "mark") nesting--;
    if (token.text === "|" && token.kind === "mark" && nesting === 0) {
      commands.push(readCommand(parts, depth));
      parts = [];
    } else parts.push(token);
  }
  commands.push(readCommand(parts, depth));
  return { variables, declares: tokens[assigns]?.text === ":=", commands };
}

function readCommand(tokens: readonly Token[], depth: number): Command {
  const operands: Operand[] = [];
  let name: string | undefined;
  for (let at = 0; at < tokens.length; ) {
    const token = tokens[at]!;
    const isCall = token.kind === "name" && !["true", "false", "nil"].includes(token.text);
    if (at === 0 && isCall && !(tokens[1]?.kind === "field" && tokens[1].joined)) {
      name = token.text;
      at++;
      continue;
    }
    const { operand, next } = readOperand(tokens, at, depth);
    operands.push(operand);
    at = next;
  }
  if (name === undefined && operands.length !== 1) throw new TemplateProblem("an action that is no value", true);
  return name === undefined ? { operands } : { name, operands };
}

function readOperand(tokens: readonly Token[], at: number, depth: number): { operand: Operand; next: number } {
  const { kind, text } = tokens[at]!;
  let next = at + 1;
  const path = (from: Extract<Operand, { type: "path" }>["from"], first: string[] = []) => {
    const fields = [...first];
    for (; tokens[next]?.kind === "field" && tokens[next]!.joined; next++) fields.push(tokens[next]!.text.slice(1));
    return { operand: { type: "path" as const, from, fields }, next };
  };
  const value = (one: unknown) => ({ operand: { type: "value" as const, value: one }, next });
  if (kind === "string") return value(readString(text));
  if (kind === "number") return value(readNumber(text));
  if (kind === "variable") return path({ variable: text });
  if (kind === "field") return path("dot", [text.slice(1)]);
  if (kind === "mark" && text === ".") return path("dot");
  if (kind === "name") {
    const known = new Map<string, unknown>([
      ["true", true],
      ["false", false],
      ["nil", undefined],
    ]);
    return known.has(text) ? value(known.get(text)) : path({ call: text });
  }
  if (text !== "(") throw new TemplateProblem(`${text} where a value belongs`, true);
  let nesting = 1;
  for (; next < tokens.length && nesting > 0; next++) {
    if (tokens[next]!.kind !== "mark") continue;
    if (tokens[next]!.text === "(") nesting++;
    if (tokens[next]!.text === ")") nesting--;
  }
  if (nesting > 0) throw new TemplateProblem("a bracket without its end", true);
  return path(readPipeline(tokens.slice(at + 1, next - 1), depth + 1));
}

function readString(text: string): string {
  if (text.startsWith("`")) return text.slice(1, -1);
  try {
    return JSON.parse(text) as string;
  } catch {
    throw new TemplateProblem(`the text ${text}`, false);
  }
}

function readNumber(text: string): number {
  const number = Number(text);
  if (Number.isNaN(number)) throw new TemplateProblem(`the number ${text}`, false);
  return number;
}
