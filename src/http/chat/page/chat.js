// The web chat: what the customer writes goes out as POST, what the clerk says comes in as Server-Sent Events.
"use strict";

const messages = document.getElementById("messages");
const state = document.getElementById("state");
const form = document.getElementById("form");
const text = document.getElementById("text");

// A message keeps its id through every attempt, so that the clerk answers it once.
const newId = () => [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");

function add(kind) {
  const item = document.createElement("li");
  item.className = kind;
  messages.append(item);
  return item;
}

function scroll() {
  messages.scrollTop = messages.scrollHeight;
}

// Only web addresses become links and pictures.
function webUrl(url) {
  try {
    const parsed = new URL(url);
    return parsed.protocol === "https:" || parsed.protocol === "http:" ? parsed.href : null;
  } catch {
    return null;
  }
}

function link(url) {
  const anchor = document.createElement("a");
  anchor.href = url;
  anchor.target = "_blank";
  anchor.rel = "noopener noreferrer nofollow";
  anchor.textContent = url;
  return anchor;
}

// Plain text, with the addresses in it made to click.
function appendText(item, words) {
  for (const part of words.split(/(https?:\/\/[^\s<>"'，。；！？）】]+)/)) {
    const url = /^https?:/.test(part) ? webUrl(part) : null;
    item.append(url ? link(url) : part);
  }
}

function show(content) {
  const item = add("clerk");
  const url = content.url && webUrl(content.url);
  if (content.type === "image") {
    if (url) {
      const image = document.createElement("img");
      image.src = url;
      image.alt = content.caption ?? "";
      image.addEventListener("load", scroll);
      item.append(image);
    }
    appendText(item, content.caption ?? "");
  } else {
    appendText(item, content.text ?? "");
    if (content.type === "link" && url) {
      item.append(content.text ? "\n" : "", link(url));
    }
    if (content.type === "choices") {
      const choices = document.createElement("div");
      choices.className = "choices";
      for (const choice of content.choices) {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = choice.label;
        button.addEventListener("click", () => say(choice.value, choice.label));
        choices.append(button);
      }
      item.append(choices);
    }
  }
  scroll();
}

const wait = (ms) => new Promise((done) => setTimeout(done, ms));

async function send(body) {
  for (let attempt = 0; attempt < 6; attempt += 1) {
    if (attempt > 0) await wait(500 * 2 ** attempt);
    try {
      const response = await fetch("messages", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      if (response.ok) return true;
      if (response.status < 500 && response.status !== 429) return false;
    } catch {
      // The clerk is away for a moment: try again.
    }
  }
  return false;
}

// One after the other, so that the clerk reads them in the order written.
let sending = Promise.resolve();

function say(words, shown = words) {
  const item = add("mine waiting");
  item.textContent = shown;
  scroll();
  const body = { id: newId(), text: words };
  sending = sending.then(async () => {
    item.className = (await send(body)) ? "mine" : "mine failed";
  });
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const words = text.value.trim();
  if (!words) return;
  text.value = "";
  say(words);
});

text.addEventListener("keydown", (event) => {
  // Enter that ends a Chinese input method's composition does not send.
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    form.requestSubmit();
  }
});

const events = new EventSource("events");
events.addEventListener("open", () => {
  state.textContent = "在线 · online";
});
events.addEventListener("error", () => {
  state.textContent = "重新连接… · reconnecting…";
});
events.addEventListener("message", (event) => show(JSON.parse(event.data).content));

// Opening the chat is worth a welcome; the clerk greets a visitor once.
fetch("open", { method: "POST", headers: { "content-type": "application/json" }, body: "{}" }).catch(() => {});
text.focus();
