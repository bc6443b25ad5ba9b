// A bot on grammY: one keyword, one answer.
const http = require("node:http");
const { Bot, webhookCallback } = require("grammy");

const agent = new http.Agent({ keepAlive: true, maxSockets: 256 });
const bot = new Bot("123456:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0", {
  client: { apiRoot: `http://${process.env.API}`, canUseWebhookReply: () => false, baseFetchConfig: { agent, compress: true } },
  botInfo: {
    id: 1,
    is_bot: true,
    first_name: "bot",
    username: "bench_bot",
    can_join_groups: true,
    can_read_all_group_messages: false,
    supports_inline_queries: false,
  },
});
bot.hears(/ship abroad/i, (context) => {
  context.reply("Yes, we ship to most countries within a week.");
});
const webhook = webhookCallback(bot, "http", { secretToken: "bench-secret" });
http.createServer((request, response) => webhook(request, response)).listen(Number(process.env.PORT), "127.0.0.1");
