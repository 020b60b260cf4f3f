//! Views of payments in every stage: facts put into the domain's own record, so that what is shown is what would be.

mod stages;

pub(crate) use stages::all;

use domain::{
    buyer::Questions,
    chain::{AddressForm, BlockRef, ChainKey, Method, Network, NetworkAsset, NetworkSpec, Script},
    event::EventTail,
    id::{IdMaker, IdSeed},
    merchant::{Environment, Name, Shop, ShopPolicy},
    money::{Amount, Asset, AssetCode, Price, Rate},
    pair::Pair,
    payment::{Closing, Fact, Order, Payment, Record, State},
    quote::{NewQuote, Provenance, SourcedRate},
    rates::FIXED,
    receipt::{Inclusion, Receipt, Standing},
    refusal::Refusal,
    terms::{LateMoney, Terms, Tolerance},
    time::{Span, Timestamp},
};
use engine::{
    checkout::{CheckoutView, Instruction, Offer},
    payments::ReceiptView,
};
use testkit::{
    clock::{START, Seeded},
    gateway::sandbox_networks,
    plain::Plain,
};

/// A payment that things happen to.
pub(crate) struct Sample {
    record: Record,
    shop: Shop,
    environment: Environment,
    now: Timestamp,
    networks: Vec<NetworkSpec>,
    /// A network that cannot be seen.
    stalled: Option<Network>,
    /// The newest block of every chain.
    head: u64,
    /// Blocks that have left their chain.
    orphaned: Vec<Inclusion>,
    ids: IdMaker,
}

/// Where the chains of the samples stand.
const HEAD: u64 = 100;

impl Sample {
    /// A payment of 25 dollars, just made.
    pub(crate) fn new() -> Self {
        let mut ids = IdSeed::new(&Seeded::new(7)).maker(START);
        let shop = Shop {
            id: ids.make(),
            merchant: ids.make(),
            name: Name::parse("Corner Coffee").unwrap(),
            active: true,
            policy: ShopPolicy::default(),
            created_at: START,
        };
        let payment = Payment {
            id: ids.make(),
            shop: shop.id,
            dialect: Plain::dialect_name(),
            number: None,
            price: Price { amount: Amount::from_minor(2_500), currency: Asset::currency("USD").unwrap() },
            terms: Terms {
                deadline: Some(START + Span::minutes(30)),
                quote_validity: Span::minutes(15),
                window: None,
                seen_limit: Span::hours(1),
                confirm_limit: None,
                late: LateMoney::Held,
                tolerance: Tolerance::default(),
                depth: None,
                spread_parts_per_million: 0,
                fixes_rates: false,
            },
            order: Order {
                reference: Some("secret-reference".to_owned()),
                description: Some("Two coffees and a cake".to_owned()),
                customer_email: Some("secret@example.com".to_owned()),
                questions: Questions::default(),
                success_url: Some("https://coffee.example/thanks?order=7&x=y".to_owned()),
                cancel_url: Some("https://coffee.example/basket".to_owned()),
                details: Some("secret-details".to_owned()),
            },
            created_at: START,
            updated_at: START,
            paid_at: None,
            confirm_by: None,
            closing: Closing::default(),
            state: State::NEW,
            events: EventTail::default(),
            version: 1,
        };
        Self {
            record: Record::new(payment),
            shop,
            environment: Environment::Test,
            now: START,
            networks: sandbox_networks(),
            stalled: None,
            head: HEAD,
            orphaned: Vec::new(),
            ids,
        }
    }

    /// The same payment at another shop, for something else.
    pub(crate) fn called(mut self, shop: &str, description: &str) -> Self {
        self.shop.name = Name::parse(shop).unwrap();
        self.record.payment.order.description = Some(description.to_owned());
        self
    }

    /// The same, where its buyer is asked something first.
    pub(crate) fn asking(mut self, email: bool, sender: bool) -> Self {
        self.record.payment.order.questions = Questions { email, sender };
        self.record.payment.order.customer_email = Some("buyer@example.com".to_owned());
        self
    }

    /// The same, with no way back.
    pub(crate) fn without_urls(mut self) -> Self {
        self.record.payment.order.success_url = Some("javascript:alert(1)".to_owned());
        self.record.payment.order.cancel_url = None;
        self
    }

    /// The same, with real money on real chains.
    pub(crate) fn live(mut self) -> Self {
        self.environment = Environment::Production;
        self.networks.retain(|spec| spec.form != AddressForm::Session);
        self.networks.iter_mut().for_each(|spec| spec.simulated = false);
        self
    }

    /// The same, where the shop can be paid in no way.
    pub(crate) fn without_networks(mut self) -> Self {
        self.networks.clear();
        self
    }

    /// Time passes.
    pub(crate) fn later(mut self, minutes: i64) -> Self {
        self.now = self.now + Span::minutes(minutes);
        self
    }

    /// Blocks are made.
    pub(crate) fn blocks(mut self, count: u64) -> Self {
        self.head += count;
        let receipts = self.record.receipts.iter();
        let ready = receipts.filter(|receipt| receipt.is_final(self.head)).map(|receipt| receipt.id);
        for id in ready.collect::<Vec<_>>() {
            self = self.fact(Fact::Confirmed(id));
        }
        self
    }

    /// A network cannot be seen.
    pub(crate) fn blind(mut self, network: &str) -> Self {
        self.stalled = Some(Network::parse(network).unwrap());
        self
    }

    /// The buyer chooses a method.
    pub(crate) fn choose(mut self, network: &str, asset: &str) -> Self {
        let (spec, known) = self.find(network, asset);
        let quote = NewQuote {
            id: self.ids.make(),
            script: script(spec.form),
            covers: self.record.open_price(self.now).unwrap(),
            depth: spec.depth,
            now: self.now,
            valid_until: self.record.quote_limit(self.now),
            provenance: provenance(known.asset.code),
        };
        let method = Method { network: spec.network, asset: known.asset.code };
        let quote = quote.make(method, &known.asset).unwrap();
        self.record.payment.version += 1;
        self.fact(Fact::Quoted(Box::new(quote)))
    }

    /// Money arrives for what was asked last, waiting for its first block.
    pub(crate) fn arrive(mut self, amount: &str) -> Self {
        let quote = self.record.shown_quote().unwrap().clone();
        let (_, known) = self.find(quote.method.network.as_str(), quote.method.asset.as_str());
        let transaction = format!("{:064x}", 0x9f3b_5c01_u128 + self.record.receipts.len() as u128);
        let receipt = Receipt {
            id: self.ids.make(),
            number: None,
            method: quote.method,
            chain: ChainKey::sandbox(),
            transaction: transaction.chars().rev().collect(),
            ordinal: 0,
            script: quote.script.clone(),
            amount: Amount::parse(amount, known.asset.decimals).unwrap(),
            valued_by: Some(quote.id),
            depth: quote.depth,
            first_seen: self.now,
            moment: self.now,
            standing: Standing::Seen,
            inclusion: None,
        };
        self.fact(Fact::Sighted(Box::new(receipt), None))
    }

    /// All that is due arrives.
    fn arrive_due(self) -> Self {
        let asked = self.instruction().unwrap();
        self.arrive(&asked.due.to_decimal(asked.asset.asset.decimals))
    }

    /// What arrived last is in the newest block.
    pub(crate) fn mined(mut self) -> Self {
        self.head += 1;
        let block = BlockRef { height: self.head, hash: "b".repeat(64) };
        let id = self.record.receipts.last().unwrap().id;
        let time = self.now;
        self.fact(Fact::Mined(id, Inclusion { block, time })).blocks(0)
    }

    /// The block of what arrived last leaves the chain; `waits` says whether it is to be mined again.
    pub(crate) fn orphaned(mut self, waits: bool) -> Self {
        let last = self.record.receipts.last().unwrap().clone();
        self.orphaned.extend(last.inclusion);
        let gone = self.fact(Fact::Lost(last.id));
        if waits { gone.fact(Fact::Waits(last.id)) } else { gone }
    }

    pub(crate) fn expired(self) -> Self {
        self.fact(Fact::Expired)
    }

    pub(crate) fn cancelled(self) -> Self {
        self.fact(Fact::Cancelled)
    }

    pub(crate) fn declined(self) -> Self {
        self.fact(Fact::Declined)
    }

    /// The view, as the engine would make it.
    pub(crate) fn view(&self) -> CheckoutView {
        CheckoutView {
            payment: self.record.payment.clone(),
            shop: self.shop.clone(),
            environment: self.environment,
            now: self.now,
            questions: Questions {
                email: self.record.payment.order.questions.email && self.record.quotes.is_empty(),
                ..self.record.payment.order.questions
            },
            offers: self.offers(),
            instruction: self.instruction(),
            receipts: self.record.receipts.iter().map(|receipt| self.receipt(receipt)).collect(),
        }
    }

    fn fact(mut self, fact: Fact) -> Self {
        self.record.apply(fact, self.now).unwrap();
        self
    }

    fn find(&self, network: &str, asset: &str) -> (NetworkSpec, NetworkAsset) {
        let spec = self.networks.iter().find(|spec| spec.network.as_str() == network).unwrap();
        (spec.clone(), spec.asset(AssetCode::parse(asset).unwrap()).unwrap().clone())
    }

    fn trouble(&self, spec: &NetworkSpec) -> Option<String> {
        (self.stalled == Some(spec.network)).then(|| format!("We cannot see {} right now", spec.label))
    }

    fn offers(&self) -> Vec<Offer> {
        let Ok(price) = self.record.open_price(self.now) else { return Vec::new() };
        let chosen = self.record.shown_quote().map(|quote| quote.method);
        let offer = |spec: &NetworkSpec, asset: &NetworkAsset| {
            let method = Method { network: spec.network, asset: asset.asset.code };
            let rate = provenance(asset.asset.code).rate;
            let amount = self.trouble(spec).map_or_else(|| Ok(rate.asks(price, &asset.asset).unwrap()), Err);
            Offer {
                method,
                network: spec.clone(),
                asset: asset.clone(),
                amount,
                chosen: chosen == Some(method),
            }
        };
        let of_network = |spec: &'_ NetworkSpec| std::iter::repeat(spec.clone()).zip(spec.assets.clone());
        self.networks.iter().flat_map(of_network).map(|(spec, asset)| offer(&spec, &asset)).collect()
    }

    fn instruction(&self) -> Option<Instruction> {
        let quote = self.record.shown_quote()?;
        let (network, asset) = self.find(quote.method.network.as_str(), quote.method.asset.as_str());
        Some(Instruction {
            quote: quote.clone(),
            address: address(network.form).to_owned(),
            due: self.record.due_by_shown_quote(&asset.asset).unwrap(),
            holds: self.record.open_price(self.now) != Err(Refusal::NothingDue) && quote.is_live(self.now),
            trouble: self.trouble(&network),
            network,
            asset,
        })
    }

    fn receipt(&self, receipt: &Receipt) -> ReceiptView {
        let (_, asset) = self.find(receipt.method.network.as_str(), receipt.method.asset.as_str());
        let left = self.orphaned.iter().cloned().map(|inclusion| (inclusion, Some(self.now)));
        ReceiptView {
            receipt: receipt.clone(),
            asset: Some(asset),
            confirmations: receipt.confirmations(self.head),
            address: None,
            inclusions: left.chain(receipt.inclusion.clone().map(|inclusion| (inclusion, None))).collect(),
        }
    }
}

/// What is asked for by this method, for a payment of 25 dollars.
pub(crate) fn instruction(network: &str, asset: &str) -> Instruction {
    Sample::new().choose(network, asset).view().instruction.unwrap()
}

/// Addresses that are nobody's: made from the test vectors of BIP-84 and BIP-44, or well known.
const fn address(form: AddressForm) -> &'static str {
    match form {
        AddressForm::Evm => "0x9858EfFD232B4033E47d90003D41EC34EcaEda94",
        AddressForm::Tron => "TUEZSdKsoDHQMeZwihtdoBiN46zxhGWYdH",
        AddressForm::BitcoinMain => "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu",
        AddressForm::BitcoinTest => "tb1qcr8te4kr609gcawutmrza0j4xv80jy8zmfp6l0",
        AddressForm::BitcoinRegtest => "bcrt1qcr8te4kr609gcawutmrza0j4xv80jy8zeqchgx",
        AddressForm::Session => "session_00",
    }
}

fn script(form: AddressForm) -> Script {
    Script::new(address(form).as_bytes()).unwrap()
}

fn provenance(asset: AssetCode) -> Provenance {
    let text = match asset.as_str() {
        "BTC" => "60000",
        "ETH" => "3000",
        "TRX" => "0.125",
        "USDT" => "1",
        _ => return Provenance { rate: Rate::ONE, sources: Vec::new() },
    };
    let rate = Rate::parse(text).unwrap();
    let pair = Pair::new(asset, AssetCode::parse("USD").unwrap());
    let said = SourcedRate { source: FIXED.to_owned(), pair, rate, at: START };
    Provenance { rate, sources: vec![said] }
}
