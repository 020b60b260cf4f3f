//! Where the operator's socket is: gateway and commands come to the same path by the same rule.

use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

/// The socket in the data directory.
const NAME: &str = "operator.sock";

/// Bytes of the longest path that a socket may have: `sun_path` of unix(7) less its closing zero.
const LONGEST: usize = 107;

/// Where sockets are whose data directory has a path that is too long.
const RUN_DIRS: &str = "/tmp";

/// Bytes of the hash that names such a socket.
const HASH_BYTES: usize = 8;

/// The permissions of everybody but the owner.
const OTHERS: u32 = 0o077;

/// The path of the socket of a data directory. The directory must exist.
///
/// Where the path would be too long it lies in a run directory instead, which is named after the owner of the data
/// directory, so that root finds it too; the name of the socket is made from the path of the data directory.
pub(crate) fn path(data_dir: &Path) -> io::Result<PathBuf> {
    let data_dir = fs::canonicalize(data_dir)?;
    let path = data_dir.join(NAME);
    let bytes = path.as_os_str().as_encoded_bytes();
    if bytes.len() <= LONGEST {
        return Ok(path);
    }
    let owner = fs::metadata(&data_dir)?.uid();
    let hash = Sha256::digest(data_dir.as_os_str().as_encoded_bytes());
    let name = const_hex::encode(hash.get(..HASH_BYTES).unwrap_or(&hash));
    Ok(Path::new(RUN_DIRS).join(format!("tillgate-{owner}")).join(format!("{name}.sock")))
}

/// Makes the place of a socket ready: its run directory, where it needs one, and nothing of an older process in it.
///
/// # Errors
/// Where the run directory is another user's, or open to others: whoever made it could take the socket's place.
pub(crate) fn prepare(path: &Path) -> io::Result<()> {
    if let Some(folder) = run_dir(path) {
        match fs::DirBuilder::new().mode(0o700).create(folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        own(folder, &[rustix::process::geteuid().as_raw()])?;
    }
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Whether a command may speak to what answers at this path: another user may have made the run directory of a gateway
/// that does not run.
///
/// # Errors
/// Where the run directory belongs to neither this user nor the owner of the data directory nor root, or is open to
/// others.
pub(crate) fn check(path: &Path, data_dir: &Path) -> io::Result<()> {
    let Some(folder) = run_dir(path) else { return Ok(()) };
    let owners = [rustix::process::geteuid().as_raw(), fs::metadata(data_dir)?.uid(), 0];
    match own(folder, &owners) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        checked => checked,
    }
}

fn run_dir(path: &Path) -> Option<&Path> {
    path.parent().filter(|folder| folder.parent() == Some(Path::new(RUN_DIRS)))
}

/// Whether a directory is one of these users', and open to nobody else.
fn own(folder: &Path, owners: &[u32]) -> io::Result<()> {
    let found = fs::symlink_metadata(folder)?;
    let is_open = found.permissions().mode() & OTHERS != 0;
    if found.is_dir() && owners.contains(&found.uid()) && !is_open {
        return Ok(());
    }
    let text = format!("{} is not a directory of our own with mode 0700", folder.display());
    Err(io::Error::new(io::ErrorKind::PermissionDenied, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_path_is_left_for_a_run_directory() {
        let folder = tempfile::tempdir().unwrap();
        let short = path(folder.path()).unwrap();
        assert_eq!(short, fs::canonicalize(folder.path()).unwrap().join("operator.sock"));
        let deep = folder.path().join("a".repeat(100));
        fs::create_dir(&deep).unwrap();
        let long = path(&deep).unwrap();
        assert!(long.as_os_str().len() <= LONGEST, "{}", long.display());
        assert_eq!(path(&deep).unwrap(), long);
        let other = folder.path().join("b".repeat(100));
        fs::create_dir(&other).unwrap();
        assert_ne!(path(&other).unwrap(), long);
    }

    #[test]
    fn a_run_directory_that_others_may_write_or_own_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let me = rustix::process::geteuid().as_raw();
        let set = |mode| fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).unwrap();
        set(0o700);
        assert!(own(folder.path(), &[me]).is_ok());
        assert!(own(folder.path(), &[me.wrapping_add(1)]).is_err());
        for mode in [0o701, 0o710, 0o702, 0o777] {
            set(mode);
            assert!(own(folder.path(), &[me]).is_err(), "{mode:o}");
        }
        set(0o700);
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        std::os::unix::fs::symlink(folder.path(), &link).unwrap();
        assert!(own(&file, &[me]).is_err() && own(&link, &[me]).is_err());
    }
}
