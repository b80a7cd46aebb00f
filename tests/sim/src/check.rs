//! What has to hold, by the numbers of "How deliveries behave" in the design: checked on the history and on the tables.

use std::collections::BTreeSet;

use webhooks_model::event::InstanceKey;

use crate::history::{Arrival, History, Invocation, Kind, Known, Run, Violation};
use crate::recorded;
use crate::scenario::{Action, Ms};
use crate::tables::{Row, Tables};

/// The bound on a batch's part of the stream, beside writing.
const HOLD: Ms = 250;

/// The end of a drain: its last attempt may take 10 s, then 4 s are for writing.
const ENDING: Ms = 14_000;

/// So many failed calls of the tables, with the pauses before they are repeated, fit into the time for writing.
const MOST_FAULTS_IN_ENDING: usize = 2;

/// The longest lease: 11 s in which attempts may start, 10 s for the last of them, 4 s for writing and 5 s for clocks.
const LEASE: Ms = 30_000;

/// An endpoint that fails for as long as a history lasts is woken some hundred times, by a queue that doubles and repeats.
const MOST_WAKE_UPS: usize = 2_000;

/// Clocks differ by twice the skew at most, and timers have a grain.
const GRAIN: Ms = 50;

/// Records that the mapping went past these records, and checks that nothing of them is lost.
pub(crate) fn kept(run: &Run, tables: &Tables, done: &[usize]) {
    let ms = run.ms();
    for change in done {
        let change = &mut run.history().changes[*change];
        change.done.get_or_insert(ms);
        change.comes_again = false;
    }
    let rows = tables.rows();
    let mut violations = Vec::new();
    {
        let history = run.history();
        for change in done {
            for endpoint in 0..run.endpoints.len() {
                let places = successors(&history, endpoint);
                let row = rows.iter().find(|row| row.event == *change && places.contains(&row.endpoint));
                if must_have(run, &history, *change, endpoint)
                    && row.is_none()
                    && !is_acknowledged(&history, *change, endpoint)
                {
                    violations.push(("nothing-lost", format!("event-{change} was acknowledged to the stream, and r{endpoint} has neither got it nor is it kept")));
                }
            }
        }
    }
    violations.extend(unguarded(run, tables, rows.iter().filter(|row| done.contains(&row.event))));
    violations.into_iter().for_each(|(rule, text)| run.violation(rule, text));
}

/// Checks what has to hold while no environment is at work: what is pending holds its instance, and will be looked at. What is
/// pending all the same, as a batch died while it was put there, need not hold it: what was acknowledged, or is not configured
/// any more.
pub(crate) fn guarded(run: &Run, tables: &Tables) {
    let rows = tables.rows();
    let done = |row: &&Row| run.history().changes.get(row.event).is_some_and(|it| it.done.is_some() && !it.comes_again);
    let rows: Vec<_> = rows.iter().filter(done).collect();
    unguarded(run, tables, rows.into_iter()).into_iter().for_each(|(rule, text)| run.violation(rule, text));
}

fn unguarded<'r>(run: &Run, tables: &Tables, rows: impl Iterator<Item = &'r Row>) -> Vec<(&'static str, String)> {
    let mut violations = Vec::new();
    for row in rows.filter(|row| row.place == 'p') {
        let configured = &run.endpoints[row.endpoint];
        let workspace = crate::history::workspace_name(configured.workspace);
        let record = tables.record(run, &workspace, &configured.endpoint.id, row.endpoint);
        let held = record.held.contains(&InstanceKey::new(&row.instance).to_string());
        let needs_no_hold = {
            let history = run.history();
            !must_have(run, &history, row.event, row.endpoint) || is_acknowledged(&history, row.event, row.endpoint)
        };
        if !record.has_backlog && !held && !needs_no_hold {
            violations.push((
                "held",
                format!("event-{} to r{} is pending, and {} is not held", row.event, row.endpoint, row.instance),
            ));
        }
        if record.wake_at.is_none() && !record.paused {
            violations.push((
                "wake-at",
                format!("event-{} to r{} is pending, and nothing will wake it", row.event, row.endpoint),
            ));
        }
    }
    violations
}

/// Whether nothing is left to do.
pub(crate) fn is_at_rest(run: &Run, tables: &Tables) -> bool {
    left(run, tables).is_empty()
}

fn left(run: &Run, tables: &Tables) -> Vec<String> {
    let mut left = Vec::new();
    let ms = run.ms();
    let rows = tables.rows();
    for (endpoint, configured) in run.endpoints.iter().enumerate() {
        let workspace = crate::history::workspace_name(configured.workspace);
        let record = tables.record(run, &workspace, &configured.endpoint.id, endpoint);
        let removed = run.history().was_configured(endpoint, ms, ms) != Known::Yes;
        if (record.paused || record.damaged) && removed || waits_for_a_damaged_one(run, tables, endpoint) {
            continue;
        }
        let pending = || rows.iter().filter(|row| row.endpoint == endpoint && row.status == "pending");
        for row in pending() {
            left.push(format!("event-{} to r{endpoint} is pending ({})", row.event, row.place));
        }
        // A batch that was given up while its environment was frozen may die once more after its first write. What it has
        // recorded costs the next event of the instance a wake-up, and goes with that.
        let left_behind = run.history().invocations.iter().any(|it| it.frozen) && pending().next().is_none();
        let held = (record.has_backlog || !record.held.is_empty()) && !left_behind;
        if held || record.lease_until.is_some() || record.wake_at.is_some() {
            left.push(format!("r{endpoint}: {record:?}"));
        }
    }
    left
}

/// Whether what is pending waits for a URL that replaced this one and was removed: its record is damaged, and nothing resumes it.
fn waits_for_a_damaged_one(run: &Run, tables: &Tables, endpoint: usize) -> bool {
    let ms = run.ms();
    let mut places = successors(&run.history(), endpoint).into_iter().filter(|it| *it != endpoint);
    places.any(|it| {
        let workspace = crate::history::workspace_name(run.endpoints[it].workspace);
        let removed = run.history().was_configured(it, ms, ms) != Known::Yes;
        removed && tables.record(run, &workspace, &run.endpoints[it].endpoint.id, it).damaged
    })
}

/// Checks the whole history.
pub(crate) fn all(run: &Run, tables: &Tables) {
    for text in left(run, tables) {
        run.violation("at-rest", text);
    }
    let rows = tables.rows();
    for row in rows.iter().filter(|row| row.expires != (row.place == 'd')) {
        run.violation("retention", format_args!("{row:?}: what is completed expires, and nothing else"));
    }
    let stored = tables.stored_rows(run);
    for row in rows.iter().filter(|row| !stored.contains(row)).chain(stored.iter().filter(|row| !rows.contains(row))) {
        run.violation("simulation", format_args!("{row:?} stands in the table, or does not, otherwise than recorded"));
    }
    let mut found: Vec<_> = history::check(&recorded::history(run, &rows)).iter().map(Violation::from).collect();
    {
        let history = run.history();
        through(&history, &mut found);
        reasons(&history, &mut found);
        hold(&history, &mut found);
        deadlines(&history, &mut found);
        probes(&history, &mut found);
        wake_ups(run, &history, &mut found);
        leases(run, &history, &mut found);
    }
    for Violation { rule, text } in found {
        run.violation(rule, text);
    }
}

/// Whether a change has to be delivered to an endpoint: it was configured from the change until the stream was acknowledged.
fn must_have(run: &Run, history: &History, change: usize, endpoint: usize) -> bool {
    let made = &history.changes[change];
    let until = made.done.unwrap_or(Ms::MAX);
    run.endpoints[endpoint].workspace == made.change.workspace
        && history.was_configured(endpoint, made.change.at, until) == Known::Yes
}

/// The endpoint, and those that replaced it, one after the other.
fn successors(history: &History, endpoint: usize) -> BTreeSet<usize> {
    let mut all = BTreeSet::from([endpoint]);
    while let Some((_, to)) = history.replaced.iter().find(|(from, to)| all.contains(from) && !all.contains(to)) {
        all.insert(*to);
    }
    all
}

/// Whether the endpoint, or one that replaced it, has acknowledged the event.
fn is_acknowledged(history: &History, event: usize, endpoint: usize) -> bool {
    let places = successors(history, endpoint);
    let mut arrivals = history.arrivals.iter().filter(|it| it.event == event && places.contains(&it.endpoint));
    arrivals.any(|it| matches!(it.answered, Some((_, 200..300))))
}

/// Each record of the stream is acknowledged in the end.
fn through(history: &History, found: &mut Vec<Violation>) {
    let left = history.changes.iter().enumerate().filter(|(_, it)| it.done.is_none());
    let text = |number| format!("event-{number} never got through the stream");
    found.extend(left.map(|(number, _)| Violation { rule: "nothing-lost", text: text(number) }));
}

/// 7: what fails does so for a reason.
fn reasons(history: &History, found: &mut Vec<Violation>) {
    for failed in &history.failed {
        let from = history.changes[failed.event].change.at;
        let ok = match failed.reason.as_str() {
            "no-longer-configured" => history.was_configured(failed.endpoint, from, failed.at) != Known::Yes,
            // A drain lists what fails before it records why, and may die in between.
            "endpoint-disabled" => {
                let gone = |it: &Arrival| matches!(it.answered, Some((at, 410)) if at <= failed.at);
                let disabled = history.records.iter().filter(|it| it.health == "disabled" && it.at <= failed.at);
                history.arrivals.iter().any(|it| it.endpoint == failed.endpoint && gone(it))
                    || disabled.into_iter().any(|it| it.endpoint == failed.endpoint)
            }
            _ => failed.at.saturating_sub(from) >= 24 * 3_600_000 - 10_000,
        };
        if !ok {
            found.push(Violation {
                rule: "reasons",
                text: format!(
                    "event-{} to r{} failed at {}: {}",
                    failed.event, failed.endpoint, failed.at, failed.reason
                ),
            });
        }
    }
}

/// 3: a batch holds its part of the stream for 250 ms and what writing takes.
fn hold(history: &History, found: &mut Vec<Violation>) {
    for it in history.invocations.iter().filter(|it| it.kind == Kind::Batch && !it.frozen) {
        let Some(responded) = it.responded else { continue };
        let pauses = 50 * (2_u64.saturating_pow(it.unprocessed.min(16)) - 1);
        let backoff: Ms = it.faults.len() as Ms * 3_000;
        let bound = HOLD + it.store_ms + pauses + backoff + GRAIN;
        if responded - it.began > bound {
            found.push(Violation {
                rule: "hold",
                text: format!(
                    "the batch of {} at {} took {} ms, more than {bound}",
                    it.environment,
                    it.began,
                    responded - it.began
                ),
            });
        }
    }
}

/// 9: no function is cut off, unless the tables fail it again and again while it writes its last results.
fn deadlines(history: &History, found: &mut Vec<Violation>) {
    let cut_off = history.invocations.iter().filter(|it| it.cut_off && !it.frozen);
    let excused = |it: &Invocation| {
        let ending = it.ended.unwrap_or(Ms::MAX).saturating_sub(ENDING);
        it.faults.iter().filter(|at| **at >= ending).count() > MOST_FAULTS_IN_ENDING
    };
    for it in cut_off.filter(|it| !excused(it)) {
        found.push(Violation {
            rule: "deadline",
            text: format!("{:?} of {}, begun at {}, was cut off", it.kind, it.environment, it.began),
        });
    }
}

/// Wake-ups do not multiply.
fn wake_ups(run: &Run, history: &History, found: &mut Vec<Violation>) {
    for endpoint in 0..run.endpoints.len() {
        let woken = history.invocations.iter().filter(|it| it.kind == Kind::Drain(endpoint)).count();
        if woken > MOST_WAKE_UPS {
            found.push(Violation { rule: "no-flood", text: format!("r{endpoint} was woken {woken} times") });
        }
    }
}

/// A drain that dies keeps its endpoint for half a minute at most.
fn leases(run: &Run, history: &History, found: &mut Vec<Violation>) {
    let longest = (LEASE + run.scenario.environments.skew_ms).cast_signed();
    for it in &history.records {
        let left = it.lease_until.map_or(0, |until| until - run.at(it.at).as_millisecond());
        if left > longest {
            found.push(Violation { rule: "leases", text: format!("r{} is leased for {left} ms", it.endpoint) });
        }
    }
}

/// 4: a drain that begins at a failing endpoint makes one attempt, unless that is acknowledged, or an administrator asks.
fn probes(history: &History, found: &mut Vec<Violation>) {
    for (number, invocation) in history.invocations.iter().enumerate() {
        let Kind::Drain(endpoint) = invocation.kind else { continue };
        let before = history.records.iter().rev().find(|it| it.endpoint == endpoint && it.at <= invocation.began);
        if before.is_none_or(|it| it.health != "failing") {
            continue;
        }
        let arrivals: Vec<_> = history.arrivals.iter().filter(|it| it.invocation == number).collect();
        let asked = history.acts.iter().any(|it| {
            // One that is configured again, be it in the place of another one, begins as healthy.
            let restarted = match it.act.action {
                Action::Resume | Action::Add => usize::from(it.act.endpoint) == endpoint,
                Action::Replace { by } => usize::from(by) == endpoint,
                _ => false,
            };
            restarted
                && it.ended.is_none_or(|ended| ended >= invocation.began)
                && invocation.ended.is_none_or(|ended| it.began <= ended)
        });
        let acknowledged =
            arrivals.iter().filter_map(|it| it.seen.filter(|_| matches!(it.answered, Some((_, 200..300))))).min();
        let probes = arrivals.iter().filter(|it| acknowledged.is_none_or(|at| it.sent < at)).count();
        if probes > 1 && !asked {
            found.push(Violation {
                rule: "probes",
                text: format!(
                    "{} at {} made {probes} attempts at r{endpoint}, which is failing",
                    invocation.environment, invocation.began
                ),
            });
        }
    }
}

/// The rules that were broken.
pub(crate) fn rules(violations: &[Violation]) -> BTreeSet<&'static str> {
    violations.iter().map(|it| it.rule).collect()
}
