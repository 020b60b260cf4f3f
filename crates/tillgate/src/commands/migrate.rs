//! `tillgate migrate`

use std::sync::Arc;

use clap::Args;
use serde::Serialize;
use store::{MigrationPlan, SCHEMA_VERSION, Settings, Store};

use super::Run;
use crate::{
    config::Flags,
    context::Context,
    data_dir,
    failure::{CommandError, Done},
    master_key,
    output::{print, print_json},
    system::{SystemClock, SystemEntropy},
};

#[derive(Debug, Args)]
pub(crate) struct Migrate {
    /// Only say what would be done
    #[arg(long)]
    check: bool,
}

/// What was done, or would be.
#[derive(Serialize)]
struct Report {
    database: String,
    from: u32,
    to: u32,
    migrations: Vec<String>,
    done: bool,
}

impl Run for Migrate {
    fn run(self, context: &Context) -> Done {
        let config = context.load(Flags::default())?.config;
        let settings = config.database.settings(&config.data_dir, 1);
        let database = match &settings {
            Settings::Sqlite { path, .. } => path.display().to_string(),
            Settings::Postgres { url, .. } => url.to_string(),
        };
        let failed = |error: store::OpenError| CommandError::new(error.to_string());
        let plan: MigrationPlan;
        if self.check {
            // Who may not look into the folder would be told that there is no database.
            if let Settings::Sqlite { path, .. } = &settings {
                path.try_exists().map_err(|error| {
                    CommandError::new(format!("the database {database} cannot be seen: {error}"))
                        .cure("Check --data, and run the command as the user that the gateway runs as.")
                })?;
            }
            plan = Store::plan(&settings).map_err(failed)?;
        } else {
            // A gateway that runs has brought its database to its own version, and must not be surprised.
            let locks = data_dir::prepare(&config)?;
            // A database is never without its key: a start that found one alone would take the key for lost.
            master_key::keyring(&config, &SystemEntropy)?;
            plan = Store::plan(&settings).map_err(failed)?;
            Store::open(&settings, Arc::new(SystemClock), Arc::new(SystemEntropy)).map_err(failed)?;
            locks.mark()?;
        }
        let report = Report {
            database,
            from: plan.current,
            to: SCHEMA_VERSION.max(plan.current),
            migrations: plan.pending.iter().map(|(version, name)| format!("{version} {name}")).collect(),
            done: !self.check,
        };
        if context.wants_json() { print_json(&report) } else { print(&report.text()) }
    }
}

impl Report {
    fn text(&self) -> String {
        let Self { database, from, to, migrations, done } = self;
        if migrations.is_empty() {
            return format!("{database} has schema {from}: nothing to do.\n");
        }
        let word = if *done { "was brought" } else { "would be brought" };
        let list: Vec<String> = migrations.iter().map(|migration| format!("  {migration}\n")).collect();
        format!("{database} {word} from schema {from} to {to}:\n{}", list.concat())
    }
}
