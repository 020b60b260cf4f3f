//! Somebody with coins, and the private key to them. It is a test's: anyone can spend what it receives.

use bitcoin::{
    Amount, CompressedPublicKey, EcdsaSighashType, OutPoint, PrivateKey, ScriptBuf, Sequence, Transaction,
    TxIn, TxOut, Witness,
    absolute::LockTime,
    consensus::encode::deserialize_hex,
    secp256k1::{All, Message, Secp256k1, SecretKey},
    sighash::SighashCache,
    transaction::Version,
};
use serde_json::json;

use super::Bcoin;

/// What is left to whoever mines a transaction, in sats.
const FEE: u64 = 2_000;

/// A coin that can be spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coin {
    /// The output that it is.
    pub at: OutPoint,
    /// Its sats.
    pub sats: u64,
}

/// A purse of native segwit coins.
pub struct Purse {
    curve: Secp256k1<All>,
    key: SecretKey,
    coins: Vec<Coin>,
}

impl Purse {
    /// A purse without coins.
    ///
    /// # Panics
    /// For zero, which no key is.
    pub fn new(number: u8) -> Self {
        let key = SecretKey::from_slice(&[number; 32]).expect("a key");
        Self { curve: Secp256k1::new(), key, coins: Vec::new() }
    }

    /// Where it is paid.
    pub fn script(&self) -> ScriptBuf {
        ScriptBuf::new_p2wpkh(&self.public_key().wpubkey_hash())
    }

    /// Takes in the new coins of the block at this height of a node, which were mined to it.
    ///
    /// # Panics
    /// When the node has no such block.
    pub async fn take_in(&mut self, node: &Bcoin, height: u64) {
        let raw = node.call("getblock", json!([node.hash(height).await, 0])).await;
        let block: bitcoin::Block = deserialize_hex(raw.as_str().expect("a block")).expect("a block");
        let coinbase = &block.txdata[0];
        let id = coinbase.compute_txid();
        for (place, output) in (0..).zip(&coinbase.output) {
            if output.script_pubkey == self.script() {
                self.coins.push(Coin { at: OutPoint::new(id, place), sats: output.value.to_sat() });
            }
        }
    }

    /// Takes a coin out.
    ///
    /// # Panics
    /// When there is none.
    pub fn coin(&mut self) -> Coin {
        self.coins.remove(0)
    }

    /// A transaction that pays this much to each of these scripts, in their order, out of the next coin. What is left
    /// is the purse's again, as the last output.
    ///
    /// # Panics
    /// When there is no coin, or it is not large enough.
    pub fn pay(&mut self, outputs: &[(ScriptBuf, u64)]) -> Transaction {
        let coin = self.coin();
        let paid = self.spend(coin, outputs);
        let change = u32::try_from(outputs.len()).expect("few outputs");
        let sats = paid.output[outputs.len()].value.to_sat();
        self.coins.push(Coin { at: OutPoint::new(paid.compute_txid(), change), sats });
        paid
    }

    /// The same out of this coin, and without keeping what is left: another transaction may spend the coin instead.
    ///
    /// # Panics
    /// When the coin is not large enough.
    pub fn spend(&self, coin: Coin, outputs: &[(ScriptBuf, u64)]) -> Transaction {
        let paid: u64 = outputs.iter().map(|(_, sats)| sats).sum();
        let change = coin.sats.checked_sub(paid + FEE).expect("a coin that is large enough");
        let output = |(script, sats): &(ScriptBuf, u64)| TxOut {
            value: Amount::from_sat(*sats),
            script_pubkey: script.clone(),
        };
        let outputs = outputs.iter().map(output).chain([output(&(self.script(), change))]);
        let input = TxIn {
            previous_output: coin.at,
            script_sig: ScriptBuf::new(),
            sequence: Sequence::ENABLE_RBF_NO_LOCKTIME,
            witness: Witness::new(),
        };
        let mut transaction = Transaction {
            version: Version::TWO,
            lock_time: LockTime::ZERO,
            input: vec![input],
            output: outputs.collect(),
        };
        transaction.input[0].witness = self.witness(&transaction, coin);
        transaction
    }

    fn witness(&self, transaction: &Transaction, coin: Coin) -> Witness {
        let kind = EcdsaSighashType::All;
        let hash = SighashCache::new(transaction)
            .p2wpkh_signature_hash(0, &self.script(), Amount::from_sat(coin.sats), kind)
            .expect("the first input of a transaction");
        let signature = self.curve.sign_ecdsa(&Message::from(hash), &self.key);
        let signature = bitcoin::ecdsa::Signature { signature, sighash_type: kind };
        Witness::p2wpkh(&signature, &self.public_key().0)
    }

    fn public_key(&self) -> CompressedPublicKey {
        let key = PrivateKey::new(self.key, bitcoin::NetworkKind::Test);
        CompressedPublicKey::from_private_key(&self.curve, &key).expect("a compressed key")
    }
}
