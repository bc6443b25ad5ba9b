// What the visitor sends: one after the other, so that the clerk reads it in the order written, and under one id
// through every attempt, so that it is never answered twice.
import { settle, show } from "./bubbles.js";
import { word } from "./words.js";

const ATTEMPTS = 5;
const LARGEST = 5 * 1024 * 1024;
const KINDS = ["image/jpeg", "image/png", "image/gif", "image/webp"];

const wait = (ms) => new Promise((done) => setTimeout(done, ms));
const newId = () => [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");

let queue = Promise.resolve();
let heard = () => {};
let refused = () => {};

// `onTaken` hears what the clerk makes of a message, `onRefused` that the page itself may not write.
export function listen(onTaken, onRefused) {
  heard = onTaken;
  refused = onRefused;
}

// Tries until it is taken, refused, or the network stays away.
async function post(path, headers, body) {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    try {
      const response = await fetch(path, { method: "POST", headers, body });
      if (response.ok) return response;
      if (response.status === 429 && attempt + 1 < ATTEMPTS) {
        await wait(1000 * Math.min(Number(response.headers.get("retry-after")) || 1, 10));
        continue;
      }
      if (response.status < 500 || response.status === 507) return response;
    } catch {
      // The clerk is away for a moment.
    }
    await wait(400 * 2 ** attempt);
  }
  return null;
}

function reason(response) {
  switch (response?.status) {
    case 413: return word("tooLong");
    case 415: return word("pictureKind");
    case 429: return word("tooFast");
    case 507: return word("pictureFull");
    default: return word("failed");
  }
}

function send(id, path, headers, body) {
  settle(id, "waiting");
  queue = queue.then(async () => {
    const response = await post(path, headers, body);
    if (response?.ok) {
      settle(id, "sent", Date.now());
      heard(await response.json().catch(() => ({})));
      return;
    }
    if (response && [401, 403].includes(response.status)) refused(response.status, await response.text());
    heard({});
    settle(id, "failed", 0, reason(response), () => send(id, path, headers, body));
  });
}

export function say(text, choose) {
  const id = newId();
  show({ id, from: "visitor", at_ms: Date.now(), content: { type: "text", text } }, choose);
  send(id, "messages", { "content-type": "application/json" }, JSON.stringify({ id, text }));
}

export function sendPicture(file) {
  const id = newId();
  const url = URL.createObjectURL(file);
  show({ id, from: "visitor", at_ms: Date.now(), content: { type: "image", url } });
  if (file.size > LARGEST) return settle(id, "failed", 0, word("pictureBig"));
  if (!KINDS.includes(file.type)) return settle(id, "failed", 0, word("pictureKind"));
  return send(id, "pictures", { "content-type": file.type, "message-id": id }, file);
}

// Opening the chat is worth a welcome; the clerk greets a visitor once.
export async function open() {
  const response = await post("open", { "content-type": "application/json" }, "{}");
  if (response && [401, 403].includes(response.status)) refused(response.status, await response.text());
}
