//! Measures the effect of receivers that sometimes fail, are slow, hang or are down, on themselves and on others: the
//! whole program on one machine, writes at a steady rate, and receivers that follow a seeded rule.
//!
//! Each row is measured twice: once for times, on the embedded DynamoDB, and once through a proxy that counts its
//! requests, because that requires polling its stream from outside. In a smoke run, which checks no times, the second
//! is enough.

mod case;
mod load;
mod receiver;
mod row;
mod rule;
mod run;

use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::engine::program;
use crate::figures::percentile;
use crate::scale::Scale;
use case::cases;
use row::rows_of;
use run::{Stage, run};

/// Seed of all random numbers, unless `BENCH_SEED` is another.
const SEED: u64 = 7;

/// Bound after which an acknowledged event is late: this, or this multiple of the 99th percentile of a perfect receiver
/// in the same run.
const LATE: Duration = Duration::from_millis(100);
const LATE_TO_PERFECT: f64 = 3.0;

pub(crate) async fn measure(scale: Scale) -> Result<Value> {
    let seed = match std::env::var("BENCH_SEED") {
        Ok(seed) => seed.parse().context("BENCH_SEED is no number")?,
        Err(_) => SEED,
    };
    let mut programs = vec![("current", program()?)];
    if let Ok(previous) = std::env::var("PREVIOUS_PROGRAM") {
        programs.push(("previous", previous));
    }
    let mut rows = Vec::new();
    for (name, binary) in programs {
        let mut late_ms = LATE.as_secs_f64() * 1_000.0;
        for case in cases(scale) {
            let counted = run(&binary, &case, scale.pick(2, 2, 10), seed, Stage::Counted).await?;
            let timed = match scale {
                Scale::Smoke => None,
                Scale::Quick | Scale::Whole => {
                    Some(run(&binary, &case, scale.pick(2, 5, 20), seed, Stage::Embedded).await?)
                }
            };
            let timed = timed.as_ref().unwrap_or(&counted);
            if case.is_perfect() {
                late_ms = late_ms.max(LATE_TO_PERFECT * percentile(&timed.after_ms(case::ITSELF), 0.99));
            }
            rows.extend(rows_of(name, &case, timed, &counted, late_ms, seed));
        }
    }
    Ok(rows.into())
}
