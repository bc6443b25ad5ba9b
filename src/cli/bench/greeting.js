// A realistic greeting: settings, festivals, a promotion.
export const manifest = {
  version: "1.0.0",
  capabilities: ["reply", "tag"],
  settings: {
    greetings: { type: "object", default: { en: ["Hello, {name}!", "Good day, {name}!"], zh: ["您好，{name}！"] } },
    promo: { type: "object", default: { text: "10% off Longjing", url: "https://example.com/tea" } },
    festivals: {
      type: "array",
      default: [
        { date: "2026-12-25", en: "Merry Christmas" },
        { date: "2027-02-06", en: "Happy New Year" },
      ],
    },
  },
};

const pick = (list) => list[Math.floor(Math.random() * list.length)];

export function welcome(context, message) {
  const { greetings, promo, festivals } = clerk.settings;
  const today = context.localTime.slice(0, 10);
  const festival = festivals.find((it) => it.date === today);
  const name = context.customer.name ?? "there";
  const lines = [pick(greetings[context.language] ?? greetings.en).replace("{name}", name)];
  if (festival) lines.push(festival[context.language] ?? festival.en);
  if (!context.open) lines.push(`${context.storeName} is closed; ${context.clerkName} is at the desk.`);
  if (/order|订单/iu.test(message?.text ?? "")) lines.push("Send me the order number and I will look it up.");
  return [{ text: `${lines.join("\n")}\n${promo.text}`, url: promo.url }, { tag: "greeted" }];
}
