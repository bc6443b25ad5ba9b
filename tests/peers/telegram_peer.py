"""python-telegram-bot makes the update; aiogram's strict model takes the clerk's answer."""

import datetime
import json
import sys

import telegram
from aiogram.methods import SendMessage
from platform_peer import Api, check, send

secret, token = sys.argv[1:3]
api = Api(lambda path: (200, b'{"ok":true,"result":{"message_id":78}}'))
clerk = api.meet_the_clerk()

customer = telegram.User(id=42, first_name="Ana", is_bot=False, language_code="en")
chat = telegram.Chat(id=42, type="private", first_name="Ana")
when = datetime.datetime.now(datetime.timezone.utc)
message = telegram.Message(message_id=77, date=when, chat=chat, from_user=customer, text="where is my order?")
update = telegram.Update(update_id=853211, message=message)

headers = {"content-type": "application/json", "X-Telegram-Bot-Api-Secret-Token": secret}
status, answer = send(clerk, "/hooks/telegram", headers, update.to_json().encode())
check(status == 200, f"an update was answered {status} {answer!r}")
status, _ = send(clerk, "/hooks/telegram", headers | {"X-Telegram-Bot-Api-Secret-Token": "wrong"}, update.to_json().encode())
check(status in (401, 403), f"a wrong secret was answered {status}")

path, _, body = api.next()
check(path == f"/bot{token}/sendMessage", path)
parsed = SendMessage.model_validate(json.loads(body))
check(parsed.chat_id == 42 and parsed.text, parsed)

# The clerk's own messages come back as updates in groups; the SDK marks them as a bot's.
echo = telegram.Update(
    update_id=853212,
    message=telegram.Message(
        message_id=79, date=when, chat=chat, text=parsed.text,
        from_user=telegram.User(id=7, first_name="clerk", is_bot=True),
    ),
)
status, _ = send(clerk, "/hooks/telegram", headers, echo.to_json().encode())
check(status == 200, f"an echo was answered {status}")
