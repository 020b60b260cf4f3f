//! Merchants and their shops.

use domain::{
    chain::{AddressForm, ScriptKind},
    id::{MerchantId, ShopId},
    merchant::{Merchant, Name, Shop, ShopPolicy},
    money::Amount,
    refusal::{Failure, Refusal},
    terms::Tolerance,
    time::Span,
};
use store::{Abort, Locked, Tx};

use crate::{Engine, clock::Moment, wallets};

/// A shop to be made.
#[derive(Clone, Debug)]
pub struct CreateShop {
    /// What buyers read.
    pub name: Name,
    /// Who owns it; `None` for the oldest merchant, who is made where there is none yet.
    pub merchant: Option<MerchantId>,
}

/// What is to be changed of a shop; `None` leaves a part as it is.
#[derive(Clone, Debug, Default)]
pub struct ChangeShop {
    /// What buyers read.
    pub name: Option<Name>,
    /// Whether its credentials work. Off, they stop at once.
    pub active: Option<bool>,
    /// Its own rules, for payments that are made from now on.
    pub policy: ChangePolicy,
}

/// What is to be changed of a shop's rules; `None` leaves a part as it is. Two changes of different parts at once both
/// last.
#[derive(Clone, Copy, Debug, Default)]
pub struct ChangePolicy {
    /// How long an order waits; `Some(None)` for what the dialect says.
    pub order_validity: Option<Option<Span>>,
    /// Confirmations that make money final; `Some(None)` for what the dialect or the network says.
    pub depth: Option<Option<u32>>,
    /// How many minor units may be missing.
    pub tolerance_absolute: Option<Amount>,
    /// How many millionths of the price may be missing.
    pub tolerance_parts_per_million: Option<u32>,
    /// By how many millionths below the market money in another asset counts.
    pub spread_parts_per_million: Option<u32>,
}

impl ChangePolicy {
    fn of(self, before: ShopPolicy) -> ShopPolicy {
        let Tolerance { absolute, parts_per_million } = before.tolerance;
        ShopPolicy {
            order_validity: self.order_validity.unwrap_or(before.order_validity),
            depth: self.depth.unwrap_or(before.depth),
            tolerance: Tolerance {
                absolute: self.tolerance_absolute.unwrap_or(absolute),
                parts_per_million: self.tolerance_parts_per_million.unwrap_or(parts_per_million),
            },
            spread_parts_per_million: self
                .spread_parts_per_million
                .unwrap_or(before.spread_parts_per_million),
        }
    }
}

/// The most shops in one answer.
pub const SHOPS_PER_PAGE: u32 = 100;

impl Engine {
    /// Makes a shop. On sandbox networks it can receive at once, with a wallet of the sandbox's key.
    ///
    /// # Errors
    /// [`Refusal::MerchantNotFound`].
    pub async fn create_shop(&self, command: CreateShop) -> Result<Shop, Failure> {
        let (engine, moment) = (self.clone(), self.moment());
        let shop =
            self.store().transact("shops.create", move |tx| create(tx, &engine, moment, &command)).await?;
        self.hints().derive.notify_one();
        Ok(shop)
    }

    /// Makes a shop where there is none at all; nothing where there is one. Of several nodes that begin on an empty
    /// database at once, one makes it.
    ///
    /// # Errors
    /// Only when the store fails.
    pub async fn create_first_shop(&self, name: Name) -> Result<Option<Shop>, Failure> {
        let (engine, moment) = (self.clone(), self.moment());
        let command = CreateShop { name, merchant: None };
        let job = move |tx: &mut Tx<'_>| -> Result<Option<Shop>, Abort> {
            store::installation::lock(tx)?;
            if !store::shops::list(tx, ShopId::from_bytes([0; 16]), 1)?.is_empty() {
                return Ok(None);
            }
            create(tx, &engine, moment, &command).map(Some)
        };
        let shop = self.store().transact("shops.create_first", job).await?;
        if shop.is_some() {
            self.hints().derive.notify_one();
        }
        Ok(shop)
    }

    /// The shop with this id.
    ///
    /// # Errors
    /// [`Refusal::ShopNotFound`].
    pub async fn shop(&self, id: ShopId) -> Result<Shop, Failure> {
        self.store().read("shops.get", move |rx| find(rx, id)).await
    }

    /// The next shops after `after`, oldest first, at most [`SHOPS_PER_PAGE`].
    ///
    /// # Errors
    /// Only when the store fails.
    pub async fn list_shops(&self, after: Option<ShopId>) -> Result<Vec<Shop>, Failure> {
        let after = after.unwrap_or(ShopId::from_bytes([0; 16]));
        self.store().read("shops.list", move |rx| Ok(store::shops::list(rx, after, SHOPS_PER_PAGE)?)).await
    }

    /// Changes a shop.
    ///
    /// # Errors
    /// [`Refusal::ShopNotFound`]; [`Refusal::PolicyInvalid`] outside a limit.
    pub async fn change_shop(&self, id: ShopId, command: ChangeShop) -> Result<Shop, Failure> {
        let job = move |tx: &mut Tx<'_>| -> Result<Shop, Abort> {
            let mut shop = lock(tx, id)?;
            if let Some(name) = &command.name {
                shop.name = name.clone();
            }
            shop.active = command.active.unwrap_or(shop.active);
            shop.policy = command.policy.of(shop.policy).checked()?;
            store::shops::save(tx, &shop)?;
            Ok(shop.into_inner())
        };
        self.store().transact("shops.change", job).await
    }
}

pub(crate) fn find(rx: &mut store::Rx<'_>, id: ShopId) -> Result<Shop, Abort> {
    Ok(store::shops::get(rx, id)?.ok_or(Refusal::ShopNotFound)?)
}

pub(crate) fn lock(tx: &mut Tx<'_>, id: ShopId) -> Result<Locked<Shop>, Abort> {
    Ok(store::shops::lock(tx, id)?.ok_or(Refusal::ShopNotFound)?)
}

/// What the merchant is called who is made with the first shop.
const FIRST_MERCHANT: &str = "Merchant";

fn create(tx: &mut Tx<'_>, engine: &Engine, moment: Moment, command: &CreateShop) -> Result<Shop, Abort> {
    let now = moment.business(tx)?;
    let mut ids = moment.ids(now);
    let found = if let Some(id) = command.merchant {
        Some(store::merchants::get(tx, id)?.ok_or(Refusal::MerchantNotFound)?)
    } else {
        // Of two first shops at once, the second finds the merchant of the first.
        store::installation::lock(tx)?;
        store::merchants::first(tx)?
    };
    let merchant = if let Some(merchant) = found {
        merchant
    } else {
        let merchant = Merchant { id: ids.make(), name: Name::parse(FIRST_MERCHANT)?, created_at: now };
        store::merchants::insert(tx, &merchant)?;
        merchant
    };
    let shop = Shop {
        id: ids.make(),
        merchant: merchant.id,
        name: command.name.clone(),
        active: true,
        policy: ShopPolicy::default(),
        created_at: now,
    };
    store::shops::insert(tx, &shop)?;
    for kind in [ScriptKind::Account, ScriptKind::WitnessKeyHash] {
        let simulated: Vec<_> = engine
            .networks()
            .iter()
            .filter(|spec| {
                spec.simulated
                    && spec.form != AddressForm::Session
                    && spec.form.script_kinds().contains(&kind)
            })
            .map(|spec| spec.network)
            .collect();
        if !simulated.is_empty() {
            wallets::add_sandbox_wallet(tx, &mut ids, shop.id, kind, &simulated, now)?;
        }
    }
    Ok(shop)
}
