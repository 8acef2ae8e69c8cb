import { lineOf } from "../../contract/errors.ts";
import type { DraftFinding } from "../../contract/finding.ts";
import { given } from "../../contract/given.ts";
import { dirname, normalizePath } from "../../delivery/paths.ts";
import type { Tree } from "../../files/tree.ts";
import { EACH, endOfBlock, FOR_EACH, statesOf, type TerraformState } from "./terraform-states.ts";
import { isTerraformCode, readTerraform } from "./terraform-text.ts";

/** A `flux_bootstrap_git` block of Terraform, as far as its literals say. */
export interface TerraformBootstrap {
  file: string;
  line: number;
  /** `flux_bootstrap_git.this`. */
  address: string;
  /** Where it is kept, and under which address there. */
  states: TerraformState[];
  /** Other clusters are made of the same block, so that it cannot be deleted with this one. */
  isShared: boolean;
  /** Lines of the same folder that name it (`depends_on`) and go with it or stop `terraform plan`. */
  namedBy: string[];
  version?: string;
  path?: string;
  components: string[];
}

/** Terraform takes no other names, and advice has them in commands. */
const BLOCK = /^\s*resource\s+"(flux_bootstrap_git|flux_bootstrap)"\s+"([\p{L}\p{N}_-]+)"\s*\{/u;

/**
 * Every Terraform block that bootstraps Flux (flux-facts 4.8). Values that are expressions are left out: HCL is read
 * line by line, and what a variable holds is not in the file.
 */
export function findTerraform(tree: Tree): TerraformBootstrap[] {
  return tree
    .grep("flux_bootstrap")
    .filter(isTerraformCode)
    .flatMap((file) =>
      readBlocks(file, readTerraform(tree, file)).map(({ end, variable, index, ...block }) => ({
        ...block,
        states: statesOf(tree, dirname(file), `${block.address}${index}`, variable),
        isShared: false,
        namedBy: findNames(tree, block, end),
      })),
    );
}

type Literals = Omit<TerraformBootstrap, "states" | "namedBy" | "isShared">;

/** With its last line, the variable (`var.target`) that says its path, and the index of one that is made several times. */
type Block = Literals & { end: number; variable?: string; index: string };

/** Lines outside of a block that name it: in its own folder, which is all that can. */
function findNames(tree: Tree, { file, line, address }: Literals, end: number): string[] {
  return tree
    .grep(address)
    .filter((path) => dirname(path) === dirname(file) && isTerraformCode(path))
    .flatMap((path) =>
      readTerraform(tree, path)
        .split("\n")
        .flatMap((text, index) => {
          const isOwn = path === file && index >= line - 1 && index <= end;
          return !isOwn && names(text, address) ? [`${path}:${index + 1}`] : [];
        }),
    );
}

/** Whether code, and no comment, holds a whole name. */
function names(text: string, address: string): boolean {
  const at = text.indexOf(address);
  return at >= 0 && !/[\w-]/.test(text[at + address.length] ?? "") && !/#|\/\//.test(text.slice(0, at));
}

function readBlocks(file: string, text: string): Block[] {
  const lines = text.split("\n");
  let end = -1;
  return lines.flatMap((line, index) => {
    const head = BLOCK.exec(line);
    // A block holds no other; without its end, the rest of the file is one.
    if (!head || index <= end) return [];
    end = endOfBlock(lines, index);
    const body = lines.slice(index, end + 1).join("\n");
    const value = (name: string) => new RegExp(`^[ \\t]*${name}[ \\t]*=[ \\t]*"([^"$]*)"`, "m").exec(body)?.[1];
    const list = (name: string) =>
      [
        ...(
          new RegExp(`^[ \\t]*${name}[ \\t]*=[ \\t]*(?:toset\\()?\\[([^\\]]*)\\]`, "m").exec(body)?.[1] ?? ""
        ).matchAll(/"([^"]+)"/g),
      ].map((match) => match[1]!);
    const [version, path] = [value("version"), value("path")];
    const variable = /^[ \t]*path[ \t]*=[ \t]*(var\.[\w-]+)[ \t]*$/m.exec(body)?.[1];
    return [
      {
        file,
        line: index + 1,
        end,
        address: `${head[1]}.${head[2]}`,
        ...(version ? { version } : {}),
        ...given({ path: path || undefined, variable }),
        index: body.split("\n").some((text) => FOR_EACH.test(text)) ? EACH : "",
        components: [...list("components"), ...list("components_extra")],
      },
    ];
  });
}

/** The blocks that bootstrap the cluster of a root path; one whose path is an expression may mean any cluster. */
export function terraformOf(tree: Tree, rootPath: string | undefined): TerraformBootstrap[] {
  const isOf = ({ path }: { path?: string }) => path === undefined || normalizePath(path) === rootPath;
  return findTerraform(tree)
    .filter(isOf)
    .map((block) => {
      const states = block.states.filter(isOf);
      // Of several that name no path it is not known which one makes this cluster.
      const isShared = states.length < block.states.length || states.length > 1 || states.some(({ isEach }) => isEach);
      return { ...block, states, isShared };
    })
    .filter(({ states }) => states.length > 0);
}

/** What Terraform still owns of the install of a root path. */
export function reportTerraform(tree: Tree, rootPath: string, version: string | undefined): DraftFinding[] {
  return terraformOf(tree, rootPath).flatMap(({ file, line, version: said, ...block }): DraftFinding[] => {
    const at = lineOf(file, line);
    const { states, namedBy, isShared } = block;
    const removals = states.map(({ dir, address, isUnit }) =>
      dir === dirname(file) ? { address } : { address, dir, ...given({ isUnit }) },
    );
    const facts = { address: block.address, removals, namedBy, isShared };
    const owns: DraftFinding = { rule: "terraform-owns-flux", level: "caution", at, facts };
    if (said === undefined || version === undefined || plain(said) === plain(version)) return [owns];
    return [owns, { rule: "terraform-version-differs", level: "caution", at, facts: { said, version } }];
  });
}

function plain(version: string): string {
  return version.replace(/^v/, "");
}
