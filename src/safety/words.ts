/** Whether a text holds a word that is no part of a longer name. */
export function makeWordTest(word: string): (text: string) => boolean {
  const isName = (char: string | undefined) => char !== undefined && /[\w-]/.test(char);
  return (text) => {
    for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
      if (!isName(text[at - 1]) && !isName(text[at + word.length])) return true;
    }
    return false;
  };
}
