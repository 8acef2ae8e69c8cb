import { applyOperator } from "./expression-functions.ts";

/** Value of a variable: a text, not set, or set to something that cannot be known here. */
export type Lookup = (name: string) => { value: string | undefined } | "unknown";

export type Expanded = { text: string; unknown: string[] };

/** Text that kustomize-controller cannot expand; it fails the whole FluxKustomization (flux-facts 2.9). */
export class ExpressionError extends Error {}

/** A variable that nothing sets, where that is an error. */
export class UnsetError extends ExpressionError {
  readonly variable: string;

  constructor(variable: string) {
    super(`variable not set: ${variable}`);
    this.variable = variable;
  }
}

/** What Flux would expand, and what would take too much depth, time or memory to follow here: its value is unknown. */
class TooMuch extends Error {
  readonly variable: string;

  constructor(variable: string) {
    super(variable);
    this.variable = variable;
  }
}

/** `${a:=${b:=…}}` nests no deeper. */
const MAX_DEPTH = 100;
/** So many characters a text may grow to. */
const MAX_TEXT = 1 << 24;
/** The most that a value may be long, times the glob that is held against it: real ones are some ten characters each. */
const MAX_COMPARED = 1 << 14;

/**
 * Expands `${…}` as kustomize-controller's post-build substitution does (flux-facts 2.9). An expression that needs an
 * unknown variable stays as it is written, but for what is known of its default, and its name is listed: two apps with
 * `${CLAIM:-${APP}}` keep apart. `strict` refuses unset variables, the default since
 * Flux 2.9. Throws `ExpressionError`.
 */
export function expand(text: string, lookup: Lookup, strict = false): Expanded {
  const unknown: string[] = [];
  try {
    return { text: expandAll(new Reader(text, lookup, strict), unknown), unknown };
  } catch (error) {
    if (!(error instanceof TooMuch)) throw error;
    return { text, unknown: [...unknown, error.variable] };
  }
}

function expandAll(reader: Reader, unknown: string[]): string {
  let result = "";
  while (!reader.atEnd()) {
    if (reader.take("$$")) result += "$";
    else if (reader.take("${")) {
      const found = reader.readExpression();
      for (const name of found.unknown) unknown.push(name);
      result += found.text;
      if (result.length > MAX_TEXT) throw new TooMuch(reader.latest);
    } else result += reader.next();
  }
  return result;
}

/** A cursor over a text that follows the grammar of kustomize-controller's parser. */
class Reader {
  position = 0;
  /** Name of the variable read last. */
  latest = "";
  #depth = 0;
  readonly #text: string;
  readonly #lookup: Lookup;
  readonly #strict: boolean;

  constructor(text: string, lookup: Lookup, strict: boolean) {
    this.#text = text;
    this.#lookup = lookup;
    this.#strict = strict;
  }

  atEnd(): boolean {
    return this.position >= this.#text.length;
  }

  next(): string {
    return this.#text[this.position++]!;
  }

  take(token: string): boolean {
    if (!this.#text.startsWith(token, this.position)) return false;
    this.position += token.length;
    return true;
  }

  /** What follows `${`, up to and including its `}`. */
  readExpression(): Expanded {
    const start = this.position - 2;
    if (++this.#depth > MAX_DEPTH) throw new TooMuch(this.latest);
    const found = this.#readOperation();
    this.#depth--;
    if (found.text !== "" || found.unknown.length === 0) return found;
    return { ...found, text: this.#text.slice(start, this.position) };
  }

  #readOperation(): Expanded {
    if (this.take("#")) return this.#finish(this.#readName(), "#", []);
    const name = this.#readName();
    const operator = this.#match(/:[-=+?]|=|[,^]{1,2}|:|\/[/#%]?|#{1,2}|%{1,2}/y) ?? "";
    return this.#finish(name, operator, this.#readArguments(operator));
  }

  #readName(): string {
    const name = this.#match(/[\p{L}\p{Nd}_]+/uy);
    if (name === undefined) throw new ExpressionError("unable to parse variable name");
    this.latest = name;
    return name;
  }

  #readArguments(operator: string): Expanded[] {
    const rest = /[^}]/y;
    const args: Expanded[] = [];
    if (/^[#%]/.test(operator)) args.push(this.#readArgument(rest));
    else if (operator === ":") {
      args.push(this.#readArgument(/[^:}]/y));
      if (this.#match(/:+/y) !== undefined) args.push(this.#readArgument(rest));
    } else if (operator.startsWith("/")) {
      args.push(this.#readArgument(/[^/]/y, true));
      if (this.#match(/\/+/y) === undefined) throw new ExpressionError("bad substitution");
      if (this.#text[this.position] !== "}") args.push(this.#readArgument(rest, true));
    } else if (/^[:=]/.test(operator)) {
      while (this.#text[this.position] !== "}") args.push(this.#readArgument(rest));
    }
    return args;
  }

  /** One nested expression, or text up to the next one or to a character that is not allowed. */
  #readArgument(allowed: RegExp, escapes = false): Expanded {
    if (this.take("${")) return this.readExpression();
    let text = "";
    while (!this.atEnd() && !this.#text.startsWith("${", this.position)) {
      const escaped = escapes ? this.#match(/\$(?=\$)|\\(?=[/\\])/y) : undefined;
      const char = escaped === undefined ? this.#match(allowed) : this.next();
      if (char === undefined) break;
      text += char;
    }
    if (text === "") throw new ExpressionError("unable to parse substitution within function");
    return { text, unknown: [] };
  }

  #finish(name: string, operator: string, args: readonly Expanded[]): Expanded {
    if (!this.take("}")) throw new ExpressionError("missing closing brace");
    const nested = args.flatMap(({ unknown }) => unknown);
    const found = this.#lookup(name);
    const isDefault = /^(:[-=+?]|=)$/.test(operator);
    const texts = args.map(({ text }) => text);
    if (found === "unknown") {
      return { text: isDefault ? `\${${name}${operator}${texts.join("")}}` : "", unknown: [name, ...nested] };
    }
    if (found.value === undefined && this.#strict && !isDefault) throw new UnsetError(name);
    const value = found.value ?? "";
    if (nested.length > 0 && !(isDefault && value !== "")) return { text: "", unknown: nested };
    const limit = /^[#%]/.test(operator) ? MAX_COMPARED : MAX_TEXT;
    if (!isDefault && texts.some((text) => value.length * text.length > limit)) throw new TooMuch(name);
    return { text: applyOperator(value, operator, texts), unknown: [] };
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.position;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.position += found.length;
    return found;
  }
}
