import { visible } from "../../contract/visible.ts";
import { type Library, loadLibrary } from "./library.ts";
import { Cancelled, type Choice, type Prompts } from "./prompts.ts";

/** Questions at the terminal, on stderr: stdout is for data. Names of a repository come as text. */
export async function openPrompts(): Promise<Prompts> {
  const library = await loadLibrary();
  // Of Ctrl-D the library knows nothing: it would never answer, and the process end as if all were done.
  library.updateSettings({ aliases: { "\u0004": "cancel" } });
  const output = process.stderr;
  const settled = async <Value>(answer: Promise<Value | symbol>): Promise<Value> => {
    const value = await answer;
    if (library.isCancel(value)) throw new Cancelled();
    return value as Value;
  };
  return {
    choose: (question, choices, preset) =>
      settled(
        library.select({ message: question, options: optionsOf(choices), initialValue: preset, output }) as Promise<
          typeof preset | symbol
        >,
      ),
    chooseSome: (question, choices) =>
      settled<string[]>(
        library.multiselect({
          message: question,
          options: optionsOf(choices),
          initialValues: choices.map(({ value }) => value),
          required: true,
          output,
        }),
      ),
    enter: (question, preset, check) =>
      settled<string>(
        library.text({
          message: question,
          placeholder: preset,
          defaultValue: preset,
          validate: (value) => check(value || preset),
          output,
        }),
      ),
  };
}

type Options = Parameters<Library["select"]>[0]["options"];

function optionsOf<Value extends string>(choices: readonly Choice<Value>[]) {
  return choices.map(({ value, label, hint }) => ({
    value: value as string,
    label: visible(label),
    ...(hint === undefined ? {} : { hint: visible(hint) }),
  })) satisfies Options;
}
