import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { isMap, isPair, isScalar, isSeq, type Node, parseAllDocuments } from "yaml";
import { binaryPath } from "../install/build.ts";
import { SOPS } from "../install/components.ts";
import { yamlFiles } from "./documents.ts";

const ENCRYPTED = /^ENC\[AES256_GCM,data:.*,type:(\w+)\]$/s;

/** A file that SOPS encrypted: its text with stand-ins in place of what nobody here can decrypt. */
export interface StandIn {
  path: string;
  /** Plain text with stand-in values; without the `sops` block. */
  plain: string;
  regex: string | undefined;
}

/** The encrypted YAML files of a tree, with stand-in values of the same keys. */
export const sopsStandIns = (dir: string): StandIn[] =>
  yamlFiles(dir).flatMap((path) => {
    const made = standInText(readFileSync(join(dir, path), "utf8"), path);
    return made ? [{ path, ...made }] : [];
  });

/** Stand-in text of a file that SOPS encrypted; undefined for any other. */
export function standInText(text: string, path = "secret.sops.yaml"): Omit<StandIn, "path"> | undefined {
  if (!/^sops:/m.test(text) || !text.includes("ENC[AES256_GCM")) return undefined;
  const documents = parseAllDocuments(text);
  let regex: string | undefined;
  for (const document of documents) {
    if (!isMap(document.contents)) continue;
    const said = document.getIn(["sops", "encrypted_regex"]);
    if (typeof said === "string") regex = said;
    document.delete("sops");
    // Encrypted as a whole: what it is cannot be read, and the API server takes no made-up kind.
    if (ENCRYPTED.test(String(document.get("kind")))) {
      document.set("apiVersion", "v1");
      document.set("kind", "Secret");
      document.set("type", "Opaque");
      document.set("metadata", { name: basename(path).split(".")[0], namespace: "default" });
    }
    replaceValues(document.contents);
  }
  return { plain: documents.map((document) => document.toString({ lineWidth: 0 })).join(""), regex };
}

/** Values are told apart by their key alone, so that a domain stays one and an address stays one. */
function replaceValues(top: Node): void {
  const open: { node: unknown; key: string; encoded: boolean }[] = [{ node: top, key: "", encoded: false }];
  while (open.length > 0) {
    const { node, key, encoded } = open.pop()!;
    if (isMap(node)) for (const pair of node.items) open.push({ node: pair, key, encoded });
    else if (isSeq(node)) for (const item of node.items) open.push({ node: item, key, encoded });
    else if (isPair(node)) {
      const name = isScalar(node.key) ? String(node.key.value) : key;
      open.push({ node: node.value, key: name, encoded: encoded || (name === "data" && key === "") });
    } else if (isScalar(node) && typeof node.value === "string") {
      const type = ENCRYPTED.exec(node.value)?.[1];
      if (type === undefined) continue;
      const plain = type === "int" ? 8080 : type === "float" ? 1.5 : type === "bool" ? true : standInValue(key);
      node.value = encoded && typeof plain === "string" ? Buffer.from(plain).toString("base64") : plain;
      node.type = "PLAIN";
    }
  }
}

/** What a value of this name might look like, so that what it is substituted into stays valid. */
export function standInValue(key: string): string {
  const slug =
    key
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, "-")
      .replaceAll(/^-+|-+$/g, "") || "value";
  // The API server parses this one.
  if (/dockerconfigjson$/i.test(key)) return '{"auths":{}}';
  if (/\.(json|ya?ml)$/i.test(key)) return "{}";
  if (/cidr|subnet/i.test(key)) return "192.0.2.0/24";
  if (/e?mail/i.test(key)) return `${slug}@example.org`;
  if (/domain|host|server|(?:^|_)url/i.test(key)) return `${slug}.example.org`;
  if (/(?:^|_)(ip|addr|address|vip|lb|gateway)(?:$|_)|nginx|_gw/i.test(key)) return "192.0.2.10";
  if (/port$/i.test(key)) return "8080";
  return `stand-in-${slug}`;
}

/** Writes the stand-ins, encrypted to the run's own key by the real sops. */
export function encryptAll(dir: string, scratch: string, recipient: string, standIns: StandIn[]): void {
  for (const { path, plain, regex } of standIns) {
    const file = join(scratch, "stand-in.yaml");
    writeFileSync(file, plain);
    const only = regex === undefined ? [] : ["--encrypted-regex", regex];
    const args = ["--encrypt", "--age", recipient, ...only, file];
    writeFileSync(join(dir, path), execFileSync(binaryPath(SOPS), args, { encoding: "utf8", cwd: scratch }));
  }
}
