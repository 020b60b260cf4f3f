//! A chain in memory, block by block as a test tells it: what stand-ins answer from. Its blocks are whole, with the
//! proof of work of a regression-test chain; nobody checks what their transactions spend.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use bitcoin::{
    Amount, Block, BlockHash, Network, OutPoint, ScriptBuf, Sequence, Transaction, TxIn, TxMerkleNode, TxOut,
    Txid, Witness,
    absolute::LockTime,
    block::{Header, Version},
    constants::genesis_block,
    hashes::Hash,
    script::Builder,
    transaction,
};

use super::nobody;

/// Seconds between two blocks.
const BLOCK_SECONDS: u32 = 60;

/// How long ago a recent chain's second block was made: some blocks' time.
const RECENT_SECONDS: u32 = 3_600;

/// What a block makes, in sats.
const REWARD: u64 = 5_000_000_000;

/// A chain, and what waits to be mined. Its clones are the same one.
#[derive(Clone)]
pub struct Story(Arc<Mutex<Told>>);

struct Told {
    /// The longest branch, oldest block first.
    blocks: Vec<Block>,
    /// Blocks of other branches.
    stale: BTreeMap<BlockHash, Block>,
    /// What waits, with its ids: to hash all of it for every question would take minutes.
    waiting: Vec<(Txid, Transaction)>,
    /// How many transactions and blocks were made: no two are the same.
    made: u64,
    /// No block after the first states an earlier time, in seconds since 1970.
    from: u32,
}

impl Default for Story {
    /// A chain with the first block of regression tests.
    fn default() -> Self {
        let blocks = vec![genesis_block(Network::Regtest)];
        let (stale, waiting) = Default::default();
        Self(Arc::new(Mutex::new(Told { blocks, stale, waiting, made: 0, from: 0 })))
    }
}

impl Story {
    /// A chain whose blocks state times of the last hours, but for the first one.
    ///
    /// # Panics
    /// When the machine's clock is before 1970, or after 2106.
    #[expect(
        clippy::disallowed_methods,
        reason = "a gateway believes only a chain that keeps the machine's time"
    )]
    pub fn recent() -> Self {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("a time after 1970");
        let now = u32::try_from(now.as_secs()).expect("a time before 2106");
        let story = Self::default();
        story.told().from = now - RECENT_SECONDS;
        story
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A transaction that pays this, and is nowhere yet.
    pub fn paying(&self, outputs: &[(ScriptBuf, u64)]) -> Transaction {
        let mut told = self.told();
        told.made += 1;
        let mut spent = [0; 32];
        spent[..8].copy_from_slice(&told.made.to_be_bytes());
        let input = TxIn {
            previous_output: OutPoint::new(Txid::from_byte_array(spent), 0),
            script_sig: ScriptBuf::new(),
            sequence: Sequence::ENABLE_RBF_NO_LOCKTIME,
            witness: Witness::from_slice(&[vec![7; 71], vec![2; 33]]),
        };
        transaction(vec![input], outputs)
    }

    /// Lets a transaction wait to be mined.
    pub fn wait(&self, transaction: &Transaction) {
        self.told().waiting.push((transaction.compute_txid(), transaction.clone()));
    }

    /// Forgets a transaction that waits: it was replaced, or thrown out.
    pub fn forget(&self, id: Txid) {
        self.told().waiting.retain(|(one, _)| *one != id);
    }

    /// Mines so many blocks. The first one holds what waits.
    pub fn mine(&self, blocks: usize) {
        for _ in 0..blocks {
            let waiting = self.waiting();
            self.mine_these(&waiting);
        }
    }

    /// Mines a block with these transactions, which wait no more.
    pub fn mine_these(&self, transactions: &[Transaction]) {
        self.mine_to(&nobody(), transactions);
    }

    /// The same, whose new coins are this script's.
    pub fn mine_to(&self, miner: &ScriptBuf, transactions: &[Transaction]) {
        let ids: Vec<Txid> = transactions.iter().map(Transaction::compute_txid).collect();
        let mut told = self.told();
        told.waiting.retain(|(one, _)| !ids.contains(one));
        told.add_block(miner, transactions);
    }

    /// Takes the newest blocks away. What they held waits again.
    ///
    /// # Panics
    /// When there are not so many.
    pub fn take_back(&self, depth: usize) {
        let mut told = self.told();
        let kept = told.blocks.len().checked_sub(depth).expect("so many blocks");
        let gone = told.blocks.split_off(kept);
        for block in gone {
            let again = block.txdata.iter().skip(1).map(|one| (one.compute_txid(), one.clone()));
            told.waiting.extend(again);
            told.stale.insert(block.block_hash(), block);
        }
    }

    /// The height of the newest block.
    pub fn height(&self) -> u64 {
        self.told().blocks.len() as u64 - 1
    }

    /// The block at a height.
    pub fn block_at(&self, height: u64) -> Option<Block> {
        usize::try_from(height).ok().and_then(|height| self.told().blocks.get(height).cloned())
    }

    /// A block of whatever branch, and its height where it is of the longest.
    pub fn block(&self, hash: BlockHash) -> Option<(Block, Option<u64>)> {
        let told = self.told();
        let place = told.blocks.iter().position(|block| block.block_hash() == hash);
        match place {
            Some(place) => Some((told.blocks[place].clone(), Some(place as u64))),
            None => told.stale.get(&hash).map(|block| (block.clone(), None)),
        }
    }

    /// The newest block.
    ///
    /// # Panics
    /// When even the first one was taken away.
    pub fn newest(&self) -> Block {
        self.told().blocks.last().expect("a first block").clone()
    }

    /// What waits.
    pub fn waiting(&self) -> Vec<Transaction> {
        self.told().waiting.iter().map(|(_, one)| one.clone()).collect()
    }

    /// A transaction that waits, or that a block of the longest branch holds.
    pub fn transaction(&self, id: Txid) -> Option<Transaction> {
        let told = self.told();
        let waiting = told.waiting.iter().find(|(one, _)| *one == id).map(|(_, one)| one);
        let mut mined = told.blocks.iter().flat_map(|block| &block.txdata);
        waiting.or_else(|| mined.find(|one| one.compute_txid() == id)).cloned()
    }
}

impl Told {
    fn add_block(&mut self, miner: &ScriptBuf, transactions: &[Transaction]) {
        self.made += 1;
        let parent = self.blocks.last().expect("a first block");
        // As BIP-34 has it, with a number that tells the blocks of two branches apart.
        let height = i64::try_from(self.blocks.len()).expect("few blocks");
        let made = i64::try_from(self.made).expect("few blocks");
        let input = TxIn {
            previous_output: OutPoint::null(),
            script_sig: Builder::new().push_int(height).push_int(made).into_script(),
            sequence: Sequence::MAX,
            witness: Witness::new(),
        };
        let coinbase = transaction(vec![input], &[(miner.clone(), REWARD)]);
        let header = Header {
            version: Version::TWO,
            prev_blockhash: parent.block_hash(),
            merkle_root: TxMerkleNode::all_zeros(),
            time: self.from.max(parent.header.time + BLOCK_SECONDS),
            bits: parent.header.bits,
            nonce: 0,
        };
        let txdata = [vec![coinbase], transactions.to_vec()].concat();
        let mut block = Block { header, txdata };
        block.header.merkle_root = block.compute_merkle_root().expect("a coinbase");
        while block.header.validate_pow(block.header.target()).is_err() {
            block.header.nonce += 1;
        }
        self.blocks.push(block);
    }
}

fn transaction(input: Vec<TxIn>, outputs: &[(ScriptBuf, u64)]) -> Transaction {
    let output = |(script, sats): &(ScriptBuf, u64)| TxOut {
        value: Amount::from_sat(*sats),
        script_pubkey: script.clone(),
    };
    let output = outputs.iter().map(output).collect();
    Transaction { version: transaction::Version::TWO, lock_time: LockTime::ZERO, input, output }
}
