//! The sources that there are.

use std::time::Duration;

use domain::{pair::Pair, time::Timestamp};

use super::{
    bitfinex, coinbase, coingecko, ecb,
    heard::{Heard, Question, Unheard},
    kraken,
};

/// A source of rates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// Kraken, an exchange.
    Kraken,
    /// Coinbase, an exchange.
    Coinbase,
    /// Bitfinex, an exchange.
    Bitfinex,
    /// `CoinGecko`, which gathers what exchanges say.
    CoinGecko,
    /// The European Central Bank.
    Ecb,
}

/// What kind of source it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It says what is paid now.
    Market,
    /// It says once a working day what the euro is worth in other currencies.
    Reference,
}

impl Source {
    /// Every source there is.
    pub const ALL: [Self; 5] = [Self::Kraken, Self::Coinbase, Self::Bitfinex, Self::CoinGecko, Self::Ecb];

    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kraken => "kraken",
            Self::Coinbase => "coinbase",
            Self::Bitfinex => "bitfinex",
            Self::CoinGecko => "coingecko",
            Self::Ecb => "ecb",
        }
    }

    /// The source with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.name() == name)
    }

    /// What kind it is.
    pub const fn kind(self) -> Kind {
        match self {
            Self::Kraken | Self::Coinbase | Self::Bitfinex | Self::CoinGecko => Kind::Market,
            Self::Ecb => Kind::Reference,
        }
    }

    /// How often it is asked.
    pub const fn period(self) -> Duration {
        match self.kind() {
            Kind::Market => Duration::from_mins(1),
            Kind::Reference => Duration::from_hours(1),
        }
    }

    /// Where it is asked.
    pub(super) const fn base_url(self) -> &'static str {
        match self {
            Self::Kraken => "https://api.kraken.com",
            Self::Coinbase => "https://api.coinbase.com",
            Self::Bitfinex => "https://api-pub.bitfinex.com",
            Self::CoinGecko => "https://api.coingecko.com",
            Self::Ecb => "https://www.ecb.europa.eu",
        }
    }

    /// Whether one pair that it does not trade spoils its answer for all.
    pub(super) const fn fails_as_one(self) -> bool {
        matches!(self, Self::Kraken | Self::Bitfinex)
    }

    /// What to ask it for these pairs.
    pub(super) fn questions(self, pairs: &[Pair]) -> Vec<Question> {
        match self {
            Self::Kraken => kraken::questions(pairs),
            Self::Coinbase => coinbase::questions(pairs),
            Self::Bitfinex => bitfinex::questions(pairs),
            Self::CoinGecko => coingecko::questions(pairs),
            Self::Ecb => ecb::questions(),
        }
    }

    /// What its answer says.
    pub(super) fn read(
        self,
        status: u16,
        body: &[u8],
        question: &Question,
        now: Timestamp,
    ) -> Result<Heard, Unheard> {
        match (self, status) {
            (Self::Coinbase, 400 | 404) => coinbase::read_refusal(body),
            (Self::Bitfinex, 500) => bitfinex::read(body, question, now),
            (_, 200) => match self {
                Self::Kraken => kraken::read(body, question, now),
                Self::Coinbase => coinbase::read(body, question, now),
                Self::Bitfinex => bitfinex::read(body, question, now),
                Self::CoinGecko => coingecko::read(body, question),
                Self::Ecb => ecb::read(body),
            },
            _ => Err(Unheard::Unreadable),
        }
    }
}
