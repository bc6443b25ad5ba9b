import type { Answer, Context, Manifest, Message } from "./nightclerk";

export const manifest: Manifest = {
  version: "0.1.0",
  description: "Says when the store opens",
  capabilities: ["reply"],
  settings: { keyword: { type: "string", default: "open", description: "the word that is answered" } },
};

export function message(context: Context, message: Message): Answer {
  if (!message.text?.includes(clerk.settings.keyword)) return; // not for me
  return context.open ? `${context.storeName} is open.` : `We are back ${context.opens?.text ?? "soon"}.`;
}
