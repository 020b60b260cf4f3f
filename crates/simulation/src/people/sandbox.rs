//! The operator's hand on the simulated chains, through the sandbox's own commands.

use std::rc::Rc;

use domain::{
    chain::{Method, Network},
    id::{PaymentId, ShopId},
    money::{Amount, AssetCode},
};
use engine::{
    Engine,
    sandbox::{SimulatePay, SimulateTransfer, Target},
};

use crate::world::World;

/// The networks that the sandbox simulates here.
pub(crate) const SIMULATED: [&str; 2] = ["bitcoin", "card"];

pub(crate) fn network(name: &str) -> Option<Network> {
    Network::parse(name).ok()
}

/// Money for a payment.
pub(crate) async fn pay(world: Rc<World>, engine: Engine, (shop, payment): (ShopId, PaymentId)) {
    let (asset, amounts) =
        if world.one_in(2) { ("BTC", ["0.0001", "0.01"]) } else { ("USD", ["1.00", "40.00"]) };
    let name = if asset == "BTC" { "bitcoin" } else { "card" };
    let method = network(name).zip(AssetCode::parse(asset).ok());
    let amount = if world.one_in(3) { Some(amounts[world.below(2)].to_owned()) } else { None };
    let confirmations = [None, Some(0), Some(0), Some(1), Some(2)][world.below(5)];
    let command = SimulatePay {
        target: Target { shop, payment },
        method: method.map(|(network, asset)| Method { network, asset }),
        amount,
        confirmations,
    };
    if world.judge("simulate_pay", engine.simulate_pay(command).await).is_some() {
        world.count("simulated payments");
    }
}

/// Money for an address on a simulated chain that some page or some shop said.
pub(crate) async fn transfer(world: Rc<World>, engine: Engine) {
    let asked: Vec<_> = {
        let known = world.known.borrow();
        let is_simulated = |name: &str| name == "bitcoin";
        known.asked.iter().filter(|one| is_simulated(one.method.network.as_str())).cloned().collect()
    };
    let Some(asked) = world.chance.borrow_mut().pick_young(&asked).cloned() else { return };
    let Some(address) = engine.address(asked.method.network, &asked.script) else { return };
    let amount = Amount::from_minor(asked.due.minor().max(1)).to_decimal(8);
    let confirmations = [None, Some(0), Some(1)][world.below(3)];
    let command = SimulateTransfer { method: asked.method, address, amount, confirmations };
    world.judge("simulate_transfer", engine.simulate_transfer(command).await);
}

/// More blocks.
pub(crate) async fn mine(world: Rc<World>, engine: Engine, network: Network, count: u32) {
    world.judge("mine", engine.mine(network, count).await);
}

/// Other blocks in place of the newest.
pub(crate) async fn reorganise(world: Rc<World>, engine: Engine, network: Network, depth: u32) {
    let drops = world.one_in(3);
    if world.judge("reorganise", engine.reorganise(network, depth, drops).await).is_some() {
        world.count("reorganisations");
    }
}

/// A node that shows nothing new, or does again.
pub(crate) async fn stall(world: Rc<World>, engine: Engine, network: Network, on: bool) {
    if world.judge("stall", engine.stall(network, on).await).is_some() && on {
        world.count("stalled nodes");
    }
}

/// A card that is declined for good.
pub(crate) async fn decline(world: Rc<World>, engine: Engine, (shop, payment): (ShopId, PaymentId)) {
    if world.judge("decline", engine.decline(shop, payment).await).is_some() {
        world.count("declined cards");
    }
}
