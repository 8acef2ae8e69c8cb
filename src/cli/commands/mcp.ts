import { resolve } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { clip } from "../../contract/cut.ts";
import { VERSION } from "../../contract/version.ts";
import { shown, visible } from "../../contract/visible.ts";
import { loadSchemaLibrary } from "../../files/schema-library.ts";
import { resolveRoot } from "../../files/site.ts";
import { flatten } from "../../report/terminal.ts";
import { renderError } from "../error-text.ts";
import type { Outcome } from "../exit.ts";
import { GLYPH, type Io } from "../io.ts";
import { loadSdk } from "../mcp/sdk.ts";
import { commandLine, TOOLS } from "../mcp/tools.ts";
import type { Session } from "../session.ts";

/** Runs a command line as a process of its own would, but for the streams. */
export type RunLine = (argv: readonly string[], io: Io) => Promise<Outcome>;

interface Answer {
  content: { type: "text"; text: string }[];
  isError?: boolean;
}

/** `fluxlift mcp`: answers an agent over stdin and stdout until stdin ends. @throws RepoError for a folder that is none */
export async function runMcp({ io }: Session, runLine: RunLine, dir = "."): Promise<Outcome> {
  const { Server, StdioServerTransport, CallToolRequestSchema, ListToolsRequestSchema } = await loadSdk();
  const root = resolve(io.cwd, dir);
  // An agent would only hear of it with its first question, and its owner never.
  resolveRoot(root);
  const { Ajv } = loadSchemaLibrary();
  const ajv = new Ajv({ allErrors: true });
  const tools = TOOLS.map(({ name, description: says, schema, properties, required = [] }) => {
    const inputSchema = { type: "object" as const, properties, required: [...required], additionalProperties: false };
    const annotations = { readOnlyHint: true, idempotentHint: true, openWorldHint: false };
    const description = `${says} Answers JSON of ${schema} in the npm package fluxlift.`;
    return { name, description, inputSchema, annotations, _meta: { "fluxlift/schema": schema } };
  });
  const checks = new Map(tools.map(({ name, inputSchema }) => [name as string, ajv.compile(inputSchema)]));
  const server = new Server({ name: "fluxlift", version: VERSION }, { capabilities: { tools: {} } });
  const ask = (tool: (typeof TOOLS)[number], values: Record<string, unknown>) =>
    answer(io, (inner) => runLine(commandLine(tool, values, root), inner));
  /** What is asked before stdin ends is answered. */
  const waiting = new Set<Promise<Answer>>();
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }) => {
    const check = checks.get(params.name);
    const tool = TOOLS.find(({ name }) => name === params.name);
    if (!check || !tool) return { ...fail(`There is no tool ${visible(JSON.stringify(params.name))}.`) };
    const values = params.arguments ?? {};
    if (!check(values)) return { ...fail(clip(ajv.errorsText(check.errors, { dataVar: params.name }), LONGEST)) };
    if (waiting.size >= MOST_OPEN)
      return { ...fail(`${MOST_OPEN} calls wait already. Ask again when one is answered.`) };
    const said = ask(tool, values);
    waiting.add(said);
    return { ...(await said.finally(() => waiting.delete(said))) };
  });
  const ended = new Promise<Outcome>((end) => {
    // Before the input has ended, only a message of more than 10 MB closes it.
    server.onclose = () => end("failed");
    // Whoever asked has gone.
    process.stdout.on("error", () => end("done"));
    process.stdin.once("end", async () => {
      // Calls begin, and answers go out, in turns of their own.
      do {
        await nextTurn();
        await Promise.allSettled(waiting);
      } while (waiting.size > 0);
      await nextTurn();
      end("done");
    });
  });
  // The agent does not hear of it; the log that its host keeps of stderr does.
  server.onerror = ({ message }) => {
    // Of a schema that does not fit, the SDK has a list in JSON.
    const why = message.startsWith("[") ? "it is no message of the protocol" : clip(flatten(message), LONGEST);
    io.err(shown`${GLYPH.warn} What came in was not read: ${visible(why)}\n`);
  };
  await server.connect(new StdioServerTransport());
  const outcome = await ended;
  await server.close();
  return outcome;
}

/** Calls that have no answer yet: each of them holds memory. */
const MOST_OPEN = 100;

/** Of what is wrong with a message; in characters. */
const LONGEST = 200;

/** What a command prints as data; what it says to people only where it fails. */
async function answer(outer: Io, run: (io: Io) => Promise<Outcome>): Promise<Answer> {
  const said = { out: "", err: "" };
  const io: Io = {
    ...{
      interactive: false,
      liveStderr: false,
      terminal: false,
      jobLog: false,
      colourOut: false,
      colourErr: false,
      width: 100,
    },
    cwd: outer.cwd,
    out: (text) => {
      said.out += text;
    },
    err: (text) => {
      said.err += text;
    },
    tellRunner: () => {},
    page: async (text) => io.out(text),
    // Nobody is asked where nobody could answer.
    prompts: () => outer.prompts(),
    ask: async () => undefined,
  };
  try {
    await run(io);
    return said.out === "" ? fail(said.err) : { content: [{ type: "text", text: said.out }] };
  } catch (error) {
    return fail(`${said.err}${renderError(error, io, false)}`);
  }
}

function fail(text: string): Answer {
  return { content: [{ type: "text", text: text.trim() }], isError: true };
}
