//! Numbers of a shop's own.

use std::collections::BTreeMap;

use testkit::keyed::KEYED;

use super::{
    Judged,
    facts::{Facts, Key, show},
    hold,
    invariants::NUMBERS,
};

/// The largest number.
const LARGEST: u32 = 0x7fff_ffff;

/// Everything that has to have a number has one, which names nothing else; and nothing else has one.
pub(super) fn judge(facts: &Facts) -> Judged {
    let named =
        facts.numbers.iter().map(|one| ((one.shop, one.number), (one.kind.as_str(), &one.subject[..])));
    let mut named: BTreeMap<(Key, u32), (&str, &[u8])> = named.collect();
    let mut owners = BTreeMap::new();
    for payment in &facts.payments {
        let has_numbers = payment.dialect == KEYED;
        owners.insert(payment.id, (payment.shop, has_numbers));
        take(&mut named, payment.shop, has_numbers, payment.number, ("payment", &payment.id[..]))?;
    }
    let of_receipts = facts.receipts.iter().map(|one| (one.payment, one.number, ("receipt", &one.id[..])));
    let of_payments = facts
        .addresses
        .iter()
        .filter_map(|one| Some((one.payment?, one.number, ("address", &one.script[..]))));
    for one in facts.addresses.iter().filter(|one| one.client.is_some()) {
        let has_number = one.client_dialect.as_deref() == Some(KEYED);
        take(&mut named, one.shop, has_number, one.number, ("address", &one.script[..]))?;
    }
    for (payment, number, subject) in of_receipts.chain(of_payments) {
        let Some((shop, has_numbers)) = owners.get(&payment).copied() else { continue };
        take(&mut named, shop, has_numbers, number, subject)?;
    }
    hold(named.is_empty(), NUMBERS, || format!("numbers name what is not there: {named:?}"))
}

fn take(
    named: &mut BTreeMap<(Key, u32), (&str, &[u8])>,
    shop: Key,
    has_numbers: bool,
    number: Option<u32>,
    subject: (&str, &[u8]),
) -> Judged {
    hold(number.is_some() == has_numbers, NUMBERS, || format!("{subject:?} has the number {number:?}"))?;
    let Some(number) = number else { return Ok(()) };
    hold((1..=LARGEST).contains(&number), NUMBERS, || format!("{number} is no number"))?;
    let found = named.remove(&(shop, number));
    hold(found == Some(subject), NUMBERS, || {
        format!("{number} of {} is to name {subject:?}, and names {found:?}", show(&shop))
    })
}
