/** A node as the parser gives it. */
interface Node {
  op: string;
  args: unknown;
}

/** Names that CEL has by itself, and of the functions that Flux adds. */
const BUILT_IN = new Set([
  ...["bool", "bytes", "double", "dyn", "int", "list", "map", "null_type", "string", "type", "uint"],
  ...["base64", "cel", "google", "lists", "math", "optional", "regex", "sets", "strings"],
]);
/** What kustomize- and helm-controller give to a `readyExpr`. */
const GIVEN = ["self", "dep"];
/** What is never true or false for certain: Flux asks the compiler, which does not know what stands in a field. */
const NO_ANSWER = new Set([".", ".?", "[]", "[?]", "id", "list", "map", "+", "-", "*", "/", "%"]);

const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null && "op" in value;

/**
 * Why Flux does not take a `readyExpr` that can be read: it compiles it, and takes what is true or false for certain (evalReadyExpr of
 * both controllers). Expressions of health checks are only read. A name that a macro binds counts as bound everywhere.
 */
export function refusesCondition(ast: unknown): string | undefined {
  const strange = listStrange(ast).find((name) => !GIVEN.includes(name));
  if (strange !== undefined) return `it may name self and dep, and not ${strange}`;
  if (!isNode(ast)) return undefined;
  const isWord = ast.op === "value" && typeof ast.args !== "boolean";
  return isWord || NO_ANSWER.has(ast.op)
    ? `it has to be a comparison or another thing that is true or false, such as ${EXAMPLE}`
    : undefined;
}

/** Whether an expression holds functions or macros. */
export function hasCalls(ast: unknown): boolean {
  const queue = [ast];
  while (queue.length > 0) {
    const at = queue.pop();
    if (Array.isArray(at)) for (const one of at) queue.push(one);
    if (!isNode(at) || at.op === "value") continue;
    if (at.op === "call" || at.op === "rcall") return true;
    queue.push(at.args);
  }
  return false;
}

/** What an expression names that neither CEL has nor a macro of it binds. */
export function listStrange(ast: unknown): string[] {
  const names: string[] = [];
  const bound = new Set<string>();
  const queue = [ast];
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    if (Array.isArray(at)) for (const one of at) queue.push(one);
    if (!isNode(at) || at.op === "value") continue;
    if (at.op === "id") names.push(String(at.args));
    else if (at.op === "rcall") {
      const [, receiver, given] = at.args as [string, unknown, unknown[]];
      for (const one of given) if (isNode(one) && one.op === "id") bound.add(String(one.args));
      queue.push(receiver, given);
    } else queue.push(at.args);
  }
  return names.filter((name) => !BUILT_IN.has(name) && !bound.has(name));
}

const EXAMPLE = "dep.status.ready == true";
