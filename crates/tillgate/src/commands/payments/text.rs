//! Payments in words.

use operator::{
    page::Page,
    payments::{
        Payment, PaymentDetail, PaymentEvent, PaymentOrder, PaymentQuote, PaymentReceipt, PaymentSender,
    },
};

use crate::{
    commands::list::more,
    output::{Fields, Table, Text},
};

/// A list of payments.
pub(super) fn list(page: &Page<Payment>) -> String {
    let mut table = Table::new(["ID", "STATUS", "PRICE", "REFERENCE", "CREATED"]);
    for one in &page.items {
        let reference = one.reference.as_deref().unwrap_or("");
        table.row([&one.id, &status(one), &price(one), reference, &one.created_at]);
    }
    table.text("No payments.") + &more(page.next_cursor.as_deref())
}

/// A payment in short.
pub(super) fn summary(payment: &Payment) -> String {
    let balance = &payment.balance;
    let currency = &payment.price.currency;
    Fields::default()
        .with("id", &payment.id)
        .with("uuid", &payment.uuid)
        .with("shop", &payment.shop)
        .with("dialect", &payment.dialect)
        .with("status", &status(payment))
        .with("price", &price(payment))
        .with("seen", &format!("{} {currency}, of which {} final", balance.seen, balance.confirmed))
        .with("remaining", &format!("{} {currency}", balance.remaining))
        .with_some("reference", payment.reference.as_deref())
        .with_some("description", payment.description.as_deref())
        .with("created", &payment.created_at)
        .with_some("deadline", payment.deadline.as_deref())
        .with_some("paid", payment.paid_at.as_deref())
        .with("checkout", &payment.checkout_url)
        .text("")
}

/// What is known of who pays.
fn buyer_text(order: &PaymentOrder) -> Option<String> {
    let fields = Fields::default().with_some("e-mail", order.customer_email.as_deref());
    let fields = match &order.sender {
        None if order.customer_email.is_none() => return None,
        None => fields,
        Some(PaymentSender::Person { first_name, last_name, date_of_birth }) => fields
            .with("name", &format!("{first_name} {last_name}"))
            .with_some("born", date_of_birth.as_deref()),
        Some(PaymentSender::Company { name, country }) => {
            fields.with("company", name).with("country", country)
        }
    };
    Some(fields.text("  "))
}

/// A payment with everything that happened to it.
pub(super) fn detail(detail: &PaymentDetail) -> String {
    let currency = &detail.payment.price.currency;
    let mut text = Text::default();
    text.block(&summary(&detail.payment));
    section(&mut text, "Buyer", buyer_text(&detail.order).into_iter());
    let spread = &detail.terms.spread_percent;
    section(&mut text, "Quotes", detail.quotes.iter().map(|quote| quote_text(quote, currency, spread)));
    section(&mut text, "Receipts", detail.receipts.iter().map(receipt_text));
    if !detail.events.is_empty() {
        text.gap();
        text.line("Events");
        text.block(&events_text(&detail.events));
    }
    let decisions = detail.decisions.iter().map(|decision| {
        let settled = decision.resolved_at.as_ref().map(|at| format!("settled {at}"));
        Fields::default()
            .with("about", &decision.kind)
            .with("since", &decision.created_at)
            .with("state", settled.as_deref().unwrap_or("waits for you"))
            .text("  ")
    });
    section(&mut text, "Decisions", decisions);
    text.into_string()
}

fn section(text: &mut Text, heading: &str, entries: impl Iterator<Item = String>) {
    let entries: Vec<String> = entries.collect();
    if !entries.is_empty() {
        text.gap();
        text.line(heading);
        text.block(&entries.join("\n"));
    }
}

fn status(payment: &Payment) -> String {
    let flags = &payment.flags;
    let named = [(flags.short, "short"), (flags.over, "over"), (flags.late, "late")];
    let set = named.iter().filter(|(is_set, _)| *is_set).map(|(_, name)| *name);
    [payment.status.as_str()].into_iter().chain(set).collect::<Vec<_>>().join(", ")
}

fn price(payment: &Payment) -> String {
    format!("{} {}", payment.price.amount, payment.price.currency)
}

fn quote_text(quote: &PaymentQuote, currency: &str, spread: &str) -> String {
    let asks = quote.asks.as_deref().unwrap_or("?");
    let mut fields = Fields::default()
        .with("asked", &format!("{asks} {} on {}", quote.asset, quote.network))
        .with_some("to", quote.address.as_deref())
        .with("settles", &format!("{} {currency}", quote.covers))
        .with("received", &format!("{} {}", quote.received.as_deref().unwrap_or("?"), quote.asset))
        .with("rate", &format!("{} {currency} for one {}", quote.rate, quote.asset));
    for source in &quote.sources {
        let said = format!("{} {} = {}, {} old", source.source, source.pair, source.rate, source.age);
        fields = fields.with("from", &said);
    }
    if !quote.sources.is_empty() && spread != "0" {
        fields = fields.with("less", &format!("{spread} % spread"));
    }
    fields
        .with("made", &quote.created_at)
        .with("held until", quote.valid_until.as_deref().unwrap_or("never shown: money had come already"))
        .text("  ")
}

fn receipt_text(receipt: &PaymentReceipt) -> String {
    let amount = receipt.amount.clone().unwrap_or_else(|| format!("{} minor units of", receipt.minor_units));
    let depth = format!("{}, {} of {} confirmations", receipt.standing, receipt.confirmations, receipt.depth);
    let mut fields = Fields::default()
        .with("money", &format!("{amount} {} on {}", receipt.asset, receipt.network))
        .with("standing", &depth)
        .with("transaction", &receipt.transaction)
        .with_some("address", receipt.address.as_deref())
        .with("first seen", &receipt.first_seen);
    for block in &receipt.blocks {
        let left = block.orphaned_at.as_ref().map(|at| format!(", left the chain {at}"));
        let text = format!("{} {}{}", block.height, block.hash, left.unwrap_or_default());
        fields = fields.with("block", &text);
    }
    fields.text("  ")
}

fn events_text(events: &[PaymentEvent]) -> String {
    let mut table = Table::new(["  #", "AT", "WHAT", "STATUS", "TOLD AS"]);
    for event in events.iter().rev() {
        let number = format!("  {}", event.sequence);
        let name = event.name.as_deref().unwrap_or("");
        table.row([&number, &event.at, &event.kind, &event.status, name]);
    }
    table.text("")
}
