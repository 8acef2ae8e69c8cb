// Runs in a thread of its own, as hooks of Node do: makes JavaScript of TypeScript that is imported. Types are not checked.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

let library = "";

export function initialize(path) {
  library = path;
}

export async function load(url, context, next) {
  const [, kind] = /^file:.*\.([cm]?)ts$/.exec(url) ?? [];
  if (kind === undefined) return next(url, context);
  const { ts } = createRequire(library)(library);
  const fileName = fileURLToPath(url);
  const isCommon = kind === "c";
  const { outputText, diagnostics } = ts.transpileModule(await readFile(fileName, "utf8"), {
    fileName,
    reportDiagnostics: true,
    compilerOptions: {
      module: isCommon ? ts.ModuleKind.CommonJS : ts.ModuleKind.ESNext,
      target: ts.ScriptTarget.ES2022,
    },
  });
  const [error] = diagnostics;
  if (error) {
    const line = error.file.getLineAndCharacterOfPosition(error.start).line + 1;
    throw new SyntaxError(`line ${line}: ${ts.flattenDiagnosticMessageText(error.messageText, " ")}`);
  }
  return { format: isCommon ? "commonjs" : "module", shortCircuit: true, source: outputText };
}
