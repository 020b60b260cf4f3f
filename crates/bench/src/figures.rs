//! Readings, what is made of them, and how they are printed.

use std::fmt::Write;

use serde::Serialize;

/// What one run of a load says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading {
    /// Answers a second.
    pub(crate) rate: f64,
    /// Half of the answers took at most this, in milliseconds.
    pub(crate) p50: f64,
    /// 99 of 100 took at most this, in milliseconds.
    pub(crate) p99: f64,
    /// Processor time of the server for one answer, in microseconds; 0 where nobody looked.
    pub(crate) cpu: f64,
}

/// The names of a load's measures.
pub(crate) mod measure {
    /// Answers a second.
    pub(crate) const RATE: &str = "per second";
    /// The middle one of all times.
    pub(crate) const P50: &str = "p50 ms";
    /// The one that 99 of 100 stay below.
    pub(crate) const P99: &str = "p99 ms";
    /// Processor time of the server.
    pub(crate) const CPU: &str = "cpu us";
}

/// Every reading of a run, round by round.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Book {
    rows: Vec<Row>,
}

/// What is measured under one name.
#[derive(Debug, Serialize)]
struct Row {
    name: String,
    /// The row of the same run that it is held against.
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    measures: Vec<Measure>,
}

/// One quantity, a value for each round.
#[derive(Debug, Serialize)]
struct Measure {
    name: String,
    values: Vec<f64>,
}

impl Book {
    /// Writes down what a load says.
    pub(crate) fn load(&mut self, row: &str, reference: Option<&str>, reading: Reading) {
        let Reading { rate, p50, p99, cpu } = reading;
        for (name, value) in
            [(measure::RATE, rate), (measure::P50, p50), (measure::P99, p99), (measure::CPU, cpu)]
        {
            self.note(row, name, value);
        }
        self.hold_against(row, reference);
        println!("  {row:<44} {rate:>9.0}/s  p50 {p50:>8.3} ms  p99 {p99:>8.3} ms  {cpu:>7.1} us cpu");
    }

    /// Writes down how fast something went of which no single time is known.
    pub(crate) fn pace(&mut self, row: &str, reference: Option<&str>, rate: f64, cpu: f64) {
        self.note(row, measure::RATE, rate);
        self.note(row, measure::CPU, cpu);
        self.hold_against(row, reference);
        println!("  {row:<44} {rate:>9.0}/s  {cpu:>40.1} us cpu");
    }

    fn hold_against(&mut self, row: &str, reference: Option<&str>) {
        if let Some(found) = self.rows.iter_mut().find(|found| found.name == row) {
            found.reference = reference.map(str::to_owned);
        }
    }

    /// Writes down a value, and says it.
    pub(crate) fn tell(&mut self, row: &str, name: &str, value: f64) {
        println!("  {row:<44} {} {name}", plain(value));
        self.note(row, name, value);
    }

    /// Writes down a value.
    pub(crate) fn note(&mut self, row: &str, name: &str, value: f64) {
        let at = self.rows.iter().position(|found| found.name == row).unwrap_or_else(|| {
            self.rows.push(Row { name: row.to_owned(), reference: None, measures: Vec::new() });
            self.rows.len() - 1
        });
        let measures = &mut self.rows[at].measures;
        match measures.iter_mut().find(|measure| measure.name == name) {
            Some(measure) => measure.values.push(value),
            None => measures.push(Measure { name: name.to_owned(), values: vec![value] }),
        }
    }

    fn values(&self, row: &str, name: &str) -> Option<&[f64]> {
        let row = self.rows.iter().find(|found| found.name == row)?;
        row.measures.iter().find(|measure| measure.name == name).map(|measure| measure.values.as_slice())
    }

    /// The median of a quantity.
    pub(crate) fn median(&self, row: &str, name: &str) -> Option<f64> {
        self.values(row, name).and_then(median)
    }

    /// The median of the ratios that one row has to another, round by round: what else the machine did in a round
    /// weighs on both.
    pub(crate) fn ratio(&self, row: &str, reference: &str, name: &str) -> Option<f64> {
        let (ours, theirs) = (self.values(row, name)?, self.values(reference, name)?);
        let ratios: Vec<f64> =
            ours.iter().zip(theirs).filter(|(_, base)| **base > 0.0).map(|(one, base)| one / base).collect();
        median(&ratios)
    }

    /// The tables.
    pub(crate) fn tables(&self) -> String {
        let mut text = format!(
            "{:<44} {:>10} {:>9} {:>9} {:>8}  {}\n",
            "load (medians)", "per s", "p50 ms", "p99 ms", "cpu us", "against"
        );
        for row in &self.rows {
            let value = |name| self.median(&row.name, name);
            let Some(rate) = value(measure::RATE) else { continue };
            let time = |name| value(name).map_or_else(|| "-".to_owned(), |millis| format!("{millis:.3}"));
            let (p50, p99) = (time(measure::P50), time(measure::P99));
            let cpu = value(measure::CPU).filter(|micros| *micros > 0.0);
            let cpu = cpu.map_or_else(|| "-".to_owned(), |micros| format!("{micros:.1}"));
            let against = row.reference.as_ref().map_or_else(String::new, |reference| {
                let of = |name| self.ratio(&row.name, reference, name).unwrap_or(0.0);
                format!("{:.2}x rate, {:.2}x cpu of {reference}", of(measure::RATE), of(measure::CPU))
            });
            let name = &row.name;
            let _ = writeln!(text, "{name:<44} {rate:>10.0} {p50:>9} {p99:>9} {cpu:>8}  {against}");
        }
        let _ = writeln!(text, "\n{:<44} {:>10}", "other (medians)", "");
        for row in &self.rows {
            if self.values(&row.name, measure::RATE).is_some() {
                continue;
            }
            for one in &row.measures {
                let value = plain(median(&one.values).unwrap_or(0.0));
                let _ = writeln!(text, "{:<44} {value} {}", row.name, one.name);
            }
        }
        text
    }
}

/// A number with three digits that mean something.
pub(crate) fn plain(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:>10.0}"),
        size if size >= 10.0 => format!("{value:>10.1}"),
        _ => format!("{value:>10.3}"),
    }
}

/// The value below which so many thousandths of the sorted ones lie; 0 where there are none.
pub(crate) fn quantile(sorted: &[u32], thousandths: usize) -> f64 {
    let last = sorted.len().saturating_sub(1);
    let at = last.saturating_mul(thousandths).div_ceil(1_000);
    sorted.get(at).copied().map_or(0.0, f64::from)
}

fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() % 2 {
        1 => sorted.get(middle).copied(),
        _ => Some((sorted.get(middle.checked_sub(1)?)? + sorted.get(middle)?) / 2.0),
    }
}

/// A count as a number for ratios: exact up to 2^53, which no count here comes near.
#[expect(clippy::cast_precision_loss, reason = "counts, bytes and microseconds stay far below 2^53")]
pub(crate) const fn number(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_and_ratios_are_taken_round_by_round() {
        let mut book = Book::default();
        for (create, base) in [(40.0, 100.0), (10.0, 20.0), (90.0, 100.0)] {
            book.note("create", measure::RATE, create);
            book.note("base", measure::RATE, base);
        }
        assert_eq!(book.median("create", measure::RATE), Some(40.0));
        assert_eq!(book.ratio("create", "base", measure::RATE), Some(0.5));
        assert_eq!(book.ratio("create", "nothing", measure::RATE), None);
        assert_eq!(median(&[1.0, 4.0]), Some(2.5));
        assert_eq!(median(&[]), None);
    }

    #[test]
    fn a_quantile_is_one_of_the_values() {
        let sorted: Vec<u32> = (1..=100).collect();
        assert_eq!((quantile(&sorted, 500), quantile(&sorted, 990)), (51.0, 100.0));
        assert_eq!((quantile(&[7], 990), quantile(&[], 500)), (7.0, 0.0));
    }
}
