//! A buyer: looks, chooses, pays more or less what was asked, or gives up.

use std::rc::Rc;

use domain::{
    buyer::{Answers, Country, PersonalName, Sender},
    chain::{Method, Network, Script},
    id::{PaymentId, ShopId},
    mail::MailAddress,
    money::{Amount, AssetCode},
    time::Clock,
};
use engine::{
    Engine,
    checkout::{AnswerQuestions, ChooseMethod},
};

use crate::world::{Asked, World};

/// What a buyer may choose.
const METHODS: [(&str, &str); 5] =
    [("ethereum", "ETH"), ("ethereum", "USDT"), ("ethereum", "ETH"), ("bitcoin", "BTC"), ("card", "USD")];

/// About as many addresses as a seed gives out.
const ADDRESSES: usize = 8;

pub(crate) fn method(world: &World) -> Option<Method> {
    let (network, asset) = *world.chance.borrow_mut().pick(&METHODS)?;
    Some(Method { network: Network::parse(network).ok()?, asset: AssetCode::parse(asset).ok()? })
}

/// Chooses a method, and reads what the page says then.
pub(crate) async fn choose(
    world: Rc<World>,
    engine: Engine,
    (shop, payment): (ShopId, PaymentId),
    method: Method,
) {
    if !world.one_in(8) {
        answer(&world, &engine, (shop, payment)).await;
    }
    let mut version = None;
    if world.one_in(4) {
        // A page that was shown, and is sent after others may have changed the payment.
        let dialect = world.dialect_of(payment);
        let shown = world.judge("payment", engine.payment(shop, dialect, payment).await);
        version = shown.map(|payment| payment.version);
    }
    let command = ChooseMethod { shop, payment, method, version };
    if world.judge("choose_method", engine.choose_method(command).await).is_none() {
        return;
    }
    world.count("choices");
    read(&world, &engine, payment).await;
}

/// Says what he is asked, if he is asked anything.
async fn answer(world: &Rc<World>, engine: &Engine, (shop, payment): (ShopId, PaymentId)) {
    let email = MailAddress::parse("other@example.com");
    let name = PersonalName::parse("Ada & Co").zip(Country::parse("GBR"));
    let sender = name.map(|(name, country)| Sender::Company { name, country });
    let answers = Answers { email, sender };
    let command = AnswerQuestions { shop, payment, answers, version: None };
    world.judge("answer_questions", engine.answer_questions(command).await);
}

/// Reads what the page of a payment says.
pub(crate) async fn read(world: &Rc<World>, engine: &Engine, payment: PaymentId) {
    let token = engine.token(payment);
    let Some(view) = world.judge("checkout", engine.checkout(&token).await) else { return };
    let Some(shown) = view.instruction else { return };
    let asked = Asked { method: shown.quote.method, script: shown.quote.script, due: shown.due };
    world.known.borrow_mut().asked.push(asked);
}

/// Gives up.
pub(crate) async fn cancel(world: Rc<World>, engine: Engine, (shop, payment): (ShopId, PaymentId)) {
    if world.judge("cancel_payment", engine.cancel_payment(shop, payment, None).await).is_some() {
        world.known.borrow_mut().cancelled.insert(payment);
        world.count("cancellations");
    }
}

/// Sends money on the scripted chain, to where some page said; whether any page did.
pub(crate) fn send(world: &World) -> bool {
    let known = &mut *world.known.borrow_mut();
    let mut chain = world.chain.borrow_mut();
    let mut chance = world.chance.borrow_mut();
    let on_chain: Vec<&Asked> =
        known.asked.iter().filter(|one| one.method.network == chain.network).collect();
    let Some(asked) = chance.pick_young(&on_chain) else { return false };
    let due = asked.due.minor();
    let amount = match chance.below(8) {
        0 => due / 2,
        1 => due.saturating_mul(2),
        2 => due.saturating_add(1),
        3 => 1,
        _ => due,
    };
    let ordinal = u32::from(chance.one_in(3));
    let amount = Amount::from_minor(amount.max(1));
    let transaction = chain.send(asked.script.clone(), asked.method.asset, amount, ordinal);
    known.sent.insert(transaction, world.clock.now() + world.ahead.get());
    true
}

/// Somebody sends money to an address of a shop's that was never given out, or will be some time: whoever has the same
/// key elsewhere may have used it there.
pub(crate) fn send_ahead(world: &World) {
    let found = world.known.borrow().scripts.get(world.below(ADDRESSES)).cloned();
    if let (Some(script), Ok(asset)) = (found, AssetCode::parse("ETH")) {
        world.chain.borrow_mut().send(script, asset, Amount::from_minor(5_000_000_000_000_000), 0);
        world.count("transfers to addresses before their time");
    }
}

/// Somebody sends money to a script that is nobody's here.
pub(crate) fn send_elsewhere(world: &World) {
    let bytes: Vec<u8> = (0..20).map(|_| u8::try_from(world.below(256)).unwrap_or_default()).collect();
    if let (Some(script), Ok(asset)) = (Script::new(&bytes), AssetCode::parse("ETH")) {
        world.chain.borrow_mut().send(script, asset, Amount::from_minor(1_000), 0);
        world.count("transfers to foreign scripts");
    }
}
