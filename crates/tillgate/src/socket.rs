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
    let is_run_dir = |folder: &&Path| folder.parent() == Some(Path::new(RUN_DIRS));
    if let Some(folder) = path.parent().filter(is_run_dir) {
        match fs::DirBuilder::new().mode(0o700).create(folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        let found = fs::symlink_metadata(folder)?;
        let own = found.uid() == rustix::process::geteuid().as_raw();
        if !found.is_dir() || !own || found.permissions().mode() & 0o077 != 0 {
            let text = format!("{} is not a directory of our own with mode 0700", folder.display());
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, text));
        }
    }
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
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
}
