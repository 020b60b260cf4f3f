//! `tillgate shop`

use std::str::FromStr;

use clap::{ArgGroup, Args, Subcommand};
use http::Method;
use operator::{
    page::Page,
    shops::{NewShop, Shop, ShopChange, ShopTolerance, ToleranceChange},
};

use super::{
    Run,
    list::{Query, more, segment},
};
use crate::{
    context::Context,
    failure::Done,
    output::{Fields, Table},
};

#[derive(Debug, Args)]
pub(crate) struct ShopCommand {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Make a shop
    Create {
        /// What buyers read
        #[arg(long)]
        name: String,
    },
    /// List the shops
    List {
        /// Where to go on: as the end of the list before says
        #[arg(long)]
        cursor: Option<String>,
    },
    /// Show a shop
    Show {
        /// The shop's id
        shop: String,
    },
    /// Change a shop; what is said of payments binds those that are made from now on
    Set(Change),
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("change").required(true).multiple(true).args(CHANGES)))]
struct Change {
    /// The shop's id
    shop: String,
    /// What buyers read
    #[arg(long)]
    name: Option<String>,
    /// Whether its credentials work; off, they stop at once
    #[arg(long, value_name = "true|false")]
    active: Option<bool>,
    /// How long orders wait, such as 30m; "default": as each dialect says
    #[arg(long, value_name = "TIME|default")]
    order_validity: Option<OrDefault<String>>,
    /// Confirmations that make money final; "default": as each network says
    #[arg(long, value_name = "N|default")]
    depth: Option<OrDefault<u32>>,
    /// How much of a price may be missing, in percent
    #[arg(long, value_name = "PERCENT")]
    tolerance_percent: Option<String>,
    /// How much of a price may be missing, in minor units of its currency
    #[arg(long, value_name = "UNITS")]
    tolerance_minor_units: Option<String>,
    /// How much less than at the market money in another asset counts, in percent
    #[arg(long, value_name = "PERCENT")]
    spread_percent: Option<String>,
}

/// What can be changed: one of them has to be named.
const CHANGES: [&str; 7] = [
    "name",
    "active",
    "order_validity",
    "depth",
    "tolerance_percent",
    "tolerance_minor_units",
    "spread_percent",
];

/// A rule of the shop's own, or the word that takes it back.
#[derive(Clone, Debug)]
struct OrDefault<T>(Option<T>);

impl<T: FromStr> FromStr for OrDefault<T> {
    type Err = T::Err;

    fn from_str(text: &str) -> Result<Self, T::Err> {
        if text == "default" { Ok(Self(None)) } else { text.parse().map(|own| Self(Some(own))) }
    }
}

impl Run for ShopCommand {
    fn run(self, context: &Context) -> Done {
        let client = context.client()?;
        match self.act {
            Act::Create { name } => {
                context.show(&client.post::<Shop>("/shops", &NewShop { name })?, shop_text)
            }
            Act::List { cursor } => {
                let path = Query::new("/shops").with("cursor", cursor.as_deref()).text();
                context.show(&client.get::<Page<Shop>>(&path)?, list_text)
            }
            Act::Show { shop } => {
                context.show(&client.get::<Shop>(&format!("/shops/{}", segment(&shop)))?, shop_text)
            }
            Act::Set(change) => {
                let path = format!("/shops/{}", segment(&change.shop));
                let answer = client.call::<Shop>(Method::PATCH, &path, Some(&change.wanted()))?;
                context.show(&answer, shop_text)
            }
        }
    }
}

impl Change {
    fn wanted(self) -> ShopChange {
        let (percent, minor_units) = (self.tolerance_percent, self.tolerance_minor_units);
        let has_tolerance = percent.is_some() || minor_units.is_some();
        ShopChange {
            name: self.name,
            active: self.active,
            order_validity: self.order_validity.map(|OrDefault(own)| own),
            depth: self.depth.map(|OrDefault(own)| own),
            tolerance: has_tolerance.then_some(ToleranceChange { minor_units, percent }),
            spread_percent: self.spread_percent,
        }
    }
}

fn shop_text(shop: &Shop) -> String {
    let default =
        |own: Option<String>| own.unwrap_or_else(|| "as the dialect or the network says".to_owned());
    let ShopTolerance { minor_units, percent } = &shop.tolerance;
    Fields::default()
        .with("id", &shop.id)
        .with("name", &shop.name)
        .with("active", if shop.active { "yes" } else { "no: its credentials do not work" })
        .with("order validity", &default(shop.order_validity.clone()))
        .with("depth", &default(shop.depth.map(|depth| depth.to_string())))
        .with("tolerance", &format!("{percent} %, or {minor_units} minor units"))
        .with("spread", &format!("{} % below the market", shop.spread_percent))
        .with("created", &shop.created_at)
        .text("")
}

fn list_text(page: &Page<Shop>) -> String {
    let mut table = Table::new(["ID", "NAME", "ACTIVE"]);
    for shop in &page.items {
        table.row([&shop.id, &shop.name, if shop.active { "yes" } else { "no" }]);
    }
    table.text("No shops yet: `tillgate shop create --name NAME` makes one.")
        + &more(page.next_cursor.as_deref())
}
