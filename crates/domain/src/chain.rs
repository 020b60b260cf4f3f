//! What a chain tells us: blocks that point to their parents, and transfers inside them.
//!
//! These are the words in which rails report and the engine listens. A card processor of the sandbox reports in them
//! too: its captures are transfers in blocks of its own.

use std::fmt;

use arrayvec::ArrayString;

use crate::{
    money::{Amount, Asset, AssetCode},
    refusal::Refusal,
    time::Timestamp,
};

/// The name of a network as shops and operators write it: `bitcoin`, `ethereum`. Lower-case letters, digits and
/// hyphens, at most 24.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Network(ArrayString<24>);

impl Network {
    /// The network that `text` names.
    ///
    /// # Errors
    /// [`Refusal::NetworkUnknown`] for a text that is no such name.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        match ArrayString::from(text) {
            Ok(name) if !text.is_empty() && text.bytes().all(plain) => Ok(Self(name)),
            Ok(_) | Err(_) => Err(Refusal::NetworkUnknown),
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a buyer chooses: an asset on a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Method {
    /// The network.
    pub network: Network,
    /// The asset on it.
    pub asset: AssetCode,
}

/// How a network writes an address, and which bytes of a public key it is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AddressForm {
    /// `0x…` with the mixed-case checksum of EIP-55; 20 bytes.
    Evm,
    /// `T…`, base58 with a checksum; the same 20 bytes as [`AddressForm::Evm`].
    Tron,
    /// `bc1…`: bech32 of a witness program of version 0 (BIP-173) or 1 (BIP-350), with the prefix of Bitcoin itself.
    BitcoinMain,
    /// `tb1…`: the same with the prefix of Bitcoin's public test networks.
    BitcoinTest,
    /// `bcrt1…`: the same with the prefix of regression-test networks, and of the sandbox. No wallet with real money
    /// takes it.
    BitcoinRegtest,
    /// No address at all: a session of the simulated card processor.
    Session,
}

impl AddressForm {
    /// What the bytes behind the text may be. Two forms of one script kind share a wallet's keys and its counter.
    pub const fn script_kinds(self) -> &'static [ScriptKind] {
        match self {
            Self::Evm | Self::Tron => &[ScriptKind::Account],
            Self::BitcoinMain | Self::BitcoinTest | Self::BitcoinRegtest => {
                &[ScriptKind::WitnessKeyHash, ScriptKind::Taproot]
            }
            Self::Session => &[ScriptKind::Session],
        }
    }

    /// What the bytes of `script` are on a network of this form: a Bitcoin script tells it by how it begins (BIP-141).
    pub fn kind_of(self, script: &Script) -> ScriptKind {
        match self {
            Self::Evm | Self::Tron => ScriptKind::Account,
            Self::BitcoinMain | Self::BitcoinTest | Self::BitcoinRegtest => match script.bytes() {
                [WITNESS_VERSION_1, WITNESS_PROGRAM_32, ..] => ScriptKind::Taproot,
                _ => ScriptKind::WitnessKeyHash,
            },
            Self::Session => ScriptKind::Session,
        }
    }

    /// Whether this is a form of Bitcoin's.
    pub const fn is_bitcoin(self) -> bool {
        matches!(self, Self::BitcoinMain | Self::BitcoinTest | Self::BitcoinRegtest)
    }
}

/// How a script with a witness program of version 1 begins.
const WITNESS_VERSION_1: u8 = 0x51;

/// What follows where the program has 32 bytes.
const WITNESS_PROGRAM_32: u8 = 0x20;

/// What the bytes of a script mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ScriptKind {
    /// The last 20 bytes of the Keccak-256 of a public key.
    Account,
    /// A version 0 witness program over the hash of a public key (BIP-141): the whole output script.
    WitnessKeyHash,
    /// Random bytes that name a card session.
    Session,
    /// A version 1 witness program over a key alone, without scripts (BIP-86): the whole output script.
    Taproot,
}

impl ScriptKind {
    /// Every kind there is.
    pub const ALL: &'static [Self] = &[Self::Account, Self::WitnessKeyHash, Self::Session, Self::Taproot];

    /// The stable name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::WitnessKeyHash => "witness_key_hash",
            Self::Session => "session",
            Self::Taproot => "taproot",
        }
    }

    /// The kind with this name.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.code() == code)
    }
}

/// The bytes that a chain compares: a script or an account, at most 64 of them.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Script(arrayvec::ArrayVec<u8, 64>);

impl Script {
    /// The script with these bytes; nothing for more than 64, which no address of ours has.
    pub fn new(bytes: &[u8]) -> Option<Self> {
        arrayvec::ArrayVec::try_from(bytes).ok().map(Self)
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Which chain it is that carries a network's name: for an Ethereum-like one its chain id and the hash of its first
/// block. Another chain under the same name has another key, and so a cursor and receipts of its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChainKey(String);

impl ChainKey {
    /// The chain that the sandbox simulates.
    pub fn sandbox() -> Self {
        Self("sandbox".to_owned())
    }

    /// A chain by what only it has.
    pub fn new(identity: impl Into<String>) -> Self {
        Self(identity.into())
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A block, by height and hash.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlockRef {
    /// Blocks before it.
    pub height: u64,
    /// Its hash, as its chain writes it.
    pub hash: String,
}

/// Money on its way to a script of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// The transaction's hash, as its chain writes it.
    pub transaction: String,
    /// Which transfer of the transaction it is. It stays the same when the transaction is mined again.
    pub ordinal: u32,
    /// Where it goes.
    pub script: Script,
    /// What it is.
    pub asset: AssetCode,
    /// How much of it; never nothing.
    pub amount: Amount,
    /// Confirmations without which it is not final, whatever a payment asks for: more than one for coins that their
    /// own block has made.
    pub least_depth: u32,
}

/// A block with the transfers that may be ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Height and hash.
    pub at: BlockRef,
    /// Its parent's hash.
    pub parent: String,
    /// The time that the block itself states.
    pub time: Timestamp,
    /// Transfers to scripts that we watch. A script that only looks like one of ours does no harm.
    pub transfers: Vec<Transfer>,
}

/// How far a network was followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The network.
    pub network: Network,
    /// The chain under its name.
    pub chain: ChainKey,
    /// The newest blocks that were followed, newest first; at most [`REORG_LIMIT`] and one more. Empty before the
    /// first.
    pub recent: Vec<BlockRef>,
}

/// The deepest reorganisation that is followed. A deeper one is no accident of a chain: the network stops, and a person
/// looks.
pub const REORG_LIMIT: usize = 100;

impl Cursor {
    /// The newest block that was followed.
    pub fn position(&self) -> Option<&BlockRef> {
        self.recent.first()
    }
}

/// The next thing that a network has to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// The network.
    pub network: Network,
    /// The chain under its name.
    pub chain: ChainKey,
    /// Where the cursor stood when the rail was asked; a batch is applied there or not at all.
    pub after: Option<BlockRef>,
    /// The newest block that is still part of the chain, where it is not the cursor's: everything above it is orphaned.
    pub rolled_back_to: Option<BlockRef>,
    /// New blocks, each the parent of the next.
    pub blocks: Vec<Block>,
    /// Every transfer that waits to be mined, where the rail can see them. `None` says nothing about those seen before.
    pub waiting: Option<Vec<Transfer>>,
    /// Sessions whose card was declined for good.
    pub declined: Vec<Script>,
    /// Up to when the network is known, where that is later than the time of its newest block. Only a simulated network
    /// knows that nothing happened since; every other rail says `None`.
    pub known_until: Option<Timestamp>,
}

/// How well a network is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Health {
    /// Followed up to its newest block, which is young.
    Live,
    /// Older blocks are being followed; nothing is lost, only late.
    CatchingUp,
    /// Its node cannot be asked, or its newest block is too old: what happens on it now is not seen.
    Blind,
    /// Stopped, until a person looks.
    Stopped,
}

impl Health {
    /// Every health there is.
    pub const ALL: &'static [Self] = &[Self::Live, Self::CatchingUp, Self::Blind, Self::Stopped];

    /// The stable name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::CatchingUp => "catching_up",
            Self::Blind => "blind",
            Self::Stopped => "stopped",
        }
    }

    /// The health with this name.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|health| health.code() == code)
    }
}

/// What a watcher last reported of its network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkReport {
    /// The network.
    pub network: Network,
    /// The chain under its name; `None` while no node has told.
    pub chain: Option<ChainKey>,
    /// How well it is seen.
    pub health: Health,
    /// Why it is not seen well.
    pub reason: Option<String>,
    /// The height of its newest block.
    pub head_height: Option<u64>,
    /// The time of its newest block.
    pub head_time: Option<Timestamp>,
    /// When this was reported, by the wall clock.
    pub reported_at: Timestamp,
}

/// What the simulated node of a network shows to whoever follows it from a cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SandboxView {
    /// The newest of the cursor's blocks that is still part of the chain; `None` where the cursor has none.
    pub ancestor: Option<BlockRef>,
    /// The next blocks above it.
    pub blocks: Vec<Block>,
    /// Whether these are all.
    pub complete: bool,
    /// Transfers that wait to be mined.
    pub waiting: Vec<Transfer>,
    /// Card sessions that were declined.
    pub declined: Vec<Script>,
    /// Up to when the network is known: now, or since when it has been stalled.
    pub known_until: Timestamp,
    /// Whether the node shows nothing new.
    pub stalled: bool,
}

/// A network as this gateway serves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkSpec {
    /// Its name.
    pub network: Network,
    /// What people call it: `Ethereum`.
    pub label: String,
    /// How it writes addresses.
    pub form: AddressForm,
    /// Confirmations that make money final here, unless a payment's terms say otherwise. A transfer in the newest block
    /// has one.
    pub depth: u32,
    /// Whether the sandbox simulates it.
    pub simulated: bool,
    /// The chain id of EIP-155, which a wallet link names.
    pub chain_id: Option<u64>,
    /// About how long a block takes, in seconds: for words to the buyer, never for a rule.
    pub block_seconds: u32,
    /// What can be sent on it.
    pub assets: Vec<NetworkAsset>,
}

/// An asset on a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkAsset {
    /// The asset.
    pub asset: Asset,
    /// What people call it: `Ether`.
    pub label: String,
    /// The contract that keeps it; none for a chain's own coin.
    pub contract: Option<String>,
}

impl NetworkSpec {
    /// The asset with this code, where it can be sent here.
    pub fn asset(&self, code: AssetCode) -> Option<&NetworkAsset> {
        self.assets.iter().find(|known| known.asset.code == code)
    }
}
