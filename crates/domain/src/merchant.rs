//! Who is paid, and who may act for them.

use std::{fmt, net::IpAddr};

use crate::{
    chain::ScriptKind,
    dialect::DialectName,
    id::{CredentialId, EndpointId, MerchantId, ShopId, WalletId},
    ip_block::IpBlock,
    money::Amount,
    refusal::Refusal,
    terms::Tolerance,
    time::{Span, Timestamp},
};

/// Which kind of money a gateway handles. A database belongs to one environment for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Environment {
    /// A shared sandbox: nothing is real.
    Test,
    /// A rehearsal: nothing is real.
    Staging,
    /// Real money.
    Production,
}

impl Environment {
    /// The stable name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Staging => "staging",
            Self::Production => "production",
        }
    }

    /// The environment with this name.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Test, Self::Staging, Self::Production]
            .into_iter()
            .find(|environment| environment.code() == code)
    }

    /// Whether money is real here.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Production)
    }
}

/// Who is paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merchant {
    /// Its id.
    pub id: MerchantId,
    /// What it is called.
    pub name: Name,
    /// When it was made.
    pub created_at: Timestamp,
}

/// One place that sells: the unit of isolation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shop {
    /// Its id.
    pub id: ShopId,
    /// Who owns it.
    pub merchant: MerchantId,
    /// What buyers read.
    pub name: Name,
    /// Whether its credentials work.
    pub active: bool,
    /// Its own rules.
    pub policy: ShopPolicy,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What a shop decides for its payments. A payment keeps what was decided when it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ShopPolicy {
    /// How long an order waits; `None` for what the dialect says.
    pub order_validity: Option<Span>,
    /// Confirmations that make money final; `None` for what the dialect or the network says.
    pub depth: Option<u32>,
    /// How much may be missing.
    pub tolerance: Tolerance,
    /// By how many millionths below the market money in another asset counts.
    pub spread_parts_per_million: u32,
}

/// The shortest time that an order may be open.
pub const MIN_ORDER_VALIDITY: Span = Span::minutes(1);
/// The longest time that an order may be open.
pub const MAX_ORDER_VALIDITY: Span = Span::days(366);
/// The most confirmations that a shop may ask for: as many as a reorganisation can take back.
pub const MAX_DEPTH: u32 = 100;
/// The largest share of a price that may be missing, in millionths.
pub const MAX_TOLERANCE_PARTS_PER_MILLION: u32 = 100_000;
/// The largest spread, in millionths.
pub const MAX_SPREAD_PARTS_PER_MILLION: u32 = 100_000;

impl ShopPolicy {
    /// The policy itself, where it is within its limits.
    ///
    /// # Errors
    /// [`Refusal::PolicyInvalid`] outside of them.
    pub fn checked(self) -> Result<Self, Refusal> {
        let validity =
            self.order_validity.is_none_or(|span| (MIN_ORDER_VALIDITY..=MAX_ORDER_VALIDITY).contains(&span));
        let depth = self.depth.is_none_or(|depth| (1..=MAX_DEPTH).contains(&depth));
        let tolerance = self.tolerance.parts_per_million <= MAX_TOLERANCE_PARTS_PER_MILLION
            && self.tolerance.absolute <= Amount::from_minor(u128::from(u64::MAX));
        let spread = self.spread_parts_per_million <= MAX_SPREAD_PARTS_PER_MILLION;
        if validity && depth && tolerance && spread { Ok(self) } else { Err(Refusal::PolicyInvalid) }
    }
}

/// What people call a merchant or a shop: 1 to 100 printable characters, without blanks around them.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Name(String);

/// The longest name, in characters.
const NAME_LENGTH: usize = 100;

impl Name {
    /// The name that `text` writes.
    ///
    /// # Errors
    /// [`Refusal::NameInvalid`] for a text that is empty, longer than 100 characters, or has control characters.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let trimmed = text.trim();
        let length = trimmed.chars().count();
        if length == 0 || length > NAME_LENGTH || trimmed.chars().any(char::is_control) {
            return Err(Refusal::NameInvalid);
        }
        Ok(Self(trimmed.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

/// SHA-256 of a bearer key: all that is kept of it, since keys are too random to be guessed from it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyHash(pub [u8; 32]);

/// What a key may be used for at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// For servers; whoever holds it acts for the shop.
    Secret,
    /// For pages; it is no secret and proves nothing.
    Publishable,
}

impl KeyKind {
    /// The stable name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::Publishable => "publishable",
        }
    }

    /// The kind with this name.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Secret, Self::Publishable].into_iter().find(|kind| kind.code() == code)
    }
}

/// Lets a program act for one shop in one dialect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// Its id.
    pub id: CredentialId,
    /// The shop that it acts for.
    pub shop: ShopId,
    /// The only dialect that takes it.
    pub dialect: DialectName,
    /// What it may be used for at all.
    pub kind: KeyKind,
    /// What it may be used for in the dialect, in the dialect's own words.
    pub scopes: Vec<String>,
    /// Where it may be used from; none: anywhere.
    pub allowed_ips: Vec<IpBlock>,
    /// The last characters of the key, by which people tell keys apart.
    pub hint: String,
    /// The key, where it is public: its callers prove themselves by what they sign with its secret.
    pub public_key: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
}

impl Credential {
    /// Whether it works at `now`.
    pub fn works(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }

    /// Whether it may be used from an address. Where it may not be used from everywhere, a caller of unknown address
    /// may not use it.
    pub fn allows(&self, address: Option<IpAddr>) -> bool {
        let is_in_one = |address| self.allowed_ips.iter().any(|block| block.contains(address));
        self.allowed_ips.is_empty() || address.is_some_and(is_in_one)
    }
}

/// An extended public key, and how many of its addresses were made and given out. The counter is one for the whole
/// installation, whichever networks use the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wallet {
    /// Its id.
    pub id: WalletId,
    /// The shop whose money it receives.
    pub shop: ShopId,
    /// SHA-256 of the key, in hexadecimal: what a configuration pins.
    pub fingerprint: String,
    /// The key, in the form of BIP-32.
    pub xpub: String,
    /// What its keys are made into.
    pub script_kind: ScriptKind,
    /// Whether it is the sandbox's own.
    pub simulated: bool,
    /// Addresses that were made, given out or not: the indexes below this one.
    pub derived: u32,
    /// Addresses that were given out: the indexes below this one.
    pub issued: u32,
    /// When it was set.
    pub created_at: Timestamp,
}

/// The most endpoints that a shop may have in one dialect.
pub const MAX_ENDPOINTS: usize = 10;

/// The subscription that takes every event.
pub const ALL_EVENTS: &str = "*";

impl Endpoint {
    /// Whether it listens to events of this name.
    pub fn listens_to(&self, name: &str) -> bool {
        self.subscriptions.iter().any(|subscribed| subscribed == name || subscribed == ALL_EVENTS)
    }
}

/// Where a dialect's events go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Its id.
    pub id: EndpointId,
    /// The shop whose events they are.
    pub shop: ShopId,
    /// The dialect that words them.
    pub dialect: DialectName,
    /// Where they are posted.
    pub url: String,
    /// The event names that it listens to, in the dialect's words; [`ALL_EVENTS`] for every one.
    pub subscriptions: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when every delivery has failed for good; `None` while it works.
    pub failing_since: Option<Timestamp>,
    /// When the secret of its last rotation began to sign, or will; the one before it signs until then. It is forgotten
    /// some time after.
    pub cutover_at: Option<Timestamp>,
}
