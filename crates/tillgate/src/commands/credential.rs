//! `tillgate credential`

use clap::{Args, Subcommand, ValueEnum};
use operator::{
    credentials::{Credential, IssuedCredential, NewCredential},
    page::Page,
};

use super::{Run, list::segment};
use crate::{
    context::Context,
    failure::Done,
    output::{Fields, Table},
};

#[derive(Debug, Args)]
pub(crate) struct CredentialCommand {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Make a credential; its key is printed once
    Create {
        /// The shop's id
        #[arg(long)]
        shop: String,
        /// The dialect that is to take it
        #[arg(long)]
        dialect: String,
        /// What it may be used for at all
        #[arg(long, value_enum, default_value_t = Kind::Secret)]
        kind: Kind,
        /// A scope in the dialect's words, again for each further one; none: all that there are
        #[arg(long)]
        scope: Vec<String>,
        /// An address or a block of addresses that it may be used from, again for each further one; none: anywhere
        #[arg(long, value_name = "IP")]
        allow_ip: Vec<String>,
        /// When it stops working: a time such as 2027-01-31T00:00:00Z, or 90d for 90 days from now
        #[arg(long, value_name = "TIME")]
        expires: Option<String>,
    },
    /// List the credentials of a shop
    List {
        /// The shop's id
        #[arg(long)]
        shop: String,
    },
    /// Revoke a credential; it stops working at once
    Revoke {
        /// The credential's id
        credential: String,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    /// For servers
    Secret,
    /// For pages; it is no secret
    Publishable,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::Publishable => "publishable",
        }
    }
}

impl Run for CredentialCommand {
    fn run(self, context: &Context) -> Done {
        let client = context.client()?;
        match self.act {
            Act::Create { shop, dialect, kind, scope, allow_ip, expires } => {
                let kind = Some(kind.name().to_owned());
                let body = NewCredential { dialect, kind, scopes: scope, allowed_ips: allow_ip, expires };
                let path = format!("/shops/{}/credentials", segment(&shop));
                context.show(&client.post::<IssuedCredential>(&path, &body)?, issued_text)
            }
            Act::List { shop } => {
                let path = format!("/shops/{}/credentials", segment(&shop));
                context.show(&client.get::<Page<Credential>>(&path)?, list_text)
            }
            Act::Revoke { credential } => {
                let path = format!("/credentials/{}/revoke", segment(&credential));
                context
                    .show(&client.post::<Credential>(&path, &())?, |credential| fields(credential).text(""))
            }
        }
    }
}

fn fields(credential: &Credential) -> Fields {
    let allowed = credential.allowed_ips.join(" ");
    Fields::default()
        .with("id", &credential.id)
        .with("shop", &credential.shop)
        .with("dialect", &credential.dialect)
        .with("kind", &credential.kind)
        .with("scopes", &credential.scopes.join(" "))
        .with_some("only from", (!allowed.is_empty()).then_some(allowed.as_str()))
        .with("created", &credential.created_at)
        .with_some("expires", credential.expires_at.as_deref())
        .with_some("revoked", credential.revoked_at.as_deref())
}

fn issued_text(issued: &IssuedCredential) -> String {
    let mut fields = fields(&issued.credential);
    for (name, key) in &issued.key {
        fields = fields.with(name, key);
    }
    let what = if issued.credential.public_key.is_some() { "The secret" } else { "The key" };
    format!("{}\n{what} is shown this once. Keep it where your servers keep secrets.\n", fields.text(""))
}

fn list_text(page: &Page<Credential>) -> String {
    let mut table = Table::new(["ID", "DIALECT", "KIND", "KEY", "STATE", "LAST USED"]);
    for one in &page.items {
        let state = match (&one.revoked_at, &one.expires_at) {
            (Some(at), _) => format!("revoked {at}"),
            (None, Some(at)) => format!("until {at}"),
            (None, None) => "active".to_owned(),
        };
        let last = one.last_used_at.as_deref().unwrap_or("never");
        let key = one.public_key.clone().unwrap_or_else(|| format!("…{}", one.hint));
        table.row([&one.id, &one.dialect, &one.kind, &key, &state, last]);
    }
    table.text("No credentials yet: `tillgate credential create` makes one.")
}
