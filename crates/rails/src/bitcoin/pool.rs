//! What waits to be mined, as far as it was looked at. No network: what was listed, and what was read.
//!
//! A transaction is looked at once, when it is first listed, and what it pays us is kept for as long as it is. So the
//! list has to be compared on every look, and the transactions themselves do not.

use std::collections::{BTreeMap, BTreeSet};

use bitcoin::{Txid, hashes::Hash};
use domain::chain::{Block, Transfer};

use crate::watch::WatchSet;

/// Listed transactions for each of which one look is left out: a node sorts them for the list.
const LISTED_PER_PAUSE: usize = 50_000;

/// What waits.
#[derive(Default)]
pub(super) struct Pool {
    /// The transactions that were looked at and are still listed.
    looked_at: WatchSet,
    /// Those of them that pay us.
    ours: BTreeMap<Txid, Vec<Transfer>>,
    /// Looks to leave out.
    pause: usize,
}

impl Pool {
    /// Whether this look is one to leave out.
    pub(super) const fn is_left_out(&mut self) -> bool {
        let is_left_out = self.pause > 0;
        self.pause = self.pause.saturating_sub(1);
        is_left_out
    }

    /// Those of the transactions that pay us which are not listed any more.
    pub(super) fn unlisted(&self, listed: &[Txid]) -> Vec<Txid> {
        // Ours are few, and what is listed may be much.
        let mut unlisted: BTreeSet<&Txid> = self.ours.keys().collect();
        for id in listed {
            if unlisted.is_empty() {
                break;
            }
            unlisted.remove(id);
        }
        unlisted.into_iter().copied().collect()
    }

    /// Forgets transactions that pay us.
    pub(super) fn forget(&mut self, gone: &[Txid]) {
        for id in gone {
            self.ours.remove(id);
        }
    }

    /// Forgets transactions that blocks hold now. Where their block leaves the chain they may wait again, and are read
    /// again then.
    pub(super) fn forget_mined(&mut self, blocks: &[Block]) {
        let mined: BTreeSet<&str> =
            blocks.iter().flat_map(|block| &block.transfers).map(|one| one.transaction.as_str()).collect();
        if mined.is_empty() {
            return;
        }
        let looked_at = &mut self.looked_at;
        self.ours.retain(|id, _| {
            let waits = !mined.contains(id.to_string().as_str());
            if !waits {
                looked_at.remove(id.as_byte_array());
            }
            waits
        });
    }

    /// The listed transactions that were not looked at yet, of which `at_once` are next; those that are not listed any
    /// more are forgotten.
    pub(super) fn unknown(&mut self, listed: &[Txid], at_once: usize) -> Vec<Txid> {
        let mut still = WatchSet::with_capacity(listed.len());
        let mut unknown = Vec::new();
        for id in listed {
            if self.looked_at.contains(id.as_byte_array()) {
                still.insert(id.as_byte_array());
            } else {
                unknown.push(*id);
            }
        }
        self.looked_at = still;
        // While not all was looked at, nothing is left out.
        self.pause = if unknown.len() > at_once { 0 } else { listed.len() / LISTED_PER_PAUSE };
        unknown
    }

    /// Notes what a transaction pays us.
    pub(super) fn note(&mut self, id: Txid, transfers: Vec<Transfer>) {
        self.looked_at.insert(id.as_byte_array());
        if !transfers.is_empty() {
            self.ours.insert(id, transfers);
        }
    }

    /// All that waits to be ours.
    pub(super) fn waiting(&self) -> Vec<Transfer> {
        self.ours.values().flatten().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        chain::Script,
        money::{Amount, AssetCode},
    };

    use super::*;

    const AT_ONCE: usize = 10_000;

    fn id(number: u8) -> Txid {
        Txid::from_byte_array([number; 32])
    }

    fn transfer(id: Txid) -> Transfer {
        Transfer {
            transaction: id.to_string(),
            ordinal: 0,
            script: Script::new(&[7; 22]).unwrap(),
            asset: AssetCode::parse("BTC").unwrap(),
            amount: Amount::from_minor(5),
            least_depth: 1,
        }
    }

    #[test]
    fn a_transaction_is_looked_at_once_for_as_long_as_it_is_listed() {
        let mut pool = Pool::default();
        assert_eq!(pool.unknown(&[id(1), id(2)], AT_ONCE), [id(1), id(2)]);
        pool.note(id(1), Vec::new());
        pool.note(id(2), vec![transfer(id(2))]);
        assert_eq!(pool.unknown(&[id(2), id(3), id(1)], AT_ONCE), [id(3)]);
        assert_eq!(pool.waiting(), [transfer(id(2))]);
        // One that was not listed for a while may have been replaced by another one of the same id: it is read again.
        assert_eq!(pool.unknown(&[id(2)], AT_ONCE), []);
        assert_eq!(pool.unknown(&[id(1), id(2)], AT_ONCE), [id(1)]);
    }

    #[test]
    fn what_pays_us_is_kept_until_it_is_forgotten() {
        let mut pool = Pool::default();
        pool.note(id(2), vec![transfer(id(2))]);
        assert_eq!(pool.unlisted(&[id(2), id(3)]), []);
        assert_eq!(pool.unlisted(&[id(3)]), [id(2)]);
        assert_eq!(pool.waiting().len(), 1);
        pool.forget(&[id(2)]);
        assert!(pool.waiting().is_empty() && pool.unlisted(&[]).is_empty());
    }

    #[test]
    fn a_long_list_is_asked_for_less_often_once_it_is_known() {
        let mut pool = Pool::default();
        let listed: Vec<Txid> = (0..120_000_u32)
            .map(|number| {
                let mut bytes = [0; 32];
                bytes[..4].copy_from_slice(&number.to_be_bytes());
                Txid::from_byte_array(bytes)
            })
            .collect();
        assert_eq!(pool.unknown(&listed, AT_ONCE).len(), listed.len());
        assert!(!pool.is_left_out());
        for id in &listed {
            pool.note(*id, Vec::new());
        }
        assert_eq!(pool.unknown(&listed, AT_ONCE), []);
        assert_eq!([(); 4].map(|()| pool.is_left_out()), [true, true, false, false]);
    }
}
