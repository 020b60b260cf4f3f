//! What Bitcoin Core and its like answer in JSON, as far as it is needed here. Hashes and raw bytes are decoded where
//! they are read; nothing is kept as text.

use std::{fmt, marker::PhantomData, str::FromStr};

use bitcoin::BlockHash;
use serde::{
    Deserialize, Deserializer,
    de::{Error, Visitor},
};

/// A hash, in the order of bytes that people read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hash<T>(pub(super) T);

impl<'de, T: FromStr> Deserialize<'de> for Hash<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text<T>(PhantomData<T>);

        impl<T: FromStr> Visitor<'_> for Text<T> {
            type Value = Hash<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a hash")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                // The error leaves the text out: it is the node's, and may be long.
                T::from_str(text).map(Hash).map_err(|_| E::custom("no hash"))
            }
        }

        deserializer.deserialize_str(Text(PhantomData))
    }
}

/// Bytes in hexadecimal: a header, a transaction, a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Raw(pub(super) Vec<u8>);

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl Visitor<'_> for Text {
            type Value = Raw;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes in hexadecimal")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                const_hex::decode(text).map(Raw).map_err(|_| E::custom("no hexadecimal text"))
            }
        }

        deserializer.deserialize_str(Text)
    }
}

/// `getblockchaininfo`, of which some nodes leave out what they have no word for.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct ChainInfo {
    /// The height of the newest block.
    pub(super) blocks: u64,
    /// The height of the newest header.
    #[serde(default)]
    pub(super) headers: u64,
    /// The newest block.
    #[serde(rename = "bestblockhash")]
    pub(super) newest: Hash<BlockHash>,
    /// Whether the node is fetching the chain, and knows that it is behind.
    #[serde(default, rename = "initialblockdownload")]
    pub(super) is_fetching: bool,
    /// The oldest block that a pruned node has.
    #[serde(default, rename = "pruneheight")]
    pub(super) oldest: Option<u64>,
}

/// `getmempoolinfo`.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct PoolInfo {
    /// How many transactions wait.
    pub(super) size: u64,
    /// Whether the node has read again what waited when it was stopped. Those that do not say have no such file.
    #[serde(default = "is_loaded")]
    pub(super) loaded: bool,
}

const fn is_loaded() -> bool {
    true
}

/// A block as Esplora describes it.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct EsploraBlock {
    /// Its hash.
    pub(super) id: Hash<BlockHash>,
    /// Its height.
    pub(super) height: u64,
    /// The time that it states, in seconds since 1970.
    pub(super) timestamp: u32,
}

/// What waits, as Esplora sums it up.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct EsploraPool {
    /// How many transactions wait.
    pub(super) count: u64,
}

#[cfg(test)]
mod tests {
    use bitcoin::Txid;

    use super::*;

    #[test]
    fn hashes_and_bytes_are_read_and_nothing_else() {
        let text = "\"0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206\"";
        let hash: Hash<Txid> = serde_json::from_str(text).unwrap();
        assert_eq!(format!("\"{}\"", hash.0), text);
        assert_eq!(serde_json::from_str::<Raw>("\"00fF\"").unwrap(), Raw(vec![0, 255]));
        for wrong in ["\"0f\"", "\"\"", "7", "null", &text.replace("0f", "0g"), &text.replace("0f", "0x0f")] {
            assert!(serde_json::from_str::<Hash<Txid>>(wrong).is_err(), "{wrong}");
        }
        for wrong in ["\"0\"", "\"0g\"", "7", "[0]"] {
            assert!(serde_json::from_str::<Raw>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_a_node_leaves_out_is_taken_for_the_ordinary() {
        let hash = "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206";
        let least = format!(r#"{{"blocks":7,"bestblockhash":"{hash}","pruneheight":null,"more":[1]}}"#);
        let info: ChainInfo = serde_json::from_str(&least).unwrap();
        assert_eq!((info.blocks, info.headers, info.is_fetching, info.oldest), (7, 0, false, None));
        assert!(serde_json::from_str::<PoolInfo>(r#"{"size":0}"#).unwrap().loaded);
        assert!(!serde_json::from_str::<PoolInfo>(r#"{"size":0,"loaded":false}"#).unwrap().loaded);
    }
}
