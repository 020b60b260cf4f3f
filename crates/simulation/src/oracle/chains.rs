//! What the chains hold, and what was made of it.

use std::collections::{BTreeMap, BTreeSet};

use domain::chain::BlockRef;

use super::{
    Judged, broken,
    facts::{Facts, Key, kind_of},
    hold,
    invariants::{CHAIN, EXPIRY},
};
use crate::{template::SCRIPTED, world::World};

/// The scripts of one kind that were given out.
fn ours<'a>(facts: &'a Facts, network: &str) -> BTreeSet<&'a [u8]> {
    let given = facts.addresses.iter().filter(|one| one.kind == kind_of(network));
    given.map(|one| &one.script[..]).collect()
}

/// What makes a receipt the one that it is.
type Money<'a> = (&'a str, u32, &'a [u8], &'a str, u128);

/// The receipts of the scripted chain that count are those on the branch on which the cursor stands, up to where it
/// stands, each in its block; and what is deep enough is final.
pub(super) fn scripted(world: &World, facts: &Facts) -> Judged {
    let Some(cursor) = facts.cursor(SCRIPTED) else { return Ok(()) };
    let chain = world.chain.borrow();
    let position = BlockRef { height: cursor.height, hash: cursor.hash.clone() };
    let branch = chain
        .branch_of(&position)
        .ok_or_else(|| broken(CHAIN, format!("the cursor stands on {position:?}, which never was")))?;
    let ours = ours(facts, SCRIPTED);
    let mut expected: BTreeMap<Money<'_>, (&str, u64)> = BTreeMap::new();
    for block in branch {
        for one in block.transfers.iter().filter(|one| ours.contains(one.script.bytes())) {
            let money: Money<'_> =
                (&one.transaction, one.ordinal, one.script.bytes(), one.asset.as_str(), one.amount.minor());
            expected.insert(money, (&block.at.hash, block.at.height));
        }
    }
    for receipt in facts.receipts.iter().filter(|one| one.network == SCRIPTED && one.standing != "gone") {
        let money: Money<'_> =
            (&receipt.txid, receipt.ordinal, &receipt.script, &receipt.asset, receipt.amount);
        let place = expected.remove(&money);
        let is_there = place.is_some_and(|(hash, height)| {
            receipt.hash.as_deref() == Some(hash) && receipt.height == Some(height)
        });
        hold(is_there, CHAIN, || {
            format!("{} counts in {:?}, and the chain has it in {place:?}", receipt.txid, receipt.hash)
        })?;
        let deep = receipt.height.is_some_and(|height| cursor.height + 1 - height >= receipt.depth);
        hold(!deep || receipt.standing == "confirmed", CHAIN, || {
            format!("{} is deep enough, and {}", receipt.txid, receipt.standing)
        })?;
        let in_time =
            receipt.moment <= receipt.first_seen && receipt.time.is_some_and(|time| receipt.moment <= time);
        hold(in_time, CHAIN, || format!("{} moved after it was seen", receipt.txid))?;
        let sent = world.known.borrow().sent.get(&receipt.txid).map(|sent| *sent - world.set_back.get());
        hold(sent.is_none_or(|sent| receipt.moment >= sent.micros()), CHAIN, || {
            format!("{} moved before it was sent", receipt.txid)
        })?;
    }
    hold(expected.is_empty(), CHAIN, || format!("the cursor passed {expected:?}, and nothing counts them"))
}

/// The trail of each receipt names the block that holds it now, and no other as one that still does.
pub(super) fn inclusions(facts: &Facts) -> Judged {
    let standing = facts.inclusions.iter().filter(|one| one.orphaned_at.is_none());
    let mut holding: BTreeSet<(Key, &str)> = standing.map(|one| (one.receipt, one.hash.as_str())).collect();
    for receipt in &facts.receipts {
        hold(receipt.standing != "gone" || receipt.hash.is_none(), CHAIN, || {
            format!("{} is gone, and yet in {:?}", receipt.txid, receipt.hash)
        })?;
        if let Some(hash) = &receipt.hash {
            hold(holding.remove(&(receipt.id, hash)), CHAIN, || {
                format!("the trail of {} does not tell of {hash}", receipt.txid)
            })?;
        }
    }
    hold(holding.is_empty(), CHAIN, || format!("{holding:?} are said to hold money, and do not"))
}

/// The same of the simulated chains, while the cursor stands on the branch that there is now.
pub(super) fn simulated(facts: &Facts) -> Judged {
    for cursor in facts.cursors.iter().filter(|cursor| cursor.network != SCRIPTED) {
        let network = &cursor.network;
        let blocks: BTreeMap<u64, &str> = facts
            .blocks
            .iter()
            .filter(|block| block.network == *network)
            .map(|block| (block.height, block.hash.as_str()))
            .collect();
        if blocks.get(&cursor.height).is_none_or(|hash| *hash != cursor.hash) {
            continue;
        }
        let mined = facts.transfers.iter().filter(|one| one.network == *network);
        let mut expected: BTreeMap<(&str, u128), u64> = mined
            .filter_map(|one| Some(((one.txid.as_str(), one.amount), one.height?)))
            .filter(|(_, height)| *height <= cursor.height)
            .collect();
        let counted = facts.receipts.iter().filter(|one| one.network == *network && one.standing != "gone");
        for receipt in counted {
            let Some(height) = receipt.height else { continue };
            let place = expected.remove(&(receipt.txid.as_str(), receipt.amount));
            let is_there = place == Some(height) && blocks.get(&height).copied() == receipt.hash.as_deref();
            hold(is_there, CHAIN, || {
                format!("{} counts at {height}, and {network} has it at {place:?}", receipt.txid)
            })?;
        }
        hold(expected.is_empty(), CHAIN, || {
            format!("the cursor of {network} passed {expected:?}, and nothing counts them")
        })?;
    }
    Ok(())
}

/// What is known of the time before stays known.
pub(super) fn horizons(facts: &Facts, seen: &mut BTreeMap<String, i64>) -> Judged {
    for cursor in &facts.cursors {
        let before = seen.insert(cursor.network.clone(), cursor.horizon);
        hold(before.is_none_or(|before| before <= cursor.horizon), EXPIRY, || {
            format!("{} was known up to {before:?}, and is now up to {}", cursor.network, cursor.horizon)
        })?;
    }
    Ok(())
}

/// What was made final since the last look was as deep as that on some branch that was followed.
pub(super) fn confirmed(world: &World, facts: &Facts, seen: &mut BTreeSet<Key>) -> Judged {
    let (chain, known) = (world.chain.borrow(), world.known.borrow());
    for receipt in facts.receipts.iter().filter(|one| one.standing == "confirmed") {
        let (Some(height), Some(hash)) = (receipt.height, &receipt.hash) else {
            return Err(broken(CHAIN, format!("{} is final, and in no block", receipt.txid)));
        };
        let least = height.saturating_add(receipt.depth).saturating_sub(1);
        let is_deep = if receipt.network == SCRIPTED {
            let holds = |head: &&BlockRef| {
                let branch = chain.branch_of(head).unwrap_or_default();
                crate::chain::at(branch, height).is_some_and(|block| block.at.hash == *hash)
            };
            known.heads.iter().filter(|head| head.height >= least).any(|head| holds(&head))
        } else {
            facts.cursor(&receipt.network).is_some_and(|cursor| cursor.height >= least)
        };
        hold(!seen.insert(receipt.id) || is_deep, CHAIN, || {
            format!("{} is final at {height}, and was never {} deep", receipt.txid, receipt.depth)
        })?;
    }
    seen.retain(|id| facts.receipts.iter().any(|one| one.id == *id && one.standing == "confirmed"));
    Ok(())
}
