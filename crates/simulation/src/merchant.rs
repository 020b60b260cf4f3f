//! The shops' servers, which are rude at times.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    delivery::Outcome,
    id::{DeliveryId, EndpointId, EventId},
    time::Span,
};

use crate::chance::Chance;

/// How a server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mood {
    /// It takes what it gets.
    Kind,
    /// It answers 500.
    Fails,
    /// It does not answer, and takes nothing.
    Hangs,
    /// It takes what it gets, and the answer is lost.
    Drops,
    /// It takes what it gets, and its answer takes its time.
    Slow,
}

/// Every mood but the kind one.
const RUDE: [Mood; 4] = [Mood::Fails, Mood::Hangs, Mood::Drops, Mood::Slow];

/// The servers, and what they were told.
#[derive(Default)]
pub(crate) struct Merchant {
    moods: BTreeMap<EndpointId, Mood>,
    /// Deliveries that were answered with 200.
    pub(crate) taken: BTreeSet<DeliveryId>,
    /// Deliveries that were sent more often than once.
    pub(crate) told: BTreeMap<DeliveryId, u32>,
    bodies: BTreeMap<(EndpointId, EventId), Vec<u8>>,
}

impl Merchant {
    /// Gives a server another mood.
    pub(crate) fn change(&mut self, endpoint: EndpointId, chance: &mut Chance) -> Mood {
        let mood = if chance.one_in(3) { Mood::Kind } else { *chance.pick(&RUDE).unwrap_or(&Mood::Kind) };
        self.moods.insert(endpoint, mood);
        mood
    }

    /// Makes all servers kind for good.
    pub(crate) fn calm(&mut self) {
        self.moods.clear();
    }

    /// How a server is now.
    pub(crate) fn mood(&self, endpoint: EndpointId) -> Mood {
        self.moods.get(&endpoint).copied().unwrap_or(Mood::Kind)
    }

    /// Whether an event was told in other words before.
    pub(crate) fn was_told_otherwise(&mut self, endpoint: EndpointId, event: EventId, body: &[u8]) -> bool {
        self.bodies.entry((endpoint, event)).or_insert_with(|| body.to_vec()) != body
    }

    /// What comes back from a post.
    pub(crate) fn post(&mut self, endpoint: EndpointId, delivery: DeliveryId) -> Outcome {
        *self.told.entry(delivery).or_default() += 1;
        let mood = self.mood(endpoint);
        let (http_status, error) = match mood {
            Mood::Kind | Mood::Slow => (Some(200), None),
            Mood::Fails => (Some(500), None),
            Mood::Hangs | Mood::Drops => (None, Some("no answer".to_owned())),
        };
        if http_status == Some(200) {
            self.taken.insert(delivery);
        }
        Outcome { http_status, error, excerpt: String::new(), took: Span::from_micros(1_000) }
    }
}
