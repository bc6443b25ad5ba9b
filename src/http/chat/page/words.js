// The page's own words, and times as the reader's language writes them.

let words = {};
let language = document.documentElement.lang || "en";
const listeners = [];

export const word = (key) => words[key] ?? "";
export const onWords = (listener) => listeners.push(listener);

// Loads the words of a language; without one, of the page's.
export async function speak(wanted = language) {
  try {
    const response = await fetch(`store?language=${encodeURIComponent(wanted)}`);
    if (!response.ok) return;
    const store = await response.json();
    words = store.words;
    language = store.language;
  } catch {
    // What is there already stays.
    return;
  }
  document.documentElement.lang = language;
  for (const listener of listeners) listener();
}

export const spoken = () => language;

export function time(ms) {
  return new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" }).format(ms);
}

export function day(ms) {
  return new Intl.DateTimeFormat(language, { weekday: "short", month: "long", day: "numeric" }).format(ms);
}
