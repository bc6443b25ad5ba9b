"""Answers one word with one text; both are settings."""

import json

from wit_world import exports
from wit_world.imports import host, types


class OnMessage(exports.OnMessage):
    def handle(self, context: types.Context, message: types.Message) -> types.Outcome:
        settings = json.loads(host.settings())
        if settings["keyword"].lower() not in (message.text or "").lower():
            return types.Outcome_Pass()  # not for me
        store = context.store
        words = {"store": store.store_name, "clerk": store.clerk_name, "open": store.open}
        text = host.render(settings["text"], json.dumps(words))
        return types.Outcome_Handled([types.Action_Reply(types.Content_Text(text))])
