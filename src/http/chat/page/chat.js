// The web chat: puts the parts of the page together.
import { clear, scrollDown, show } from "./bubbles.js";
import { listen, open, say, sendPicture } from "./outgoing.js";
import { follow } from "./stream.js";
import { onWords, speak, spoken, word } from "./words.js";

const get = (id) => document.getElementById(id);
const [state, notice, form, text, file, typing, close] = ["state", "notice", "form", "text", "file", "typing", "close"].map(get);
const embedding = document.documentElement.dataset.embedding;
const embedded = embedding !== "no" && parent !== window;

let connected = null;

function label() {
  state.textContent = connected === null ? "" : word(connected ? "online" : "connecting");
  text.placeholder = word("placeholder");
  get("text-label").textContent = word("message");
  typing.firstElementChild.textContent = word("typing");
  for (const [id, key] of [["send", "send"], ["attach", "attach"], ["close", "closeChat"]]) {
    get(id).setAttribute("aria-label", word(key));
    get(id).title = word(key);
  }
  get("scroll").setAttribute("aria-label", word("conversation"));
}
onWords(label);

function tell(words, link) {
  notice.replaceChildren(words);
  if (link) {
    const anchor = document.createElement("a");
    anchor.href = location.pathname;
    anchor.target = "_blank";
    anchor.rel = "noopener";
    anchor.textContent = link;
    notice.append(" ", anchor);
  }
  notice.hidden = !words;
}

function refused(status, why) {
  console.error(`nightclerk: ${why.trim()}`);
  if (status === 401) tell(word("blocked"), embedded ? word("ownWindow") : "");
  else tell(word("refused"));
}

let typingUntil = 0;
// The sign that the clerk is at it; it ends with the answer, or where none comes.
function think(ms) {
  clearTimeout(typingUntil);
  typing.hidden = ms === 0;
  if (ms > 0) {
    scrollDown();
    typingUntil = setTimeout(() => think(0), ms);
  }
}

const choose = (value) => write(value);

function write(words) {
  tell("");
  say(words, choose);
  think(8000);
}

function line(it) {
  const isNew = show(it, choose);
  if (it.from !== "clerk") return;
  think(0);
  if (isNew && embedded) parent.postMessage({ nightclerk: "message" }, "*");
}

listen(
  ({ answers = 0, thinking = false }) => {
    if (thinking) think(15000);
    else if (answers === 0) think(0);
  },
  refused,
);

const reading = {
  history(lines, language) {
    if (language && language !== spoken()) speak(language);
    for (const it of lines) show(it, choose);
    scrollDown();
  },
  line,
  language: (tag) => tag !== spoken() && speak(tag),
  state(isConnected) {
    connected = isConnected;
    if (isConnected) tell("");
    label();
  },
  elsewhere: () => tell(word("elsewhere")),
  refused,
};

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const words = text.value.trim();
  if (!words) return;
  text.value = "";
  write(words);
  text.focus();
});

text.addEventListener("keydown", (event) => {
  // Enter that ends an input method's composition does not send.
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) {
    event.preventDefault();
    form.requestSubmit();
  }
});

get("attach").addEventListener("click", () => file.click());
file.addEventListener("change", () => {
  for (const picture of file.files) sendPicture(picture);
  file.value = "";
});
text.addEventListener("paste", (event) => {
  const pictures = [...(event.clipboardData?.files ?? [])].filter((it) => it.type.startsWith("image/"));
  if (pictures.length === 0) return;
  event.preventDefault();
  pictures.forEach(sendPicture);
});

// A frame of a shop's own page: the widget there opens and closes it, and says who the customer is. Only sites that
// the channel allows can frame it.
async function identify(who) {
  const response = await fetch(`identify?embedded=${embedding === "cross-site"}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: who ? JSON.stringify(who) : "",
  });
  if (!response.ok) return refused(response.status, await response.text());
  clear();
  await follow(reading);
  return open();
}

if (embedded) {
  close.hidden = false;
  close.addEventListener("click", () => parent.postMessage({ nightclerk: "close" }, "*"));
  addEventListener("keydown", (event) => event.key === "Escape" && parent.postMessage({ nightclerk: "close" }, "*"));
  addEventListener("message", (event) => {
    if (event.source !== parent) return;
    if (event.data?.nightclerk === "identify") identify(event.data.who);
    if (event.data?.nightclerk === "focus") text.focus();
  });
}

await speak();
label();
await follow(reading);
await open();
if (embedded) parent.postMessage({ nightclerk: "ready" }, "*");
else text.focus();
