//! Other programs, and what the surroundings say.

use std::{
    ffi::OsStr,
    path::Path,
    process::{Command, Stdio},
};

use crate::error::Error;

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here)
}

/// Whether this is the continuous integration, where nothing may be left out.
#[expect(clippy::disallowed_methods, reason = "xtask is no part of the gateway, and has no configuration")]
pub(crate) fn is_ci() -> bool {
    ["CI", "TILLGATE_CI"].iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// A command at the root of the repository.
///
/// What cargo told xtask about its own package is taken away: some build scripts run again whenever those variables
/// change, and would rebuild half the tree at each step.
pub(crate) fn command(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root()).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"]
            .iter()
            .any(|own| text.starts_with(own))
        {
            command.env_remove(&name);
        }
    }
    command
}

/// Runs a command to its end; what it says goes where ours goes.
pub(crate) fn run(mut command: Command) -> Result<(), Error> {
    let text = told(&command);
    println!("$ {text}");
    let status = command.status().map_err(|cause| Error::Start { command: text.clone(), cause })?;
    if status.success() { Ok(()) } else { Err(Error::Ended { command: text, status }) }
}

/// What a command prints, run in `folder`. What it complains about goes where ours goes.
pub(crate) fn output(program: &str, arguments: &[&str], folder: &Path) -> Result<String, Error> {
    let mut command = command(program, arguments);
    command.current_dir(folder).stderr(Stdio::inherit());
    let text = told(&command);
    let output = command.output().map_err(|cause| Error::Start { command: text.clone(), cause })?;
    if !output.status.success() {
        return Err(Error::Ended { command: text, status: output.status });
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The first line that `program` prints of itself; nothing where it cannot be run.
pub(crate) fn version(program: &str, arguments: &[&str]) -> Option<String> {
    let output = command(program, arguments).output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8_lossy(&output.stdout);
    Some(text.lines().next().unwrap_or_default().trim().to_owned())
}

/// A command as it would be typed.
fn told(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}
