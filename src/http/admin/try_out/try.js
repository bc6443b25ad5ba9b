// Talks with the clerk in a rehearsal. All that was said is sent each time, and played from the beginning: the daemon keeps
// nothing of it.

const CHINESE = {
  title: "试一试店小二", intro: "像客户一样聊。什么都不会发出，也不会保存。", token: "管理口令（数据目录里的 admin.token）",
  enter: "开始", around: "情境", at: "时间", channel: "渠道", name: "客户名字", language: "语言", tags: "标签", known: "以前聊过",
  anew: "重新开始", order: "订单", happens: "发生", wait: "过一会儿", passes: "等待", message: "请输入消息", send: "发送",
  why: "为什么这样回答", refused: "口令不对", nothing: "（什么也没说）", failed: "小二没有回应", done: "做了", outside: "外部",
};
const ENGLISH = {
  refused: "This is not the token", nothing: "(nothing is said)", failed: "The clerk does not answer", done: "done", outside: "outside",
  message: "Write as a customer",
};
const isChinese = navigator.language.startsWith("zh");
const word = (key) => (isChinese ? CHINESE[key] : ENGLISH[key]) ?? key;
const at = (id) => document.getElementById(id);

if (isChinese) {
  document.documentElement.lang = "zh-Hans";
  for (const element of document.querySelectorAll("[data-word]")) element.textContent = CHINESE[element.dataset.word];
}
at("text").placeholder = word("message");

let token = sessionStorage.getItem("nightclerk-token") ?? "";
let lines = [];

async function call(method, body) {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const answer = await fetch("v1/try", { method, headers, body: body && JSON.stringify(body) });
  if (answer.ok) return answer.json();
  if (answer.status === 401) throw new Error(word("refused"));
  throw new Error((await answer.json().catch(() => ({}))).error ?? word("failed"));
}

async function enter() {
  const shop = await call("GET");
  sessionStorage.setItem("nightclerk-token", token);
  at("store").textContent = shop.store;
  at("channel").replaceChildren(...shop.channels.map((id) => new Option(id, id)));
  at("door").hidden = true;
  for (const id of ["around", "talk", "why"]) at(id).hidden = false;
  at("text").focus();
  await play([]);
}

// Plays all lines; those that are not understood are not kept.
async function play(wanted) {
  const list = at("tags").value.split(/[,，、\s]+/).filter(Boolean);
  const value = (id) => at(id).value.trim() || undefined;
  const body = {
    at: value("at"), channel: value("channel"), name: value("name"), language: value("language"),
    tags: list, known: at("known").checked, lines: wanted,
  };
  at("notice").hidden = true;
  try {
    const played = await call("POST", body);
    lines = wanted;
    show(played);
    return true;
  } catch (error) {
    at("notice").textContent = error.message;
    at("notice").hidden = false;
    return false;
  }
}

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function show({ played, now, open }) {
  at("state").textContent = `${now}${open ? "" : " ☾"}`;
  at("messages").replaceChildren(...played.flatMap(bubbles));
  at("trace").replaceChildren(...played.map(trace));
  at("scroll").scrollTop = at("scroll").scrollHeight;
  at("why").scrollTop = at("why").scrollHeight;
}

function bubbles(event, index, all) {
  const shown = [];
  if (event.said) {
    const line = element("li", "line mine");
    line.append(element("div", "bubble", event.what), element("div", "meta", event.time));
    shown.push(line);
  } else {
    shown.push(element("li", "happened", `${event.time} ${event.what}`));
  }
  for (const message of event.messages) {
    const line = element("li", "line clerk");
    line.append(element("div", "bubble", message.to ? `→ ${message.to}: ${message.text}` : message.text));
    if (message.choices.length > 0) {
      const choices = element("div", "choices");
      for (const choice of message.choices) {
        const button = element("button", "", choice.label);
        button.type = "button";
        button.disabled = index < all.length - 1;
        button.addEventListener("click", () => play([...lines, choice.value]));
        choices.append(button);
      }
      line.append(choices);
    }
    line.append(element("div", "meta", event.time));
    shown.push(line);
  }
  return shown;
}

function trace(event) {
  const item = element("li");
  item.append(element("h3", "", `${event.time} ${event.what}`));
  const steps = element("dl");
  for (const step of event.trace) steps.append(element("dt", "", step.by), element("dd", "", step.words));
  item.append(steps);
  for (const asked of event.asked) item.append(element("p", "", `${word("outside")}: ${asked}`));
  if (event.messages.length === 0) item.append(element("p", "", word("nothing")));
  if (event.done.length > 0) item.append(element("p", "", `${word("done")}: ${event.done.join(", ")}`));
  item.append(element("p", "", `${event.took_us} µs`));
  return item;
}

function on(id, act) {
  at(id).addEventListener("submit", (event) => {
    event.preventDefault();
    act();
  });
}

on("door", async () => {
  token = at("token").value.trim();
  await enter().catch((error) => { at("refused").textContent = error.message; });
});
on("form", async () => {
  const text = at("text").value.trim();
  if (text && (await play([...lines, text]))) at("text").value = "";
  at("text").focus();
});
on("settings", () => play([]));
on("orders", async () => {
  if (await play([...lines, `/order ${at("order").value.trim()}`])) at("order").value = "";
});
on("times", () => play([...lines, `/wait ${at("wait").value.trim()}`]));
at("text").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    at("form").requestSubmit();
  }
});
if (token) enter().catch(() => { sessionStorage.removeItem("nightclerk-token"); });
