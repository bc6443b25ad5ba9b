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

pub const PLUGIN: &str = "\
Examples:
  nightclerk plugin new opening-hours
  nightclerk plugin build plugins/opening-hours
  nightclerk plugin check plugins/opening-hours.wasm
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
