import type { YamlData } from "../../../src/contract/objects.ts";
import { readYamlCached } from "../../../src/yaml/read.ts";
import type { YamlOp, YamlPath } from "../../../src/yaml/types.ts";
import { toOperations } from "../references/operations.ts";
import { rewriteTemplate, type SourceMove, type Verdict } from "./template-text.ts";

/** One reference to the synced GitRepository. */
export interface SourceUse {
  verdict: Verdict;
  /** Kind of the object that holds it; `''` in a patch whose target is not known here. */
  kind: string;
  /** Name of that object, as far as the document says. */
  name: string;
  doc: number;
  path: YamlPath;
  ops: YamlOp[];
}

interface Owner {
  kind: string;
  name: string;
  namespace: string;
  path: YamlPath;
  /** A patch body: it may leave out what another place says. */
  partial: boolean;
}

/** Kinds besides FluxKustomization whose `spec.sourceRef` may name an OCIRepository. */
const READERS = /\b(Kustomization|Terraform)\b/;
const STAYERS = /\b(ImageUpdateAutomation|HelmChart)\b/;

/** References to the synced GitRepository in one document, also those in patch bodies and templates inside strings. */
export function findSourceUses(data: YamlData, doc: number, move: SourceMove): SourceUse[] {
  const finder = new UseFinder(doc, move);
  finder.visit(data, [], { kind: "", name: "", namespace: "", path: [], partial: false });
  return finder.found;
}

/** The operations of uses, joined and in the order in which they can be applied. */
export function operationsOf(uses: readonly SourceUse[]): YamlOp[] {
  return toOperations(uses.flatMap(({ ops }) => ops.map((op) => ({ op }))));
}

class UseFinder {
  readonly found: SourceUse[] = [];
  readonly #doc: number;
  readonly #move: SourceMove;

  constructor(doc: number, move: SourceMove) {
    this.#doc = doc;
    this.#move = move;
  }

  visit(value: YamlData, path: YamlPath, owner: Owner): void {
    if (typeof value === "string") this.#visitText(value, path, owner);
    else if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) this.#visitItem(item, [...path, index], owner);
    } else if (typeof value === "object" && value !== null) this.#visitMap(value, path, owner);
  }

  #visitMap(value: YamlData, path: YamlPath, outer: Owner): void {
    const isObject = typeof value.apiVersion === "string" && typeof value.kind === "string";
    const owner = isObject && (value.metadata || value.spec) ? ownerOf(value, path, outer) : outer;
    for (const [key, child] of Object.entries<YamlData>(value)) {
      const childPath = [...path, key];
      if (key === "sourceRef" && typeof child === "object" && child !== null) this.#judgeRef(child, childPath, owner);
      else if (key === "include" && owner.kind === "GitRepository" && Array.isArray(child)) {
        child.forEach((item: YamlData, index) => {
          if (item?.repository?.name === this.#move.name)
            this.#stay(item.repository, [...childPath, index, "repository"], owner, "stays");
        });
      } else if (key === "gitRepository" && typeof child?.repositoryRef === "string") {
        // A generator of a GitOpsSet; its other fields name no source.
        const at = [...childPath, "repositoryRef"];
        if (this.#names({ name: child.repositoryRef }, owner))
          this.#add("stays", at, owner, [this.#set(at, this.#move.gitName)]);
      } else this.visit(child, childPath, owner);
    }
  }

  #visitItem(item: YamlData, path: YamlPath, owner: Owner): void {
    const list = path.at(-2);
    const names = this.#names(item, owner) && item?.kind === "GitRepository";
    if (names && list === "sources" && owner.kind === "ArtifactGenerator") this.#become(item, path, owner, "moves");
    else if (names && list === "healthChecks") this.#become(item, path, owner, "moves");
    else if (names && (list === "resources" || list === "eventSources")) this.#become(item, path, owner, "notifies");
    else if (typeof item?.patch === "string") this.#visitPatch(item, path, owner);
    else if (typeof item?.op === "string" && typeof item?.path === "string") this.#visitOperation(item, path, owner);
    else this.visit(item, path, owner);
  }

  /** `{ patch, target }`: the target decides what the body means. */
  #visitPatch(item: YamlData, path: YamlPath, owner: Owner): void {
    const target = item.target ?? {};
    const inner: Owner = { ...owner, kind: String(target.kind ?? ""), name: String(target.name ?? ""), partial: true };
    this.#visitText(item.patch, [...path, "patch"], inner);
  }

  #visitOperation(item: YamlData, path: YamlPath, owner: Owner): void {
    const place = item.path.split("/").slice(1);
    const at = place.indexOf("sourceRef");
    if (at < 0) {
      this.visit(item.value, [...path, "value"], owner);
      return;
    }
    const field = place[at + 1];
    const verdict = judge(owner.kind, place.slice(0, at), true);
    const valuePath = [...path, "value"];
    if (field === undefined) this.#judgeRef(item.value, valuePath, { ...owner, partial: true }, verdict);
    else if (field === "kind" && item.value === "GitRepository" && verdict === "moves")
      this.#add(verdict, valuePath, owner, [this.#set(valuePath, "OCIRepository")]);
    else if (field === "name" && item.value === this.#move.name && verdict !== "moves")
      this.#add(verdict, valuePath, owner, [this.#set(valuePath, this.#move.gitName)]);
  }

  #judgeRef(ref: YamlData, path: YamlPath, owner: Owner, given?: Verdict): void {
    const inside = path.slice(owner.path.length, -1).map(String);
    const verdict = given ?? judge(owner.kind, inside, owner.partial);
    const isGit = ref.kind === "GitRepository" || (ref.kind === undefined && verdict === "stays");
    if (!isGit) return;
    const named = this.#names(ref, owner) || (owner.partial && ref.name === undefined && verdict === "moves");
    if (!named) return;
    if (verdict === "moves") this.#become(ref, path, owner, verdict);
    else this.#stay(ref, path, owner, verdict);
  }

  #names(item: YamlData, owner: Owner): boolean {
    if (item?.name !== this.#move.name) return false;
    const given = typeof item.namespace === "string" ? item.namespace : owner.namespace;
    return given === "" || given.includes("${") || given === this.#move.namespace;
  }

  #become(item: YamlData, path: YamlPath, owner: Owner, verdict: Verdict): void {
    const ops = [this.#set([...path, "kind"], "OCIRepository")];
    if (typeof item.apiVersion === "string" && item.apiVersion !== this.#move.apiVersion)
      ops.push(this.#set([...path, "apiVersion"], this.#move.apiVersion));
    this.#add(verdict, path, owner, ops);
  }

  #stay(item: YamlData, path: YamlPath, owner: Owner, verdict: Verdict): void {
    if (item.name === undefined) return;
    this.#add(verdict, path, owner, [this.#set([...path, "name"], this.#move.gitName)]);
  }

  /** Patch bodies and templates are YAML in a string; what does not parse is looked at line by line. */
  #visitText(text: string, path: YamlPath, owner: Owner): void {
    const isDocument = text.includes("\n") || /^\s*[[{]/.test(text);
    if (!isDocument || !/sourceRef|GitRepository/.test(text)) return;
    const parsed = readYamlCached(text);
    if (!parsed.ok) {
      for (const { verdict, kind, text: next } of rewriteTemplate(text, this.#move)) {
        this.#add(verdict, path, { ...owner, kind }, [this.#set(path, next)]);
      }
      return;
    }
    for (const { data, index } of parsed.docs) {
      const inner = new UseFinder(index, this.#move);
      inner.visit(data, [], { ...owner, path: [] });
      for (const use of inner.found) {
        const ops = use.ops.map((op) => this.#set(path, { nested: text, ops: [op] }));
        this.found.push({ ...use, doc: this.#doc, path: [...path, ...use.path], ops });
      }
    }
  }

  #set(path: YamlPath, value: YamlData): YamlOp {
    return { op: "set", doc: this.#doc, path, value };
  }

  #add(verdict: Verdict, path: YamlPath, { kind, name }: Owner, ops: YamlOp[]): void {
    this.found.push({ verdict, kind, name, doc: this.#doc, path, ops });
  }
}

/** An object inside a patch body keeps the kind of the patch's target, which is what the body is applied to. */
function ownerOf(value: YamlData, path: YamlPath, outer: Owner): Owner {
  const namespace = value.metadata?.namespace;
  return {
    kind: outer.partial && outer.kind !== "" ? outer.kind : value.kind,
    name: outer.partial && outer.name !== "" ? outer.name : String(value.metadata?.name ?? ""),
    namespace: typeof namespace === "string" && !namespace.includes("${") ? namespace : "",
    path,
    partial: outer.partial,
  };
}

/** @param inside the fields between the object and its `sourceRef` */
function judge(kind: string, inside: readonly string[], partial: boolean): Verdict {
  if (inside.includes("chart")) return "stays";
  if (READERS.test(kind)) return "moves";
  if (STAYERS.test(kind)) return "stays";
  return partial && kind === "" ? "moves" : "unknown";
}
