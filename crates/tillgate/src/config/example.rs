//! The example file: every setting with its default and its explanation.

use std::fmt::Write;

use toml::{Table, Value};

use super::{
    AlphaDialect, AlphapoDialect, BitcoinNetwork, Config, Database, EvmNetwork, Limits, Log, Mail, Rates,
    Secrets, Wallets, Webhooks, documented::Documented, load::table, unknown::OPEN,
};

/// What stands at its head.
const HEAD: &str = "\
# Everything that can be set, with its default. Copy what you change into tillgate.toml.
#
# Each setting can also be given by an environment variable, with two underscores between levels:
# TILLGATE_LISTEN=0.0.0.0:8080, TILLGATE_DATABASE__URL=sqlite. Flags go before variables, variables before the file.
";

/// The columns of a line.
const WIDTH: usize = 110;

/// The text of `tillgate.example.toml`.
pub fn example() -> String {
    let mut page = Page {
        text: HEAD.to_owned(),
        defaults: table(&Config::default()),
        samples: table(&Config::template()),
    };
    page.section::<Config>(&[]);
    page.section::<Database>(&["database"]);
    page.section::<Secrets>(&["secrets"]);
    page.section::<Log>(&["log"]);
    page.section::<Webhooks>(&["webhooks"]);
    page.section::<Rates>(&["rates"]);
    page.fixed_rates();
    page.section::<Limits>(&["limits"]);
    page.section::<AlphaDialect>(&["dialects", "alpha"]);
    page.section::<AlphapoDialect>(&["dialects", "alphapo"]);
    page.network::<EvmNetwork>("evm", "http://127.0.0.1:8545");
    page.network::<BitcoinNetwork>("bitcoin", "http://127.0.0.1:8332");
    page.section::<Wallets>(&["wallets"]);
    page.section::<Mail>(&["mail"]);
    page.text
}

struct Page {
    text: String,
    defaults: Table,
    samples: Table,
}

impl Page {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// A section: its head, and each of its own settings with its explanation.
    fn section<T: Documented>(&mut self, path: &[&str]) {
        self.line("");
        if !path.is_empty() {
            self.line(&format!("[{}]", path.join(".")));
        }
        for (name, lines) in T::SETTINGS {
            let default = inside(&self.defaults, path).and_then(|table| table.get(*name)).cloned();
            let sample = inside(&self.samples, path).and_then(|table| table.get(*name)).cloned();
            let is_open = OPEN.contains(&[path, &[name]].concat().join(".").as_str());
            match (default, sample) {
                (Some(Value::Table(_)), Some(Value::Table(sample))) if is_open && !sample.is_empty() => {
                    self.explain(lines);
                    self.line(&format!("# {name} = {}", Value::Table(sample)));
                }
                (Some(Value::Table(_)), _) | (None, None) => {}
                (Some(value), _) => {
                    self.explain(lines);
                    self.line(&format!("{name} = {value}"));
                }
                (None, Some(value)) => {
                    self.explain(lines);
                    self.line(&format!("# {name} = {value}"));
                }
            }
        }
    }

    /// The table of fixed rates, which has a head of its own.
    fn fixed_rates(&mut self) {
        for (_, lines) in Rates::SETTINGS.iter().filter(|(name, _)| *name == "fixed") {
            self.explain(lines);
        }
        self.line("[rates.fixed]");
        self.line("# \"BTC/USD\" = \"60000\"");
    }

    /// A sample of a real network, commented out: there is none by default.
    fn network<T: Documented>(&mut self, rail: &str, rpc_url: &str) {
        let sample = inside(&self.samples, &["rails"]).and_then(|rails| rails.get(rail)?.get(0)).cloned();
        self.line("");
        self.line(&format!("# [[rails.{rail}]]"));
        for (name, lines) in T::SETTINGS {
            self.explain(lines);
            let value = sample.as_ref().and_then(|network| network.get(name));
            // A secret is never written, not even one that is none.
            let value = if *name == "rpc_url" { Some(Value::from(rpc_url)) } else { value.cloned() };
            if let Some(value) = value {
                self.line(&format!("# {name} = {value}"));
            }
        }
    }

    /// The lines of an explanation, wrapped as they were written.
    fn explain(&mut self, lines: &[&str]) {
        let text = lines.concat().replace('`', "");
        let words = text.split_whitespace();
        let mut line = "#".to_owned();
        for word in words {
            if line.len() + 1 + word.len() > WIDTH {
                self.line(&std::mem::replace(&mut line, "#".to_owned()));
            }
            // Writing to a text cannot fail.
            let _ = write!(line, " {word}");
        }
        self.line(&line);
    }
}

fn inside<'a>(table: &'a Table, path: &[&str]) -> Option<&'a Table> {
    path.iter().try_fold(table, |table, key| table.get(*key)?.as_table())
}
