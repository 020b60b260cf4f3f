//! Extended public keys, and the addresses that are made from them ahead of need.
//!
//! Addresses are derived outside transactions and kept as rows; a transaction only takes the lowest. So no request
//! waits for a derivation, and a crash leaves no gap that a wallet would not find money behind.

mod gap;
#[cfg(feature = "planted")]
mod planted;

use std::collections::BTreeMap;

use addresses::{account_key::AccountKey, address, sandbox, wallet_key::WalletKey};
use domain::{
    chain::{AddressForm, Network, NetworkSpec, Script, ScriptKind},
    dialect::DialectName,
    id::{IdMaker, ShopId, WalletId},
    merchant::Wallet,
    refusal::{Failure, Refusal},
    time::Timestamp,
};
use store::{Abort, Fault, Rx, Tx, addresses::Recipient};

pub use self::gap::{GAP_LIMIT, Gap};
use crate::{
    Engine,
    numbers::{self, Subject},
    shops,
};

/// Unissued addresses that each wallet has ready. A burst above it waits a moment for the next ones.
const POOL: u32 = 100;

/// Addresses that are shown to compare with one's own wallet.
const SHOWN: u32 = 5;

/// Wallets that one look takes in.
const WALLETS_PER_PAGE: u32 = 500;

/// Scripts that one look takes in.
const SCRIPTS_PER_PAGE: u32 = 10_000;

/// The key that a shop receives with on a network.
#[derive(Clone, Debug)]
pub struct SetWallet {
    /// The shop.
    pub shop: ShopId,
    /// The network.
    pub network: Network,
    /// The extended public key of the account; for Bitcoin also an output descriptor around it.
    pub xpub: String,
}

/// A wallet, and what to compare it by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WalletView {
    /// The network.
    pub network: Network,
    /// The wallet.
    pub wallet: Wallet,
    /// Its first five addresses there.
    pub first_addresses: Vec<String>,
    /// How many of its addresses there are without money in a row.
    pub gap: Gap,
}

impl Engine {
    /// Lets a shop receive on a network with this key from now on. Addresses that were given out before stay watched.
    ///
    /// # Errors
    /// [`Refusal::ShopNotFound`], [`Refusal::NetworkUnknown`], [`Refusal::MethodUnknown`] for a network without
    /// addresses; what [`WalletKey::parse`] refuses; [`Refusal::KeyOfOtherNetwork`] and [`Refusal::KeyOfSandbox`] on a
    /// real network; [`Refusal::KeyNotPinned`], [`Refusal::KeyInUse`] by another shop, [`Refusal::KeyOfOtherForm`].
    pub async fn set_wallet(&self, command: SetWallet) -> Result<WalletView, Failure> {
        let moment = self.moment();
        let spec = self.network(command.network)?.clone();
        if spec.form == AddressForm::Session {
            return Err(Refusal::MethodUnknown.into());
        }
        let handed_in = WalletKey::parse(&command.xpub, spec.form)?;
        let fingerprint = handed_in.key.fingerprint();
        if !spec.simulated {
            handed_in.check_network(spec.form)?;
            self.refuse_unfit_key(&handed_in.key, &fingerprint)?;
        }
        let WalletKey { key, script_kind: kind, .. } = handed_in;
        let (xpub, simulated) = (key.to_string(), sandbox::is_sandbox(&key));
        let job = move |tx: &mut Tx<'_>| -> Result<Wallet, Abort> {
            let now = moment.business(tx)?;
            shops::find(tx, command.shop)?;
            let wallet = match store::wallets::by_fingerprint(tx, &fingerprint)? {
                Some(found) if found.shop != command.shop => return Err(Refusal::KeyInUse.into()),
                Some(found) if found.script_kind != kind => return Err(Refusal::KeyOfOtherForm.into()),
                Some(found) => found,
                None => {
                    let mut ids = moment.ids(now);
                    let wallet =
                        new_wallet(&mut ids, command.shop, kind, &fingerprint, &xpub, simulated, now);
                    store::wallets::insert(tx, &wallet)?;
                    wallet
                }
            };
            store::wallets::assign(tx, command.shop, command.network, wallet.id)?;
            Ok(wallet)
        };
        let wallet = self.store().transact("wallets.set", job).await?;
        self.fill_pool(&wallet).await?;
        let (known, network) = (wallet.clone(), command.network);
        let gap = self.store().read("wallets.gap", move |rx| Ok(gap::find(rx, &known, network)?)).await?;
        self.view(network, wallet, gap).map_err(Failure::from)
    }

    fn refuse_unfit_key(&self, key: &AccountKey, fingerprint: &str) -> Result<(), Refusal> {
        if sandbox::is_sandbox(key) {
            return Err(Refusal::KeyOfSandbox);
        }
        let pinned = &self.0.setup.pinned_keys;
        if !pinned.is_empty() && !pinned.iter().any(|known| known == fingerprint) {
            return Err(Refusal::KeyNotPinned);
        }
        Ok(())
    }

    /// The wallets that a shop receives with, by network.
    ///
    /// # Errors
    /// [`Refusal::ShopNotFound`].
    pub async fn wallets(&self, shop: ShopId) -> Result<Vec<WalletView>, Failure> {
        let engine = self.clone();
        let job = move |rx: &mut Rx<'_>| -> Result<Vec<(Network, Wallet, Gap)>, Abort> {
            shops::find(rx, shop)?;
            let mut found = Vec::new();
            for spec in engine.networks() {
                if let Some(wallet) = receiving(rx, shop, spec)? {
                    let gap = gap::find(rx, &wallet, spec.network)?;
                    found.push((spec.network, wallet, gap));
                }
            }
            Ok(found)
        };
        let found = self.store().read("wallets.list", job).await?;
        let views = found.into_iter().map(|(network, wallet, gap)| self.view(network, wallet, gap));
        Ok(views.collect::<Result<_, _>>()?)
    }

    fn view(&self, network: Network, wallet: Wallet, gap: Gap) -> Result<WalletView, Refusal> {
        let form = self.network(network)?.form;
        let receiving = AccountKey::parse(&wallet.xpub)?.receiving()?;
        let encode = |position| {
            let script = receiving.script(wallet.script_kind, position)?;
            address::encode(form, &script).ok_or(Refusal::KeyInvalid)
        };
        let first_addresses = (0..SHOWN).map(encode).collect::<Result<_, _>>()?;
        Ok(WalletView { network, wallet, first_addresses, gap })
    }

    /// Makes addresses for every wallet that is short of them; whether any was.
    ///
    /// # Errors
    /// Only when the store fails.
    pub async fn fill_pools(&self) -> Result<bool, Failure> {
        let mut after = WalletId::from_bytes([0; 16]);
        let mut any = false;
        loop {
            let page = self.wallets_after(after).await?;
            let Some(last) = page.last() else { return Ok(any) };
            after = last.id;
            for wallet in &page {
                any |= self.fill_pool(wallet).await?;
            }
        }
    }

    async fn wallets_after(&self, after: WalletId) -> Result<Vec<Wallet>, Failure> {
        self.store()
            .read("wallets.page", move |rx| Ok(store::wallets::all(rx, after, WALLETS_PER_PAGE)?))
            .await
    }

    async fn fill_pool(&self, wallet: &Wallet) -> Result<bool, Failure> {
        let ready = wallet.derived.saturating_sub(wallet.issued);
        if ready >= POOL {
            return Ok(false);
        }
        let receiving = AccountKey::parse(&wallet.xpub)?.receiving()?;
        let from = wallet.derived;
        let derive = |position| Ok((position, receiving.script(wallet.script_kind, position)?));
        let made: Vec<(u32, Script)> =
            (from..from.saturating_add(POOL - ready)).map(derive).collect::<Result<_, Refusal>>()?;
        let (id, shop) = (wallet.id, wallet.shop);
        let job = move |tx: &mut Tx<'_>| -> Result<bool, Abort> {
            let mut wallet = store::wallets::lock(tx, shop, id)?.ok_or(Fault::broken("a wallet is gone"))?;
            // Another node may have made the same ones meanwhile.
            if wallet.derived != from {
                return Ok(false);
            }
            for (position, script) in &made {
                store::addresses::insert_derived(tx, shop, id, *position, wallet.script_kind, script)?;
                wallet.derived = position.saturating_add(1);
            }
            store::wallets::save(tx, &wallet)?;
            Ok(true)
        };
        self.store().transact("wallets.fill_pool", job).await
    }

    /// Scripts that may receive on a network and that the caller has not seen yet: `seen` says, wallet by wallet, how
    /// many it has. An address is derived, and so listed here, before it is ever given out.
    ///
    /// Every wallet of the right form is listed, not only those that use the network now: money on an old address is
    /// still ours.
    ///
    /// # Errors
    /// [`Refusal::NetworkUnknown`].
    pub async fn scripts_since(
        &self,
        network: Network,
        seen: &BTreeMap<WalletId, u32>,
    ) -> Result<Vec<(WalletId, u32, Vec<u8>)>, Failure> {
        let kinds = self.network(network)?.form.script_kinds();
        let seen = seen.clone();
        let job = move |rx: &mut Rx<'_>| -> Result<Vec<(WalletId, u32, Vec<u8>)>, Abort> {
            let mut after = WalletId::from_bytes([0; 16]);
            let mut found = Vec::new();
            loop {
                let page = store::wallets::all(rx, after, WALLETS_PER_PAGE)?;
                let Some(last) = page.last() else { return Ok(found) };
                after = last.id;
                // Whoever likes may spend what the sandbox's own keys receive: no real money is looked for there.
                let ours = |wallet: &&Wallet| kinds.contains(&wallet.script_kind) && !wallet.simulated;
                for wallet in page.iter().filter(ours) {
                    let from = seen.get(&wallet.id).copied().unwrap_or_default();
                    if wallet.derived > from {
                        let scripts = store::addresses::scripts(rx, wallet.id, from, SCRIPTS_PER_PAGE)?;
                        found.extend(
                            scripts.into_iter().map(|(position, script)| (wallet.id, position, script)),
                        );
                    }
                }
            }
        };
        self.store().read("wallets.scripts_since", job).await
    }
}

fn new_wallet(
    ids: &mut IdMaker,
    shop: ShopId,
    script_kind: ScriptKind,
    fingerprint: &str,
    xpub: &str,
    simulated: bool,
    now: Timestamp,
) -> Wallet {
    Wallet {
        id: ids.make(),
        shop,
        fingerprint: fingerprint.to_owned(),
        xpub: xpub.to_owned(),
        script_kind,
        simulated,
        derived: 0,
        issued: 0,
        created_at: now,
    }
}

/// Gives a new shop a wallet of the sandbox's key on these networks.
pub(crate) fn add_sandbox_wallet(
    tx: &mut Tx<'_>,
    ids: &mut IdMaker,
    shop: ShopId,
    kind: ScriptKind,
    networks: &[Network],
    now: Timestamp,
) -> Result<(), Abort> {
    let key = sandbox::wallet_key(shop, kind)?;
    let wallet = new_wallet(ids, shop, kind, &key.fingerprint(), &key.to_string(), true, now);
    store::wallets::insert(tx, &wallet)?;
    for network in networks {
        store::wallets::assign(tx, shop, *network, wallet.id)?;
    }
    Ok(())
}

/// The wallet that a shop receives with on a network. A wallet of the sandbox counts only while the network is
/// simulated: a real chain may have taken its name since, and there anyone could spend what such a wallet receives.
pub(crate) fn receiving(rx: &mut Rx<'_>, shop: ShopId, spec: &NetworkSpec) -> Result<Option<Wallet>, Fault> {
    let found = store::wallets::by_network(rx, shop, spec.network)?;
    Ok(found.filter(|wallet| spec.simulated || !wallet.simulated))
}

/// Whether money may be asked for at a script that was given out on a network: not at one of the sandbox's wallets once
/// the network is real.
pub(crate) fn may_ask_at(rx: &mut Rx<'_>, spec: &NetworkSpec, script: &Script) -> Result<bool, Fault> {
    Ok(spec.simulated || !store::addresses::is_simulated(rx, spec.form.kind_of(script), script)?)
}

/// Why no address could be taken.
pub(crate) enum NoAddress {
    /// The shop has no wallet for the network.
    NoWallet,
    /// The pool is empty: more are being made.
    PoolEmpty,
}

/// Gives an address that was just given out its number, where the dialect has numbers.
pub(crate) fn number_address(
    tx: &mut Tx<'_>,
    engine: &Engine,
    shop: ShopId,
    dialect: DialectName,
    spec: &NetworkSpec,
    script: &Script,
) -> Result<Option<u32>, Abort> {
    if !engine.dialect(dialect).is_ok_and(|dialect| dialect.numbers()) {
        return Ok(None);
    }
    let number = numbers::give(tx, engine, shop, Subject::Address(script))?;
    store::addresses::set_number(tx, shop, spec.form.kind_of(script), script, number)?;
    Ok(Some(number))
}

/// Takes the lowest address of a shop's wallet, and gives it away for ever.
pub(crate) fn take_address(
    tx: &mut Tx<'_>,
    shop: ShopId,
    recipient: Recipient,
    spec: &NetworkSpec,
    now: Timestamp,
) -> Result<Result<Script, NoAddress>, Fault> {
    let Some(found) = receiving(tx, shop, spec)? else {
        return Ok(Err(NoAddress::NoWallet));
    };
    let mut wallet =
        store::wallets::lock(tx, shop, found.id)?.ok_or(Fault::broken("a wallet of a network is missing"))?;
    #[cfg(feature = "planted")]
    if let Some(script) = planted::last_script(tx, &wallet)? {
        return Ok(Ok(script));
    }
    let mut taken = None;
    // A retired address, one that received money before it was ours to give, is passed over.
    while taken.is_none() && wallet.issued < wallet.derived {
        taken = store::addresses::issue(tx, wallet.id, wallet.issued, recipient, now)?;
        wallet.issued = wallet.issued.saturating_add(1);
    }
    store::wallets::save(tx, &wallet)?;
    Ok(taken.ok_or(NoAddress::PoolEmpty))
}
