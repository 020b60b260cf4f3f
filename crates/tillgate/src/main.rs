//! `tillgate`

use std::process::ExitCode;

fn main() -> ExitCode {
    tillgate::run()
}
