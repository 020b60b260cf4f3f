//! Making and replacing simulated blocks.

use domain::{
    chain::{AddressForm, Block, BlockRef, Cursor, Method, Network, NetworkSpec, SandboxView},
    id::{IdMaker, PaymentId, ShopId, kind},
    refusal::{Failure, Refusal},
    time::Timestamp,
};
use store::{Abort, Rx, Tx, sandbox::SimulatedBlock};

use crate::{Engine, checkout, hints::Hint, record::OpenRecord};

/// The most blocks that one command makes or replaces.
pub const MAX_BLOCKS: u32 = 1_000;

/// Blocks that a watcher is shown at once.
const BLOCKS_PER_LOOK: u32 = 100;

/// Transfers that may wait to be mined.
const MAX_WAITING: u32 = 1_000;

impl Engine {
    /// What the simulated node of a network shows.
    ///
    /// # Errors
    /// [`Refusal::NetworkUnknown`], [`Refusal::NotSimulated`].
    pub async fn sandbox_view(&self, cursor: Cursor) -> Result<SandboxView, Failure> {
        self.require_simulated(cursor.network)?;
        let moment = self.moment();
        let job = move |rx: &mut Rx<'_>| -> Result<SandboxView, Abort> {
            let now = moment.business(rx)?;
            view(rx, &cursor, now)
        };
        self.store().read("sandbox.view", job).await
    }

    /// Mines blocks on a simulated network: everything that waits goes into the first of them. Gives the new head.
    ///
    /// # Errors
    /// [`Refusal::NetworkUnknown`], [`Refusal::NotSimulated`]; [`Refusal::BlocksOutOfRange`] for none, or more than
    /// [`MAX_BLOCKS`].
    pub async fn mine(&self, network: Network, count: u32) -> Result<BlockRef, Failure> {
        self.require_simulated(network)?;
        let moment = self.moment();
        let job = move |tx: &mut Tx<'_>| -> Result<BlockRef, Abort> {
            let now = moment.business(tx)?;
            mine(tx, network, count, &mut moment.ids(now), now)
        };
        let head = self.store().transact("sandbox.mine", job).await?;
        self.hint(Hint::Watch(network));
        Ok(head)
    }

    /// Replaces the newest `depth` blocks of a simulated network by one more than that, all of them empty. What was in
    /// them waits to be mined again, or with `drop` is gone as if it had been spent elsewhere. Gives the new head.
    ///
    /// # Errors
    /// [`Refusal::NetworkUnknown`], [`Refusal::NotSimulated`]; [`Refusal::BlocksOutOfRange`] for more than there are.
    pub async fn reorganise(&self, network: Network, depth: u32, drop: bool) -> Result<BlockRef, Failure> {
        self.require_simulated(network)?;
        let moment = self.moment();
        let job = move |tx: &mut Tx<'_>| -> Result<BlockRef, Abort> {
            let now = moment.business(tx)?;
            store::sandbox::lock(tx, network)?;
            let head = store::sandbox::head(tx, network)?.ok_or(Refusal::BlocksOutOfRange)?;
            let kept = head.at.height.checked_sub(u64::from(depth)).filter(|kept| *kept > 0);
            let kept = kept.filter(|_| (1..=MAX_BLOCKS).contains(&depth)).ok_or(Refusal::BlocksOutOfRange)?;
            store::sandbox::drop_blocks(tx, network, kept)?;
            let mut ids = moment.ids(now);
            if drop {
                store::sandbox::drop_transfers_above(tx, network, kept)?;
            }
            // The new blocks are made before what was in the old ones may wait again, and so stay empty.
            let head = add_blocks(tx, network, depth.saturating_add(1), &mut ids, now)?;
            store::sandbox::unmine_above(tx, network, kept)?;
            Ok(head)
        };
        let head = self.store().transact("sandbox.reorganise", job).await?;
        self.hint(Hint::Watch(network));
        Ok(head)
    }

    /// Makes the node of a simulated network show nothing new, or lets it again.
    ///
    /// # Errors
    /// [`Refusal::NetworkUnknown`], [`Refusal::NotSimulated`].
    pub async fn stall(&self, network: Network, on: bool) -> Result<(), Failure> {
        self.require_simulated(network)?;
        let moment = self.moment();
        let job = move |tx: &mut Tx<'_>| -> Result<(), Abort> {
            store::sandbox::lock(tx, network)?;
            let since = store::sandbox::stalled_at(tx, network)?;
            let now = moment.business(tx)?;
            Ok(store::sandbox::stall(tx, network, on.then(|| since.unwrap_or(now)))?)
        };
        self.store().transact("sandbox.stall", job).await?;
        self.hint(Hint::Watch(network));
        Ok(())
    }

    /// Declines the card of a payment for good. Where no card was asked for it is chosen first, as a buyer would.
    ///
    /// # Errors
    /// [`Refusal::PaymentNotFound`]; [`Refusal::MethodUnknown`] where there is no simulated card;
    /// [`Refusal::PaymentClosed`] and [`Refusal::NothingDue`] where a card can be chosen no more.
    pub async fn decline(&self, shop: ShopId, payment: PaymentId) -> Result<(), Failure> {
        let (engine, moment) = (self.clone(), self.moment());
        let job = move |tx: &mut Tx<'_>| -> Result<Network, Abort> {
            let now = moment.business(tx)?;
            let ids = &mut moment.ids(now);
            let mut open = OpenRecord::open(tx, shop, payment)?;
            let card = card(&engine).ok_or(Refusal::MethodUnknown)?;
            let asked = |open: &OpenRecord| {
                let quote = open.record().quotes.iter().rfind(|quote| quote.method.network == card.network);
                quote.map(|quote| quote.script.clone())
            };
            if asked(&open).is_none() {
                checkout::choose(tx, &engine, &mut open, card, ids, now)?;
            }
            let script = asked(&open).ok_or(Refusal::MethodUnknown)?;
            open.write(tx, &engine, ids, now)?;
            store::sandbox::decline(tx, card.network, &script)?;
            Ok(card.network)
        };
        let network = self.store().transact("sandbox.decline", job).await?;
        self.hint(Hint::Watch(network));
        Ok(())
    }

    fn require_simulated(&self, network: Network) -> Result<(), Refusal> {
        if self.network(network)?.simulated { Ok(()) } else { Err(Refusal::NotSimulated) }
    }
}

/// The simulated card.
fn card(engine: &Engine) -> Option<Method> {
    let is_card = |spec: &&NetworkSpec| spec.simulated && spec.form == AddressForm::Session;
    let spec = engine.networks().iter().find(is_card)?;
    Some(Method { network: spec.network, asset: spec.assets.first()?.asset.code })
}

fn view(rx: &mut Rx<'_>, cursor: &Cursor, now: Timestamp) -> Result<SandboxView, Abort> {
    let network = cursor.network;
    let stalled_at = store::sandbox::stalled_at(rx, network)?;
    let mut ancestor = None;
    for block in &cursor.recent {
        let there = store::sandbox::block_at(rx, network, block.height)?;
        if there.is_some_and(|found| found.at.hash == block.hash) {
            ancestor = Some(block.clone());
            break;
        }
    }
    let known_until = stalled_at.unwrap_or(now);
    if stalled_at.is_some() {
        // A stalled node stands where it stood; nothing is lost, and nothing is new.
        let (blocks, waiting, declined) = Default::default();
        let ancestor = cursor.position().cloned();
        return Ok(SandboxView {
            ancestor,
            blocks,
            complete: true,
            waiting,
            declined,
            known_until,
            stalled: true,
        });
    }
    let low = ancestor.as_ref().map_or(0, |block| block.height);
    let headers = store::sandbox::blocks_above(rx, network, low, BLOCKS_PER_LOOK)?;
    let high = headers.last().map_or(low, |block| block.at.height);
    let mut transfers = store::sandbox::mined_between(rx, network, low, high)?;
    let complete = store::sandbox::head(rx, network)?.is_none_or(|head| head.at.height == high);
    let mut blocks = Vec::with_capacity(headers.len());
    for SimulatedBlock { at, parent, time } in headers {
        let inside = transfers.extract_if(.., |(_, height)| *height == at.height);
        let transfers = inside.map(|(transfer, _)| transfer).collect();
        blocks.push(Block { at, parent, time, transfers });
    }
    let waiting = store::sandbox::waiting(rx, network, MAX_WAITING)?;
    let declined = store::sandbox::declined(rx, network, MAX_WAITING)?;
    Ok(SandboxView { ancestor, blocks, complete, waiting, declined, known_until, stalled: false })
}

/// Gives every simulated network its first block: a chain without one could not say that nothing happened.
pub(crate) fn begin(
    tx: &mut Tx<'_>,
    networks: &[NetworkSpec],
    ids: &mut IdMaker,
    now: Timestamp,
) -> Result<(), Abort> {
    for spec in networks.iter().filter(|spec| spec.simulated) {
        store::sandbox::begin(tx, spec.network)?;
        store::sandbox::lock(tx, spec.network)?;
        if store::sandbox::head(tx, spec.network)?.is_none() {
            add_blocks(tx, spec.network, 1, ids, now)?;
        }
    }
    Ok(())
}

/// Mines `count` blocks: everything that waits goes into the first.
pub(super) fn mine(
    tx: &mut Tx<'_>,
    network: Network,
    count: u32,
    ids: &mut IdMaker,
    now: Timestamp,
) -> Result<BlockRef, Abort> {
    store::sandbox::lock(tx, network)?;
    let height = store::sandbox::head(tx, network)?.map_or(0, |head| head.at.height).saturating_add(1);
    store::sandbox::mine_waiting(tx, network, height)?;
    add_blocks(tx, network, count, ids, now)
}

fn add_blocks(
    tx: &mut Tx<'_>,
    network: Network,
    count: u32,
    ids: &mut IdMaker,
    now: Timestamp,
) -> Result<BlockRef, Abort> {
    let mut head = match store::sandbox::head(tx, network)? {
        Some(block) => block.at,
        None => BlockRef { height: 0, hash: hash(ids) },
    };
    if !(1..=MAX_BLOCKS.saturating_add(1)).contains(&count) {
        return Err(Refusal::BlocksOutOfRange.into());
    }
    for _ in 0..count {
        let at = BlockRef { height: head.height.saturating_add(1), hash: hash(ids) };
        let block = SimulatedBlock { at: at.clone(), parent: head.hash, time: now };
        store::sandbox::add_block(tx, network, &block)?;
        head = at;
    }
    Ok(head)
}

/// A hash that no other block or transaction has, as long as a real one.
pub(super) fn hash(ids: &mut IdMaker) -> String {
    let (one, two) = (ids.make::<kind::Transfer>(), ids.make::<kind::Transfer>());
    const_hex::encode([*one.bytes(), *two.bytes()].concat())
}
