//! Every command that changes anything, as it meets others.

use std::{pin::Pin, sync::Arc};

use domain::{
    buyer::{Answers, PersonalName, Sender},
    chain::{ChainKey, Health, Network, NetworkReport},
    delivery::Outcome,
    id::DeliveryId,
    mail::{Mail, MailAddress, MailOutcome},
    merchant::{KeyKind, Name},
    money::Rate,
    pair::Pair,
    quote::SourcedRate,
    refusal::Failure,
    time::Span,
};
use engine::{
    checkout::{AnswerQuestions, ChooseMethod},
    client_addresses::TakeClientAddress,
    credentials::CreateCredential,
    deliveries::{Capacity, ListDeliveries},
    endpoints::CreateEndpoint,
    mails::ListMails,
    payments::CreatePayment,
    sandbox::{SimulatePay, SimulateTransfer, Target},
    shops::{ChangeShop, CreateShop},
    wallets::SetWallet,
};
use testkit::{
    creation::{creation, idempotency_key},
    keyed::Keyed,
    plain::Plain,
    scene::method,
};
use workers::{reconcile::Look, watch::Watcher};

use crate::arena::Subject;

type Running = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>>;

/// A command: its name, and how it runs in a meeting; the number tells the copies apart.
pub(crate) struct Command {
    pub(crate) name: &'static str,
    pub(crate) run: fn(Arc<Subject>, usize) -> Running,
}

macro_rules! commands {
    ($($name:ident: |$subject:ident, $number:pat_param| $run:expr;)*) => {
        pub(crate) const COMMANDS: &[Command] = &[$(Command {
            name: stringify!($name),
            run: |$subject, number| Box::pin(async move {
                let $number = number;
                $run
            }),
        }),*];
    };
}

commands! {
    // Payments.
    create_payment: |s, number| s.engine.create_payment(order(&s, number)).await.map(drop);
    cancel_payment: |s, _| s.engine.cancel_payment(s.shop.id, s.payment.id, None).await.map(drop);
    answer_questions: |s, number| s.engine.answer_questions(answers(&s, number)).await.map(drop);
    choose_method: |s, number| s.engine.choose_method(choice(&s, number)).await;
    simulate_pay: |s, number| s.engine.simulate_pay(pay(&s, number)).await.map(drop);
    decline: |s, _| s.engine.decline(s.shop.id, s.payment.id).await;
    expire_payments: |s, _| s.engine.expire_payments().await.map(drop);
    value_receipts: |s, _| s.engine.value_receipts().await.map(drop);
    // Chains.
    observe: |s, number| observe(&s, number).await;
    report_network: |s, _| s.engine.report_network(report(&s)).await;
    mine: |s, _| s.engine.mine(network("ethereum"), 2).await.map(drop);
    reorganise: |s, number| s.engine.reorganise(network("ethereum"), 1, number == 0).await.map(drop);
    stall: |s, number| s.engine.stall(network("tron"), number.is_multiple_of(2)).await;
    set_fixed_rates: |s, _| s.engine.set_fixed_rates(rates()).await;
    record_rates: |s, number| s.engine.record_rates(said(&s, number)).await;
    simulate_rate: |s, _| s.engine.simulate_rate("TRX/USD", Rate::parse("0.125").unwrap()).await;
    advance_clock: |s, _| s.engine.advance_clock(Span::minutes(1)).await.map(drop);
    take_client_address: |s, number| s.engine.take_client_address(client(&s, number)).await.map(drop);
    simulate_transfer: |s, number| transfer(&s, number).await;
    // Deliveries.
    take_deliveries: |s, _| s.engine.take_deliveries(capacity()).await.map(drop);
    finish_delivery: |s, number| finish(&s, number).await;
    resend_delivery: |s, _| match newest_delivery(&s).await? {
        Some(id) => s.engine.resend_delivery(id).await.map(drop),
        None => Ok(()),
    };
    release_deliveries: |s, _| s.engine.release_deliveries().await.map(drop);
    // Mails.
    take_mail: |s, _| s.engine.take_mail(Span::seconds(30)).await.map(drop);
    finish_mail: |s, number| match newest_mail(&s).await? {
        Some(mail) => s.engine.finish_mail(&mail, mail_outcome(number)).await,
        None => Ok(()),
    };
    keep_mails: |s, _| s.engine.keep_mails().await.map(drop);
    queue_kept_mails: |s, _| s.engine.queue_kept_mails().await.map(drop);
    resend_mail: |s, _| match newest_mail(&s).await? {
        Some(mail) => s.engine.resend_mail(mail.id).await.map(drop),
        None => Ok(()),
    };
    release_mails: |s, _| s.engine.release_mails().await.map(drop);
    // Shops and what they own.
    create_shop: |s, _| s.engine.create_shop(CreateShop { name: shop_name(&s), merchant: None }).await.map(drop);
    create_first_shop: |s, _| s.engine.create_first_shop(shop_name(&s)).await.map(drop);
    change_shop: |s, _| s.engine.change_shop(s.shop.id, rename(&s)).await.map(drop);
    create_credential: |s, number| s.engine.create_credential(credential(&s, number)).await.map(drop);
    revoke_credential: |s, _| match s.engine.list_credentials(s.shop.id).await?.first() {
        Some(first) => s.engine.revoke_credential(first.id).await.map(drop),
        None => Ok(()),
    };
    flush_last_used: |s, _| s.engine.flush_last_used().await;
    create_endpoint: |s, _| s.engine.create_endpoint(hook(&s)).await.map(drop);
    rotate_endpoint: |s, _| s.engine.rotate_endpoint(s.shop.id, s.endpoint.id, Span::hours(1)).await.map(drop);
    test_endpoint: |s, _| s.engine.test_endpoint(s.shop.id, s.lasting).await.map(drop);
    delete_endpoint: |s, _| s.engine.delete_endpoint(s.shop.id, s.endpoint.id).await;
    set_wallet: |s, _| s.engine.set_wallet(wallet(&s)).await.map(drop);
    fill_pools: |s, _| s.engine.fill_pools().await.map(drop);
    // Upkeep, and being a node.
    prune: |s, _| s.engine.prune().await.map(drop);
    join: |s, _| s.engine.join().await.map(drop);
    beat: |s, _| s.engine.beat(s.node).await.map(drop);
    lease: |s, _| s.engine.lease("race", s.node).await.map(drop);
    bury: |s, _| {
        let beats = s.engine.beat(s.node).await?;
        let beat = beats.iter().find(|(node, _)| *node == s.node).map_or(0, |(_, beat)| *beat);
        s.engine.bury(s.node, beat).await.map(drop)
    };
    leave: |s, _| s.engine.leave().await;
}

fn network(name: &str) -> Network {
    Network::parse(name).unwrap()
}

/// The same in every copy: one is made, the others find it. Some have a method that asks at once.
fn order(subject: &Subject, number: usize) -> CreatePayment {
    let key = format!("order-{}", subject.meeting);
    CreatePayment {
        method: (number < 2).then(|| method("ethereum", "USDT")),
        idempotency: Some(idempotency_key(&key, 7)),
        ..creation(&subject.shop, 2_500)
    }
}

/// What a buyer says: each time another address.
fn answers(subject: &Subject, number: usize) -> AnswerQuestions {
    let email = MailAddress::parse(&format!("buyer-{number}@example.com"));
    let name = |text| PersonalName::parse(text).unwrap();
    let sender = Sender::Person { first_name: name("Ada"), last_name: name("Lovelace"), born: None };
    AnswerQuestions {
        shop: subject.shop.id,
        payment: subject.payment.id,
        answers: Answers { email, sender: Some(sender) },
        version: None,
    }
}

fn choice(subject: &Subject, number: usize) -> ChooseMethod {
    let method = if number < 2 { method("ethereum", "USDT") } else { method("tron", "USDT") };
    ChooseMethod { shop: subject.shop.id, payment: subject.payment.id, method, version: None }
}

/// Of two clients, each in half of the copies.
fn client(subject: &Subject, number: usize) -> TakeClientAddress {
    TakeClientAddress {
        shop: subject.shop.id,
        dialect: Keyed::dialect_name(),
        client: format!("client-{}-{}", subject.meeting, number % 2),
        method: method("ethereum", "USDT"),
        settles_in: None,
        details: None,
    }
}

/// Sends a client money, and takes it in.
async fn transfer(subject: &Subject, number: usize) -> Result<(), Failure> {
    let taken = subject.engine.take_client_address(client(subject, number)).await?;
    let (amount, confirmations) = ("3".to_owned(), u32::try_from(number).ok());
    let address = taken.address;
    let money = SimulateTransfer { method: method("ethereum", "USDT"), address, amount, confirmations };
    subject.engine.simulate_transfer(money).await?;
    observe(subject, 0).await
}

fn pay(subject: &Subject, number: usize) -> SimulatePay {
    SimulatePay {
        target: Target { shop: subject.shop.id, payment: subject.payment.id },
        method: Some(method("ethereum", "USDT")),
        amount: Some("10".to_owned()),
        // Some of it waits, some is in a block, some is final at once.
        confirmations: u32::try_from(number).ok(),
    }
}

/// What a watcher does; a batch that another was quicker with is nothing that it would tell.
async fn observe(subject: &Subject, number: usize) -> Result<(), Failure> {
    let name = ["ethereum", "card", "tron", "ethereum"][number % 4];
    let mut watcher = Watcher::sandbox(subject.engine.clone(), network(name));
    match watcher.look().await {
        Err(workers::watch::WatchError::Engine(failure)) => Err(failure),
        // The chain was reorganised between two reads: the next look sees it whole.
        Ok(_) | Err(workers::watch::WatchError::Rail(_)) => Ok(()),
    }
}

fn report(subject: &Subject) -> NetworkReport {
    NetworkReport {
        network: network("bitcoin"),
        chain: Some(ChainKey::sandbox()),
        health: if subject.meeting.is_multiple_of(2) { Health::Live } else { Health::CatchingUp },
        reason: None,
        head_height: Some(subject.meeting.into()),
        head_time: None,
        reported_at: subject.engine.wall_time(),
    }
}

/// What two markets say of two pairs, in an order of its own in each copy.
fn said(subject: &Subject, number: usize) -> Vec<SourcedRate> {
    let at = subject.engine.wall_time();
    let said = |(source, pair): (&str, &str)| SourcedRate {
        source: source.to_owned(),
        pair: Pair::parse(pair).unwrap(),
        rate: Rate::parse("3000").unwrap(),
        at,
    };
    let mut all = [("kraken", "ETH/USD"), ("coinbase", "ETH/USD"), ("kraken", "ETH/EUR")].map(said).to_vec();
    all.rotate_left(number % 3);
    all
}

fn rates() -> Vec<(Pair, Rate)> {
    let rate = |pair: &str, rate: &str| (Pair::parse(pair).unwrap(), Rate::parse(rate).unwrap());
    vec![rate("USDT/USD", "1"), rate("ETH/USD", "3000"), rate("BTC/USD", "60000"), rate("TRX/USD", "0.125")]
}

fn capacity() -> Capacity {
    Capacity { per_endpoint: 2, total: 4, lease: Span::seconds(30), ..Capacity::default() }
}

async fn finish(subject: &Subject, number: usize) -> Result<(), Failure> {
    let Some(taken) = &subject.taken else { return Ok(()) };
    let outcome = Outcome {
        http_status: Some(if number.is_multiple_of(2) { 200 } else { 500 }),
        error: None,
        excerpt: String::new(),
        took: Span::seconds(1),
    };
    subject.engine.finish_delivery(taken, subject.engine.wall_time(), outcome).await
}

async fn newest_delivery(subject: &Subject) -> Result<Option<DeliveryId>, Failure> {
    let query = ListDeliveries { endpoint: Some(subject.lasting), limit: 1, ..ListDeliveries::default() };
    Ok(subject.engine.list_deliveries(query).await?.first().map(|delivery| delivery.id))
}

async fn newest_mail(subject: &Subject) -> Result<Option<Mail>, Failure> {
    let query = ListMails { limit: 1, ..ListMails::default() };
    Ok(subject.engine.list_mails(query).await?.pop())
}

fn mail_outcome(number: usize) -> MailOutcome {
    match number % 3 {
        0 => MailOutcome::Taken,
        1 => MailOutcome::Later("450 later".to_owned()),
        _ => MailOutcome::Never("550 never".to_owned()),
    }
}

fn shop_name(subject: &Subject) -> Name {
    Name::parse(&format!("Shop {}", subject.meeting)).unwrap()
}

fn rename(subject: &Subject) -> ChangeShop {
    ChangeShop { name: Some(shop_name(subject)), ..ChangeShop::default() }
}

fn credential(subject: &Subject, number: usize) -> CreateCredential {
    CreateCredential {
        shop: subject.shop.id,
        dialect: if number.is_multiple_of(2) { Plain::dialect_name() } else { Keyed::dialect_name() },
        kind: KeyKind::Secret,
        scopes: Vec::new(),
        allowed_ips: Vec::new(),
        expires_at: None,
    }
}

fn hook(subject: &Subject) -> CreateEndpoint {
    CreateEndpoint {
        shop: subject.shop.id,
        dialect: Plain::dialect_name(),
        url: "http://127.0.0.1:9/other".to_owned(),
        subscriptions: Vec::new(),
    }
}

fn wallet(subject: &Subject) -> SetWallet {
    SetWallet {
        shop: subject.shop.id,
        network: network("ethereum"),
        xpub: addresses::sandbox::XPUB.to_owned(),
    }
}
