//! Asking sources what things are worth.
//!
//! What comes back is what they say, to the letter of their numbers: whether it is believed, and in what company, is
//! for [`domain::rates`] to judge. Each source has its own file, which says where its form is documented.

mod bitfinex;
mod coinbase;
mod coingecko;
mod ecb;
mod heard;
mod kraken;
mod number;
mod source;
mod trouble;

use std::{collections::HashMap, time::Duration};

use domain::{
    pair::Pair,
    quote::SourcedRate,
    rates::is_price,
    time::{Span, Timestamp},
};
use tokio::time::timeout;

use crate::{
    client::{Settings, SetupError},
    fetch::Fetcher,
    target::{Target, TargetPolicy, TargetRefused},
};

use self::heard::{Heard, Question, Unheard};
pub use self::{
    source::{Kind, Source},
    trouble::Trouble,
};

/// How long one request to a source may take.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);

/// How long all requests of one round to a source may take. What was heard until then counts.
pub const ROUND_TIMEOUT: Duration = Duration::from_secs(8);

/// How long a source is left alone that is asked too often, and does not say for how long.
const BUSY_PAUSE: Duration = Duration::from_mins(5);

/// The longest that a source is left alone because it said so.
const LONGEST_PAUSE: Duration = Duration::from_hours(1);

/// How long a source is not asked for a pair that it does not trade.
const UNLISTED_FOR: Span = Span::hours(6);

/// A source, and where it is asked.
pub struct RateSource {
    source: Source,
    base: String,
    fetcher: Fetcher,
    policy: TargetPolicy,
    /// Pairs that it does not trade, and until when it is not asked for them again.
    unlisted: HashMap<Pair, Timestamp>,
}

/// What a source said in one round.
#[derive(Debug, Default)]
pub struct Answer {
    /// What counts, unless it is judged otherwise.
    pub said: Vec<SourcedRate>,
    /// What went wrong: with all of it, or with a part.
    pub trouble: Option<Trouble>,
    /// How long it wants to be left alone.
    pub pause: Option<Duration>,
}

impl RateSource {
    /// A source where it is by itself.
    ///
    /// # Errors
    /// [`SetupError`] where no requests can be sent at all.
    pub fn new(source: Source, settings: Settings) -> Result<Self, SetupError> {
        let policy = settings.policy;
        let (fetcher, base) = (Fetcher::new(settings)?, source.base_url().to_owned());
        Ok(Self { source, base, fetcher, policy, unlisted: HashMap::new() })
    }

    /// The same source at another place: a mirror, a proxy, a test.
    ///
    /// # Errors
    /// [`SetupError`] where no requests can be sent at all.
    pub fn at(source: Source, base: &str, settings: Settings) -> Result<Self, SetupError> {
        Ok(Self { base: base.trim_end_matches('/').to_owned(), ..Self::new(source, settings)? })
    }

    /// Which source it is.
    pub const fn source(&self) -> Source {
        self.source
    }

    /// Asks for these pairs; `now` is the wall time. Whatever happens, it ends within [`ROUND_TIMEOUT`].
    pub async fn ask(&mut self, pairs: &[Pair], now: Timestamp) -> Answer {
        self.unlisted.retain(|_, until| *until > now && *until <= now + UNLISTED_FOR);
        let wanted: Vec<Pair> =
            pairs.iter().copied().filter(|pair| !self.unlisted.contains_key(pair)).collect();
        let (mut answer, mut unlisted) = (Answer::default(), Vec::new());
        let round = self.round(&wanted, now, &mut answer, &mut unlisted);
        if timeout(ROUND_TIMEOUT, round).await.is_err() {
            answer.trouble = Some(Trouble::TooSlow);
        }
        if !unlisted.is_empty() {
            tracing::info!(source = self.source.name(), pairs = ?unlisted, "does not trade these pairs");
            self.unlisted.extend(unlisted.into_iter().map(|pair| (pair, now + UNLISTED_FOR)));
        }
        answer
    }

    /// One question after the other, until one goes wrong.
    async fn round(&self, wanted: &[Pair], now: Timestamp, answer: &mut Answer, unlisted: &mut Vec<Pair>) {
        let mut questions = self.source.questions(wanted);
        questions.reverse();
        let mut asked = false;
        while let Some(question) = questions.pop() {
            asked = true;
            match self.put(&question, now).await {
                Ok(heard) => self.take(heard, answer),
                Err(Trouble::Unlisted) if self.source.fails_as_one() && question.pairs.len() > 1 => {
                    // One that is not traded spoils the answer for all: so each is asked for by itself.
                    questions
                        .extend(question.pairs.iter().rev().flat_map(|pair| self.source.questions(&[*pair])));
                }
                Err(Trouble::Unlisted) => unlisted.extend(question.pairs),
                Err(trouble) => {
                    answer.pause = trouble.pause();
                    answer.trouble = Some(trouble);
                    return;
                }
            }
        }
        let is_silent = asked && answer.said.is_empty() && unlisted.is_empty();
        if is_silent && answer.trouble.is_none() {
            answer.trouble = Some(Trouble::Silent);
        }
    }

    /// Puts one question.
    async fn put(&self, question: &Question, now: Timestamp) -> Result<Heard, Trouble> {
        let url = self.url(question).map_err(|_| Trouble::url())?;
        let document = self.fetcher.get(&url).await.map_err(Trouble::unanswered)?;
        if matches!(document.status, 418 | 429 | 503) {
            let pause = document.retry_after.unwrap_or(BUSY_PAUSE).min(LONGEST_PAUSE);
            return Err(Trouble::Busy { status: document.status, pause });
        }
        match self.source.read(document.status, &document.body, question, now) {
            Ok(heard) => Ok(heard),
            Err(Unheard::Unlisted) => Err(Trouble::Unlisted),
            Err(Unheard::Error(said)) => Err(Trouble::Error(said)),
            Err(Unheard::Unreadable) if document.status != 200 => Err(Trouble::Status(document.status)),
            Err(Unheard::Unreadable) => Err(Trouble::Unreadable),
        }
    }

    fn url(&self, question: &Question) -> Result<Target, TargetRefused> {
        Target::parse(&format!("{}{}", self.base, question.path), self.policy)
    }

    /// Keeps what could be a price, and tells of what could not.
    fn take(&self, heard: Heard, answer: &mut Answer) {
        let mut refused = Vec::new();
        for said in heard {
            match said.rate.filter(|rate| is_price(*rate)) {
                Some(rate) => answer.said.push(SourcedRate {
                    source: self.source.name().to_owned(),
                    pair: said.pair,
                    rate,
                    at: said.at,
                }),
                None => refused.push(said.pair),
            }
        }
        if !refused.is_empty() {
            answer.trouble = Some(Trouble::NoPrice(refused));
        }
    }
}
