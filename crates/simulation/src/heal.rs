//! The end of a seed: nothing goes wrong any more, time passes, and everything has to come to rest.

use domain::{
    chain::Network,
    time::{Clock, Span},
};

use crate::{
    oracle::{Violation, invariants},
    people::{client, deliverer, operator, postman, sandbox, workers},
    run::Run,
};

/// Rounds within which everything comes to rest.
const ROUNDS: usize = 40;

/// Times that somebody goes on, at most, until all are done.
const POLLS: usize = 20_000;

/// Blocks that make everything final.
const DEEP: u32 = 6;

impl Run {
    /// Lets the world be well, and judges what became of it.
    pub(crate) fn heal(&mut self) -> Result<(), Violation> {
        self.world.note("the world is well".to_owned());
        self.world.is_well.set(true);
        self.world.merchant.borrow_mut().calm();
        for node in &self.nodes {
            node.saboteur.give_up();
        }
        self.finish_all()?;
        self.restart(0)?;
        self.finish_all()?;
        self.ask_again()?;
        self.begin_on(0, "rates", |world, engine| async move {
            world.judge("set_fixed_rates", engine.set_fixed_rates(crate::template::rates()).await);
        });
        for name in sandbox::SIMULATED {
            let Some(network) = sandbox::network(name) else { continue };
            self.begin_on(0, "stall", |world, engine| sandbox::stall(world, engine, network, false));
        }
        self.finish_all()?;
        for round in 0..ROUNDS {
            self.round(round)?;
            if round > 2 && self.oracle.is_at_rest()? && self.is_followed() {
                self.world.note("everything came to rest".to_owned());
                return self.oracle.look_at_the_end(&self.world);
            }
        }
        self.oracle.look_at_the_end(&self.world)?;
        let detail = format!("after {ROUNDS} rounds something still moves");
        Err(Violation { invariant: invariants::HEALS, detail })
    }

    /// Everybody finishes what they are at.
    pub(crate) fn finish_all(&mut self) -> Result<(), Violation> {
        for _ in 0..POLLS {
            if self.tasks.is_empty() {
                return Ok(());
            }
            self.poll_one()?;
        }
        let detail = format!("{} is never done", self.tasks.first().map_or("nothing", |task| task.name));
        Err(Violation { invariant: invariants::HEALS, detail })
    }

    /// Whoever got no answer asks again, and has to get one.
    fn ask_again(&mut self) -> Result<(), Violation> {
        let count = self.world.known.borrow().orders.len();
        for place in 0..count {
            let was_answered =
                self.world.known.borrow().orders.get(place).is_some_and(|order| order.payment.is_some());
            if was_answered && self.world.below(3) > 0 {
                continue;
            }
            self.begin("create", |world, engine| client::ask(world, engine, place));
            self.finish_all()?;
        }
        Ok(())
    }

    /// Whether the scripted chain was followed to its end.
    fn is_followed(&self) -> bool {
        let known = self.world.known.borrow();
        let chain = self.world.chain.borrow();
        let newest = known
            .batches
            .back()
            .and_then(|batch| batch.blocks.last().map(|block| &block.at).or(batch.after.as_ref()));
        newest == chain.canonical.last().map(|block| &block.at)
    }

    /// Time passes, blocks are made, and every worker looks.
    fn round(&mut self, round: usize) -> Result<(), Violation> {
        self.world.clock.advance(if round < 6 { Span::minutes(45) } else { Span::minutes(6) });
        {
            let now = self.world.clock.now();
            let mut chain = self.world.chain.borrow_mut();
            if round < 6 {
                chain.mine(now, || true);
                for _ in 0..DEEP {
                    chain.add_block(now, Vec::new());
                }
            }
        }
        let last = self.nodes.len().saturating_sub(1);
        for name in sandbox::SIMULATED {
            let Some(network): Option<Network> = sandbox::network(name) else { continue };
            self.begin_on(last, "mine", |world, engine| sandbox::mine(world, engine, network, DEEP));
            self.finish_all()?;
            self.begin_on(0, name, |world, engine| workers::watch(world, engine, network));
        }
        for _ in 0..3 {
            self.watch(last);
            self.finish_all()?;
        }
        self.begin_on(0, "tidy", workers::tidy);
        self.finish_all()?;
        self.begin_on(last, "expire", workers::expire);
        self.finish_all()?;
        for _ in 0..6 {
            self.begin("deliver", deliverer::look);
            self.finish_all()?;
        }
        for _ in 0..4 {
            self.begin("mail", postman::look);
            self.finish_all()?;
        }
        if round == 1 {
            self.begin("send again", operator::send_again);
            self.begin("mail again", postman::send_again);
        }
        self.finish_all()?;
        self.look()
    }
}
