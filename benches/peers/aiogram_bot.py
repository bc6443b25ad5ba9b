"""A bot on aiogram 3 with uvloop: one keyword, one answer."""

import os

import uvloop
from aiogram import Bot, Dispatcher, F
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.webhook.aiohttp_server import SimpleRequestHandler
from aiohttp import web

dispatcher = Dispatcher()


@dispatcher.message(F.text.lower().contains("ship abroad"))
async def abroad(message):
    await message.bot.send_message(message.chat.id, "Yes, we ship to most countries within a week.")


session = AiohttpSession(api=TelegramAPIServer.from_base("http://" + os.environ["API"]), limit=256)
bot = Bot("123456:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0", session=session)
app = web.Application()
handler = SimpleRequestHandler(dispatcher, bot, secret_token="bench-secret", handle_in_background=True)
handler.register(app, path="/hooks/bench")
uvloop.install()
web.run_app(app, host="127.0.0.1", port=int(os.environ["PORT"]), access_log=None, print=None)
