//! What a command is run with.

use std::path::PathBuf;

use crate::{
    banner::quoted,
    cli::Common,
    client::{Answer, Client},
    config::{Flags, Loaded, Sources, load},
    failure::{CommandError, Done},
    output::{print, print_json},
};

/// What a command is run with: what every command takes, and the environment of the process.
pub(crate) struct Context {
    common: Common,
    variables: Vec<(String, String)>,
}

impl Context {
    /// A context of these options, with the environment of this process.
    ///
    /// # Errors
    /// Where a variable that is ours is no text.
    pub(crate) fn new(common: Common) -> Result<Self, CommandError> {
        let mut variables = Vec::new();
        for (name, value) in std::env::vars_os() {
            match (name.into_string(), value.into_string()) {
                (Ok(name), Ok(value)) => variables.push((name, value)),
                (Ok(name), Err(_)) if name.starts_with("TILLGATE_") => {
                    return Err(CommandError::new(format!(
                        "environment variable {name}: its value is no UTF-8 text"
                    )));
                }
                _ => {}
            }
        }
        Ok(Self { common, variables })
    }

    /// The configuration, with what the command's own flags say.
    pub(crate) fn load(&self, flags: Flags) -> Result<Loaded, CommandError> {
        let flags = Flags { data_dir: self.common.data.clone(), ..flags };
        let sources = Sources { file: self.common.config.clone(), variables: self.variables.clone(), flags };
        Ok(load(&sources)?)
    }

    /// A way to the running gateway.
    pub(crate) fn client(&self) -> Result<Client, CommandError> {
        Ok(Client::new(self.load(Flags::default())?.config.data_dir))
    }

    /// Prints an answer: the document itself, or what `human` makes of it.
    pub(crate) fn show<T>(&self, answer: &Answer<T>, human: impl FnOnce(&T) -> String) -> Done {
        if self.common.json { print_json(&answer.document) } else { print(&human(&answer.value)) }
    }

    /// Whether a JSON document is asked for.
    pub(crate) const fn wants_json(&self) -> bool {
        self.common.json
    }

    /// An environment variable that is not ours alone.
    pub(crate) fn variable(&self, name: &str) -> Option<&str> {
        self.variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The options with which another command finds the same gateway.
    pub(crate) fn options(&self) -> String {
        let option = |name: &str, path: &Option<PathBuf>| {
            path.as_ref()
                .map(|path| format!(" --{name} {}", quoted(&path.to_string_lossy())))
                .unwrap_or_default()
        };
        option("config", &self.common.config) + &option("data", &self.common.data)
    }
}
