//! What a process has used, as the kernel counts it (proc(5)).

use std::{fs, time::Duration};

use crate::error::{Done, During, Trouble};

/// Clock ticks in a second: what `sysconf(_SC_CLK_TCK)` says on every Linux of today.
const TICKS: u64 = 100;

/// The processor time that a process has used, with that of its threads, in whole ticks of 10 ms.
pub(crate) fn cpu(pid: u32) -> Done<Duration> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).during("the gateway is gone")?;
    // The name may hold blanks and brackets; fields 14 and 15 are counted from behind it.
    let (_, rest) = text.rsplit_once(')').ok_or_else(|| Trouble::new("/proc/PID/stat has another form"))?;
    let fields = rest.split_whitespace().skip(11).take(2);
    let ticks: u64 = fields.filter_map(|field| field.parse::<u64>().ok()).sum();
    Ok(Duration::from_millis(ticks.saturating_mul(1_000 / TICKS)))
}

/// The memory that a process holds, in bytes.
pub(crate) fn resident(pid: u32) -> Done<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).during("the gateway is gone")?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<u64>().ok());
    Ok(kibibytes.unwrap_or_default().saturating_mul(1_024))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_has_used_something() {
        let own = std::process::id();
        assert!(resident(own).unwrap() > 100_000);
        let before = cpu(own).unwrap();
        let mut sum = 0_u64;
        while cpu(own).unwrap() == before {
            sum = sum.wrapping_mul(31).wrapping_add(1);
        }
        assert!(cpu(own).unwrap() > before, "{sum}");
    }
}
