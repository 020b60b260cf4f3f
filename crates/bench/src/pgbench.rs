//! x
use crate::error::Done;
use std::path::Path;
pub(crate) fn print(_log: &Path) -> Done {
    Ok(())
}
