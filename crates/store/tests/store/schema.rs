//! Both databases have one schema: the same tables, columns, keys and indexes, whatever each of them calls its types.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;
use store::{Settings, Store};

use crate::support::Database;

/// A schema without the words of one database. Each part is a line, so that a difference shows itself.
#[derive(Debug, Default, PartialEq, Eq)]
struct Schema {
    /// `table.column kind [not null] [key N]`
    columns: BTreeSet<String>,
    /// `[unique] name on table (columns) [where …]`
    indexes: BTreeSet<String>,
    /// `table (columns) -> table`
    references: BTreeSet<String>,
}

/// What refinery keeps for itself.
const HISTORY: &str = "refinery_schema_history";

fn rows(connection: &Connection, text: &str) -> Vec<Vec<String>> {
    let mut statement = connection.prepare(text).expect("a statement");
    let count = statement.column_count();
    let read = |row: &rusqlite::Row<'_>| -> rusqlite::Result<Vec<String>> {
        (0..count)
            .map(|index| {
                Ok(match row.get_ref(index)? {
                    rusqlite::types::ValueRef::Integer(value) => value.to_string(),
                    rusqlite::types::ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
                    _ => String::new(),
                })
            })
            .collect()
    };
    statement.query_map([], read).expect("rows").map(|row| row.expect("a row")).collect()
}

/// The end of an index's text, where it has a condition.
fn condition(definition: &str) -> String {
    let words = definition.to_lowercase().replace(['(', ')'], "").replace("::text", "");
    words.split_once(" where ").map_or(String::new(), |(_, condition)| format!(" where {condition}"))
}

fn of_sqlite() -> Schema {
    let database = Database::sqlite();
    drop(database.open());
    let Settings::Sqlite { path, .. } = database.settings() else { unreachable!("a file") };
    let connection = Connection::open(path).expect("a file");
    let mut schema = Schema::default();
    let tables = rows(&connection, "select name from sqlite_master where type = 'table' order by name");
    for table in tables.iter().map(|row| &row[0]).filter(|name| *name != HISTORY) {
        for row in rows(
            &connection,
            &format!("select name, type, \"notnull\", pk from pragma_table_info('{table}')"),
        ) {
            let [name, kind, required, key] = row.try_into().expect("four columns");
            let kind = kind.to_lowercase();
            // The parts of a key are never null, whether that is said or not.
            let required = if required == "1" || key != "0" { " not null" } else { "" };
            let key = if key == "0" { String::new() } else { format!(" key {key}") };
            schema.columns.insert(format!("{table}.{name} {kind}{required}{key}"));
        }
        let listed = format!("select name, \"unique\" from pragma_index_list('{table}') where origin = 'c'");
        for row in rows(&connection, &listed) {
            let [name, unique] = row.try_into().expect("two columns");
            let columns =
                rows(&connection, &format!("select name from pragma_index_info('{name}') order by seqno"));
            let columns: Vec<String> = columns.into_iter().flatten().collect();
            let text = rows(&connection, &format!("select sql from sqlite_master where name = '{name}'"));
            let unique = if unique == "1" { "unique " } else { "" };
            let end = condition(&text[0][0]);
            schema.indexes.insert(format!("{unique}{name} on {table} ({}){end}", columns.join(", ")));
        }
        let keys = format!(
            "select id, \"table\", \"from\" from pragma_foreign_key_list('{table}') order by id, seq"
        );
        let mut references: BTreeMap<String, (String, Vec<String>)> = BTreeMap::new();
        for row in rows(&connection, &keys) {
            let [id, to, from] = row.try_into().expect("three columns");
            references.entry(id).or_insert((to, Vec::new())).1.push(from);
        }
        for (to, from) in references.into_values() {
            schema.references.insert(format!("{table} ({}) -> {to}", from.join(", ")));
        }
    }
    schema
}

fn of_postgres() -> Schema {
    let Database::Postgres { server, name } = Database::postgres() else { unreachable!("a server") };
    drop(Database::Postgres { server, name: name.clone() }.open());
    let mut schema = Schema::default();
    let columns = server.run_in(
        &name,
        "select c.table_name, c.column_name, c.data_type, c.is_nullable,
                coalesce(array_position(i.indkey::int2[], a.attnum)::text, '')
         from information_schema.columns c
           join pg_class t on t.relname = c.table_name and t.relkind = 'r'
           join pg_attribute a on a.attrelid = t.oid and a.attname = c.column_name
           left join pg_index i on i.indrelid = t.oid and i.indisprimary
         where c.table_schema = 'public'",
    );
    for line in columns.lines().filter(|line| !line.starts_with(HISTORY)) {
        let [table, column, kind, nullable, key] =
            line.split('|').collect::<Vec<_>>().try_into().expect("five");
        let kind = match kind {
            "bigint" => "integer",
            "bytea" | "uuid" => "blob",
            other => other,
        };
        let required = if nullable == "NO" { " not null" } else { "" };
        // An int2vector counts from 0.
        let key = key.parse::<u32>().map_or(String::new(), |place| format!(" key {}", place + 1));
        schema.columns.insert(format!("{table}.{column} {kind}{required}{key}"));
    }
    let indexes = server.run_in(
        &name,
        "select x.relname, t.relname, i.indisunique, string_agg(a.attname, ', ' order by k.n), pg_get_indexdef(x.oid)
         from pg_index i join pg_class x on x.oid = i.indexrelid join pg_class t on t.oid = i.indrelid
           join pg_namespace s on s.oid = t.relnamespace and s.nspname = 'public'
           cross join lateral unnest(i.indkey::int2[]) with ordinality k (attnum, n)
           join pg_attribute a on a.attrelid = t.oid and a.attnum = k.attnum
         where not i.indisprimary group by 1, 2, 3, 5",
    );
    for line in indexes.lines() {
        let [index, table, unique, columns, text] =
            line.split('|').collect::<Vec<_>>().try_into().expect("five");
        let unique = if unique == "t" { "unique " } else { "" };
        schema.indexes.insert(format!("{unique}{index} on {table} ({columns}){}", condition(text)));
    }
    let references = server.run_in(
        &name,
        "select t.relname, string_agg(a.attname, ', ' order by k.n), f.relname
         from pg_constraint c join pg_class t on t.oid = c.conrelid join pg_class f on f.oid = c.confrelid
           cross join lateral unnest(c.conkey) with ordinality k (attnum, n)
           join pg_attribute a on a.attrelid = t.oid and a.attnum = k.attnum
         where c.contype = 'f' group by c.oid, t.relname, f.relname",
    );
    for line in references.lines() {
        let [table, columns, to] = line.split('|').collect::<Vec<_>>().try_into().expect("three");
        schema.references.insert(format!("{table} ({columns}) -> {to}"));
    }
    schema
}

/// The columns without the keys of the one table that has another key on PostgreSQL, where its keys lie in one slice.
fn without_slices(columns: &BTreeSet<String>) -> BTreeSet<&str> {
    let without = |column: &String| column.starts_with("idempotency.");
    let plain =
        |column: &'_ String| column.split_once(" key ").map_or(column.len(), |(start, _)| start.len());
    columns.iter().map(|one| if without(one) { &one[..plain(one)] } else { one.as_str() }).collect()
}

#[test]
fn both_databases_have_one_schema() {
    let (sqlite, postgres) = (of_sqlite(), of_postgres());
    assert!(
        sqlite.columns.len() > 150 && sqlite.indexes.len() > 15 && sqlite.references.len() > 5,
        "{sqlite:#?}"
    );
    assert_eq!(without_slices(&sqlite.columns), without_slices(&postgres.columns));
    assert_eq!(sqlite.indexes, postgres.indexes);
    assert_eq!(sqlite.references, postgres.references);
}

/// Tables that belong to the installation, or to the world outside.
const NOBODYS: &[&str] = &[
    "blocks",
    "compatibility",
    "cursors",
    "installation",
    "leases",
    "merchants",
    "networks",
    "nodes",
    "rates",
    "sandbox_blocks",
    "sandbox_declines",
    "sandbox_networks",
    "sandbox_transfers",
    "shops",
];

/// Tables in which something is looked up that comes without a shop, by what it is: they lead to the shop.
const ROUTING: &[&str] = &["addresses"];

/// Statements on tables of shops that name no shop, and why they may.
const ACROSS_SHOPS: &[(&str, &str)] = &[
    ("addresses::", "a script on a chain has no shop on it"),
    ("attempts::PRUNE", "keeps the table small, whosever the rows are"),
    ("credentials::BY_HASH", "a key leads to its shop"),
    ("credentials::GET", "the operator names a credential by its id alone"),
    ("deliveries::GET", "the operator names a delivery by its id alone"),
    ("deliveries::LOCK", "an attempt names its delivery by its id alone"),
    ("deliveries::LIST", "the operator's list is of all shops"),
    ("deliveries::NEXT_ENDPOINT", "one worker delivers for all shops"),
    ("deliveries::CLAIM", "one worker delivers for all shops; an endpoint is of one"),
    ("deliveries::PARK", "an endpoint is of one shop"),
    ("deliveries::RELEASE", "a node delivers for all shops"),
    ("endpoints::GET", "a delivery names its endpoint by its id alone"),
    ("endpoints::FORGET_PREVIOUS", "keeps the table small, whosever the rows are"),
    ("idempotency::OLDEST", "keeps the table small, whosever the rows are"),
    ("idempotency::ANY_OF_SLICE", "keeps the table small, whosever the rows are"),
    ("idempotency::NEXT_SLICE", "a slice has the keys of all shops"),
    ("idempotency::KEYS_OF_SLICE", "a slice has the keys of all shops"),
    ("fixed_rates::PRUNE", "keeps the table small, whosever the rows are"),
    ("mails::GET", "the operator names a mail by its id alone"),
    ("mails::LIST", "the operator's list is of all shops"),
    ("mails::DUE", "one worker sends for all shops"),
    ("mails::KEEP", "one worker keeps for all shops"),
    ("mails::QUEUE_KEPT", "one worker sends for all shops"),
    ("mails::RELEASE", "a node sends for all shops"),
    ("mails::PRUNE", "keeps the table small, whosever the rows are"),
    ("payments::FIND", "a public link leads to its payment's shop"),
    ("payments::LIST_ALL", "the operator's list is of all shops"),
    ("payments::OVERDUE", "one worker expires for all shops"),
    ("payments::ANY_DUE", "one worker expires for all shops"),
    ("payments::UNCONFIRMED", "one worker expires for all shops"),
    ("payments::ANY_UNCONFIRMED", "one worker expires for all shops"),
    ("payments::NETWORKS", "a payment is of one shop"),
    ("payments::ALL_NETWORKS", "a payment is of one shop"),
    ("postings::PAGE", "the ledger is proven as a whole"),
    ("receipts::FIND", "a transfer on a chain has no shop on it"),
    ("receipts::ABOVE", "blocks hold the money of all shops"),
    ("receipts::UNCONFIRMED", "blocks hold the money of all shops"),
    ("receipts::UNVALUED", "one worker values for all shops"),
    ("wallets::BY_FINGERPRINT", "a second shop may not use the key"),
    ("wallets::ALL", "one worker derives for all shops"),
];

#[test]
fn whatever_a_shop_owns_has_the_shop_in_its_key_and_in_every_statement() {
    let schema = of_sqlite();
    let tables: BTreeSet<&str> =
        schema.columns.iter().filter_map(|column| column.split_once('.')).map(|(table, _)| table).collect();
    let owned: Vec<&str> = tables.into_iter().filter(|table| !NOBODYS.contains(table)).collect();
    assert!(owned.len() >= 14, "{owned:?}");
    for table in owned.iter().filter(|table| !ROUTING.contains(table)) {
        let key = format!("{table}.shop_id blob not null key ");
        assert!(
            schema.columns.iter().any(|column| column.starts_with(&key)),
            "{table} has no shop in its key"
        );
    }
    let mut unused: BTreeSet<&str> = ACROSS_SHOPS.iter().map(|(name, _)| *name).collect();
    for sql in Store::statements() {
        let words: BTreeSet<&str> =
            sql.sqlite().split(|letter: char| !letter.is_alphanumeric() && letter != '_').collect();
        if !owned.iter().any(|table| words.contains(table)) {
            continue;
        }
        let names_shop = sql.sqlite().split(" where ").skip(1).any(|rest| rest.contains("shop_id ="))
            || sql.sqlite().starts_with("insert into");
        match ACROSS_SHOPS.iter().find(|(name, _)| sql.name().contains(&format!("::{name}"))) {
            Some((name, _)) => {
                unused.remove(name);
            }
            None => assert!(names_shop, "{} names no shop:\n{}", sql.name(), sql.sqlite()),
        }
    }
    assert!(unused.is_empty(), "these are excused for nothing: {unused:?}");
}
