// Greets customers as a good clerk would: by the time of day, the feast of the day, and whether they have met before. Says
// when people are back while the store is closed, what is on offer, and today's pick, with the store's main menu below.
//
// The shipped plugin of this name, as a script: while it lies in the plugins folder it is asked in the other's place, under
// the same grants and settings. Without the grant `catalogue` it greets all the same and recommends nothing.

/** A customer known for longer than this is greeted as an acquaintance. */
const ACQUAINTED_AFTER_MS = 60 * 60 * 1000;
const DAY_MS = 24 * 60 * 60 * 1000;
/** What it has words in. */
const LANGUAGES = ["zh-Hans", "en"];

/** @type {import("./nightclerk").Manifest} */
export const manifest = {
  version: "0.1.0",
  description: "Greets by time of day, feast and acquaintance, and recommends today's pick.",
  capabilities: ["reply", "catalogue"],
  settings: {
    morning_from: {
      type: "integer",
      default: 6,
      minimum: 0,
      maximum: 23,
      description: "The hour at which the morning begins",
    },
    afternoon_from: {
      type: "integer",
      default: 12,
      minimum: 0,
      maximum: 23,
      description: "The hour at which the afternoon begins",
    },
    evening_from: {
      type: "integer",
      default: 18,
      minimum: 0,
      maximum: 23,
      description: "The hour at which the evening begins",
    },
    night_from: {
      type: "integer",
      default: 23,
      minimum: 0,
      maximum: 23,
      description: "The hour at which the night begins; it lasts until the morning",
    },
    morning_zh: {
      type: "string",
      default: "早上好{% if name %}，{{ name }}{% endif %}！欢迎光临{{ store }}，我是{{ clerk }}。",
      description: "Texts know store, clerk, name (where known) and hour",
    },
    morning_en: {
      type: "string",
      default: "Good morning{% if name %}, {{ name }}{% endif %}! Welcome to {{ store }}, I am {{ clerk }}.",
    },
    afternoon_zh: { type: "string", default: "下午好{% if name %}，{{ name }}{% endif %}！欢迎光临{{ store }}，我是{{ clerk }}。" },
    afternoon_en: {
      type: "string",
      default: "Good afternoon{% if name %}, {{ name }}{% endif %}! Welcome to {{ store }}, I am {{ clerk }}.",
    },
    evening_zh: { type: "string", default: "晚上好{% if name %}，{{ name }}{% endif %}！欢迎光临{{ store }}，我是{{ clerk }}。" },
    evening_en: {
      type: "string",
      default: "Good evening{% if name %}, {{ name }}{% endif %}! Welcome to {{ store }}, I am {{ clerk }}.",
    },
    night_zh: { type: "string", default: "夜深了{% if name %}，{{ name }}{% endif %}，{{ clerk }}还在。欢迎光临{{ store }}。" },
    night_en: {
      type: "string",
      default: "It is late{% if name %}, {{ name }}{% endif %}, but {{ clerk }} is up. Welcome to {{ store }}.",
    },
    returning_zh: {
      type: "string",
      default: "{% if name %}{{ name }}，{% endif %}又见面了！我是{{ store }}的{{ clerk }}。",
      description: "In place of the time of day, to a customer who wrote before; empty to greet all alike",
    },
    returning_en: {
      type: "string",
      default: "Welcome back{% if name %}, {{ name }}{% endif %}! {{ clerk }} of {{ store }} here.",
    },
    open_zh: {
      type: "string",
      default: "请问有什么可以帮您？",
      description: "Follows the greeting while people are there; empty for nothing",
    },
    open_en: { type: "string", default: "How can we help you?" },
    closed_zh: {
      type: "string",
      default: "同事们已经下班{% if back %}，{{ back }}回来{% endif %}；商品和订单可以先问我，需要人工的问题请留言。",
      description: "Follows the greeting while nobody is there; knows back as well, when people are back; empty for nothing",
    },
    closed_en: {
      type: "string",
      default: "My colleagues are off now{% if back %} and back {{ back }}{% endif %}. Ask me about products and orders; for anything else leave a message.",
    },
    offers: { type: "boolean", default: true, description: "Name what is on offer today" },
    offers_zh: { type: "string", default: "今日活动：", description: "Stands before the offers" },
    offers_en: { type: "string", default: "On offer today:" },
    menu: { type: "boolean", default: true, description: "Put the store's main menu under the greeting" },
    recommend: {
      type: "boolean",
      default: true,
      description: "Name today's pick: a hot product that is in stock, another one each day; needs the grant catalogue",
    },
    pick_zh: {
      type: "string",
      default: "今日推荐：{{ product }}{% if price %}，{{ price }}{% endif %}{% if pitch %}，{{ pitch }}{% endif %}{% if url %}\n{{ url }}{% endif %}",
      description: "Knows product, price, pitch and url as well",
    },
    pick_en: {
      type: "string",
      default: "Today's pick: {{ product }}{% if price %}, {{ price }}{% endif %}{% if pitch %}. {{ pitch }}{% endif %}{% if url %}\n{{ url }}{% endif %}",
    },
    festivals: {
      type: "array",
      default: [
        { date: "01-01", zh: "新年快乐！", en: "Happy New Year!" },
        { date: "10-01", days: 7, zh: "国庆快乐！", en: "Happy National Day!" },
        { date: "12-25", zh: "圣诞快乐！", en: "Merry Christmas!" },
        { date: "2027-02-06", days: 7, zh: "新春快乐，万事如意！", en: "Happy Lunar New Year!" },
        { date: "2027-06-09", zh: "端午安康！", en: "Happy Dragon Boat Festival!" },
        { date: "2027-09-15", zh: "中秋快乐！", en: "Happy Mid-Autumn Festival!" },
        { date: "2028-01-26", days: 7, zh: "新春快乐，万事如意！", en: "Happy Lunar New Year!" },
        { date: "2028-05-28", zh: "端午安康！", en: "Happy Dragon Boat Festival!" },
        { date: "2028-10-03", zh: "中秋快乐！", en: "Happy Mid-Autumn Festival!" },
      ],
      description: "Said before the greeting on its day: date is MM-DD for every year or YYYY-MM-DD for one; days (1 unless said) is how long it lasts",
    },
  },
};

/** @type {import("./nightclerk").Hooks["welcome"]} */
export function welcome(context, message) {
  if (!reads(context, LANGUAGES)) return;
  const product = todaysPick(context, message);
  const words = {
    store: context.storeName,
    clerk: context.clerkName,
    name: context.customer.name?.trim() || undefined,
    hour: hourOf(context),
    back: context.opens?.text,
    product: product?.name,
    price: product?.price,
    pitch: product?.pitch,
    url: product?.url,
  };
  const firstLine = [festival(context), opening(context), availability(context)].filter(Boolean);
  const joint = inChinese(context) ? "" : " ";
  // One call renders all: the sentences share their words.
  const template = `${firstLine.join(joint)}\n${product ? setting(context, "pick") : ""}`;
  const text = [clerk.render(template, words).trim(), offers(context)].filter(Boolean).join("\n");
  if (!text) return;
  return clerk.settings.menu && context.menu.length > 0 ? { text, choices: context.menu } : text;
}

function festival(context) {
  const today = clerk.settings.festivals.find((it) => isOn(it, context.localTime));
  return today && (inChinese(context) ? today.zh : today.en);
}

/** Whether a feast is on: from its date, `MM-DD` or `YYYY-MM-DD`, for as many days as it lasts. */
function isOn({ date, days = 1 }, localTime) {
  const found = /^(?:(\d{4})-)?(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/.exec(date);
  if (!found) return false;
  const [, once, month, day] = found;
  const today = Date.parse(localTime.slice(0, 10));
  const thisYear = Number(localTime.slice(0, 4));
  // One of every year that began before this year did may not be over yet.
  const years = once ? [Number(once)] : [thisYear, thisYear - 1];
  return years.some((year) => {
    const since = today - Date.UTC(year, Number(month) - 1, Number(day));
    return since >= 0 && since < days * DAY_MS;
  });
}

function opening(context) {
  const returning = setting(context, "returning");
  return returning && isAcquainted(context) ? returning : timeOfDay(context);
}

/** The last period that has begun; before the first one it is still night. */
function timeOfDay(context) {
  const hour = hourOf(context);
  const from = (period) => clerk.settings[`${period}_from`];
  const begun = ["morning", "afternoon", "evening", "night"].filter((period) => from(period) <= hour);
  begun.sort((one, other) => from(one) - from(other));
  return setting(context, begun.at(-1) ?? "night");
}

function availability(context) {
  return setting(context, context.open ? "open" : "closed");
}

/** What is on offer today, a line each; the store's own words, which no template touches. */
function offers(context) {
  if (!clerk.settings.offers || context.offers.length === 0) return "";
  const lines = context.offers.map((offer) => (offer.url ? `${offer.text} ${offer.url}` : offer.text));
  return [setting(context, "offers"), ...lines].join("\n");
}

/** A hot product in stock, by turns one for each day; the one the customer speaks of goes first. */
function todaysPick(context, message) {
  if (!clerk.settings.recommend) return;
  const asked = message?.text?.trim() ? hot(message.text)[0] : undefined;
  if (asked) return asked;
  const all = hot("").sort((one, other) => (one.sku < other.sku ? -1 : 1));
  const [month, day] = context.localTime.slice(5, 10).split("-").map(Number);
  return all[(month * 31 + day) % all.length];
}

function hot(query) {
  try {
    return clerk.findProducts(query, 20).filter((product) => product.hot && product.stock !== 0);
  } catch {
    return []; // Without the grant there is nothing to recommend, and that is no failure.
  }
}

function isAcquainted({ customer, nowMs }) {
  return customer.firstSeenMs !== undefined && nowMs - customer.firstSeenMs > ACQUAINTED_AFTER_MS;
}

function hourOf(context) {
  return Number(context.localTime.slice(11, 13));
}

/** The text of this name in the customer's language. */
function setting(context, name) {
  return clerk.settings[`${name}_${inChinese(context) ? "zh" : "en"}`];
}

function inChinese({ language }) {
  return language.split("-")[0] === "zh";
}

function reads({ language }, tags) {
  return tags.some((tag) => language === tag || language.startsWith(`${tag}-`));
}
