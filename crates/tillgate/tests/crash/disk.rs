//! A small disk of its own, which can be filled.

use std::{
    fs::{self, File},
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
    process::Command,
};

/// The file that takes the room.
const FILLER: &str = "filler";

/// A small disk, mounted on a folder for as long as this lives. Its owner has to be dropped after the processes on it.
pub(crate) struct Disk {
    folder: PathBuf,
}

impl Disk {
    /// A disk of so many mebibytes on this folder; nothing where this user may mount none.
    ///
    /// # Panics
    /// In the continuous integration, where nothing may be left out.
    pub(crate) fn mount(folder: &Path, mebibytes: u32) -> Option<Self> {
        fs::create_dir(folder).expect("a folder");
        let size = format!("size={mebibytes}m,mode=700");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder);
        let why = match mount.output() {
            Ok(output) if output.status.success() => return Some(Self { folder: folder.to_owned() }),
            Ok(output) => String::from_utf8_lossy(&output.stderr).into_owned(),
            Err(error) => error.to_string(),
        };
        left_out(&format!("a small disk cannot be mounted here: {why}"));
        None
    }

    /// Takes all the room there is.
    pub(crate) fn fill(&self) {
        let mut filler = File::create(self.folder.join(FILLER)).expect("a file");
        // Large steps first, so that it is quick; then the rest of it.
        for step in [1 << 16, 1] {
            let bytes = vec![0; step];
            let full = loop {
                if let Err(error) = filler.write_all(&bytes) {
                    break error;
                }
            };
            assert_eq!(full.kind(), ErrorKind::StorageFull, "{full}");
        }
    }

    /// Makes room again.
    pub(crate) fn make_room(&self) {
        fs::remove_file(self.folder.join(FILLER)).expect("a filler");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.folder).status();
    }
}

/// Says that a test is left out, and why.
///
/// # Panics
/// In the continuous integration, where nothing may be left out.
#[expect(clippy::print_stdout, reason = "a test that leaves something out says so")]
#[expect(clippy::disallowed_methods, reason = "the surroundings of a test are no setting of the gateway")]
pub(crate) fn left_out(why: &str) {
    let is_ci = ["CI", "TILLGATE_CI"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()));
    assert!(!is_ci, "{why}");
    println!("LEFT OUT: {why}");
}
