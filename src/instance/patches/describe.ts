import type { PatchItem } from "../../release/types.ts";

/** A short title for the old-to-new table: what the patch touches, never a value other than names of flags. */
export function titleOf(item: PatchItem): string {
  const target = item.target;
  const named = item.type === "merge" && !target ? { kind: item.doc.kind, name: item.doc.metadata.name } : target;
  const place = [named?.kind, named?.name ?? target?.labelSelector].filter(Boolean).join(" ") || "every object";
  const parts = item.type === "json" ? item.ops.map((op) => nameOp(op.op, op.path, op.value)) : namesOf(item.doc);
  const shown = [...new Set(parts)];
  const more = shown.length > 4 ? `, and ${shown.length - 4} more` : "";
  return `${place}: ${shown.slice(0, 4).join(", ")}${more}`;
}

function nameOp(op: string, path: string, value: unknown): string {
  const flag = typeof value === "string" ? /^--?[A-Za-z0-9-]+/.exec(value)?.[0] : undefined;
  return path.includes("/args/") && flag ? flag : `${op} ${path}`;
}

function namesOf(doc: Record<string, unknown>): string[] {
  if (doc.$patch === "delete") return ["deletion"];
  const names: string[] = [];
  const walk = (value: unknown, path: string[]) => {
    const isMap = value !== null && typeof value === "object" && !Array.isArray(value);
    if (!isMap || path.length >= 4) {
      names.push(path.join("."));
      return;
    }
    for (const [key, child] of Object.entries(value as Record<string, unknown>)) walk(child, [...path, key]);
  };
  const { apiVersion: _apiVersion, kind: _kind, metadata, ...rest } = doc;
  const { name: _name, namespace: _namespace, ...meta } = metadata as Record<string, unknown>;
  walk({ ...(Object.keys(meta).length > 0 ? { metadata: meta } : {}), ...rest }, []);
  return names.filter(Boolean);
}
