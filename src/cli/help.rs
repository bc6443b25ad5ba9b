//! What stands below the options in `--help` and in the manual: exit codes, and how a command is used.

pub const ALL: &str = "\
Exit codes:
  0  done; for `serve`, stopped as asked
  1  it could not be done
  2  called wrongly, or the configuration has mistakes (`check`)

Examples:
  nightclerk check && nightclerk serve
  nightclerk --config /etc/nightclerk -v serve

Every file in the configuration folder explains itself.";

pub const SERVE: &str = "\
Stops on SIGTERM or Ctrl-C, after finishing what is under way. Edits of the configuration and of the plugins folder
are taken while it runs. The log goes to standard error, as JSON unless that is a terminal.

Examples:
  nightclerk serve
  nightclerk -v serve                   each step of each message
  nightclerk -c /etc/nightclerk serve";

pub const CHECK: &str = "\
Exit codes:
  0  the configuration is good
  2  it is not: every mistake is shown with file, line and column

Examples:
  nightclerk check
  nightclerk -c /etc/nightclerk check && systemctl restart nightclerk";

pub const TEST: &str = "\
Nothing is sent and nothing is kept. docs/rehearsal.md shows how a scenario is written.

Exit codes:
  0  all went as expected
  1  something did not, or a plugin cannot be asked
  2  the configuration or a scenario has mistakes

Examples:
  nightclerk test
  nightclerk test config/tests/night.toml
  nightclerk test --junit report.xml";

pub const REPLAY: &str = "\
Every event of the log is decided again on what was known then, with what the outside answered then. Nothing is sent, and a
running clerk is not disturbed. docs/rehearsal.md says what is compared.

Exit codes:
  0  all would come out the same
  1  something would not, and is shown
  2  the configuration has mistakes

Examples:
  nightclerk --config config.new replay --since 12h
  nightclerk replay --since 3d --plugins plugins.new --html replay.html
  nightclerk replay --data backup.sqlite";

pub const REPORT: &str = "\
Figures are counted from the log, by the store's clock; a running clerk is not disturbed. docs/figures.md says what each one
is and where it comes from. What the log does not tell is `not known`, and customers' words are shown with --words alone.

Exit codes:
  0  here it is
  1  the log cannot be read, or there is no such period
  2  called wrongly, or the configuration has mistakes

Examples:
  nightclerk report                                the last seven days, with a line for each figure
  nightclerk report --month 2026-03 --by agent
  nightclerk report --since 24h --by hour --csv
  nightclerk report --from 2026-03-01 --to 2026-03-07 --html week.html
  nightclerk report --by wording                   how each wording of payment reminders fares";

pub const AUDIT: &str = "\
What people of the store did with conversations and tickets, and what operators did and looked up, newest first. Nobody's words
are in it, and looking here is written down as well. `[retention] audit` says how long it is kept.

Examples:
  nightclerk audit --since 24h
  nightclerk audit --who mei --what take
  nightclerk audit --customer telegram 123456789";

pub const CONFIG: &str = "\
Examples:
  nightclerk config channels.telegram
  nightclerk config server.max_connections
  nightclerk config --json > nightclerk.schema.json";

pub const INIT: &str = "\
Asks for what it is not given, and writes the folder that `--config` names, each file with its comments. Nothing that is there is
written over.

Examples:
  nightclerk init
  nightclerk init --yes --name 'Night Tea House' --languages en,zh --timezone Asia/Shanghai --hours 09:00-18:00";

pub const STATUS: &str = "\
What is wrong comes first; the owner is told of the same, where `[alerts]` in nightclerk.toml names somebody.

Exit codes:
  0  nothing needs a person
  1  something does, or no clerk runs

Examples:
  nightclerk status
  nightclerk status --json | jq .mail";

pub const RELOAD: &str = "\
Edits are taken by themselves within a second; this waits, and says what came of it. SIGHUP does the same without words.

Exit codes:
  0  the configuration is in force
  1  no clerk runs, or it does not answer
  2  it has mistakes: what was in force still is

Examples:
  nightclerk reload
  nightclerk check && nightclerk reload";

pub const CHANNEL: &str = "\
Where the platform lets us, its webhook is set; else the steps in its console are printed. Some platforms call the
webhook at once: let the clerk run.

Exit codes:
  0  it is set up, or the steps are printed
  1  the platform refuses
  2  the configuration has mistakes, or there is no such channel

Examples:
  nightclerk channel setup telegram --url https://clerk.shop.example
  nightclerk channel setup whatsapp             with `public_url` in nightclerk.toml";

pub const DOCTOR: &str = "\
Asks with each channel's token whom it belongs to, where the platform posts, and what its last delivery came to.
Nothing is changed, and no customer is written to.

Exit codes:
  0  all is well
  1  a channel does not work
  2  the configuration has mistakes, or there is no such channel

Examples:
  nightclerk doctor
  nightclerk doctor telegram";

pub const PLUGIN: &str = "\
Examples:
  nightclerk plugin new opening-hours
  nightclerk plugin build plugins/opening-hours
  nightclerk plugin check plugins/opening-hours.wasm
  nightclerk plugin run opening-hours --moment message --text Hello
  nightclerk plugin inspect opening-hours
  nightclerk plugin install https://example.com/hello.js
  nightclerk plugin logs -f
  nightclerk plugin list
  nightclerk plugin rollback opening-hours --to 1.2.0";

pub const OUTBOX: &str = "\
Examples:
  nightclerk outbox list
  nightclerk outbox retry 12";

pub const EXPLAIN: &str = "\
Examples:
  nightclerk explain out:12             a message by its number in the outbox
  nightclerk explain wamid.HBgL…        by the platform's id
  nightclerk explain 4711 --json        an entry of the log, whole";

pub const HEALTH: &str = "\
Exit codes:
  0  the clerk that runs on this configuration's data takes webhooks
  1  it does not, or none runs

Examples:
  nightclerk health || systemctl restart nightclerk";

pub const COMPLETIONS: &str = "\
Examples:
  nightclerk completions bash > /etc/bash_completion.d/nightclerk
  nightclerk completions zsh > \"${fpath[1]}/_nightclerk\"
  nightclerk completions fish > ~/.config/fish/completions/nightclerk.fish";

pub const MAN: &str = "\
Examples:
  nightclerk man | man -l -
  nightclerk man /usr/local/share/man/man1";

pub const PHRASES: &str = "\
Examples:
  nightclerk phrases > phrases.toml     then keep what you change, and put it into the configuration folder";

pub const FORGET: &str = "\
Their words, orders, tickets and timers go from the store and from the disk. Backups made before still hold them. The
store is written anew for it, about a second for 100 MB, and messages wait meanwhile.

Examples:
  nightclerk forget telegram-main 123456";

pub const EXPORT: &str = "\
Examples:
  nightclerk export telegram-main 123456 > customer.json";

pub const BACKUP: &str = "\
The clerk goes on meanwhile; the backup shows one moment. Copying the store's file by hand does not: what was written
last stands in a second file beside it.

Examples:
  nightclerk backup /backups/$(date +%F).sqlite";

pub const RESTORE: &str = "\
The clerk must be stopped. What was in the store's place is kept beside it. Messages that were sent after the backup
was made, and were waiting in it, are sent again.

Examples:
  nightclerk restore /backups/2026-11-25.sqlite";

pub const TICKETS: &str = "\
Examples:
  nightclerk tickets                    the most urgent first
  nightclerk tickets --json
  nightclerk tickets take 7K3M9-QX2PA --by mei
  nightclerk tickets close 7K3M9-QX2PA";

pub const TODAY: &str = "\
Examples:
  nightclerk today                      what the morning shift begins with
  nightclerk today --json";

pub const CONTACT: &str = "\
Examples:
  nightclerk contact list --tier gold
  nightclerk contact show ana@example.com
  nightclerk contact export > customers.csv";

pub const CONVERSATION: &str = "\
Examples:
  nightclerk conversation take telegram-main 123456 --by mei
  nightclerk conversation say telegram-main 123456 \"Your parcel leaves today.\" --by mei
  nightclerk conversation transfer telegram-main 123456 aftersales --note \"wants a new cup\" --by mei
  nightclerk conversation return telegram-main 123456";

pub const CONSOLE: &str = "\
Examples:
  nightclerk console invite mei
  nightclerk console revoke mei";

pub const DESK: &str = "\
Examples:
  nightclerk desk
  nightclerk desk --json";

pub const UNDERSTAND: &str = "\
Examples:
  nightclerk understand \"where is my parcle\"
  nightclerk understand --set sentences.tsv          how often it is right, by language and intent
  nightclerk understand --set sentences.tsv --rules-only --json";
