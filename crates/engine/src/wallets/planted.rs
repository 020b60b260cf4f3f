//! Bugs on purpose: see [`store::planted`].

use domain::{chain::Script, merchant::Wallet};
use store::{
    Fault, Tx,
    planted::{Bug, is},
};

/// The script that was given out last, now and then.
pub(super) fn last_script(tx: &mut Tx<'_>, wallet: &Wallet) -> Result<Option<Script>, Fault> {
    if !is(Bug::AddressTwice) || wallet.issued % 3 != 2 {
        return Ok(None);
    }
    let last = store::addresses::scripts(tx, wallet.id, wallet.issued.saturating_sub(1), 1)?;
    Ok(last.first().and_then(|(_, script)| Script::new(script)))
}
