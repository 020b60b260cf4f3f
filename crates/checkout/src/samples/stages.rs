//! Samples of every stage.

use engine::checkout::CheckoutView;

use super::Sample;

/// Every stage, and what varies in it.
pub(crate) fn all() -> Vec<(&'static str, CheckoutView)> {
    let new = Sample::new;
    let ether = || new().choose("ethereum", "ETH");
    let bitcoin = || new().choose("bitcoin", "BTC");
    let hostile = "</title></main><script>alert('x')</script>\u{202e}drawkcab & \"quoted\"";
    let long = "Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamtengesellschaft".repeat(3);
    vec![
        ("choose", new()),
        ("choose_in_part", new().blind("ethereum")),
        ("choose_nothing", new().without_networks()),
        ("choose_hostile", new().called(hostile, &format!("{hostile} {long}"))),
        ("ask", new().asking(true, false)),
        ("ask_who", new().asking(true, true)),
        ("ask_who_alone", new().asking(true, true).choose("bitcoin", "BTC")),
        ("pay_asked", new().asking(true, false).choose("bitcoin", "BTC")),
        ("pay_ether", ether()),
        ("pay_token", new().choose("tron", "USDT")),
        ("pay_bitcoin", bitcoin()),
        ("pay_soon", ether().later(14)),
        ("pay_live", new().live().choose("ethereum", "USDT")),
        ("card", new().choose("card", "USD")),
        ("short", ether().arrive("0.004").mined()),
        ("requote", ether().later(16)),
        ("requote_short", ether().arrive("0.004").mined().later(16)),
        ("blind", bitcoin().blind("bitcoin")),
        ("blind_live", new().live().choose("bitcoin", "BTC").blind("bitcoin").later(40)),
        ("orphaned", ether().arrive("0.00833334").mined().orphaned(false).later(2)),
        ("orphaned_late", ether().arrive("0.00833334").mined().orphaned(false).later(40)),
        ("checking", bitcoin().later(31)),
        ("seen", ether().arrive("0.00833334")),
        ("seen_mined", ether().arrive("0.00833334").mined().blocks(1)),
        ("seen_blind", ether().arrive("0.00833334").mined().blind("ethereum")),
        ("seen_again", ether().arrive("0.00833334").mined().orphaned(true)),
        ("paid", ether().arrive("0.00833334").later(1).mined().blocks(2)),
        (
            "paid_in_parts",
            ether().arrive("0.004").mined().choose("bitcoin", "BTC").arrive_due().mined().blocks(3),
        ),
        ("paid_without_way", new().without_urls().choose("card", "USD").arrive("25").mined()),
        ("over", ether().arrive("0.01").mined().blocks(2)),
        ("expired", ether().later(31).expired()),
        ("expired_unasked", new().later(31).expired()),
        ("cancelled", new().cancelled()),
        ("failed", new().choose("card", "USD").declined()),
        ("held_short", ether().arrive("0.004").mined().blocks(3).later(31).expired()),
        ("held_late", ether().later(31).expired().arrive("0.00833334").mined()),
        ("held_cancelled", ether().cancelled().arrive("0.00833334").mined()),
    ]
    .into_iter()
    .map(|(name, sample)| (name, sample.view()))
    .collect()
}
