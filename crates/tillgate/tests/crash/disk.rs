//! A small disk of its own, which can be filled.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, ErrorKind, Write},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

/// The file that takes the room.
const FILLER: &str = "filler";

/// Mounts a disk, and takes it away when nobody holds the other end of its input any more, however that came to be.
const KEEPER: &str = r#"
mount -t tmpfs -o "$2" tmpfs "$1" 2>&1 || exit 1
echo mounted
cat >/dev/null
umount --lazy "$1"
rmdir "$1"
"#;

/// A small disk, mounted on a folder for as long as this lives. Its owner has to be dropped after the processes on it.
pub(crate) struct Disk {
    folder: PathBuf,
    keeper: Child,
}

impl Disk {
    /// A disk of so many mebibytes on this folder; nothing where this user may mount none.
    ///
    /// # Panics
    /// In the continuous integration, where nothing may be left out.
    pub(crate) fn mount(folder: &Path, mebibytes: u32) -> Option<Self> {
        fs::create_dir(folder).expect("a folder");
        let size = format!("size={mebibytes}m,mode=700");
        let mut command = Command::new("sh");
        command.args(["-c", KEEPER, "keeper"]).arg(folder).arg(size);
        // In a group of its own, it is not ended together with the test.
        command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut keeper = command.spawn().expect("a shell");
        let mut said = String::new();
        let output = keeper.stdout.take().expect("its output");
        BufReader::new(output).read_line(&mut said).expect("its word");
        let disk = Self { folder: folder.to_owned(), keeper };
        if said.trim() == "mounted" {
            return Some(disk);
        }
        left_out(&format!("a small disk cannot be mounted here: {}", said.trim()));
        None
    }

    /// Where it is.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
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
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
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
