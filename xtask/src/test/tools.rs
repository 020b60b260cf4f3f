//! What tests need that cargo does not bring: a browser, a database, a proxy, PHP, what makes a disk fail, and from npm
//! two chains' nodes and a mail server.
//!
//! On Debian, and as root, what is missing is installed; elsewhere the command that installs it is named.

use std::{fs, path::Path};

use super::{Options, Outcome};
use crate::{error::Error, shell};

/// A program, and the Debian package it is in.
struct Tool {
    program: &'static str,
    package: &'static str,
    /// The folder of programs that are in no path, or not in everybody's; of several versions of one, a `*` stands for
    /// the newest.
    folder: &'static str,
    /// What makes it say its version.
    asks: &'static str,
}

impl Tool {
    const fn new(program: &'static str, package: &'static str) -> Self {
        Self { program, package, folder: "", asks: "--version" }
    }
}

/// The browser, and what drives it. Both come from one source, so that their versions fit.
const BROWSER: &[Tool] = &[Tool::new("chromium", "chromium"), Tool::new("chromedriver", "chromium-driver")];

/// The database that nodes share, and what stands before them.
const SERVERS: &[Tool] = &[
    Tool { folder: "/usr/lib/postgresql/*/bin", ..Tool::new("postgres", "postgresql") },
    Tool { folder: "/usr/sbin", asks: "-v", ..Tool::new("haproxy", "haproxy") },
];

/// What runs npm packages.
const NODE: &[Tool] = &[Tool::new("node", "nodejs"), Tool::new("npm", "npm")];

/// What reads callbacks as shops do that are written in PHP.
const READERS: &[Tool] = &[Tool::new("php", "php-cli")];

/// What makes a disk fail.
const FAULTS: &[Tool] = &[Tool::new("strace", "strace")];

/// The folder with the npm packages, pinned by a lock file, from the root of the repository.
const NPM_FOLDER: &str = "tools/npm";

/// Looks for everything, and installs what it can.
pub(super) fn run(options: &Options) -> Result<Outcome, Error> {
    if options.skip_tools {
        let names = "browser, database, proxy, PHP, strace and node were not looked for (--skip-tools)";
        return Ok(Outcome::Skipped(names.to_owned()));
    }
    let has_npm_folder = shell::root().join(NPM_FOLDER).join("package-lock.json").is_file();
    let node = NODE.iter().filter(|_| has_npm_folder);
    let wanted: Vec<&Tool> = BROWSER.iter().chain(SERVERS).chain(READERS).chain(FAULTS).chain(node).collect();
    provide(&wanted)?;
    for tool in &wanted {
        println!("{:<14}{}", tool.program, version(tool).unwrap_or_default());
    }
    same_version(BROWSER)?;
    if !has_npm_folder {
        return Ok(Outcome::Skipped(format!(
            "there is no {NPM_FOLDER}/package-lock.json: no packages from npm"
        )));
    }
    let folder = shell::root().join(NPM_FOLDER);
    install_packages(&folder)?;
    println!("{:<14}{}", "anvil", anvil(&folder)?);
    println!("{:<14}{}", "bcoin", bcoin(&folder)?);
    Ok(Outcome::Passed)
}

fn version(tool: &Tool) -> Option<String> {
    let program = Path::new(tool.folder).join(tool.program);
    let program = match tool.folder.split_once('*') {
        Some((before, after)) => {
            let newest = newest(Path::new(before))?;
            Path::new(before).join(newest).join(after.trim_start_matches('/')).join(tool.program)
        }
        None => program,
    };
    shell::version(&program.to_string_lossy(), &[tool.asks])
}

/// The highest of the numbers that folders in this one have as their names.
fn newest(folder: &Path) -> Option<String> {
    let names = fs::read_dir(folder).into_iter().flatten().flatten();
    let numbers = names.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    numbers.max().map(|number| number.to_string())
}

/// Installs those that are missing, where this is Debian and we are root.
fn provide(wanted: &[&Tool]) -> Result<(), Error> {
    let missing =
        || wanted.iter().filter(|tool| version(tool).is_none()).map(|tool| tool.package).collect::<Vec<_>>();
    let packages = missing();
    if packages.is_empty() {
        return Ok(());
    }
    let is_root = shell::version("id", &["-u"]).as_deref() == Some("0");
    if is_root && shell::version("apt-get", &["--version"]).is_some() {
        let install = [&["install", "--yes", "--no-install-recommends"], &packages[..]].concat();
        for arguments in [&["update"][..], &install] {
            let mut command = shell::command("apt-get", arguments);
            command.env("DEBIAN_FRONTEND", "noninteractive");
            shell::run(command)?;
        }
    }
    let missing = missing().join(" ");
    if missing.is_empty() {
        return Ok(());
    }
    Err(Error::Tools(format!(
        "missing: {missing}. On Debian: sudo apt-get install {missing}. Without them: cargo xtask test --skip-tools"
    )))
}

/// A driver drives only the browser of its own version.
fn same_version(tools: &[Tool]) -> Result<(), Error> {
    let versions: Vec<String> = tools.iter().filter_map(version).collect();
    let mut majors: Vec<Option<&str>> = versions.iter().map(|text| major(text)).collect();
    majors.dedup();
    if majors.len() == 1 {
        return Ok(());
    }
    Err(Error::Tools(format!(
        "{} do not fit each other; install both from one source",
        versions.join(" and ")
    )))
}

/// The first number of the first version in a text: `156` in `Chromium 156.0.8078.73 built on Debian`.
fn major(text: &str) -> Option<&str> {
    let is_number = |word: &&str| word.starts_with(|letter: char| letter.is_ascii_digit());
    text.split_whitespace().find(is_number).and_then(|version| version.split('.').next())
}

/// Installs the packages of the lock file, unless they are. No package runs a script of its own.
fn install_packages(folder: &Path) -> Result<(), Error> {
    let lock = folder.join("package-lock.json");
    // A copy of the lock file, made when it was installed.
    let installed = folder.join("node_modules/.installed-lock.json");
    let wanted = fs::read(&lock).map_err(|cause| Error::File { path: lock, cause })?;
    // No copy: never installed, or not to its end.
    if fs::read(&installed).is_ok_and(|known| known == wanted) {
        println!("the packages of {NPM_FOLDER} are installed");
        return Ok(());
    }
    let mut command = shell::command("npm", &["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    command.current_dir(folder);
    shell::run(command)?;
    fs::write(&installed, wanted).map_err(|cause| Error::File { path: installed, cause })
}

/// The version of the Ethereum node. Its package is optional to npm, which says nothing where the machine is none of
/// those that it is built for.
fn anvil(folder: &Path) -> Result<String, Error> {
    let packages = fs::read_dir(folder.join("node_modules/@foundry-rs")).into_iter().flatten().flatten();
    let mut programs = packages.map(|package| package.path().join("bin/anvil"));
    let version = programs.find_map(|program| shell::version(&program.to_string_lossy(), &["--version"]));
    version.ok_or_else(|| {
        Error::Tools(format!(
            "{NPM_FOLDER}/package.json names no anvil that runs on this machine; add its package"
        ))
    })
}

/// Where the Bitcoin node says its version. It is a program of node's and prints none by itself.
const BCOIN_MANIFEST: &str = "node_modules/bcoin/package.json";

/// The version of the Bitcoin node.
fn bcoin(folder: &Path) -> Result<String, Error> {
    let path = folder.join(BCOIN_MANIFEST);
    let manifest = fs::read_to_string(&path).map_err(|cause| Error::File { path, cause })?;
    let version = manifest.lines().find_map(|line| line.trim().strip_prefix("\"version\":"));
    let version = version.map(|text| text.trim_matches([' ', '"', ',']).to_owned());
    version.ok_or_else(|| Error::Tools(format!("{BCOIN_MANIFEST} names no version")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_what_programs_say_of_themselves() {
        for (text, number) in [
            ("Chromium 156.0.8078.73 built on Debian GNU/Linux 12 (bookworm)", Some("156")),
            ("ChromeDriver 156.0.8078.73 (1234abcd)", Some("156")),
            ("Chromium", None),
        ] {
            assert_eq!(major(text), number);
        }
    }
}
