//! What the disk can do at all: a page appended and synced, as a commit of one job has to.

use std::{
    fs::OpenOptions,
    io::Write,
    path::Path,
    time::{Duration, Instant},
};

use rustix::fs::fdatasync;

use crate::{
    error::Done,
    figures::{Book, quantile},
};

/// The row.
pub(crate) const ROW: &str = "disk: append 4 KiB, fdatasync";

/// Appends and syncs for a while.
pub(crate) fn probe(book: &mut Book, dir: &Path, run: Duration) -> Done {
    let path = dir.join("disk-probe");
    let mut file = OpenOptions::new().create(true).append(true).open(&path)?;
    let (page, begun, mut took) = ([0x5a_u8; 4_096], Instant::now(), Vec::new());
    while begun.elapsed() < run {
        let one = Instant::now();
        file.write_all(&page)?;
        fdatasync(&file).map_err(std::io::Error::from)?;
        took.push(u32::try_from(one.elapsed().as_nanos() / 100).unwrap_or(u32::MAX));
    }
    std::fs::remove_file(&path)?;
    took.sort_unstable();
    for (name, thousandths) in [("p50 ms", 500), ("p99 ms", 990)] {
        book.tell(ROW, name, quantile(&took, thousandths) / 10_000.0);
    }
    Ok(())
}
