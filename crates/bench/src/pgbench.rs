//! A script for pgbench that does what a creation does: the same statements, with the same parameters, in the same
//! order and the same transactions. What PostgreSQL does with it is the most that a gateway on it can hope for that
//! waits for each answer.
//!
//! Two creations of one shop are recorded. What is the same in both stays as it is; what differs belongs to one
//! creation, and is made anew each time: ids ordered by time, random keys, and the time itself. The same new value
//! stands wherever a recorded creation had the same. The shop and the hash of its key are variables, so that every
//! recording gives the same script.

use std::{collections::BTreeMap, fmt::Write, path::Path, time::Duration};

use tokio::{process::Command, time::timeout};

use crate::{
    error::{Done, During, Trouble},
    figures::{Reading, number, quantile},
};

/// The script in the tree: what a creation did when it was last looked at.
const COMMITTED: &str = include_str!("../create.pgbench");

/// What is said where the engine does something else by now.
pub(crate) const STALE: &str = "crates/bench/create.pgbench is not what a creation does any more; `cargo xtask bench \
                                pgbench` writes it anew";

/// Threads of pgbench.
const THREADS: &str = "2";

/// How much longer than it should pgbench may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A statement as it was run, with its parameters from `$1` on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Statement {
    /// Its text.
    pub(crate) sql: String,
    /// Its parameters.
    pub(crate) parameters: Vec<Parameter>,
}

/// A parameter, by what it looks like: the log knows no types.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Parameter {
    /// Nothing.
    Null,
    /// A number.
    Int(i64),
    /// A UUID.
    Id(String),
    /// Bytes, in hexadecimal digits.
    Bytes(String),
    /// Any other text.
    Text(String),
}

impl Parameter {
    /// The parameter that was logged as this text.
    pub(crate) fn of(text: &str) -> Self {
        let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let lengths: Vec<usize> = text.split('-').map(str::len).collect();
        if let Some(digits) = text.strip_prefix("\\x").filter(|digits| is_hex(digits)) {
            Self::Bytes(digits.to_owned())
        } else if let Some(number) = text.parse().ok().filter(|number: &i64| number.to_string() == text) {
            Self::Int(number)
        } else if lengths == [8, 4, 4, 4, 12] && text.split('-').all(is_hex) {
            Self::Id(text.to_owned())
        } else {
            Self::Text(text.to_owned())
        }
    }

    /// Its text, as a variable of pgbench has it.
    fn text(&self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Int(value) => value.to_string(),
            Self::Bytes(digits) => format!("\\x{digits}"),
            Self::Id(text) | Self::Text(text) => text.clone(),
        }
    }
}

/// A script, and what its variables are for one shop.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    /// Its text.
    pub(crate) text: String,
    variables: Vec<(&'static str, String)>,
}

impl Script {
    /// The script of two creations of a shop. The hash of its key is what is asked for first.
    pub(crate) fn of([first, second]: &[Vec<Statement>; 2], shop: &Parameter) -> Done<Self> {
        let same = |(one, other): (&Statement, &Statement)| {
            one.sql == other.sql && one.parameters.len() == other.parameters.len()
        };
        if first.len() != second.len() || !first.iter().zip(second).all(same) {
            return Err(Trouble::new("the two creations ran different statements"));
        }
        let key = first.iter().find_map(|statement| statement.parameters.first());
        let key = key.filter(|key| matches!(key, Parameter::Bytes(_)));
        let key = key.ok_or_else(|| Trouble::new("a creation does not begin with the hash of a key"))?;
        let own = [("shop", shop), ("key", key)];
        let fresh = fresh(first, second)?;
        let value = |parameter: &Parameter| {
            let named = own.iter().find(|(_, own)| *own == parameter).map(|(name, _)| format!(":{name}"));
            named.or_else(|| fresh.get(parameter).cloned()).unwrap_or_else(|| fixed(parameter))
        };
        // pgbench's own number: each id and key is made from it.
        let mut text = String::from("\\set seed random(1, 9000000000000000000)\n");
        for statement in first {
            let values: Vec<String> = statement.parameters.iter().map(value).collect();
            let _ = writeln!(text, "{};", filled(&statement.sql, &values)?);
        }
        Ok(Self { text, variables: own.map(|(name, own)| (name, own.text())).into() })
    }

    /// Whether it is the one in the tree.
    pub(crate) fn is_committed(&self) -> bool {
        self.text == COMMITTED
    }

    /// Runs it with so many clients, on a database where its shop is.
    pub(crate) async fn run(
        &self,
        program: &Path,
        folder: &Path,
        url: &str,
        clients: usize,
        [warm, run]: [Duration; 2],
    ) -> Done<Reading> {
        if folder.exists() {
            std::fs::remove_dir_all(folder)?;
        }
        std::fs::create_dir_all(folder)?;
        std::fs::write(folder.join("create.pgbench"), &self.text)?;
        let seconds = (warm + run).as_millis().div_ceil(1_000).to_string();
        let mut command = Command::new(program);
        command.current_dir(folder).args(["-n", "-M", "prepared", "-l", "--log-prefix=took"]);
        command.args(["-f", "create.pgbench", "-j", THREADS, "-T", &seconds, "-c", &clients.to_string()]);
        for (name, value) in &self.variables {
            command.arg("-D").arg(format!("{name}={value}"));
        }
        let output = timeout(warm + run + PATIENCE, command.arg(url).kill_on_drop(true).output());
        let output = output.await.during("pgbench did not end")?.during(program.display())?;
        let said = String::from_utf8_lossy(&output.stderr);
        // It goes on without the clients whose statements fail, and says so with its status.
        if !output.status.success() {
            return Err(Trouble(format!("pgbench failed: {said}")));
        }
        let mut log = String::new();
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with("took.") {
                log.push_str(&std::fs::read_to_string(entry.path())?);
            }
        }
        reading(&log, warm)
    }
}

/// What pgbench's log of transactions says, but for the first while: a line each, `client number took script seconds
/// micros`, all times but the seconds in microseconds.
fn reading(log: &str, warm: Duration) -> Done<Reading> {
    let field = |line: &str, place: usize| -> Option<u64> { line.split(' ').nth(place)?.parse().ok() };
    let line = |line: &str| {
        let at = field(line, 4)?.saturating_mul(1_000_000).saturating_add(field(line, 5)?);
        Some((at, field(line, 2)?))
    };
    let mut all: Vec<(u64, u64)> = log
        .lines()
        .map(|text| line(text).ok_or_else(|| Trouble(format!("pgbench's log has another form: {text}"))))
        .collect::<Done<_>>()?;
    all.sort_unstable();
    let begin = all.first().map_or(0, |(at, _)| *at);
    let begin = begin.saturating_add(u64::try_from(warm.as_micros()).unwrap_or(u64::MAX));
    all.retain(|(at, _)| *at >= begin);
    let Some((end, _)) = all.last() else { return Err(Trouble::new("pgbench did nothing in its time")) };
    let seconds = number(end.saturating_sub(begin).max(1)) / 1e6;
    let rate = number(u64::try_from(all.len()).unwrap_or_default()) / seconds;
    let mut took: Vec<u32> = all.iter().map(|(_, took)| u32::try_from(*took).unwrap_or(u32::MAX)).collect();
    took.sort_unstable();
    let millis = |thousandths| quantile(&took, thousandths) / 1_000.0;
    Ok(Reading { rate, p50: millis(500), p99: millis(990), cpu: 0.0 })
}

/// The values that are made anew, by what they were in the first creation.
fn fresh(first: &[Statement], second: &[Statement]) -> Done<BTreeMap<Parameter, String>> {
    let mut fresh = BTreeMap::new();
    let mut begun = None;
    let pairs =
        first.iter().zip(second).flat_map(|(one, other)| one.parameters.iter().zip(&other.parameters));
    for (one, other) in pairs.filter(|(one, other)| one != other) {
        let made = match (one, other) {
            (Parameter::Int(one), Parameter::Int(other)) => {
                // Times: the first is now, and every other as far from it as it was.
                let (now, then) = *begun.get_or_insert((*one, *other));
                if one - now != other - then {
                    return Err(Trouble::new("the two creations differ in a number that is no time"));
                }
                format!("{MICROS} + {}", one - now)
            }
            _ => made(one, fresh.len()),
        };
        fresh.entry(one.clone()).or_insert(made);
    }
    Ok(fresh)
}

/// The time. It is one moment throughout a transaction.
const MICROS: &str = "(extract(epoch from now()) * 1000000)::bigint";

/// A value that is made anew in each creation.
fn made(parameter: &Parameter, number: usize) -> String {
    let random = format!("md5((:seed::bigint + {number})::text)");
    match parameter {
        Parameter::Null => "null".to_owned(),
        Parameter::Int(_) => MICROS.to_owned(),
        Parameter::Text(_) => random,
        // UUIDv7: 48 bits of milliseconds, and the rest at random but for the version and the variant.
        Parameter::Id(_) => format!(
            "(lpad(to_hex({MICROS} / 1000), 12, '0') || '7' || substr({random}, 1, 3) || '8' || \
             substr({random}, 4, 15))::uuid"
        ),
        Parameter::Bytes(_) => format!("decode({random} || {random}, 'hex')"),
    }
}

/// A value as SQL writes it: without a type, which its place knows.
fn fixed(parameter: &Parameter) -> String {
    match parameter {
        Parameter::Null => "null".to_owned(),
        other => format!("'{}'", other.text().replace('\'', "''")),
    }
}

/// A statement with its values in place of `$1`, `$2` and so on.
fn filled(sql: &str, values: &[String]) -> Done<String> {
    let mut parts = sql.split('$');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = part.split_at(digits);
        let value = number.parse::<usize>().ok().and_then(|number| values.get(number.checked_sub(1)?));
        let value = value.ok_or_else(|| Trouble(format!("`{sql}` has no parameter ${number}")))?;
        text.push_str(value);
        text.push_str(rest);
    }
    // pgbench ends a command at the end of a line that ends in a semicolon; one line is the same, and shorter.
    Ok(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOP: &str = "01a1ff14-1f3f-7362-b8cd-9cb76e3db534";

    fn creation(id: &str, key: &str, at: i64) -> Vec<Statement> {
        let statement = |sql: &str, parameters: &[&str]| Statement {
            sql: sql.to_owned(),
            parameters: parameters.iter().map(|text| Parameter::of(text)).collect(),
        };
        let mut payment = statement(
            "insert into payments (id, price, at, ends, note) values ($1, $2, $3, $4, $5)",
            &[id, "2500", &at.to_string(), &(at + 30).to_string()],
        );
        payment.parameters.push(Parameter::Null);
        vec![
            statement("begin", &[]),
            statement("select shop_id from credentials where hash = $1", &["\\xaa"]),
            statement(
                "insert into idempotency (shop_id, key, payment_id)\n values ($1, $2, $3)",
                &[SHOP, key, id],
            ),
            payment,
            statement("commit", &[]),
        ]
    }

    fn script(one: Vec<Statement>, other: Vec<Statement>) -> Done<Script> {
        Script::of(&[one, other], &Parameter::of(SHOP))
    }

    #[test]
    fn what_differs_between_two_creations_is_made_anew() {
        let (one, other) = (SHOP.replace('a', "b"), SHOP.replace('a', "c"));
        let script = script(creation(&one, "it's k1", 7), creation(&other, "it's k2", 8)).unwrap();
        let lines: Vec<&str> = script.text.lines().collect();
        assert_eq!((lines.len(), lines[1], lines[5]), (6, "begin;", "commit;"));
        assert_eq!(lines[2], "select shop_id from credentials where hash = :key;");
        assert!(
            lines[3].starts_with("insert into idempotency (shop_id, key, payment_id) values (:shop, md5("),
            "{}",
            lines[3]
        );
        assert!(lines[4].ends_with(&format!("'2500', {MICROS} + 0, {MICROS} + 30, null);")), "{}", lines[4]);
        let id = &lines[3][lines[3].find("(lpad(").unwrap()..lines[3].len() - 2];
        assert!(lines[4].contains(id) && id.ends_with("::uuid"), "the key names the payment: {id}");
        assert!(!script.text.contains("k1") && !script.text.contains(&one), "{}", script.text);
        assert_eq!(script.variables, [("shop", SHOP.to_owned()), ("key", "\\xaa".to_owned())]);
    }

    #[test]
    fn creations_that_ran_different_statements_are_refused() {
        let (one, other) = (SHOP.replace('a', "b"), SHOP.replace('a', "c"));
        let (one, other) = (creation(&one, "k1", 7), creation(&other, "k2", 8));
        assert!(script(one.clone(), other[..1].to_vec()).is_err());
        let mut changed = one.clone();
        changed[3].sql = "delete from idempotency".to_owned();
        assert!(script(changed, other.clone()).is_err());
        let mut changed = one;
        changed[3].parameters[3] = Parameter::Int(99);
        assert!(script(changed, other).is_err(), "a number that is no time");
        assert!(filled("select $2", &["1".to_owned()]).is_err());
    }

    #[test]
    fn a_parameter_is_known_by_its_looks() {
        assert_eq!(Parameter::of(SHOP), Parameter::Id(SHOP.to_owned()));
        assert_eq!(Parameter::of("\\x0a"), Parameter::Bytes("0a".to_owned()));
        assert_eq!(Parameter::of("-7"), Parameter::Int(-7));
        assert_eq!(Parameter::of("007"), Parameter::Text("007".to_owned()));
    }

    #[test]
    fn a_log_of_transactions_counts_from_when_it_was_warm() {
        let log = "0 0 900 0 5 0\n1 0 100 0 6 0\n0 1 300 0 6 500000\n1 1 200 0 7 0\n";
        let read = reading(log, Duration::from_secs(1)).unwrap();
        assert_eq!((read.rate, read.p50, read.p99), (3.0, 0.2, 0.3));
        assert!(reading("", Duration::ZERO).is_err());
        assert!(reading("0 0 failed", Duration::ZERO).is_err());
    }
}
