import type { DraftFinding } from "../../engine/transform.ts";
import type { Tree } from "../../workspace/tree.ts";
import { normalizePath } from "../paths.ts";

/** A `flux_bootstrap_git` block of Terraform, as far as its literals say. */
export interface TerraformBootstrap {
  file: string;
  line: number;
  /** `flux_bootstrap_git.this`. */
  address: string;
  version?: string;
  path?: string;
  components: string[];
}

const BLOCK = /^\s*resource\s+"(flux_bootstrap_git|flux_bootstrap)"\s+"([^"]+)"\s*\{/;

/**
 * Every Terraform block that bootstraps Flux (flux-semantics 4.8). Values that are expressions are left out: HCL is read
 * line by line, and what a variable holds is not in the file.
 */
export function findTerraform(tree: Tree): TerraformBootstrap[] {
  return tree
    .grep("flux_bootstrap")
    .filter((file) => /\.(tf|tofu)$/.test(file))
    .flatMap((file) => readBlocks(file, tree.read(file) ?? ""));
}

function readBlocks(file: string, text: string): TerraformBootstrap[] {
  const lines = text.split("\n");
  return lines.flatMap((line, index) => {
    const head = BLOCK.exec(line);
    if (!head) return [];
    let depth = 0;
    let end = index;
    for (; end < lines.length; end++) {
      depth += (lines[end]!.match(/\{/g) ?? []).length - (lines[end]!.match(/\}/g) ?? []).length;
      if (depth <= 0) break;
    }
    const body = lines.slice(index, end + 1).join("\n");
    const value = (name: string) => new RegExp(`^\\s*${name}\\s*=\\s*"([^"$]*)"`, "m").exec(body)?.[1];
    const list = (name: string) =>
      [
        ...(new RegExp(`^\\s*${name}\\s*=\\s*(?:toset\\()?\\[([^\\]]*)\\]`, "m").exec(body)?.[1] ?? "").matchAll(
          /"([^"]+)"/g,
        ),
      ].map((match) => match[1]!);
    const [version, path] = [value("version"), value("path")];
    return [
      {
        file,
        line: index + 1,
        address: `${head[1]}.${head[2]}`,
        ...(version ? { version } : {}),
        ...(path ? { path } : {}),
        components: [...list("components"), ...list("components_extra")],
      },
    ];
  });
}

/** What Terraform still owns of the install of a root path; a block whose path is an expression may mean any cluster. */
export function reportTerraform(tree: Tree, rootPath: string, version: string | undefined): DraftFinding[] {
  return findTerraform(tree)
    .filter(({ path }) => path === undefined || normalizePath(path) === rootPath)
    .flatMap((block): DraftFinding[] => {
      const at = { file: block.file, line: block.line, col: 1 };
      const found: DraftFinding[] = [
        {
          rule: "terraform-owns-flux",
          level: "caution",
          at,
          what: `Terraform (${block.address}) owns this install: its next apply writes the gotk files back and bootstraps again, and its destroy deletes the operator's Flux too.`,
          why: "The provider keeps the text of the files in its state and deletes by the label all Flux objects carry (trap 11).",
          next: `Before the cutover: terraform state rm '${block.address}' (or a removed block with lifecycle { destroy = false }), then delete the block; never destroy it. To install from Terraform again use the module controlplaneio-fluxcd/flux-operator-bootstrap/kubernetes.`,
        },
      ];
      if (block.version !== undefined && version !== undefined && plain(block.version) !== plain(version)) {
        found.push({
          rule: "terraform-version-differs",
          level: "caution",
          at,
          what: `Terraform says Flux ${block.version}, the file in Git says ${version}; fluxlift goes by Git, which Flux applies.`,
          why: "An apply in between would change the running version.",
          next: "Check with `flux version`, and pass --flux-version if the file is behind.",
        });
      }
      return found;
    });
}

function plain(version: string): string {
  return version.replace(/^v/, "");
}
