//! Receipts from a node that does not list them by block.
//!
//! Its logs are searched for transfers of our tokens, and each transaction that has one to a watched account, or pays
//! one in coins, is asked for by itself. What is returned is a part of the block's receipts, each of them whole: a
//! log's place in its transaction cannot be told from a search.
//!
//! A search that wrongly finds nothing cannot be told from one that rightly does. So this is the second choice, and no
//! choice at all on TRON, whose nodes are known for it.

use std::collections::BTreeSet;

use serde_json::json;

use super::{
    node::{BlockReceipts, Node, found},
    scan::{Candidate, TRANSFER},
    wire::{Bytes, FoundLog, Receipt, Word},
};
use crate::{RailError, rpc::Call, watch::WatchSet};

impl Node {
    /// The receipts of these blocks that may hold a transfer to a watched account.
    pub(super) async fn receipts_by_logs(
        &self,
        wanted: &[&Candidate<'_>],
        watched: &WatchSet,
    ) -> Result<Vec<BlockReceipts>, RailError> {
        let concerned = self.concerned(wanted, watched).await?;
        let call = |transaction: &Word| Call {
            method: "eth_getTransactionReceipt",
            params: json!([transaction.to_string()]),
        };
        let calls: Vec<_> = concerned.iter().flatten().flatten().map(call).collect();
        let mut answers = self.rpc.batch::<Receipt>(&calls).await?.into_iter();
        let mut blocks = Vec::with_capacity(wanted.len());
        for (one, transactions) in wanted.iter().zip(concerned) {
            let Some(transactions) = transactions else {
                blocks.push(None);
                continue;
            };
            let mut receipts = Vec::with_capacity(transactions.len());
            for answer in answers.by_ref().take(transactions.len()) {
                // One in another block by now is missing here.
                receipts.extend(found(answer)?.filter(|receipt| receipt.block_hash == one.body.hash));
            }
            blocks.push(Some(receipts).filter(|receipts| receipts.len() == transactions.len()));
        }
        Ok(blocks)
    }

    /// The transactions of each block that may hold a transfer to a watched account; nothing for a block that is gone.
    async fn concerned(
        &self,
        wanted: &[&Candidate<'_>],
        watched: &WatchSet,
    ) -> Result<Vec<Option<BTreeSet<Word>>>, RailError> {
        let paid = |one: &&Candidate<'_>| one.payments.iter().map(|payment| payment.transaction).collect();
        if self.tokens.is_empty() {
            return Ok(wanted.iter().map(paid).map(Some).collect());
        }
        let contracts: Vec<_> = self.tokens.iter().map(|token| Bytes(token.contract).to_string()).collect();
        let call = |one: &&Candidate<'_>| Call {
            method: "eth_getLogs",
            params: json!([{
                "blockHash": one.body.hash.to_string(),
                "address": contracts,
                "topics": [TRANSFER.to_string()],
            }]),
        };
        let calls: Vec<_> = wanted.iter().map(call).collect();
        let answers = self.rpc.batch::<Vec<FoundLog>>(&calls).await?;
        let is_watched = |log: &&FoundLog| {
            let to = log.topics.as_three().and_then(|[_, _, to]| to.account());
            to.is_some_and(|to| watched.contains(&to.0))
        };
        let mut blocks = Vec::with_capacity(wanted.len());
        for (one, answer) in wanted.iter().zip(answers) {
            let logs = found(answer)?.filter(|logs| logs.iter().all(|log| log.block_hash == one.body.hash));
            blocks.push(logs.map(|logs| {
                let mut transactions: BTreeSet<Word> = paid(one);
                transactions.extend(logs.iter().filter(is_watched).map(|log| log.transaction_hash));
                transactions
            }));
        }
        Ok(blocks)
    }
}
