//! Which of Bitcoin's chains it is. Nothing but the first block tells it.

use std::str::FromStr;

use bitcoin::{BlockHash, Target};

/// A chain that may be configured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chain {
    /// Bitcoin itself.
    Main,
    /// The public test network, the third or the fourth of them. Its coins are worth nothing.
    Test,
    /// A test network whose blocks are signed. All of them begin with the same block.
    Signet,
    /// A private network for tests.
    Regtest,
}

/// First blocks, and what they are called.
const FIRST_BLOCKS: [(&str, &str, Chain); 5] = [
    ("main", "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f", Chain::Main),
    ("testnet3", "000000000933ea01ad0ee984209779baaec3ced90fa3f408719526f8d77f4943", Chain::Test),
    ("testnet4", "00000000da84f2bafbbc53dee25a72ae507ff4914b867c565be350b0da8bf043", Chain::Test),
    ("signet", "00000008819873e925422c1ff0f99f7cc9bbb232af63a077a480a3633bee1ef6", Chain::Signet),
    ("regtest", "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206", Chain::Regtest),
];

impl Chain {
    /// Every chain that may be configured.
    pub const ALL: [Self; 4] = [Self::Main, Self::Test, Self::Signet, Self::Regtest];

    /// Its name in a configuration.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Main => "main",
            Self::Test => "test",
            Self::Signet => "signet",
            Self::Regtest => "regtest",
        }
    }

    /// Whether it is this chain that begins with `first`.
    pub(super) fn begins_with(self, first: BlockHash) -> bool {
        FIRST_BLOCKS.iter().any(|(_, hash, chain)| *chain == self && BlockHash::from_str(hash) == Ok(first))
    }

    /// The most that the hash of a block may be: the least work that any block of the chain took.
    pub(super) const fn easiest_target(self) -> Target {
        match self {
            Self::Main => Target::MAX_ATTAINABLE_MAINNET,
            Self::Test => Target::MAX_ATTAINABLE_TESTNET,
            Self::Signet => Target::MAX_ATTAINABLE_SIGNET,
            Self::Regtest => Target::MAX_ATTAINABLE_REGTEST,
        }
    }

    /// What people call the chain that begins with `first`: by its name where it has one, else by that block.
    pub(super) fn name_of(first: BlockHash) -> String {
        let known = FIRST_BLOCKS.iter().find(|(_, hash, _)| BlockHash::from_str(hash) == Ok(first));
        known.map_or_else(|| format!("beginning with {first}"), |(name, ..)| (*name).to_owned())
    }
}

#[cfg(test)]
mod tests {
    use bitcoin::{Network, constants::genesis_block};

    use super::*;

    #[test]
    fn no_chain_takes_less_work_than_its_first_block_took() {
        for (network, chain) in [
            (Network::Bitcoin, Chain::Main),
            (Network::Testnet, Chain::Test),
            (Network::Testnet4, Chain::Test),
            (Network::Signet, Chain::Signet),
            (Network::Regtest, Chain::Regtest),
        ] {
            let easiest = genesis_block(network).header.target();
            assert_eq!(easiest, chain.easiest_target(), "{network}");
        }
    }

    #[test]
    fn first_blocks_are_those_of_the_chains() {
        let networks =
            [Network::Bitcoin, Network::Testnet, Network::Testnet4, Network::Signet, Network::Regtest];
        for (network, (name, hash, chain)) in networks.into_iter().zip(FIRST_BLOCKS) {
            let first = genesis_block(network).block_hash();
            assert_eq!(first.to_string(), hash, "{name}");
            assert_eq!(Chain::name_of(first), name);
            for other in Chain::ALL {
                assert_eq!(other.begins_with(first), other == chain, "{name}");
            }
        }
    }
}
