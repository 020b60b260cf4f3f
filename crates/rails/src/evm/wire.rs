//! What a node of an Ethereum-like chain answers, as far as it is needed here.
//!
//! Everything has a fixed size and is decoded where it is read; nothing is kept as text. Fields that are not named here
//! are skipped, and may hold anything: other chains' nodes leave `nonce` null, roots empty, and send fields of their
//! own. What is named is needed, and must be what the execution API says
//! (<https://ethereum.github.io/execution-apis/>), with one exception: a quantity may be an empty `0x`, as TRON has it.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, SeqAccess, Visitor},
};

/// Bytes of fixed number, written in hexadecimal behind `0x`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes<const N: usize>(pub [u8; N]);

/// The hash of a block or of a transaction, or a word of the virtual machine.
pub type Word = Bytes<32>;

/// An account: a person's or a contract's.
pub type Account = Bytes<20>;

impl<const N: usize> Bytes<N> {
    /// The bytes that `text` writes.
    fn read(text: &str) -> Option<Self> {
        let digits = text.strip_prefix("0x")?;
        let mut bytes = [0; N];
        // The decoder would take a second prefix.
        if digits.len() != 2 * N {
            return None;
        }
        const_hex::decode_to_slice(digits, &mut bytes).ok()?;
        Some(Self(bytes))
    }
}

impl Word {
    /// The account in the word's last 20 bytes, where nothing stands before it: how the ABI passes an address.
    pub fn account(&self) -> Option<Account> {
        let (padding, account) = self.0.split_first_chunk::<12>()?;
        if *padding == [0; 12] { account.try_into().ok().map(Bytes) } else { None }
    }

    /// The number in the word.
    pub fn quantity(&self) -> Quantity {
        let [high, low] =
            [self.0.first_chunk(), self.0.last_chunk()].map(|half| half.copied().map(u128::from_be_bytes));
        Quantity(low.filter(|_| high == Some(0)))
    }
}

/// As chains write it: lower case, behind `0x`.
impl<const N: usize> fmt::Display for Bytes<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("0x")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl<const N: usize> fmt::Debug for Bytes<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<'de, const N: usize> Deserialize<'de> for Bytes<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text<const N: usize>;

        impl<const N: usize> Visitor<'_> for Text<N> {
            type Value = Bytes<N>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "0x and {} hexadecimal digits", 2 * N)
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                // The error leaves the text out: it is the node's, and may be long.
                Bytes::read(text).ok_or_else(|| E::custom("no hexadecimal text of that length"))
            }
        }

        deserializer.deserialize_str(Text)
    }
}

/// A number as nodes write it: hexadecimal, in up to 256 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quantity(Option<u128>);

impl Quantity {
    /// A number of at most 128 bits.
    pub const fn new(number: u128) -> Self {
        Self(Some(number))
    }

    /// The number; nothing above 128 bits.
    pub const fn number(self) -> Option<u128> {
        self.0
    }

    /// The number; nothing above 64 bits.
    pub fn short(self) -> Option<u64> {
        self.0.and_then(|number| number.try_into().ok())
    }

    /// Whether it is zero.
    pub fn is_zero(self) -> bool {
        self.0 == Some(0)
    }

    fn read(text: &str) -> Option<Self> {
        let digits = text.strip_prefix("0x")?;
        if digits.len() > 64 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        let digits = digits.trim_start_matches('0');
        if digits.is_empty() {
            return Some(Self::new(0));
        }
        // What is left are digits only, so the one way to fail is to be too large.
        Some(Self(u128::from_str_radix(digits, 16).ok()))
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl Visitor<'_> for Text {
            type Value = Quantity;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("0x and at most 64 hexadecimal digits")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Quantity::read(text).ok_or_else(|| E::custom("no hexadecimal number of at most 256 bits"))
            }
        }

        deserializer.deserialize_str(Text)
    }
}

/// A block, with as much of its transactions as `T` reads.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Block<T> {
    /// Blocks before it.
    pub number: Quantity,
    /// Its hash.
    pub hash: Word,
    /// Its parent's hash.
    pub parent_hash: Word,
    /// When it was made, in seconds since 1970.
    pub timestamp: Quantity,
    /// Its transactions.
    pub transactions: T,
}

/// A block without its transactions.
pub type Header = Block<IgnoredAny>;

/// A block with those transactions that carry coins.
pub type Body = Block<Transactions>;

/// The transactions of a block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transactions {
    /// How many there are.
    pub count: usize,
    /// Those that carry coins to somebody, whether they succeeded or not.
    pub payments: Vec<Payment>,
}

/// A transaction that carries coins to somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payment {
    /// The transaction.
    pub transaction: Word,
    /// Whom it calls.
    pub to: Account,
    /// What it carries.
    pub value: Quantity,
}

impl<'de> Deserialize<'de> for Transactions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Transaction {
            hash: Word,
            /// `null` where a contract is made.
            to: Option<Account>,
            value: Option<Quantity>,
        }

        struct List;

        impl<'de> Visitor<'de> for List {
            type Value = Transactions;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of transactions")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut transactions = Transactions::default();
                while let Some(Transaction { hash, to, value }) = list.next_element()? {
                    transactions.count += 1;
                    let paid = to.zip(value).filter(|(_, value)| !value.is_zero());
                    let payment = paid.map(|(to, value)| Payment { transaction: hash, to, value });
                    transactions.payments.extend(payment);
                }
                Ok(transactions)
            }
        }

        deserializer.deserialize_seq(List)
    }
}

/// What became of a transaction.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
    /// The transaction.
    pub transaction_hash: Word,
    /// The block that it is in.
    pub block_hash: Word,
    /// 1 where it succeeded, 0 where it failed (EIP-658); nothing in blocks before that was told.
    pub status: Option<Quantity>,
    /// What the contracts said while it ran.
    pub logs: Vec<Log>,
}

/// Something that a contract said.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Log {
    /// The contract.
    pub address: Account,
    /// Its topics.
    pub topics: Topics,
    /// Its data.
    pub data: Data,
    /// Whether it is told because it is no longer true.
    #[serde(default)]
    pub removed: Option<bool>,
}

/// Where a log was said, and its topics: what `eth_getLogs` is asked for here.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FoundLog {
    /// The transaction.
    pub transaction_hash: Word,
    /// The block.
    pub block_hash: Word,
    /// Its topics.
    pub topics: Topics,
}

/// The topics of a log, of which a transfer has three.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Topics {
    words: [Word; 3],
    count: usize,
}

impl Topics {
    /// These three.
    pub const fn three(words: [Word; 3]) -> Self {
        Self { words, count: 3 }
    }

    /// The topics, where there are three of them.
    pub fn as_three(&self) -> Option<&[Word; 3]> {
        (self.count == self.words.len()).then_some(&self.words)
    }
}

impl<'de> Deserialize<'de> for Topics {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List;

        impl<'de> Visitor<'de> for List {
            type Value = Topics;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of topics")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut topics = Topics { words: [Bytes([0; 32]); 3], count: 0 };
                for word in &mut topics.words {
                    let Some(topic) = list.next_element()? else { return Ok(topics) };
                    *word = topic;
                    topics.count += 1;
                }
                while let Some(IgnoredAny) = list.next_element()? {
                    topics.count += 1;
                }
                Ok(topics)
            }
        }

        deserializer.deserialize_seq(List)
    }
}

/// The data of a log: a word, or something else, which is of no interest here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Data(pub Option<Word>);

impl<'de> Deserialize<'de> for Data {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl Visitor<'_> for Text {
            type Value = Data;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("hexadecimal data")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Data(Bytes::read(text)))
            }
        }

        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests;
