// Makes JavaScript of TypeScript that is imported. Types are not checked. On Node 20 hooks run in a thread of their own and may
// wait; those of later ones may not.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

let library = "";

export function initialize(path) {
  library = path;
}

export function load(url, context, next) {
  const [, kind] = /^file:.*\.([cm]?)ts$/.exec(url) ?? [];
  if (kind === undefined) return next(url, context);
  const { ts } = createRequire(library)(library);
  const fileName = fileURLToPath(url);
  const isCommon = kind === "c";
  const { outputText, diagnostics } = ts.transpileModule(readFileSync(fileName, "utf8"), {
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
