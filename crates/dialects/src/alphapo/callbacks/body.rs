//! What is said of an invoice or a deposit at a moment: in callbacks, and where it is read.

use domain::{
    chain::{Method, NetworkAsset, Script},
    dialect::Occasion,
    event::EventKind,
    money::{Amount, Rounding, SignedAmount, mul_div},
    payment::{Record, Status},
    quote::Quote,
    receipt::Receipt,
    time::Timestamp,
};
use serde::Serialize;

use crate::alphapo::{
    callbacks::is_confirmed,
    settings::CONFIRM_LIMIT,
    wire::{
        callback::{
            CryptoAddress, DepositCallback, Deposited, FeeLine, InvoiceCallback, Received, Sent, Transaction,
        },
        codes,
        details::{DepositDetails, Details, Fees, InvoiceDetails},
        number, status,
    },
};

/// What is said.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Body {
    /// Of an invoice.
    Invoice(InvoiceCallback),
    /// Of a deposit.
    Deposit(DepositCallback),
}

/// What is said of the payment of an occasion; nothing of a deposit before its money is there.
pub(crate) fn of(occasion: &Occasion<'_>) -> Option<Body> {
    let moment = Moment { occasion, record: occasion.record };
    match Details::read(occasion.record.payment.order.details.as_deref())? {
        Details::Invoice(details) => moment.invoice(details).map(Body::Invoice),
        Details::Deposit(details) => moment.deposit(details).map(Body::Deposit),
    }
}

/// Why an invoice failed, in the vendor's sentences.
const NOT_PAID: &str = "Timer expired. User not paid.";
const TOO_SLOW: &str = "Timer expired. Transactions were in status processing too long.";
const TOO_LITTLE: &str = "Timer expired. User paid less than requested.";

/// The same, where the vendor knows no such end.
const CANCELLED: &str = "Invoice cancelled.";
const DECLINED: &str = "Payment declined.";

/// What the vendor calls a fee of an invoice, and of a deposit.
const INVOICE_FEE: &str = "fee_crypto_deposit";
const DEPOSIT_FEE: &str = "deposit";

/// Millionths of a whole.
const WHOLE: u128 = 1_000_000;

struct Moment<'o, 'a> {
    occasion: &'o Occasion<'a>,
    record: &'a Record,
}

impl Moment<'_, '_> {
    fn invoice(&self, details: InvoiceDetails) -> Option<InvoiceCallback> {
        let payment = &self.record.payment;
        let shown = asking(self.record);
        let (status, error) = self.state_of_invoice(shown.is_some() || details.timer);
        let began = if details.timer {
            Some(payment.created_at)
        } else {
            self.record.quotes.iter().find(|quote| quote.valid_until.is_some()).map(|first| first.created_at)
        };
        let code = shown.map(|quote| self.code(quote.method));
        let ends = began.and(self.ends_at(&details, code.as_deref(), status));
        let crypto_address = shown.zip(code.as_ref()).and_then(|(quote, code)| {
            let convert_to = (*code != details.currency).then(|| details.currency.clone());
            self.address(quote.method, &quote.script, convert_to, None)
        });
        Some(InvoiceCallback {
            id: payment.number?,
            foreign_id: payment.order.reference.clone().unwrap_or_default(),
            end_user_reference: details.end_user_reference,
            kind: "invoice",
            currency_sent: shown
                .and_then(|quote| self.sent(quote, status))
                .filter(|_| crypto_address.is_some()),
            crypto_address,
            currency_received: Received {
                currency: details.currency,
                amount: number::write(payment.price.amount, payment.price.currency.decimals),
            },
            transactions: self.transactions(Receipt::counts),
            fees: if status == status::CONFIRMED {
                self.fees(INVOICE_FEE, &details.fees)
            } else {
                Vec::new()
            },
            error,
            status,
            fixed_at: began.map(Timestamp::seconds),
            expires_at: ends.map(Timestamp::seconds),
        })
    }

    fn deposit(&self, details: DepositDetails) -> Option<DepositCallback> {
        let payment = &self.record.payment;
        let receipt = self.record.receipts.first()?;
        let asset = self.asset(receipt.method)?;
        let status = if self.was_confirmed() {
            status::CONFIRMED
        } else {
            status::of_deposit(self.occasion.event.state.status)
        };
        let is_confirmed = status == status::CONFIRMED;
        let fee =
            if is_confirmed { self.fee(receipt.method, receipt.amount, &details.fees) } else { Amount::ZERO };
        let write = |amount: Amount| number::write(amount, asset.asset.decimals);
        let code = self.code(receipt.method);
        Some(DepositCallback {
            id: payment.number?,
            end_user_reference: details.end_user_reference,
            kind: "deposit",
            crypto_address: self.address(
                receipt.method,
                &receipt.script,
                None,
                Some(payment.order.reference.clone().unwrap_or_default()),
            )?,
            currency_sent: Deposited {
                currency: code.clone(),
                amount: write(receipt.amount),
                amount_minus_fee: None,
            },
            currency_received: Deposited {
                currency: code,
                amount: write(receipt.amount),
                amount_minus_fee: Some(write(receipt.amount.saturating_sub(fee))),
            },
            transactions: self.transactions(|_| true),
            fees: if is_confirmed { self.fees(DEPOSIT_FEE, &details.fees) } else { Vec::new() },
            error: "",
            status,
        })
    }

    /// Whether all that is due was final once: the vendor's last states are final, whatever becomes of the money.
    fn was_confirmed(&self) -> bool {
        let is_now = self.occasion.event.kind == EventKind::Paid;
        is_now || self.occasion.event.state.status == Status::Paid || is_confirmed(&(self.occasion.history)())
    }

    /// The state of an invoice, and why it failed.
    fn state_of_invoice(&self, is_running: bool) -> (&'static str, &'static str) {
        if self.was_confirmed() {
            return (status::CONFIRMED, "");
        }
        let now = self.occasion.event.state.status;
        let in_time = |receipt: &Receipt| receipt.counts() && !self.record.is_late(receipt);
        let error = match now {
            Status::Waiting | Status::Processing | Status::Paid => "",
            Status::Cancelled => CANCELLED,
            Status::Failed => DECLINED,
            Status::Expired if self.record.covered_at().is_some() => TOO_SLOW,
            Status::Expired if self.record.receipts.iter().any(in_time) => TOO_LITTLE,
            Status::Expired => NOT_PAID,
        };
        (status::of_invoice(now, is_running), error)
    }

    /// When the invoice ends, as the vendor says it: with its timer; of some coins, a day after all that is due was
    /// seen.
    fn ends_at(&self, details: &InvoiceDetails, code: Option<&str>, status: &str) -> Option<Timestamp> {
        let is_extended = code.is_some_and(|code| details.extended.iter().any(|known| known == code));
        let covered = self.record.covered_at().filter(|_| is_extended && status != status::PENDING);
        let deadline = self.record.payment.terms.deadline;
        covered
            .map(|seen| deadline.map_or(seen + CONFIRM_LIMIT, |end| end.max(seen + CONFIRM_LIMIT)))
            .or(deadline)
    }

    /// What a quote asks for, and how much of it is still to come.
    fn sent(&self, quote: &Quote, status: &str) -> Option<Sent> {
        let asset = self.asset(quote.method)?.asset;
        let payment = &self.record.payment;
        let open = SignedAmount::difference(payment.price.amount, self.occasion.event.state.balance.seen);
        let is_covered = status == status::CONFIRMED || status == status::PROCESSING;
        let rest = quote.due(self.record.received_by(quote), open, &asset).ok().filter(|_| !is_covered);
        Some(Sent {
            currency: self.code(quote.method),
            amount: number::write(quote.asks, asset.decimals),
            remaining_amount: number::write(rest.unwrap_or_default(), asset.decimals),
        })
    }

    fn address(
        &self,
        method: Method,
        script: &Script,
        convert_to: Option<String>,
        foreign_id: Option<String>,
    ) -> Option<CryptoAddress> {
        Some(CryptoAddress {
            id: (self.occasion.address_number)(method.network, script)?,
            currency: self.code(method),
            convert_to,
            address: (self.occasion.address)(method.network, script)?,
            tag: None,
            foreign_id,
        })
    }

    fn transactions(&self, pick: impl Fn(&Receipt) -> bool) -> Vec<Transaction> {
        let picked = self.record.receipts.iter().filter(|receipt| pick(receipt));
        picked.filter_map(|receipt| self.transaction(receipt)).collect()
    }

    fn transaction(&self, receipt: &Receipt) -> Option<Transaction> {
        let asset = self.asset(receipt.method)?;
        Some(Transaction {
            id: receipt.number?,
            currency: self.code(receipt.method),
            way: "blockchain",
            kind: "deposit",
            address: (self.occasion.address)(receipt.method.network, &receipt.script)?,
            tag: None,
            amount: number::write(receipt.amount, asset.asset.decimals),
            txid: receipt.transaction.clone(),
            confirmations: (self.occasion.confirmations)(receipt).to_string(),
        })
    }

    /// A line for each coin of which a share is called a fee.
    fn fees(&self, kind: &'static str, shares: &Fees) -> Vec<FeeLine> {
        let mut methods: Vec<Method> = self.record.receipts.iter().map(|receipt| receipt.method).collect();
        methods.sort_unstable();
        methods.dedup();
        let lines = methods.into_iter().filter_map(|method| {
            let of_it = |receipt: &&Receipt| receipt.method == method && receipt.counts();
            let came = self.record.receipts.iter().filter(of_it).map(|receipt| receipt.amount);
            let fee = self.fee(method, came.fold(Amount::ZERO, Amount::saturating_add), shares);
            let decimals = self.asset(method)?.asset.decimals;
            let (currency, amount) = (self.code(method), number::write(fee, decimals));
            (!fee.is_zero()).then_some(FeeLine { kind, currency, amount })
        });
        lines.collect()
    }

    /// The share of what was received of a coin that is called a fee, rounded down.
    fn fee(&self, method: Method, received: Amount, shares: &Fees) -> Amount {
        let share = shares.get(&self.code(method)).copied().unwrap_or_default();
        mul_div(received.minor(), share.into(), WHOLE, Rounding::Down)
            .map_or(Amount::ZERO, Amount::from_minor)
    }

    fn code(&self, method: Method) -> String {
        codes::code_of(method, self.occasion.networks)
    }

    /// What a method is counted in; nothing for one that is no longer served.
    fn asset(&self, method: Method) -> Option<&NetworkAsset> {
        let spec = self.occasion.networks.iter().find(|spec| spec.network == method.network)?;
        spec.asset(method.asset)
    }
}

/// The quote that an invoice's words are about: of those that the buyer was shown, the newest by which money came, else
/// the newest.
fn asking(record: &Record) -> Option<&Quote> {
    let shown = || record.quotes.iter().rev().filter(|quote| quote.valid_until.is_some());
    shown().find(|quote| !record.received_by(quote).is_zero()).or_else(|| shown().next())
}
