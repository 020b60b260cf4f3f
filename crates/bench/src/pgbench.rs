//! A script for pgbench that does what a creation does: the same statements, with the same parameters, in the same
//! order. What PostgreSQL does with it is the most that a gateway on it can hope for.
//!
//! Two creations of one shop are recorded. What is the same in both stays as it is; what differs belongs to one
//! creation, and is made anew each time: ids ordered by time, random keys, and the time itself. The same new value
//! stands wherever a recorded creation had the same.

use std::{collections::BTreeMap, fmt::Write, path::Path};

use serde::Deserialize;

use crate::error::{Done, During, Trouble};

/// A statement as it was run, with its parameters from `$1` on.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Statement {
    sql: String,
    parameters: Vec<Parameter>,
}

/// A parameter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Parameter {
    /// Nothing.
    Null,
    /// A number.
    Int(i64),
    /// A text.
    Text(String),
    /// Bytes, in hexadecimal digits.
    Bytes(String),
}

/// Where two recorded creations come from.
pub(crate) trait Log {
    /// The statements of each, from `begin` to `commit`, both without.
    fn creations(&self) -> Done<[Vec<Statement>; 2]>;
}

/// A file with a JSON object a line: `{"sql": "…", "parameters": [{"int": 1}, {"text": "…"}, {"bytes": "…"}, "null"]}`.
/// Its first half is one creation, its second half the other.
pub(crate) struct LogFile<'a>(pub(crate) &'a Path);

impl Log for LogFile<'_> {
    fn creations(&self) -> Done<[Vec<Statement>; 2]> {
        let text = std::fs::read_to_string(self.0).during(self.0.display())?;
        let read = |line: &str| serde_json::from_str(line).during(self.0.display());
        let mut first: Vec<Statement> = text.lines().map(read).collect::<Done<_>>()?;
        if first.is_empty() || !first.len().is_multiple_of(2) {
            return Err(Trouble::new("the log holds no two creations of the same length"));
        }
        let second = first.split_off(first.len() / 2);
        Ok([first, second])
    }
}

/// Prints the script.
pub(crate) fn print(log: &Path) -> Done {
    let [first, second] = LogFile(log).creations()?;
    println!("{}", script(&first, &second)?);
    Ok(())
}

/// The script.
pub(crate) fn script(first: &[Statement], second: &[Statement]) -> Done<String> {
    let same = |(one, other): (&Statement, &Statement)| {
        one.sql == other.sql && one.parameters.len() == other.parameters.len()
    };
    if first.len() != second.len() || !first.iter().zip(second).all(same) {
        return Err(Trouble::new("the two creations ran different statements"));
    }
    let mut fresh: BTreeMap<Parameter, usize> = BTreeMap::new();
    let pairs =
        || first.iter().zip(second).flat_map(|(one, other)| one.parameters.iter().zip(&other.parameters));
    for (one, _) in pairs().filter(|(one, other)| one != other) {
        let next = fresh.len();
        fresh.entry(one.clone()).or_insert(next);
    }
    // pgbench's own numbers: each id and key is made from one of them.
    let mut text = String::from("\\set seed random(1, 9000000000000000000)\nbegin;\n");
    for statement in first {
        let values: Vec<String> = statement
            .parameters
            .iter()
            .map(|parameter| match fresh.get(parameter) {
                Some(number) => made(parameter, *number),
                None => fixed(parameter),
            })
            .collect();
        let _ = writeln!(text, "{};", filled(&statement.sql, &values)?);
    }
    text.push_str("commit;");
    Ok(text)
}

/// A value as SQL writes it.
fn fixed(parameter: &Parameter) -> String {
    match parameter {
        Parameter::Null => "null".to_owned(),
        Parameter::Int(value) => value.to_string(),
        Parameter::Text(value) => format!("'{}'", value.replace('\'', "''")),
        Parameter::Bytes(value) => format!("'\\x{value}'::bytea"),
    }
}

/// The same for a value that is made anew in each transaction. `now()` is one moment throughout a transaction.
fn made(parameter: &Parameter, number: usize) -> String {
    const MICROS: &str = "(extract(epoch from now()) * 1000000)::bigint";
    let random = format!("md5((:seed + {number})::text)");
    match parameter {
        Parameter::Null => "null".to_owned(),
        Parameter::Int(_) => MICROS.to_owned(),
        Parameter::Text(_) => random,
        // UUIDv7: 48 bits of milliseconds, and the rest at random but for the version and the variant.
        Parameter::Bytes(value) if value.len() == 32 => format!(
            "decode(lpad(to_hex({MICROS} / 1000), 12, '0') || '7' || substr({random}, 1, 3) || '8' || \
             substr({random}, 4, 15), 'hex')"
        ),
        Parameter::Bytes(_) => format!("decode({random} || {random}, 'hex')"),
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

    fn creation(id: &str, key: &str, at: i64) -> Vec<Statement> {
        let bytes = |text: &str| Parameter::Bytes(text.to_owned());
        let insert = |sql: &str, parameters| Statement { sql: sql.to_owned(), parameters };
        vec![
            insert(
                "insert into idempotency (shop_id, key, payment_id)\n values ($1, $2, $3)",
                vec![bytes("aa"), Parameter::Text(key.to_owned()), bytes(id)],
            ),
            insert(
                "insert into payments (id, price, at, note) values ($1, $2, $3, $4)",
                vec![bytes(id), Parameter::Text("it's 5".to_owned()), Parameter::Int(at), Parameter::Null],
            ),
        ]
    }

    #[test]
    fn what_differs_between_two_creations_is_made_anew() {
        let (one, other) = ("0".repeat(32), "1".repeat(32));
        let script = script(&creation(&one, "k1", 7), &creation(&other, "k2", 8)).unwrap();
        let lines: Vec<&str> = script.lines().collect();
        assert_eq!((lines.len(), lines[1], lines[4]), (5, "begin;", "commit;"));
        assert!(
            lines[2].starts_with(
                "insert into idempotency (shop_id, key, payment_id) values ('\\xaa'::bytea, md5("
            )
        );
        assert!(
            lines[3].contains("'it''s 5', (extract(epoch from now()) * 1000000)::bigint, null)"),
            "{script}"
        );
        let id = &lines[2][lines[2].find("decode(").unwrap()..lines[2].len() - 2];
        assert!(lines[3].contains(id), "the payment has the id that its key names: {script}");
        assert!(!script.contains("k1") && !script.contains(&one), "{script}");
    }

    #[test]
    fn creations_that_ran_different_statements_are_refused() {
        let (mut one, other) = (creation("00", "k1", 7), creation("11", "k2", 8));
        assert!(script(&one, &other[..1]).is_err());
        one[0].sql = "delete from idempotency".to_owned();
        assert!(script(&one, &other).is_err());
        assert!(filled("select $2", &["1".to_owned()]).is_err());
    }

    #[test]
    fn a_log_is_read_line_by_line() {
        let line = r#"{"sql":"select $1","parameters":[{"int":1},{"text":"a"},{"bytes":"0a"},"null"]}"#;
        let statement: Statement = serde_json::from_str(line).unwrap();
        assert_eq!(statement.parameters.len(), 4);
        assert_eq!(statement.parameters[3], Parameter::Null);
    }
}
