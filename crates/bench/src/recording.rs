//! What PostgreSQL's log says of two creations that were made while it wrote down every statement.

use std::collections::BTreeMap;

use crate::{
    error::{Done, Trouble},
    pgbench::{Parameter, Statement},
};

/// What stands before each entry: the number of the process, which is one connection's.
pub(crate) const PREFIX: &str = "log_line_prefix=%p ";

/// The statements of one transaction, from `begin` to `commit` or `rollback`, both with.
type Transaction = Vec<Statement>;

/// The two creations of a shop that a log holds: all transactions that name the shop, in the order in which they began.
/// To know the caller is one of them. Only what began in the first so many bytes counts. What the gateway's workers do
/// meanwhile names no shop.
pub(crate) fn creations(log: &str, during: usize, shop: &Parameter) -> Done<[Vec<Statement>; 2]> {
    let mut ours = transactions(log, entries(log.get(..during).unwrap_or(log)).len())?;
    ours.retain(|transaction| transaction.iter().any(|statement| statement.parameters.contains(shop)));
    if ours.is_empty() || !ours.len().is_multiple_of(2) {
        let held: Vec<_> = ours.iter().filter_map(|one| Some(one.get(1)?.sql.as_str())).collect();
        return Err(Trouble(format!("the log does not hold two creations alike, but {held:?}")));
    }
    let second = ours.split_off(ours.len() / 2);
    Ok([ours.concat(), second.concat()])
}

/// Every transaction that ended and began in the first so many entries, in the order in which they began.
fn transactions(log: &str, during: usize) -> Done<Vec<Transaction>> {
    let mut open: BTreeMap<String, (usize, Transaction)> = BTreeMap::new();
    let mut ended = Vec::new();
    for (number, entry) in entries(log).into_iter().enumerate() {
        let Some((process, said)) = entry.split_once(' ') else { continue };
        if let Some(sql) = said.strip_prefix("LOG:  statement: ") {
            if sql.starts_with("begin") && number < during {
                open.insert(process.to_owned(), (number, Vec::new()));
            }
            if let Some((_, transaction)) = open.get_mut(process) {
                transaction.push(Statement { sql: sql.to_owned(), parameters: Vec::new() });
            }
            if matches!(sql, "commit" | "rollback") {
                ended.extend(open.remove(process));
            }
        } else if let Some((_, transaction)) = open.get_mut(process) {
            if let Some((_, sql)) = said.strip_prefix("LOG:  execute ").and_then(|rest| rest.split_once(": "))
            {
                transaction.push(Statement { sql: sql.to_owned(), parameters: Vec::new() });
            } else if let Some(list) = said.strip_prefix("DETAIL:  parameters: ")
                && let Some(last) = transaction.last_mut()
            {
                last.parameters = parameters(list)?;
            }
        }
    }
    ended.sort_by_key(|(number, _)| *number);
    Ok(ended.into_iter().map(|(_, transaction)| transaction).collect())
}

/// The entries of a log: a line that begins with a tab goes on with what the one before it said.
fn entries(log: &str) -> Vec<String> {
    let mut entries: Vec<String> = Vec::new();
    for line in log.lines() {
        match (line.strip_prefix('\t'), entries.last_mut()) {
            (Some(rest), Some(entry)) => {
                entry.push('\n');
                entry.push_str(rest);
            }
            _ => entries.push(line.to_owned()),
        }
    }
    entries
}

/// Reads `$1 = '…', $2 = NULL`. A quote in a value is written twice.
fn parameters(list: &str) -> Done<Vec<Parameter>> {
    let other = || Trouble(format!("parameters in another form: {list}"));
    let (mut rest, mut found) = (list, Vec::new());
    while !rest.is_empty() {
        let (name, value) = rest.split_once(" = ").ok_or_else(other)?;
        if name.trim_start_matches(", ") != format!("${}", found.len() + 1) {
            return Err(other());
        }
        if let Some(after) = value.strip_prefix("NULL") {
            found.push(Parameter::Null);
            rest = after;
            continue;
        }
        let quoted = value.strip_prefix('\'').ok_or_else(other)?;
        let (mut text, mut after) = (String::new(), quoted);
        loop {
            let (part, next) = after.split_once('\'').ok_or_else(other)?;
            text.push_str(part);
            after = next;
            let Some(next) = after.strip_prefix('\'') else { break };
            text.push('\'');
            after = next;
        }
        found.push(Parameter::of(&text));
        rest = after;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two creations on two connections, with a worker's transaction in between; the first one's read ends last.
    const LOG: &str = "\
7 LOG:  statement: begin
7 LOG:  execute s1: select a from shops
\t  where id = $1
7 DETAIL:  parameters: $1 = '01a1ff14-1f3f-7362-b8cd-9cb76e3db534'
8 LOG:  statement: begin
8 LOG:  execute s2: insert into t values ($1, $2, $3)
8 DETAIL:  parameters: $1 = 'it''s', $2 = NULL, $3 = '01a1ff14-1f3f-7362-b8cd-9cb76e3db534'
9 LOG:  statement: begin
9 LOG:  execute s9: select 1
8 LOG:  statement: commit
9 LOG:  statement: rollback
7 LOG:  statement: rollback
";

    #[test]
    fn a_creation_is_every_transaction_that_names_its_shop() {
        let shop = Parameter::of("01a1ff14-1f3f-7362-b8cd-9cb76e3db534");
        let [first, second] = creations(&LOG.repeat(2), usize::MAX, &shop).unwrap();
        assert_eq!(first, second);
        let words: Vec<&str> = first.iter().filter_map(|one| one.sql.split(' ').next()).collect();
        assert_eq!(words, ["begin", "select", "rollback", "begin", "insert", "commit"]);
        assert_eq!(first[1].sql, "select a from shops\n  where id = $1");
        assert_eq!(first[4].parameters, [Parameter::Text("it's".to_owned()), Parameter::Null, shop.clone()]);
        let late = LOG.repeat(3);
        assert_eq!(creations(&late, 2 * LOG.len(), &shop).unwrap(), [first, second], "what began later");
        assert!(creations("", 0, &shop).is_err());
        assert!(creations(&LOG.repeat(2), usize::MAX, &Parameter::Int(1)).is_err());
    }

    #[test]
    fn parameters_in_another_form_are_refused() {
        for list in ["$2 = '1'", "$1 = '1", "$1 = 1", "$1 = '1', $3 = '2'", "nothing"] {
            assert!(parameters(list).is_err(), "{list}");
        }
    }
}
