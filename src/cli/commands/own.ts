import type { Transform } from "../../../transforms/contract.ts";
import { UsageError } from "../../contract/errors.ts";
import type { Level } from "../../contract/finding.ts";
import type { Explanation } from "../../findings/explain.ts";
import { adoptTransforms } from "../../plan/own-transforms.ts";
import type { OwnRule } from "../../public/transform.ts";
import type { Flags } from "../flags.ts";

/** Transforms that the configuration brings, in their order. @throws UsageError for what is none */
export function ownTransforms({ settled }: Flags): Transform[] {
  const { brings, file = "" } = settled?.read ?? {};
  return brings ? adoptTransforms(brings.transforms, file) : [];
}

/** What `explain` says of a rule that the configuration brings; undefined where it brings none of that name. */
export function ownRule({ settled }: Flags, rule: string): Explanation | undefined {
  const { brings, file } = settled?.read ?? {};
  const found = brings?.rules[rule];
  if (found === undefined) return undefined;
  const { title, meaning, next, levels } = (found ?? {}) as Partial<OwnRule>;
  const isWhole = [title, meaning, next].every((text) => typeof text === "string") && Array.isArray(levels);
  if (isWhole && levels.every((level) => LEVELS.includes(level))) {
    return { rule, chapter: `From ${file}`, levels, title: title!, meaning: meaning!, next: next! };
  }
  const hint = "docs/own-transforms.md has an example.";
  throw new UsageError("own-rule-invalid", `${file}: the rule ${rule} is not {title, levels, meaning, next}.`, hint);
}

const LEVELS: readonly Level[] = ["info", "caution", "blocker"];
