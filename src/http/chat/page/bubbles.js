// What was said, on the page. Everything is text: no words of anybody become markup.
import { day, time, word } from "./words.js";

const list = document.getElementById("messages");
const box = document.getElementById("scroll");
// By id, so that nothing is shown twice.
const shown = new Map();
// What the buttons of menus send, and what stands on them.
const labels = new Map();
let lastDay = "";

const make = (tag, className, text) => {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
};

export function scrollDown() {
  box.scrollTop = box.scrollHeight;
}

// Only web addresses become links and pictures.
function webUrl(text) {
  try {
    const url = new URL(text, location.href);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
  } catch {
    return null;
  }
}

function link(url, text = url, className = "") {
  const anchor = make("a", className, text);
  anchor.href = url;
  anchor.target = "_blank";
  anchor.rel = "noopener noreferrer nofollow";
  return anchor;
}

function picture(url, alt) {
  const image = make("img");
  image.alt = alt;
  image.addEventListener("load", scrollDown);
  image.addEventListener("error", () => image.replaceWith(make("span", "", word("pictureGone"))));
  image.src = url;
  return image;
}

// Plain text with the addresses in it made to click, but for those that are shown as cards.
function appendText(item, text, cards) {
  const products = new Set(cards.map((card) => card.url));
  const parts = text.split(/(https?:\/\/[^\s<>"'，。；！？）】、]+)/);
  parts.forEach((part, index) => {
    if (products.has(part)) return;
    const url = /^https?:/.test(part) ? webUrl(part) : null;
    // Nothing is left of the address of a card, nor of the gap before it.
    item.append(url ? link(url, part) : products.has(parts[index + 1]) ? part.trimEnd() : part);
  });
}

function card({ url, name, price, picture: image }) {
  const item = make("li", "card");
  if (image && webUrl(image)) item.append(picture(webUrl(image), ""));
  const body = make("div", "body");
  body.append(make("span", "name", name));
  if (price) body.append(make("span", "price", price));
  const view = link(webUrl(url), word("view"), "view");
  view.setAttribute("aria-label", `${word("view")}: ${name}`);
  body.append(view);
  item.append(body);
  return item;
}

function menu(choices, choose) {
  const buttons = make("div", "choices");
  for (const { label, value } of choices) {
    labels.set(value, label);
    const button = make("button", "", label);
    button.type = "button";
    button.dataset.value = value;
    button.addEventListener("click", () => choose(value));
    buttons.append(button);
  }
  return buttons;
}

// A menu is for the next thing that is said; then it is closed, with what was chosen marked.
function closeMenus(said) {
  for (const buttons of list.querySelectorAll(".choices:not(.closed)")) {
    buttons.classList.add("closed");
    for (const button of buttons.children) {
      button.disabled = true;
      if (button.dataset.value === said) {
        button.classList.add("chosen");
        button.setAttribute("aria-label", `${button.textContent} (${word("chosen")})`);
      }
    }
  }
}

function fill(bubble, content, cards) {
  // An own picture on its way is shown from where the browser has it.
  const url = content.url?.startsWith("blob:") ? content.url : content.url && webUrl(content.url);
  if (content.type === "image") {
    bubble.classList.add("picture");
    if (url) bubble.append(picture(url, content.caption || word("picture")));
    if (content.caption) appendText(bubble.appendChild(make("div")), content.caption, cards);
    return;
  }
  appendText(bubble, content.text ?? content.caption ?? "", cards);
  const isCard = cards.some((it) => it.url === content.url);
  const leads = content.type === "link" || content.type === "file";
  if (leads && url && !isCard) bubble.append(bubble.textContent ? "\n" : "", link(url, content.name || url));
}

// Puts a new line where its time is: a page that was away may get older ones later.
function place(item, atMs) {
  const today = new Date(atMs).toDateString();
  item.dataset.at = atMs;
  const later = [...list.children].find((it) => Number(it.dataset.at) > atMs);
  if (later) return list.insertBefore(item, later);
  if (today !== lastDay) {
    const mark = make("li", "day", day(atMs));
    mark.dataset.at = atMs;
    list.append(mark);
    lastDay = today;
  }
  return list.append(item);
}

const nearEnd = () => box.scrollHeight - box.scrollTop - box.clientHeight < 160;

// Shows a line; one that is there already takes its new state. `choose` is called with the value of a button.
export function show(line, choose) {
  const { id, from, content } = line;
  const atMs = line.at_ms;
  const cards = line.cards ?? [];
  const known = shown.get(id);
  if (known) {
    settle(id, "sent", atMs);
    return false;
  }
  const mine = from === "visitor";
  const follow = mine || nearEnd();
  const item = make("li", mine ? "line mine" : "line clerk");
  const bubble = make("div", "bubble");
  const said = content.text ?? content.caption ?? "";
  if (mine && content.type === "text") {
    bubble.textContent = labels.get(said) ?? said;
  } else {
    fill(bubble, content, cards);
  }
  if (mine) item.append(make("span", "hidden", word("you")));
  if (bubble.childNodes.length > 0) item.append(bubble);
  if (mine || content.type === "choices") closeMenus(mine ? said : undefined);
  if (cards.length > 0) {
    const products = make("ul", "cards");
    products.append(...cards.filter((it) => webUrl(it.url)).map(card));
    item.classList.add("offers");
    item.append(products);
  }
  if (content.type === "choices") item.append(menu(content.choices, choose));
  const meta = make("div", "meta");
  const stamp = make("time", "", time(atMs));
  stamp.dateTime = new Date(atMs).toISOString();
  meta.append(stamp);
  item.append(meta);
  shown.set(id, item);
  place(item, atMs);
  if (follow) scrollDown();
  return true;
}

// Says what became of an own message: `waiting`, `sent`, or `failed` with a reason and a way to try again.
export function settle(id, state, atMs, why = "", again = null) {
  const item = shown.get(id);
  if (!item || !item.classList.contains("mine")) return;
  item.classList.remove("waiting", "failed");
  if (state !== "sent") item.classList.add(state);
  const meta = item.querySelector(".meta");
  if (state === "waiting") meta.replaceChildren(make("span", "", word("sending")));
  if (state === "sent") {
    const stamp = make("time", "", time(atMs));
    stamp.dateTime = new Date(atMs).toISOString();
    meta.replaceChildren(stamp);
  }
  if (state === "failed") {
    const reason = make("span", "", why || word("failed"));
    reason.setAttribute("role", "alert");
    meta.replaceChildren(reason);
    if (again) {
      const button = make("button", "again", word("again"));
      button.type = "button";
      button.addEventListener("click", again, { once: true });
      meta.append(button);
    }
    scrollDown();
  }
}

export function clear() {
  list.replaceChildren();
  shown.clear();
  lastDay = "";
}
