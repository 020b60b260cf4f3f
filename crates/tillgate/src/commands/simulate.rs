//! `tillgate simulate`

use clap::{Args, Subcommand, ValueEnum};
use operator::simulate::{
    DeclineOrder, Declined, MineOrder, PayOrder, RateOrder, ReorgOrder, SimulatedHead, SimulatedTransfer,
    StallOrder,
};

use super::Run;
use crate::{context::Context, failure::Done, output::Fields};

#[derive(Debug, Args)]
pub(crate) struct SimulateCommand {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Let money arrive: without options what is due, deep enough to be final
    Pay(Pay),
    /// Mine blocks; everything that waits goes into the first
    Mine {
        /// The network's name
        network: String,
        /// How many
        #[arg(default_value_t = 1)]
        blocks: u32,
    },
    /// Replace the newest blocks by empty ones, one more than they were
    Reorg {
        /// The network's name
        network: String,
        /// How many of the newest blocks
        depth: u32,
        /// What was in them is gone; else it waits to be mined again
        #[arg(long)]
        drop: bool,
    },
    /// Set what a pair is worth from now on
    Rate {
        /// The pair, such as ETH/USD
        pair: String,
        /// Units of the second for one of the first
        value: String,
    },
    /// Make a network's node show nothing new, or let it again
    Stall {
        /// The network's name
        network: String,
        /// Whether it stalls
        state: Switch,
    },
    /// Decline the card of a payment for good
    Decline {
        /// Any dialect's id of the payment, a UUID, a checkout token, or the session
        payment: String,
    },
}

#[derive(Debug, Args)]
struct Pay {
    /// Any dialect's id of the payment, a UUID, a checkout token, or the address; one that stays with a client of a
    /// shop takes --network and --amount
    payment: String,
    /// On this network; else by the method already chosen, or the first that the shop offers
    #[arg(long)]
    network: Option<String>,
    /// With this asset; else the network's first
    #[arg(long, requires = "network")]
    asset: Option<String>,
    /// How much of the asset; else what is due
    #[arg(long)]
    amount: Option<String>,
    /// How deep at once; 0 leaves it waiting to be mined
    #[arg(long, value_name = "N")]
    confirmations: Option<u32>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Switch {
    On,
    Off,
}

impl Run for SimulateCommand {
    fn run(self, context: &Context) -> Done {
        let client = context.client()?;
        match self.act {
            Act::Pay(pay) => {
                let Pay { payment, network, asset, amount, confirmations } = pay;
                let order = PayOrder { payment, network, asset, amount, confirmations };
                context.show(&client.post::<SimulatedTransfer>("/simulate/pay", &order)?, transfer_text)
            }
            Act::Mine { network, blocks } => {
                let order = MineOrder { network, blocks };
                context.show(&client.post::<SimulatedHead>("/simulate/mine", &order)?, head_text)
            }
            Act::Reorg { network, depth, drop } => {
                let order = ReorgOrder { network, depth, drop };
                context.show(&client.post::<SimulatedHead>("/simulate/reorg", &order)?, head_text)
            }
            Act::Rate { pair, value } => {
                let answer = client.post::<RateOrder>("/simulate/rate", &RateOrder { pair, value })?;
                context.show(&answer, |rate| format!("{} is {} from now on.", rate.pair, rate.value))
            }
            Act::Stall { network, state } => {
                let order = StallOrder { network, on: matches!(state, Switch::On) };
                let word = |on| if on { "shows nothing new from now on" } else { "is seen again" };
                context.show(&client.post::<StallOrder>("/simulate/stall", &order)?, |stall| {
                    format!("{} {}.", stall.network, word(stall.on))
                })
            }
            Act::Decline { payment } => {
                let answer = client.post::<Declined>("/simulate/decline", &DeclineOrder { payment })?;
                context.show(&answer, |declined| format!("The card of {} is declined.", declined.payment))
            }
        }
    }
}

fn transfer_text(sent: &SimulatedTransfer) -> String {
    let head = sent.head.as_ref().map(|head| head.height.to_string());
    Fields::default()
        .with_some("payment", sent.payment.as_deref())
        .with("sent", &format!("{} {} on {}", sent.amount, sent.asset, sent.network))
        .with("to", &sent.address)
        .with("transaction", &sent.transaction)
        .with("newest block", head.as_deref().unwrap_or("none yet: it waits to be mined"))
        .text("")
}

fn head_text(head: &SimulatedHead) -> String {
    Fields::default().with("newest block", &head.height.to_string()).with("hash", &head.hash).text("")
}
