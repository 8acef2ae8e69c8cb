import type { Expression, Node as MorphNode, ObjectLiteralExpression, PropertyAssignment, SourceFile } from "ts-morph";
import { groupBy } from "../../../src/contract/group-by.ts";
import type { YamlData } from "../../../src/contract/objects.ts";
import type { YamlPath } from "../../../src/yaml/types.ts";
import { loadTsMorph } from "./load.ts";

/** What stands for a value that only running the program would tell. */
const COMPUTED = Symbol("computed");

/** A Flux object, or what may be one, as a program writes it. */
export interface ProgramObject {
  /** As plain data; a computed value is `COMPUTED`. */
  data: YamlData;
  /** The node that says the value at a path. */
  nodeAt(path: YamlPath): MorphNode | undefined;
  node: MorphNode;
}

/** apiVersion of the kinds that typed constructs are named after. */
const GROUPS: Record<string, string> = {
  Kustomization: "kustomize.toolkit.fluxcd.io/v1",
  HelmRelease: "helm.toolkit.fluxcd.io/v2",
  HelmChart: "source.toolkit.fluxcd.io/v1",
  GitRepository: "source.toolkit.fluxcd.io/v1",
  ImageUpdateAutomation: "image.toolkit.fluxcd.io/v1",
  Receiver: "notification.toolkit.fluxcd.io/v1",
  Alert: "notification.toolkit.fluxcd.io/v1beta3",
  ArtifactGenerator: "source.extensions.fluxcd.io/v1beta1",
  Terraform: "infra.contrib.fluxcd.io/v1alpha2",
};
const FLUX_API = /\.fluxcd\.(?:io|controlplane\.io)\/|fluxcd\.controlplane\.io\/|contrib\.fluxcd\.io\//;

/** Parses a program; nothing is resolved, typed or run. Undefined for what is no TypeScript, such as a template of it. */
export function parseProgram(path: string, text: string): SourceFile | undefined {
  const { Project } = loadTsMorph();
  const project = new Project({
    useInMemoryFileSystem: true,
    skipLoadingLibFiles: true,
    skipFileDependencyResolution: true,
    compilerOptions: { allowJs: true },
  });
  const file = project.createSourceFile(`/${path}`, text);
  const { parseDiagnostics } = file.compilerNode as unknown as { parseDiagnostics?: unknown[] };
  return parseDiagnostics?.length ? undefined : file;
}

/**
 * Every object literal with `apiVersion` and `kind` of Flux, and every literal given to a class that is named after a kind:
 * `new CustomResource("apps", { apiVersion, kind, … })`, `new Kustomization(this, "apps", { spec })`.
 */
export function readObjects(file: SourceFile): ProgramObject[] {
  const { Node } = loadTsMorph();
  return file.getDescendants().flatMap((node): ProgramObject[] => {
    if (!Node.isObjectLiteralExpression(node)) return [];
    const kind = kindOfClass(node);
    const reader = new Reader();
    const data = reader.read(node, []);
    const { apiVersion } = data;
    const isFlux = typeof apiVersion === "string" && FLUX_API.test(apiVersion) && typeof data.kind === "string";
    if (!isFlux && kind === undefined) return [];
    const full = isFlux ? data : { apiVersion: GROUPS[kind!], kind, ...data };
    return [{ data: full, node, nodeAt: (path) => reader.nodes.get(JSON.stringify(path)) }];
  });
}

/** `new flux.Kustomization(…, {…})` -> Kustomization; cdk8s names older versions KustomizationV1Beta2. */
function kindOfClass(node: ObjectLiteralExpression): string | undefined {
  const { Node } = loadTsMorph();
  const parent = node.getParent();
  if (!Node.isNewExpression(parent) || !parent.getArguments().includes(node)) return undefined;
  const word = /(?<![A-Za-z0-9_$])([A-Za-z0-9_$]+)\s*$/.exec(parent.getExpression().getText())?.[1] ?? "";
  const name = word.replace(/V\d+(?:(?:Alpha|Beta)\d+)?$/, "");
  return Object.hasOwn(GROUPS, name) ? name : undefined;
}

/** A literal as plain data, wherever it stands. */
export function readLiteral(node: MorphNode): YamlData {
  return new Reader().read(node, []);
}

/** A program that nests deeper than anybody writes, or whose constants stand for more than anybody reads. */
export class TooMuch extends Error {}

/** Levels that a value may nest in. */
const MAX_DEPTH = 60;
/** Values that the literals of one file may stand for: a constant counts wherever it is used. */
const MAX_VALUES = 500_000;

const valuesRead = new WeakMap<SourceFile, number>();

function count(file: SourceFile, depth: number): void {
  const values = (valuesRead.get(file) ?? 0) + 1;
  valuesRead.set(file, values);
  if (depth > MAX_DEPTH || values > MAX_VALUES) throw new TooMuch();
}

/** Turns an expression into plain data, and remembers which node says what. */
class Reader {
  readonly nodes = new Map<string, MorphNode>();
  readonly #following = new Set<MorphNode>();

  /** @throws TooMuch */
  read(expression: MorphNode, path: YamlPath): YamlData {
    const { Node } = loadTsMorph();
    count(expression.getSourceFile(), path.length + this.#following.size);
    const node = unwrap(expression);
    this.nodes.set(JSON.stringify(path), node);
    if (Node.isStringLiteral(node) || Node.isNoSubstitutionTemplateLiteral(node)) return node.getLiteralText();
    const isPlain = Node.isNumericLiteral(node) || Node.isTrueLiteral(node) || Node.isFalseLiteral(node);
    if (isPlain) return node.getLiteralValue();
    if (Node.isArrayLiteralExpression(node))
      return node.getElements().map((item, index) => this.read(item, [...path, index]));
    if (Node.isObjectLiteralExpression(node)) return this.#readMap(node, path);
    if (Node.isPropertyAccessExpression(node))
      return readEnum(node.getExpression().getText(), node.getName()) ?? COMPUTED;
    if (Node.isIdentifier(node)) {
      const value = findConstant(node);
      if (!value || this.#following.has(value)) return COMPUTED;
      this.#following.add(value);
      const data = this.read(value, path);
      this.#following.delete(value);
      return data;
    }
    return COMPUTED;
  }

  #readMap(node: ObjectLiteralExpression, path: YamlPath): YamlData {
    const { Node } = loadTsMorph();
    const data: YamlData = {};
    for (const property of node.getProperties()) {
      if (Node.isPropertyAssignment(property)) {
        const key = keyOfProperty(property);
        const value = property.getInitializer();
        if (key !== undefined && value) data[key] = this.read(value, [...path, key]);
      } else if (Node.isShorthandPropertyAssignment(property)) {
        const key = property.getName();
        data[key] = this.read(property.getNameNode(), [...path, key]);
      } else if (Node.isSpreadAssignment(property)) {
        const spread = this.read(property.getExpression(), path);
        this.nodes.set(JSON.stringify(path), node);
        // What an unknown object brings in may be anything, also what stands before it.
        if (spread === COMPUTED) for (const key of ["kind", "name"]) if (key in data) data[key] = COMPUTED;
        if (typeof spread === "object") Object.assign(data, spread);
      }
    }
    return data;
  }
}

/** `kind`, `"kind"` and `["kind"]` alike; undefined for a name that is computed. */
export function keyOfProperty(property: PropertyAssignment): string | undefined {
  const { Node } = loadTsMorph();
  const name = property.getNameNode();
  const inner = Node.isComputedPropertyName(name) ? name.getExpression() : name;
  if (Node.isStringLiteral(inner) || Node.isNoSubstitutionTemplateLiteral(inner)) return inner.getLiteralText();
  return inner === name ? name.getText() : undefined;
}

/** `KustomizationSpecSourceRefKind.GIT_REPOSITORY`, as cdk8s names the values of an enumeration. */
function readEnum(holder: string, name: string): string | undefined {
  if (!/Kind$/.test(holder)) return undefined;
  return { GIT_REPOSITORY: "GitRepository", OCI_REPOSITORY: "OCIRepository", BUCKET: "Bucket" }[name];
}

export function unwrap(wrapped: MorphNode): MorphNode {
  const { Node } = loadTsMorph();
  let node = wrapped;
  while (
    Node.isAsExpression(node) ||
    Node.isTypeAssertion(node) ||
    Node.isSatisfiesExpression(node) ||
    Node.isParenthesizedExpression(node) ||
    Node.isNonNullExpression(node)
  )
    node = node.getExpression();
  return node;
}

/** The value of a `const` of the same file that bears the name; undefined for parameters, imports and second meanings. */
function findConstant(node: MorphNode): Expression | undefined {
  const { Node } = loadTsMorph();
  const [only, ...others] = declarationsOf(node.getSourceFile()).get(node.getText()) ?? [];
  if (others.length > 0 || !Node.isVariableDeclaration(only)) return undefined;
  return only.getVariableStatement()?.getDeclarationKind() === "const" ? only.getInitializer() : undefined;
}

const declarations = new WeakMap<SourceFile, Map<string, MorphNode[]>>();

/** Everything in a file that gives a name a value, read once: a program may hold hundreds of objects. */
function declarationsOf(file: SourceFile): Map<string, MorphNode[]> {
  const { Node } = loadTsMorph();
  const isDeclaration = (node: MorphNode) =>
    Node.isVariableDeclaration(node) || Node.isParameterDeclaration(node) || Node.isBindingElement(node);
  const read = () => groupBy(file.getDescendants().filter(isDeclaration), (item) => item.getNameNode().getText());
  const known = declarations.get(file) ?? read();
  declarations.set(file, known);
  return known;
}

/** What a reference says, as far as it is written out. */
export interface ProgramRef {
  kind?: string;
  name?: string;
  namespace?: string;
}

export function refOf(read: (field: string) => unknown): ProgramRef {
  const fields = ["kind", "name", "namespace"].map((field) => [field, read(field)] as const);
  return Object.fromEntries(fields.filter(([, value]) => typeof value === "string"));
}

/** Every `sourceRef` of an object, with the parts of it that are written out. */
export function references(data: YamlData, path: YamlPath = []): { path: YamlPath; ref: ProgramRef }[] {
  if (typeof data !== "object" || data === null) return [];
  return Object.entries(data).flatMap(([key, value]: [string, YamlData]) => {
    const at = [...path, Array.isArray(data) ? Number(key) : key];
    return key === "sourceRef" ? [{ path: at, ref: refOf((field) => value?.[field]) }] : references(value, at);
  });
}
