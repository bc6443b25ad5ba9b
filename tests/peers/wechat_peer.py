"""wechatpy encrypts the customer's message in safe mode, and decrypts and parses the clerk's passive reply."""

import sys
import time

from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.replies import deserialize_reply
from wechatpy.utils import WeChatSigner
from platform_peer import Api, check, send

token, aes_key, app_id = sys.argv[1:4]
api = Api(lambda path: (200, b'{"errcode":0}'))
clerk = api.meet_the_clerk()
crypto = WeChatCrypto(token, aes_key, app_id)


def signature(*parts):
    signer = WeChatSigner()
    signer.add_data(*parts)
    return signer.signature


timestamp, nonce = str(int(time.time())), "nonce1"
query = f"signature={signature(token, timestamp, nonce)}&timestamp={timestamp}&nonce={nonce}&echostr=4375120948345356249"
status, answer = send(clerk, f"/hooks/wechat?{query}", {}, None, method="GET")
check((status, answer) == (200, b"4375120948345356249"), f"the handshake was answered {status} {answer!r}")

plain = (
    "<xml><ToUserName><![CDATA[gh_10f6c3c3ac5a]]></ToUserName>"
    "<FromUserName><![CDATA[oyORnuP8q7ou2gfYjqLzSIWZf0rs]]></FromUserName>"
    f"<CreateTime>{timestamp}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
    "<Content><![CDATA[我的快递到哪了？😀]]></Content><MsgId>6054768590064713728</MsgId></xml>"
)
check(parse_message(plain).content == "我的快递到哪了？😀", "the SDK does not read the test's message")
# The SDK encrypts with the platform's own envelope, which carries ciphertext and signature.
envelope = crypto.encrypt_message(plain, nonce, timestamp)
from xml.etree import ElementTree  # noqa: E402

fields = {child.tag: child.text for child in ElementTree.fromstring(envelope)}
body = f"<xml><ToUserName><![CDATA[gh_10f6c3c3ac5a]]></ToUserName><Encrypt><![CDATA[{fields['Encrypt']}]]></Encrypt></xml>"
query = f"timestamp={timestamp}&nonce={nonce}&encrypt_type=aes&msg_signature={fields['MsgSignature']}"
status, answer = send(clerk, f"/hooks/wechat?{query}", {"content-type": "text/xml"}, body.encode())
check(status == 200, f"a signed message was answered {status} {answer!r}")

fields = {child.tag: child.text for child in ElementTree.fromstring(answer)}
decrypted = crypto.decrypt_message(answer, fields["MsgSignature"], fields["TimeStamp"], fields["Nonce"])
reply = deserialize_reply(decrypted)
check(reply.type == "text" and reply.content, decrypted)
check(reply.target == "oyORnuP8q7ou2gfYjqLzSIWZf0rs" and reply.source == "gh_10f6c3c3ac5a", decrypted)

# The platform asks again when it did not get the answer in time: the same answer, not a second one.
status, again = send(clerk, f"/hooks/wechat?{query}", {"content-type": "text/xml"}, body.encode())
fields = {child.tag: child.text for child in ElementTree.fromstring(again)}
repeated = deserialize_reply(crypto.decrypt_message(again, fields["MsgSignature"], fields["TimeStamp"], fields["Nonce"]))
check(repeated.content == reply.content, "a repeated question got another answer")

status, _ = send(clerk, f"/hooks/wechat?{query.replace(nonce, 'nonce2')}", {"content-type": "text/xml"}, body.encode())
check(status in (401, 403), f"a wrong signature was answered {status}")
