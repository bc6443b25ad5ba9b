// @ts-check
/// <reference path="./nightclerk.d.ts" />

/** @type {import("./nightclerk").Manifest} */
export const manifest = {
  version: "0.1.0",
  description: "Says when the store opens",
  capabilities: ["reply"],
  settings: { keyword: { type: "string", default: "open", description: "the word that is answered" } },
};

/** @type {import("./nightclerk").Hooks["message"]} */
export function message(context, message) {
  if (!message.text?.includes(clerk.settings.keyword)) return; // not for me
  return context.open ? `${context.storeName} is open.` : `We are back ${context.opens?.text ?? "soon"}.`;
}
