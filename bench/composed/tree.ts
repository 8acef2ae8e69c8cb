import { stringify } from "yaml";
import { type Pick, pickOf } from "./pick.ts";

// biome-ignore lint/suspicious/noExplicitAny: documents of any kind
export type Data = any;
export type Files = Map<string, string>;

/** Everything that one tree decides once. */
export class Tree {
  readonly files: Files = new Map();
  readonly features: string[] = [];
  readonly pick: Pick;
  readonly ext: string;
  private readonly style: { indentSeq: boolean; start: boolean; schema: boolean };
  constructor(seed: string) {
    this.pick = pickOf(seed);
    const { pick } = this;
    this.ext = pick.chance(0.15) ? "yml" : "yaml";
    this.style = { indentSeq: pick.chance(0.7), start: pick.chance(0.6), schema: pick.chance(0.4) };
  }
  /** A feature that a tree has in `share` of the cases, named in the table. */
  has(name: string, share: number): boolean {
    const has = this.pick.chance(share);
    if (has) this.features.push(name);
    return has;
  }
  text(...docs: Data[]): string {
    const { start, schema, indentSeq } = this.style;
    const texts = docs.map((doc) => {
      const comment = schema
        ? `# yaml-language-server: $schema=https://schemas.example.com/${String(doc.kind).toLowerCase()}.json\n`
        : "";
      return comment + stringify(doc, { lineWidth: 0, indentSeq });
    });
    return (start ? "---\n" : "") + texts.join("---\n");
  }
  add(path: string, ...docs: Data[]): string {
    const full = /\.ya?ml$/.test(path) ? path : `${path}.${this.ext}`;
    this.files.set(full, this.text(...docs));
    return full.split("/").at(-1) as string;
  }
  list(dir: string, resources: string[], more: Data = {}): void {
    this.add(`${dir}/kustomization.yaml`, {
      apiVersion: "kustomize.config.k8s.io/v1beta1",
      kind: "Kustomization",
      ...more,
      resources,
    });
  }
}
