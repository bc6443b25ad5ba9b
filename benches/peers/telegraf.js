// A bot on Telegraf: one keyword, one answer.
const http = require("node:http");
const { Telegraf } = require("telegraf");

const agent = new http.Agent({ keepAlive: true, maxSockets: 256 });
const bot = new Telegraf("123456:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0", {
  telegram: { apiRoot: `http://${process.env.API}`, webhookReply: false, agent, attachmentAgent: agent },
});
bot.botInfo = { id: 1, is_bot: true, first_name: "bot", username: "bench_bot" };
bot.hears(/ship abroad/i, (context) => {
  context.reply("Yes, we ship to most countries within a week.");
});
const webhook = bot.webhookCallback("/hooks/bench", { secretToken: "bench-secret" });
http.createServer(webhook).listen(Number(process.env.PORT), "127.0.0.1");
