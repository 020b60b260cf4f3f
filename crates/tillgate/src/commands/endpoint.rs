//! `tillgate endpoint`

use clap::{Args, Subcommand};
use http::Method;
use operator::{
    endpoints::{DeletedEndpoint, Endpoint, EndpointTest, EndpointWithSecret, NewEndpoint, Rotation},
    page::Page,
};

use super::{Run, list::segment};
use crate::{
    client::Client,
    context::Context,
    failure::{CommandError, Done},
    output::{Fields, Table},
};

#[derive(Debug, Args)]
pub(crate) struct EndpointCommand {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Make an endpoint; its secret is printed once
    Create {
        /// The shop's id
        #[arg(long)]
        shop: String,
        /// The dialect that words the events
        #[arg(long)]
        dialect: String,
        /// Where they are posted
        #[arg(long)]
        url: String,
        /// An event name in the dialect's words, again for each further one; none: all that there are
        #[arg(long)]
        event: Vec<String>,
    },
    /// List the endpoints of a shop
    List {
        /// The shop's id
        #[arg(long)]
        shop: String,
        /// Of this dialect only
        #[arg(long)]
        dialect: Option<String>,
    },
    /// Delete an endpoint; what waits for it is given up
    Delete(Which),
    /// Give an endpoint a new secret, which is printed once
    Rotate {
        #[command(flatten)]
        which: Which,
        /// How long the old secret goes on signing, at most 24h; without it the new one signs at once
        #[arg(long, value_name = "SPAN")]
        cutover: Option<String>,
    },
    /// Send an endpoint the newest event of its shop that it listens to
    Test(Which),
}

/// An endpoint of a shop: by its id, or by where it posts to.
#[derive(Debug, Args)]
struct Which {
    /// The shop's id
    #[arg(long)]
    shop: String,
    /// The endpoint's id
    #[arg(required_unless_present = "url")]
    endpoint: Option<String>,
    /// In place of the id: where it posts to
    #[arg(long, conflicts_with = "endpoint")]
    url: Option<String>,
    /// With --url: the dialect that words its events
    #[arg(long, requires = "url")]
    dialect: Option<String>,
}

impl Run for EndpointCommand {
    fn run(self, context: &Context) -> Done {
        let client = context.client()?;
        match self.act {
            Act::Create { shop, dialect, url, event } => {
                let body = NewEndpoint { dialect, url, events: event };
                context.show(&client.post::<EndpointWithSecret>(&of_shop(&shop), &body)?, secret_text)
            }
            Act::List { shop, dialect } => {
                let mut answer = client.get::<Page<Endpoint>>(&of_shop(&shop))?;
                if let Some(dialect) = dialect {
                    answer.value.items.retain(|endpoint| endpoint.dialect == dialect);
                    answer.document = serde_json::to_value(&answer.value)
                        .map_err(|error| CommandError::new(format!("the list cannot be written: {error}")))?;
                }
                context.show(&answer, list_text)
            }
            Act::Delete(which) => {
                let answer =
                    client.call::<DeletedEndpoint>(Method::DELETE, &which.path(&client)?, None::<&()>)?;
                context.show(&answer, |gone| format!("{} is deleted.", gone.id))
            }
            Act::Rotate { which, cutover } => {
                let path = which.path(&client)? + "/rotate";
                context.show(&client.post::<EndpointWithSecret>(&path, &Rotation { cutover })?, secret_text)
            }
            Act::Test(which) => {
                let path = which.path(&client)? + "/test";
                context.show(&client.post::<EndpointTest>(&path, &())?, |test| {
                    let delivery = &test.delivery;
                    format!("{delivery} is on its way: `tillgate deliveries show {delivery}` tells what came back.")
                })
            }
        }
    }
}

fn of_shop(shop: &str) -> String {
    format!("/shops/{}/endpoints", segment(shop))
}

impl Which {
    /// The path of the endpoint.
    fn path(&self, client: &Client) -> Result<String, CommandError> {
        let id = match (&self.endpoint, &self.url) {
            (Some(id), _) => id.clone(),
            (None, url) => self.find(client, url.as_deref().unwrap_or_default())?,
        };
        Ok(format!("{}/{}", of_shop(&self.shop), segment(&id)))
    }

    fn find(&self, client: &Client, url: &str) -> Result<String, CommandError> {
        let page = client.get::<Page<Endpoint>>(&of_shop(&self.shop))?.value;
        let is_meant = |endpoint: &&Endpoint| {
            endpoint.url == url && self.dialect.as_ref().is_none_or(|dialect| *dialect == endpoint.dialect)
        };
        let mut found = page.items.iter().filter(is_meant);
        match (found.next(), found.next()) {
            (Some(only), None) => Ok(only.id.clone()),
            (Some(_), Some(_)) => Err(CommandError::new("more than one endpoint of the shop posts there")
                .cure("Name the one that is meant by its id.")),
            (None, _) => Err(CommandError::new("no endpoint of the shop posts there")
                .cure("`tillgate endpoint list --shop SHOP` shows the endpoints.")),
        }
    }
}

fn fields(endpoint: &Endpoint) -> Fields {
    Fields::default()
        .with("id", &endpoint.id)
        .with("shop", &endpoint.shop)
        .with("dialect", &endpoint.dialect)
        .with("url", &endpoint.url)
        .with("events", &endpoint.events.join(" "))
        .with("created", &endpoint.created_at)
        .with_some("failing since", endpoint.failing_since.as_deref())
        .with_some("new secret from", endpoint.cutover_at.as_deref())
}

fn secret_text(made: &EndpointWithSecret) -> String {
    let fields = fields(&made.endpoint).with_some("secret", made.secret.as_deref());
    let note = match made.secret {
        Some(_) => "The secret is shown this once. Keep it where your servers keep secrets.",
        None => "It is signed by the shop's newest credential of that dialect.",
    };
    format!("{}\n{note}\n", fields.text(""))
}

fn list_text(page: &Page<Endpoint>) -> String {
    let mut table = Table::new(["ID", "DIALECT", "URL", "EVENTS", "STATE"]);
    for one in &page.items {
        let failing = one.failing_since.as_ref().map(|at| format!("failing since {at}"));
        let state = failing.as_deref().unwrap_or("works");
        table.row([&one.id, &one.dialect, &one.url, &one.events.join(" "), state]);
    }
    table.text("No endpoints yet: `tillgate endpoint create` makes one.")
}
