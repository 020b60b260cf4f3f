//! From the start of the process to its first answer; memory; the size of the binary.

use crate::{
    connection::Connection,
    error::{Done, Trouble},
    figures::number,
    load::Ask,
    process,
    random::Random,
    request::{self, Create},
    rows::growth,
    run::{Run, open},
    till::Place,
};

/// How often each start is made.
const STARTS: u32 = 5;

/// The unit of starts.
pub(crate) const MILLIS: &str = "ms";
/// The unit of memory.
pub(crate) const MEBIBYTES: &str = "MiB";
/// Memory of a gateway that has done nothing.
pub(crate) const IDLE: &str = "memory, idle and empty";
/// Memory after many creations.
pub(crate) const BUSY: &str = "memory, after the creations of this part";
/// From the start to the first page of a list.
pub(crate) const FIRST_ANSWER: &str = "start to first answer";
/// From the start to the first payment that is stored.
pub(crate) const FIRST_CREATE: &str = "start to first durable create";

/// Measures, on the databases that growth has left, where it was asked for.
pub(crate) async fn measure(run: &mut Run) -> Done {
    println!("start");
    let size = std::fs::metadata(&run.seed.place.binary)?.len();
    run.book.tell("binary", "MB", number(size) / 1e6);
    memory(run).await?;
    for count in run.scale.stored.clone() {
        let folder = run.dir.join(growth::folder(count));
        let place = if folder.exists() {
            Place { folder, ..run.seed.place.clone() }
        } else if count == 0 {
            run.seed.copy(&run.dir, "start")?
        } else {
            continue;
        };
        starts(run, &place, count).await?;
    }
    Ok(())
}

async fn memory(run: &mut Run) -> Done {
    const MIB: f64 = 1_048_576.0;
    let till = run.fresh("memory").await?;
    let idle = number(process::resident(till.pid)?);
    run.book.tell(IDLE, MEBIBYTES, idle / MIB);
    let mut made = 0.0;
    for _ in 0..run.scale.rounds * 3 {
        let reading = run.load(&till, 64, Create::working(&run.seed.shops)).await?;
        made += reading.rate * (run.scale.run + run.scale.warm).as_secs_f64();
    }
    let busy = number(process::resident(till.pid)?);
    run.book.tell(BUSY, MEBIBYTES, busy / MIB);
    run.book.tell("creations of this part", "", made);
    run.book.tell("memory for each of them", "bytes", (busy - idle) / made.max(1.0));
    let before = number(run.seed.place.bytes());
    let place = till.stop().await?;
    run.book.tell("disk for each of them", "bytes", (number(place.bytes()) - before) / made.max(1.0));
    Ok(())
}

async fn starts(run: &mut Run, place: &Place, count: u64) -> Done {
    let list = request::get("/v1/payments?limit=50", Some(&run.seed.shops[1]));
    let create = Create::working(&run.seed.shops);
    for number in 0..STARTS {
        let till = place.start(&list).await?;
        run.book.note(&growth::row(FIRST_ANSWER, count), MILLIS, till.first_answer.as_secs_f64() * 1e3);
        till.stop().await?;
        let till = place.start(&creation(&*create, number)).await?;
        run.book.note(&growth::row(FIRST_CREATE, count), MILLIS, till.first_answer.as_secs_f64() * 1e3);
        till.stop().await?;
    }
    for row in [FIRST_ANSWER, FIRST_CREATE] {
        let name = growth::row(row, count);
        let median = run.book.median(&name, MILLIS).ok_or_else(|| Trouble::new("no start"))?;
        println!("  {name:<44} {median:>10.1} ms");
    }
    let till = open(place).await?;
    Connection::open(till.address).await?.ask(&list).await?;
    let resident = number(process::resident(till.pid)?) / 1_048_576.0;
    run.book.tell(&growth::row("memory, idle", count), MEBIBYTES, resident);
    till.stop().await?;
    Ok(())
}

fn creation(create: &dyn Ask, number: u32) -> Vec<u8> {
    let mut request = Vec::new();
    let seed = u64::from(std::process::id()) << 20 | u64::from(number);
    create.write(&mut Random::new(seed), &mut request);
    request
}
