//! Contracts that behave, and some that do not. Their sources are in `contracts/`, with the bytecode that
//! `contracts/build.mjs` makes of them.

use sha3::{Digest, Keccak256};

use super::Address;

/// A word of the virtual machine.
pub type Word = [u8; 32];

/// A contract, ready to be put on a chain.
#[derive(Clone, Copy, Debug)]
pub enum Contract {
    /// A plain ERC-20 token of six decimals. Whoever deploys it owns this many.
    Token(Word),
    /// A token that keeps a hundredth of every transfer.
    FeeToken(Word),
    /// A token whose transfer returns nothing.
    SilentToken(Word),
    /// Not a token, but says that it is, and tells of transfers that never were.
    Impostor,
    /// Pays others from what it is sent or holds, in one transaction.
    Spreader,
    /// Fails when it is paid.
    Refuser,
}

impl Contract {
    /// What to send to nobody, so that the contract comes to be.
    pub(super) fn creation(self) -> Vec<u8> {
        let (code, supply) = match self {
            Self::Token(supply) => (include_str!("../../contracts/Token.hex"), Some(supply)),
            Self::FeeToken(supply) => (include_str!("../../contracts/FeeToken.hex"), Some(supply)),
            Self::SilentToken(supply) => (include_str!("../../contracts/SilentToken.hex"), Some(supply)),
            Self::Impostor => (include_str!("../../contracts/Impostor.hex"), None),
            Self::Spreader => (include_str!("../../contracts/Spreader.hex"), None),
            Self::Refuser => (include_str!("../../contracts/Refuser.hex"), None),
        };
        let mut bytes = const_hex::decode(code.trim()).expect("bytecode in hexadecimal");
        bytes.extend(supply.into_iter().flatten());
        bytes
    }

    /// A token's call to send some of the caller's.
    pub fn transfer(to: Address, amount: Word) -> Vec<u8> {
        call("transfer(address,uint256)", &[padded(to), amount])
    }

    /// A token's call to say how many somebody has.
    pub fn balance_of(owner: Address) -> Vec<u8> {
        call("balanceOf(address)", &[padded(owner)])
    }

    /// [`Contract::Impostor`]: tells of a transfer, word for word as a token does.
    pub fn pretend(from: Address, to: Address, amount: Word) -> Vec<u8> {
        call("pretend(address,address,uint256)", &[padded(from), padded(to), amount])
    }

    /// [`Contract::Impostor`]: tells of a collectible's transfer (ERC-721), which has the same first topic.
    pub fn pretend_unique(from: Address, to: Address, item: Word) -> Vec<u8> {
        call("pretendUnique(address,address,uint256)", &[padded(from), padded(to), item])
    }

    /// [`Contract::Impostor`]: tells of a transfer with a word too many.
    pub fn pretend_long(from: Address, to: Address, amount: Word) -> Vec<u8> {
        call("pretendLong(address,address,uint256)", &[padded(from), padded(to), amount])
    }

    /// [`Contract::Spreader`]: sends the coins of this call on.
    pub fn forward(to: Address) -> Vec<u8> {
        call("forward(address)", &[padded(to)])
    }

    /// [`Contract::Spreader`]: sends its tokens to each of these, in this order.
    pub fn spread(token: Address, to: &[(Address, u128)]) -> Vec<u8> {
        let count = to.len() as u128;
        // Behind the three arguments come the two lists, each with its length before it.
        let lists = [word(3 * 32), word((3 + 1 + count) * 32)];
        let receivers = to.iter().map(|(receiver, _)| padded(*receiver));
        let amounts = to.iter().map(|(_, amount)| word(*amount));
        let mut words = vec![padded(token)];
        words.extend(lists);
        words.push(word(count));
        words.extend(receivers);
        words.push(word(count));
        words.extend(amounts);
        call("spread(address,address[],uint256[])", &words)
    }
}

/// A number as a word.
pub fn word(number: u128) -> Word {
    let mut word = [0; 32];
    word[16..].copy_from_slice(&number.to_be_bytes());
    word
}

fn padded(address: Address) -> Word {
    let mut word = [0; 32];
    word[12..].copy_from_slice(&address);
    word
}

/// A call as the ABI has it: four bytes of the hash of the function's signature, then its arguments.
fn call(signature: &str, words: &[Word]) -> Vec<u8> {
    let hash = Keccak256::digest(signature.as_bytes());
    let mut data = hash[..4].to_vec();
    data.extend(words.iter().flatten());
    data
}
