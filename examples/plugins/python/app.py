"""Says whether the store is open."""

import json

from wit_world import exports
from wit_world.imports import host, types


class OnMessage(exports.OnMessage):
    def handle(self, context: types.Context, message: types.Message) -> types.Outcome:
        if "open" not in (message.text or "").lower():
            return types.Outcome_Pass()  # not for me
        store = context.store
        settings = json.loads(host.settings())
        template = settings["open"] if store.open else settings["closed"]
        words = {"store": store.store_name, "back": store.opens.text if store.opens else None}
        text = host.render(template, json.dumps(words))
        return types.Outcome_Handled([types.Action_Reply(types.Content_Text(text))])
