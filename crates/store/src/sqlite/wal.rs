//! What a write-ahead log says of itself, read without SQLite: <https://www.sqlite.org/fileformat.html#walformat>.
//!
//! SQLite takes a log whose beginning it does not know for an empty one, and stops at the first frame that does not
//! fit, without a word. That is right after a power cut, which leaves the last transaction half written; after anything
//! else it drops payments that were answered. Here the two are told apart.

use std::{collections::BTreeSet, fs::File, io, os::unix::fs::FileExt, path::Path};

/// Bytes of the header.
const HEADER: usize = 32;

/// Bytes before the page of a frame.
const FRAME: usize = 24;

/// Both forms of the first four bytes, without the bit that says how checksums are counted.
const MAGIC: u32 = 0x377f_0682;

/// The only version there is.
const VERSION: u32 = 3_007_000;

/// A log that was left behind.
pub(super) struct Wal {
    file: File,
    bytes: u64,
    page_size: u64,
    salts: [u8; 8],
}

/// The beginning of a log.
pub(super) enum Beginning {
    /// There is none, or it ends before its first frame: nothing was committed in it.
    Nothing,
    /// It is what no version of SQLite writes, and more follows.
    Garbage,
    /// Frames follow.
    Frames(Wal),
}

/// One frame's own words.
struct Frame {
    page: u64,
    /// Whether a transaction ends here.
    commits: bool,
    /// Whether it was written since the log was last begun anew.
    is_current: bool,
}

/// Opens the log at this path, where there is one.
pub(super) fn open(path: &Path) -> io::Result<Beginning> {
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Beginning::Nothing),
        file => file?,
    };
    let bytes = file.metadata()?.len();
    // The header is synced before the first frame is written: without frames it may be torn, and nothing was answered.
    if bytes <= HEADER as u64 {
        return Ok(Beginning::Nothing);
    }
    let mut header = [0; HEADER];
    match file.read_exact_at(&mut header, 0) {
        // It became shorter since its length was asked for: whoever works on it has moved it into the database.
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(Beginning::Nothing),
        read => read?,
    }
    let [magic, version, page_size, _, _, _, sum, other_sum] = words(&header);
    let page_sizes = 512..=65_536;
    let is_known = magic & !1 == MAGIC && version == VERSION && page_sizes.contains(&page_size);
    let counted = checksum(&header, magic & 1 == 1);
    if !is_known || !page_size.is_power_of_two() || counted != (sum, other_sum) {
        return Ok(Beginning::Garbage);
    }
    let [.., salts, _] = header.as_chunks::<8>().0 else { return Ok(Beginning::Garbage) };
    Ok(Beginning::Frames(Wal { file, bytes, page_size: page_size.into(), salts: *salts }))
}

/// The header as it is written: eight numbers, the highest byte first.
fn words(header: &[u8; HEADER]) -> [u32; 8] {
    let mut words = [0; 8];
    for (word, bytes) in words.iter_mut().zip(header.as_chunks::<4>().0) {
        *word = u32::from_be_bytes(*bytes);
    }
    words
}

/// The checksum over all of the header but the checksum.
fn checksum(header: &[u8; HEADER], is_big_endian: bool) -> (u32, u32) {
    let read = if is_big_endian { u32::from_be_bytes } else { u32::from_le_bytes };
    let (pairs, _) = header.as_chunks::<8>();
    pairs.iter().take(3).fold((0_u32, 0_u32), |(one, other), pair| {
        let [first, second] = [0, 4].map(|at| read(std::array::from_fn(|byte| pair[at + byte])));
        let one = one.wrapping_add(first).wrapping_add(other);
        (one, other.wrapping_add(second).wrapping_add(one))
    })
}

impl Wal {
    fn frame(&self, number: u64) -> io::Result<Frame> {
        let mut bytes = [0; FRAME];
        let size = FRAME as u64 + self.page_size;
        self.file.read_exact_at(&mut bytes, HEADER as u64 + number * size)?;
        let (fields, _) = bytes.as_chunks::<4>();
        Ok(Frame {
            page: u32::from_be_bytes(fields[0]).into(),
            commits: fields[1] != [0; 4],
            is_current: bytes[8..16] == self.salts,
        })
    }

    fn frames(&self) -> u64 {
        (self.bytes - HEADER as u64) / (FRAME as u64 + self.page_size)
    }

    /// The pages above `above` that stand in the first frames, `count` of them.
    pub(super) fn pages(&self, count: u64, above: u64) -> io::Result<BTreeSet<u64>> {
        let pages = (0..count.min(self.frames())).map(|number| Ok(self.frame(number)?.page));
        pages.filter(|page| page.as_ref().map_or(true, |page| *page > above)).collect()
    }

    /// Whether SQLite, which believes the first `count` frames, leaves out a transaction that was on the disk before
    /// another began: then the log was damaged after it was written.
    ///
    /// A power cut spoils one transaction at most, the last, and nothing stands behind the frame that commits it.
    /// Frames of before the log was begun anew, and of transactions that were taken back, prove nothing.
    pub(super) fn hides(&self, count: u64) -> io::Result<bool> {
        let mut has_commit = false;
        for number in count..self.frames() {
            let frame = self.frame(number)?;
            if frame.is_current && has_commit {
                return Ok(true);
            }
            has_commit |= frame.is_current && frame.commits;
        }
        Ok(false)
    }
}
