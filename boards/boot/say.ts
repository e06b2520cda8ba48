declare const print: (text: string) => void;

/** Prints a line on the console. */
export function say(text: string): void {
  if (typeof console !== 'undefined') console.log(text);
  else print(text);
}
