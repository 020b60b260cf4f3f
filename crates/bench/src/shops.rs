//! The shops whose programs ask: made by the binary's own commands, as an operator makes them.

use std::{net::SocketAddr, path::Path};

use domain::id::ShopId;
use serde_json::Value;

use crate::{
    error::{Done, Trouble},
    request,
    till::{Place, Till},
};

/// How many shops there are.
pub(crate) const SHOPS: usize = 100;

/// The dialect that they speak.
const DIALECT: &str = "alpha";

/// A shop and its program's key.
#[derive(Clone, Debug)]
pub(crate) struct Shop {
    /// Its id, as commands write it.
    pub(crate) id: String,
    /// Its secret key.
    pub(crate) key: String,
}

/// Gateways begin as copies of this one: all shops are there, and nothing else.
#[derive(Clone, Debug)]
pub(crate) struct Seed {
    /// Its folder. Nobody runs there.
    pub(crate) place: Place,
    /// Its shops.
    pub(crate) shops: Vec<Shop>,
}

/// Makes so many shops at a gateway that runs.
pub(crate) async fn open(till: &Till, count: usize) -> Done<Vec<Shop>> {
    let mut shops = Vec::with_capacity(count);
    for number in 0..count {
        let made = till.json(&["shop", "create", "--name", &format!("Shop {number:03}")]).await?;
        let id = text(&made, "id")?;
        let made = till.json(&["credential", "create", "--shop", &id, "--dialect", DIALECT]).await?;
        shops.push(Shop { key: text(&made, "secret_key")?, id });
    }
    till.settle().await?;
    Ok(shops)
}

/// Has what happens at a shop told to a receiver, at a path of the shop's own.
pub(crate) async fn listen(till: &Till, shop: &Shop, number: usize, receiver: SocketAddr) -> Done {
    let url = format!("http://{receiver}/{number}");
    till.json(&["endpoint", "create", "--shop", &shop.id, "--dialect", DIALECT, "--url", &url]).await?;
    Ok(())
}

impl Shop {
    /// Its id as PostgreSQL writes it.
    pub(crate) fn uuid(&self) -> Option<String> {
        let (_, id) = self.id.split_once('_')?;
        Some(ShopId::from_base62(id)?.uuid().to_string())
    }
}

impl Seed {
    /// Makes one in `dir`.
    pub(crate) async fn plant(binary: &Path, dir: &Path) -> Done<Self> {
        let place = Place { binary: binary.to_owned(), folder: dir.join("seed"), database: None };
        if place.folder.exists() {
            std::fs::remove_dir_all(&place.folder)?;
        }
        std::fs::create_dir_all(&place.folder)?;
        println!("making {SHOPS} shops");
        let till = place.start(&request::get("/healthz", None)).await?;
        let shops = open(&till, SHOPS).await?;
        let place = till.stop().await?;
        Ok(Self { place, shops })
    }

    /// A copy of it.
    pub(crate) fn copy(&self, dir: &Path, name: &str) -> Done<Place> {
        self.place.copied_to(&dir.join(name))
    }
}

fn text(document: &Value, field: &str) -> Done<String> {
    let found = document.get(field).and_then(Value::as_str);
    found.map(str::to_owned).ok_or_else(|| Trouble(format!("no `{field}` in {document}")))
}
