//! One seed, from its first step to the last judgement.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    sync::Arc,
};

use domain::{chain::Network, time::Span};
use engine::Engine;
use testkit::clock::{HandClock, START, Seeded};

use crate::{
    chain::Chain,
    chance::Chance,
    exec::{Gate, Task, finish},
    faults::Mishap,
    figures::Figures,
    node::Node,
    oracle::{Oracle, Violation},
    template::{self, SCRIPTED},
    world::{Known, World},
};

/// Steps of one seed.
pub const STEPS: usize = 160;

/// Steps between two looks of the oracle.
const BETWEEN_LOOKS: usize = 7;

/// Looks of the oracle between two close ones.
const BETWEEN_CLOSE_LOOKS: usize = 5;

/// Every seed of this many has a reorganisation as deep as the limit.
const BETWEEN_DEEP_SEEDS: u64 = 20;

/// Things that are done at once, at most.
const AT_ONCE: usize = 7;

/// What became of a seed.
#[derive(Debug)]
pub struct Outcome {
    /// The seed.
    pub seed: u64,
    /// What was wrong, if anything was.
    pub violation: Option<Violation>,
    /// What happened, counted.
    pub figures: Figures,
    /// What happened, line by line.
    pub trace: Vec<String>,
}

impl Outcome {
    /// What a person reads of a seed that failed: what was wrong, what led to it, and how to see it again.
    pub fn report(&self) -> String {
        let Some(Violation { invariant, detail }) = &self.violation else {
            return format!("seed {}: nothing was wrong", self.seed);
        };
        format!(
            "{}\nseed {}: it does not hold that {invariant}: {detail}\nagain: cargo run -p simulation -- --seed {}",
            self.trace.join("\n"),
            self.seed,
            self.seed
        )
    }
}

/// Runs a seed.
///
/// # Panics
/// When there is no place for its database.
pub fn run(seed: u64) -> Outcome {
    let begun = Run::new(seed);
    let mut run = match begun {
        Ok(run) => run,
        Err(error) => {
            let violation = Violation { invariant: "a seed can begin", detail: error };
            let (figures, trace) = Default::default();
            return Outcome { seed, violation: Some(violation), figures, trace };
        }
    };
    let violation = run.go().err();
    run.count();
    let world = &run.world;
    Outcome { seed, violation, figures: world.figures.take(), trace: world.trace.take() }
}

/// A seed on its way.
pub(crate) struct Run {
    pub(crate) world: Rc<World>,
    pub(crate) nodes: Vec<Node>,
    pub(crate) tasks: Vec<Task>,
    pub(crate) oracle: Oracle,
    seed: u64,
    looks: usize,
    gate: Arc<Gate>,
    _folder: tempfile::TempDir,
}

impl Run {
    fn new(seed: u64) -> Result<Self, String> {
        let template = template::template();
        let folder = template::folder()?;
        let path = folder.path().join("tillgate.db");
        std::fs::write(&path, &template.bytes).map_err(|error| error.to_string())?;
        let start = START + Span::hours(1);
        let clock = Arc::new(HandClock::new(start));
        let network = Network::parse(SCRIPTED).map_err(|refusal| refusal.to_string())?;
        let known = Known { endpoints: template.endpoints.clone(), ..Known::default() };
        let world = World {
            clock: Arc::clone(&clock),
            chance: RefCell::new(Chance::new(seed)),
            chain: RefCell::new(Chain::new(network, start)),
            merchant: RefCell::default(),
            known: RefCell::new(known),
            figures: RefCell::default(),
            trace: RefCell::default(),
            violation: RefCell::default(),
            shops: template.shops.clone(),
            faulted: Cell::new(false),
            dies: Cell::new(false),
            is_well: Cell::new(false),
            ahead: Cell::new(Span::ZERO),
            set_back: Cell::new(Span::ZERO),
        };
        // Every third seed has one node, which lets leases lapse when it begins; the others have two at once.
        let count = if seed.is_multiple_of(3) { 1 } else { 2 };
        let entropy = Arc::new(Seeded::new(1 + (seed & 0xffff_ffff) % 0xffff_fff0));
        let oracle = Oracle::open(&path, start)?;
        let (mut nodes, gate) = (Vec::new(), Arc::<Gate>::default());
        for _ in 0..count {
            let mut node =
                Node::new(path.clone(), Arc::clone(&clock), Arc::clone(&entropy), Arc::clone(&gate));
            node.restart(&world)?;
            nodes.push(node);
        }
        let (tasks, looks, world) = (Vec::new(), 0, Rc::new(world));
        Ok(Self { world, nodes, tasks, oracle, seed, looks, gate, _folder: folder })
    }

    fn go(&mut self) -> Result<(), Violation> {
        let deep = self.seed.is_multiple_of(BETWEEN_DEEP_SEEDS);
        if deep {
            // A cursor that has just begun remembers fewer blocks than a reorganisation may replace.
            self.world.is_well.set(true);
            self.watch(0);
            self.finish_all()?;
            self.world.is_well.set(false);
        }
        for step in 0..STEPS {
            if step == STEPS / 2 && deep {
                self.reorganise_deeply();
            }
            self.act();
            for _ in 0..self.world.below(6) {
                self.poll_one()?;
            }
            while self.tasks.len() > AT_ONCE {
                self.poll_one()?;
            }
            if step % BETWEEN_LOOKS == 0 {
                self.look()?;
            }
        }
        self.look()?;
        self.heal()
    }

    /// Lets the oracle look.
    pub(crate) fn look(&mut self) -> Result<(), Violation> {
        self.looks += 1;
        let looked = if self.looks.is_multiple_of(BETWEEN_CLOSE_LOOKS) {
            self.oracle.look_closely(&self.world)
        } else {
            self.oracle.look(&self.world)
        };
        if looked.is_err() {
            self.world.note("  the oracle looks".to_owned());
        }
        looked
    }

    /// Begins something on a node.
    pub(crate) fn begin<F>(&mut self, name: &'static str, make: impl FnOnce(Rc<World>, Engine) -> F)
    where
        F: Future<Output = ()> + 'static,
    {
        let node = self.world.below(self.nodes.len());
        self.begin_on(node, name, make);
    }

    /// Begins something on this node.
    pub(crate) fn begin_on<F>(
        &mut self,
        node: usize,
        name: &'static str,
        make: impl FnOnce(Rc<World>, Engine) -> F,
    ) where
        F: Future<Output = ()> + 'static,
    {
        let Some(engine) = self.nodes.get(node).and_then(Node::engine) else { return };
        self.world.note(format!("node {node} begins: {name}"));
        self.tasks.push(Task::new(node, name, make(Rc::clone(&self.world), engine)));
    }

    /// Whether a node is at something already that it does one at a time.
    pub(crate) fn is_at(&self, node: usize, name: &str) -> bool {
        self.tasks.iter().any(|task| task.node == node && task.name == name)
    }

    /// Lets one of those who are at something go on, until it waits again.
    pub(crate) fn poll_one(&mut self) -> Result<(), Violation> {
        let place = self.world.below(self.tasks.len());
        let Some(task) = self.tasks.get_mut(place) else { return Ok(()) };
        let (node, name) = (task.node, task.name);
        self.world.note(format!("  node {node}: {name}"));
        self.world.faulted.set(task.faulted);
        let ended = task.step(&self.gate);
        let happened = self.nodes.get(node).and_then(|node| node.saboteur.happened());
        if let Some(happened) = happened {
            self.world.note(format!("    {:?} {:?} at {}", happened.mishap, happened.place, happened.at));
            match happened.mishap {
                Mishap::Crash => {
                    self.world.count(crate::steps::crash_name(happened.place));
                    self.world.dies.set(true);
                }
                Mishap::Fault => {
                    self.world.count("failed statements");
                    task.faulted = true;
                }
            }
        }
        if self.world.dies.take() {
            self.crash(node)?;
        } else if ended {
            self.tasks.remove(place);
        }
        match self.world.violation.take() {
            Some(violation) => Err(violation),
            None => Ok(()),
        }
    }

    /// A node dies, with all that it was at, and begins again.
    fn crash(&mut self, node: usize) -> Result<(), Violation> {
        self.tasks.retain(|task| task.node != node);
        self.world.count("crashes");
        self.restart(node)
    }

    /// Begins a process again, which does what a process does when it begins.
    pub(crate) fn restart(&mut self, node: usize) -> Result<(), Violation> {
        let world = Rc::clone(&self.world);
        if let Some(node) = self.nodes.get_mut(node) {
            let began = node.restart(&world);
            began.map_err(|detail| Violation { invariant: crate::oracle::invariants::CAUSES, detail })?;
        }
        let alone = if self.nodes.len() == 1 { self.nodes.get(node).and_then(Node::engine) } else { None };
        if let Some(engine) = alone {
            // Whoever held a lease is gone. Nobody is answered, and nothing sent, before that is written down.
            world.known.borrow_mut().leases.clear();
            world.judge("release_deliveries", finish(engine.release_deliveries()));
            world.judge("release_mails", finish(engine.release_mails()));
        }
        Ok(())
    }

    fn count(&self) {
        let mut figures = self.world.figures.borrow_mut();
        figures.count("seeds");
        for (statements, commits) in self.nodes.iter().map(|node| node.saboteur.counts()) {
            figures.add("statements", statements);
            figures.add("commits", commits);
        }
    }
}
