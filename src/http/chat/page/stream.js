// Reads the conversation: what was said so far, and then each new line as it is said.

let source = null;
let cursor = "";

// `on` has: `history(lines, language)`, `line(line)`, `state(isConnected)`, `language(tag)`, `elsewhere()`,
// `refused(status, why)`.
export async function follow(on) {
  leave();
  try {
    const response = await fetch("history");
    if (response.ok) {
      const past = await response.json();
      cursor = past.cursor;
      on.history(past.lines, past.language);
    } else if ([401, 403].includes(response.status)) {
      on.refused(response.status, await response.text());
      return;
    }
  } catch {
    // The stream brings all of it once the clerk is back.
  }
  connect(on);
}

function connect(on) {
  leave();
  const stream = new EventSource(`events?after=${encodeURIComponent(cursor)}`);
  source = stream;
  stream.addEventListener("open", () => on.state(true));
  stream.addEventListener("error", () => {
    on.state(false);
    // The browser comes back by itself, but not where it was refused.
    if (stream.readyState === EventSource.CLOSED && source === stream) {
      source = null;
      setTimeout(() => source === null && connect(on), 15000);
    }
  });
  stream.addEventListener("message", (event) => {
    cursor = event.lastEventId || cursor;
    on.line(JSON.parse(event.data));
  });
  stream.addEventListener("language", (event) => on.language(JSON.parse(event.data).language));
  stream.addEventListener("elsewhere", () => {
    leave();
    on.elsewhere();
    addEventListener("focus", () => connect(on), { once: true });
  });
}

export function leave() {
  source?.close();
  source = null;
}
