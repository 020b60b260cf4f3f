//! The log.

use std::io::{self, IsTerminal};

use tracing_subscriber::{EnvFilter, fmt, prelude::*};

use crate::config::{Log, LogFormat};

/// Our own crates: the level that is configured is theirs. What others have to say below a warning may hold requests,
/// and so secrets, and is never written.
const OURS: &[&str] = &[
    "addresses",
    "checkout",
    "dialects",
    "domain",
    "engine",
    "operator",
    "outbound",
    "rails",
    "store",
    "tillgate",
    "web",
    "workers",
];

/// Begins the log of this process. It goes to standard error. `no_color` is the environment variable of that name.
pub(crate) fn start(log: &Log, no_color: Option<&str>) {
    let human = match *log.format {
        LogFormat::Human => true,
        LogFormat::Json => false,
        LogFormat::Auto => io::stderr().is_terminal(),
    };
    let registry = tracing_subscriber::registry().with(filter(log));
    // A log that was begun already, by a test in the same process, stays.
    let _ = if human {
        let colours = coloured(io::stderr().is_terminal(), no_color);
        let layer = fmt::layer().with_writer(io::stderr).with_target(false).with_ansi(colours);
        registry.with(layer).try_init()
    } else {
        let layer = fmt::layer().json().flatten_event(true).with_writer(io::stderr).with_current_span(false);
        registry.with(layer.with_span_list(false)).try_init()
    };
    log_panics();
}

/// Whether lines are coloured: on a terminal, unless `NO_COLOR` is set to anything (<https://no-color.org>).
fn coloured(is_terminal: bool, no_color: Option<&str>) -> bool {
    is_terminal && no_color.is_none_or(str::is_empty)
}

fn filter(log: &Log) -> EnvFilter {
    let level = log.level.name();
    let ours = OURS.iter().map(|name| format!("{name}={level}"));
    let others = match level {
        "error" => "error",
        _ => "warn",
    };
    EnvFilter::new([others.to_owned()].into_iter().chain(ours).collect::<Vec<_>>().join(","))
}

/// A panic is a line of the log like any other: where, not with what, for a message may quote what it stumbled over.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place, "a fault of this program (panic); please report it");
    }));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{LogLevel, Setting};

    #[test]
    fn what_others_say_below_a_warning_is_never_written() {
        for (level, others) in
            [(LogLevel::Trace, "warn"), (LogLevel::Info, "warn"), (LogLevel::Error, "error")]
        {
            let filter = filter(&Log { level: Setting(level), ..Log::default() }).to_string();
            let directives: Vec<&str> = filter.split(',').collect();
            assert!(directives.contains(&others), "{filter}");
            assert!(directives.contains(&format!("tillgate={}", level.name()).as_str()), "{filter}");
            assert_eq!(directives.iter().filter(|one| !one.contains('=')).count(), 1, "{filter}");
        }
    }

    #[test]
    fn colours_are_for_a_terminal_whose_owner_wants_them() {
        assert!(coloured(true, None));
        assert!(coloured(true, Some("")));
        assert!(!coloured(true, Some("1")));
        assert!(!coloured(false, None));
    }
}
