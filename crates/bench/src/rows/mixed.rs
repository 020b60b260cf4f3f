//! Creations beside reads: neither may starve the other.

use std::sync::Arc;

use crate::{
    error::{Done, During},
    load::Ask,
    request::{self, Create, OneOf},
    run::Run,
};

/// Creations by themselves.
pub(crate) const ALONE: &str = "create, 32 conn., alone";
/// Creations while others read.
pub(crate) const BESIDE_READS: &str = "create, 32 conn., beside 4 that read by id";
/// Creations while others list.
pub(crate) const BESIDE_LISTS: &str = "create, 32 conn., beside 4 that list 50";

/// Measures.
pub(crate) async fn measure(run: &mut Run) -> Done {
    let till = run.fresh("mixed").await?;
    let shops = run.seed.shops.clone();
    let create = Create::working(&shops);
    run.load(&till, 32, Arc::clone(&create)).await?;
    let mut by_id = Vec::new();
    for shop in &shops {
        let page = till.get("/v1/payments?limit=100", shop).await?;
        let ids = page["data"].as_array().into_iter().flatten().filter_map(|one| one["id"].as_str());
        by_id.extend(ids.map(|id| request::get(&format!("/v1/payments/{id}"), Some(shop))));
    }
    let list = |shop| request::get("/v1/payments?limit=50", Some(shop));
    let reads: Arc<dyn Ask> = Arc::new(OneOf(by_id));
    let lists: Arc<dyn Ask> = Arc::new(OneOf(shops.iter().map(list).collect()));
    for round in 1..=run.scale.rounds {
        println!("mixed, round {round}");
        let alone = run.load(&till, 32, Arc::clone(&create)).await?;
        run.book.load(ALONE, None, alone);
        for (row, others, name) in [
            (BESIDE_READS, &reads, "read by id, 4 conn., beside creations"),
            (BESIDE_LISTS, &lists, "newest 50, 4 conn., beside creations"),
        ] {
            let beside = run.plan(&till, 4, Arc::clone(others));
            let beside = tokio::spawn(async move { beside.run().await });
            let reading = run.load(&till, 32, Arc::clone(&create)).await?;
            run.book.load(row, Some(ALONE), reading);
            run.book.load(name, None, beside.await.during("the readers failed")??);
        }
    }
    till.stop().await?;
    Ok(())
}
