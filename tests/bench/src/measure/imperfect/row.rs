//! The report of a case: a row for each part of it.

use serde_json::{Value, json};

use crate::figures::percentile;

use super::case::Case;
use super::run::{Outcome, late_ms};

/// Returns the rows of a case; `counted` is the run in which requests to DynamoDB were counted.
pub(super) fn rows_of(
    program: &str,
    case: &Case,
    timed: &Outcome,
    counted: &Outcome,
    late_ms: f64,
    seed: u64,
) -> Vec<Value> {
    let mut parts: Vec<&str> = case.endpoints.iter().map(|it| it.part).collect();
    parts.sort_unstable();
    parts.dedup();
    let thousands = counted.deliveries() as f64 / 1_000.0;
    let asked = counted.asked.clone().unwrap_or_default();
    parts
        .into_iter()
        .map(|part| {
            let mut row = figures(timed, part, late_ms);
            row["program"] = program.into();
            row["case"] = case.name.clone().into();
            row["part"] = part.into();
            row["writes_per_s"] = case.load.per_s.into();
            row["dynamodb_requests_per_1000"] = (asked.dynamodb() as f64 / thousands).into();
            row["items_written_per_1000"] = (asked.items as f64 / thousands).into();
            row["write_units_per_1000"] = (asked.units.written / thousands).into();
            row["read_units_per_1000"] = (asked.units.read / thousands).into();
            row["seed"] = seed.into();
            row
        })
        .collect()
}

/// Returns the arrivals at a part's receivers and their times.
fn figures(outcome: &Outcome, part: &str, bound_ms: f64) -> Value {
    let (mut events, mut calls, mut instances, mut out_of_order) = (0, 0, 0, 0);
    let (mut share, mut ok_ms) = (0.0_f64, Vec::new());
    for (endpoint, receiver) in outcome.receivers(part) {
        let seen = receiver.seen();
        events += outcome.written(endpoint).count();
        calls += seen.calls;
        instances += seen.order.len();
        out_of_order += seen.out_of_order();
        share = share.max(endpoint.rule.share());
        ok_ms.extend(outcome.written(endpoint).filter_map(|it| late_ms(it, seen.acknowledged.get(&it.event))));
    }
    let arrived_ms = outcome.after_ms(part);
    let within = ok_ms.iter().filter(|it| **it <= bound_ms).count();
    json!({
        "share": share,
        "events": events,
        "arrived": arrived_ms.len(),
        "acknowledged": ok_ms.len(),
        "calls": calls,
        "instances": instances,
        "out_of_order": out_of_order,
        "p50_ms": percentile(&arrived_ms, 0.5),
        "p90_ms": percentile(&arrived_ms, 0.9),
        "p99_ms": percentile(&arrived_ms, 0.99),
        "most_ms": percentile(&arrived_ms, 1.0),
        "ok_p50_ms": percentile(&ok_ms, 0.5),
        "ok_p90_ms": percentile(&ok_ms, 0.9),
        "ok_p99_ms": percentile(&ok_ms, 0.99),
        "ok_most_ms": percentile(&ok_ms, 1.0),
        "bound_ms": bound_ms,
        "within": within as f64 / events as f64,
    })
}
