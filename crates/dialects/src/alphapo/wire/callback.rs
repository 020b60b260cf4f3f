//! The bodies of callbacks, their keys in the order of the vendor's samples. `GET /transactions/info` answers with the
//! same.
//!
//! No value is a floating point number, and none an empty object: receivers encode them again, and check that.

use serde::Serialize;
use utoipa::ToSchema;

/// What happened to an invoice.
#[derive(Serialize, ToSchema)]
pub(crate) struct InvoiceCallback {
    /// The invoice's number: the same as in the answer to its creation. Handle each status of it once.
    #[schema(minimum = 1, maximum = 2_147_483_647, examples(826_900))]
    pub(crate) id: u32,
    /// The merchant's own id.
    #[schema(examples("order-a1001"))]
    pub(crate) foreign_id: String,
    /// The payer's id; absent where none was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("12345"))]
    pub(crate) end_user_reference: Option<String>,
    /// Always `invoice`.
    #[serde(rename = "type")]
    #[schema(pattern = "^invoice$", examples("invoice"))]
    pub(crate) kind: &'static str,
    /// Where the buyer pays; absent where no coin was chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) crypto_address: Option<CryptoAddress>,
    /// What the buyer is to send; absent where no coin was chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) currency_sent: Option<Sent>,
    /// What was asked for.
    pub(crate) currency_received: Received,
    /// The money that came.
    pub(crate) transactions: Vec<Transaction>,
    /// Empty until all is confirmed, and where there is no fee.
    pub(crate) fees: Vec<FeeLine>,
    /// Why it failed; empty where it did not.
    #[schema(examples(""))]
    pub(crate) error: &'static str,
    /// `pending`, `processing`, `confirmed` or `failed`. A read may say `created` besides.
    #[schema(pattern = "^(created|pending|processing|confirmed|failed)$", examples("confirmed"))]
    pub(crate) status: &'static str,
    /// When the timer began: Unix seconds; null in a read of an invoice whose timer has not.
    #[schema(required = true, examples(1_781_611_200))]
    pub(crate) fixed_at: Option<i64>,
    /// When the invoice fails unless it is paid, or its money confirmed.
    #[schema(required = true, examples(1_781_612_100))]
    pub(crate) expires_at: Option<i64>,
}

/// What came at an address of a client.
#[derive(Serialize, ToSchema)]
pub(crate) struct DepositCallback {
    /// The deposit's number.
    #[schema(minimum = 1, maximum = 2_147_483_647, examples(826_901))]
    pub(crate) id: u32,
    /// The payer's id; absent where none was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("12345"))]
    pub(crate) end_user_reference: Option<String>,
    /// Always `deposit`.
    #[serde(rename = "type")]
    #[schema(pattern = "^deposit$", examples("deposit"))]
    pub(crate) kind: &'static str,
    /// Where it came.
    pub(crate) crypto_address: CryptoAddress,
    /// What was sent.
    pub(crate) currency_sent: Deposited,
    /// What was received: the same.
    pub(crate) currency_received: Deposited,
    /// The transaction.
    pub(crate) transactions: Vec<Transaction>,
    /// Empty until it is confirmed, and where there is no fee.
    pub(crate) fees: Vec<FeeLine>,
    /// Always empty.
    #[schema(examples(""))]
    pub(crate) error: &'static str,
    /// `not_confirmed`, `confirmed` or `cancelled`.
    #[schema(pattern = "^(not_confirmed|confirmed|cancelled)$", examples("confirmed"))]
    pub(crate) status: &'static str,
}

/// An invoice or a deposit, as it is read.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it describes")]
pub(crate) enum InfoAnswer {
    /// An invoice.
    Invoice(InvoiceCallback),
    /// A deposit.
    Deposit(DepositCallback),
}

/// An address.
#[derive(Serialize, ToSchema)]
pub(crate) struct CryptoAddress {
    /// Its number.
    #[schema(minimum = 1, maximum = 2_147_483_647, examples(5_001))]
    pub(crate) id: u32,
    /// The coin that it is for.
    #[schema(examples("BTC"))]
    pub(crate) currency: String,
    /// What the invoice is counted in; absent where that is the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("EUR"))]
    pub(crate) convert_to: Option<String>,
    /// The address.
    #[schema(examples("bcrt1q6z64a43mjgkcq0ul2znwneq3spghrlau9slefp"))]
    pub(crate) address: String,
    /// What has to go with it; null where nothing does.
    #[schema(required = true)]
    pub(crate) tag: Option<String>,
    /// The merchant's own id of the client; absent for invoices.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("user-2048"))]
    pub(crate) foreign_id: Option<String>,
}

/// What a buyer is to send.
#[derive(Serialize, ToSchema)]
pub(crate) struct Sent {
    /// The coin.
    #[schema(examples("BTC"))]
    pub(crate) currency: String,
    /// What is due in it, not what came.
    #[schema(pattern = "^[0-9]+\\.[0-9]{8,}$", examples("0.00413945"))]
    pub(crate) amount: String,
    /// How much of it is still to come.
    #[schema(pattern = "^[0-9]+\\.[0-9]{8,}$", examples("0.00000000"))]
    pub(crate) remaining_amount: String,
}

/// What was asked for.
#[derive(Serialize, ToSchema)]
pub(crate) struct Received {
    /// Its currency.
    #[schema(examples("EUR"))]
    pub(crate) currency: String,
    /// How much.
    #[schema(pattern = "^[0-9]+\\.[0-9]{8,}$", examples("106.75000000"))]
    pub(crate) amount: String,
}

/// What came at an address.
#[derive(Serialize, ToSchema)]
pub(crate) struct Deposited {
    /// The coin.
    #[schema(examples("BTC"))]
    pub(crate) currency: String,
    /// How much.
    #[schema(pattern = "^[0-9]+\\.[0-9]{8,}$", examples("0.00413945"))]
    pub(crate) amount: String,
    /// The same without the fee; in what was received.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[0-9]+\\.[0-9]{8,}$", examples("0.00413945"))]
    pub(crate) amount_minus_fee: Option<String>,
}

/// Money that came.
#[derive(Serialize, ToSchema)]
pub(crate) struct Transaction {
    /// Its number.
    #[schema(minimum = 1, maximum = 2_147_483_647, examples(7_001))]
    pub(crate) id: u32,
    /// The coin.
    #[schema(examples("BTC"))]
    pub(crate) currency: String,
    /// Always `blockchain`.
    #[serde(rename = "transaction_type")]
    #[schema(pattern = "^blockchain$", examples("blockchain"))]
    pub(crate) way: &'static str,
    /// Always `deposit`.
    #[serde(rename = "type")]
    #[schema(pattern = "^deposit$", examples("deposit"))]
    pub(crate) kind: &'static str,
    /// Where it came.
    #[schema(examples("bcrt1q6z64a43mjgkcq0ul2znwneq3spghrlau9slefp"))]
    pub(crate) address: String,
    /// What went with it; null where nothing did.
    #[schema(required = true)]
    pub(crate) tag: Option<String>,
    /// How much.
    #[schema(pattern = "^[0-9]+\\.[0-9]{8,}$", examples("0.00413945"))]
    pub(crate) amount: String,
    /// The transaction's hash, as its chain writes it.
    #[schema(examples("4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b"))]
    pub(crate) txid: String,
    /// Blocks that confirm it, as text.
    #[schema(pattern = "^[0-9]+$", examples("0"))]
    pub(crate) confirmations: String,
}

/// What the operator calls a fee.
#[derive(Serialize, ToSchema)]
pub(crate) struct FeeLine {
    /// `fee_crypto_deposit` of an invoice, `deposit` of a deposit.
    #[serde(rename = "type")]
    #[schema(pattern = "^(fee_crypto_deposit|deposit)$", examples("fee_crypto_deposit"))]
    pub(crate) kind: &'static str,
    /// The coin.
    #[schema(examples("BTC"))]
    pub(crate) currency: String,
    /// How much of it.
    #[schema(pattern = "^[0-9]+\\.[0-9]{8,}$", examples("0.00080000"))]
    pub(crate) amount: String,
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::alphapo::wire::php_json;

    /// The callback of the vectors: a part was paid, and the merchant's id has a slash and a letter that is not ASCII.
    #[test]
    fn a_body_is_written_to_the_byte() {
        let address = "2N2xtaZCNygY3iq6XKPJsdoPMDX85LUc8SM".to_owned();
        let callback = InvoiceCallback {
            id: 826_900,
            foreign_id: "shop/order-17-ë".to_owned(),
            end_user_reference: Some("12345".to_owned()),
            kind: "invoice",
            crypto_address: Some(CryptoAddress {
                id: 5_001,
                currency: "BTC".to_owned(),
                convert_to: Some("EUR".to_owned()),
                address: address.clone(),
                tag: None,
                foreign_id: None,
            }),
            currency_sent: Some(Sent {
                currency: "BTC".to_owned(),
                amount: "0.00413945".to_owned(),
                remaining_amount: "0.00213945".to_owned(),
            }),
            currency_received: Received { currency: "EUR".to_owned(), amount: "106.75000000".to_owned() },
            transactions: vec![Transaction {
                id: 7_001,
                currency: "BTC".to_owned(),
                way: "blockchain",
                kind: "deposit",
                address,
                tag: None,
                amount: "0.00200000".to_owned(),
                txid: "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b".to_owned(),
                confirmations: "0".to_owned(),
            }],
            fees: Vec::new(),
            error: "",
            status: "pending",
            fixed_at: Some(1_700_000_000),
            expires_at: Some(1_700_000_900),
        };
        let vectors: Value =
            serde_json::from_str(include_str!("../../../tests/alphapo/vectors.json")).unwrap();
        let vectors = vectors.as_array().unwrap();
        let vector = vectors.iter().find(|vector| vector["name"] == "alphapo-callback").unwrap();
        let written = String::from_utf8(php_json::to_bytes(&callback)).unwrap();
        assert_eq!(written, vector["body"].as_str().unwrap());
    }
}
