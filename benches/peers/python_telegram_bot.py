"""A bot on python-telegram-bot: one keyword, one answer. What asks Telegram at the start is left out."""

import os

from telegram import Bot, User
from telegram.ext import Application, ExtBot, MessageHandler, filters


async def abroad(update, context):
    await context.bot.send_message(update.effective_chat.id, "Yes, we ship to most countries within a week.")


async def nothing(*_, **__):
    return True


async def initialize(self):
    for request in self._request:
        await request.initialize()
    self._bot_user = User(1, "bot", True, username="bench_bot")
    self._bot_initialized = True
    self._initialized = True


async def get_me(self, **_):
    return self._bot_user


ExtBot.initialize = initialize
Bot.get_me = get_me
for kind in (Bot, ExtBot):
    kind.set_webhook = nothing
    kind.delete_webhook = nothing
api = "http://" + os.environ["API"]
builder = Application.builder().token("123456:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0")
builder = builder.base_url(api + "/bot").base_file_url(api + "/file/bot")
app = builder.connection_pool_size(256).pool_timeout(60).concurrent_updates(256).build()
app.add_handler(MessageHandler(filters.Regex("(?i)ship abroad"), abroad, block=False))
app.run_webhook(
    "127.0.0.1",
    int(os.environ["PORT"]),
    url_path="hooks/bench",
    webhook_url="https://clerk.example/hooks/bench",
    secret_token="bench-secret",
    bootstrap_retries=0,
)
