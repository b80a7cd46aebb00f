//! Scenarios drawn from a seed.

use fastrand::Rng;

use super::{
    ATTRIBUTES, Act, Action, Behaviour, Change, EnvironmentFaults, Mapping, Ms, Outage, Phase, Receiver, Scenario,
    StoreFaults, WakeUpFaults,
};
use crate::chance::stream;

impl Scenario {
    /// The scenario of a seed.
    pub fn of(seed: u64) -> Self {
        let rng = &mut stream(seed, "scenario");
        let days = seed % 1_000 == 999;
        let span = span(rng, days);
        let workspaces = if rng.u8(0..4) == 0 { 2 } else { 1 };
        let endpoints: Vec<_> = (0..if days { 1 } else { *rng.choice(&[1, 1, 2, 2, 3, 4]).unwrap_or(&1) })
            .map(|_| receiver(rng, workspaces, span))
            .collect();
        let rates = Rates::drawn(rng);
        let outages = (0..if rng.u8(0..4) == 0 { rng.u8(1..3) } else { 0 }).map(|_| outage(rng, span)).collect();
        // Each draws from where the one before it has stopped: in another order a seed is another scenario.
        Self {
            seed,
            changes: changes(rng, workspaces, span),
            acts: all_acts(rng, seed, &endpoints, span),
            endpoints,
            store: rates.store(rng, outages),
            environments: rates.environments(rng),
            mapping: rates.mapping(rng),
            wake_ups: rates.wake_ups(rng),
            quiet_from: span + rng.u64(0..30_000),
            kill_at_end: rng.bool(),
            // Mostly so few that a backlog has several pages.
            page: *stream(seed, "page").choice(&[1, 2, 3, 5, 40]).unwrap_or(&40),
        }
    }
}

/// How long the changes go on. Most runs last for seconds, some for minutes, few for hours, and one of a thousand for days: it is
/// as much work as a hundred others.
fn span(rng: &mut Rng, days: bool) -> Ms {
    match rng.u8(0..40) {
        _ if days => rng.u64(86_400_000..7 * 86_400_000),
        0..=31 => rng.u64(2_000..20_000),
        32..=38 => rng.u64(60_000..600_000),
        _ => rng.u64(3_600_000..6 * 3_600_000),
    }
}

/// How often each thing fails, of a thousand times. In some runs nothing of that fails, in some much.
struct Rates {
    refused: u16,
    lost: u16,
    unprocessed: u16,
    torn: u16,
    crash_at_poll: u16,
    crash_at_time: u16,
    freeze: u16,
    lost_response: u16,
    repeated: u16,
    lost_wake_ups: u16,
    doubled_wake_ups: u16,
    missed_sweeps: u16,
}

impl Rates {
    fn drawn(rng: &mut Rng) -> Self {
        let times = *rng.choice(&[0, 1, 1, 1, 1, 1, 4, 4]).unwrap_or(&1);
        let mut up_to = |most: u16| if rng.u8(0..3) == 0 { 0 } else { times * rng.u16(0..=most) };
        Self {
            refused: up_to(30),
            lost: up_to(30),
            unprocessed: up_to(60),
            torn: up_to(20),
            crash_at_poll: up_to(150),
            crash_at_time: up_to(150),
            freeze: up_to(100),
            lost_response: up_to(30),
            repeated: up_to(100),
            lost_wake_ups: up_to(300),
            doubled_wake_ups: up_to(200),
            missed_sweeps: up_to(500),
        }
    }

    fn store(&self, rng: &mut Rng, outages: Vec<Outage>) -> StoreFaults {
        StoreFaults {
            latency_ms: if rng.bool() { 5 } else { rng.u64(10..600) },
            refused: self.refused,
            lost: self.lost,
            unprocessed: self.unprocessed,
            torn: self.torn,
            outages,
            sdk_repeats: rng.bool(),
        }
    }

    fn environments(&self, rng: &mut Rng) -> EnvironmentFaults {
        EnvironmentFaults {
            crash_at_poll: self.crash_at_poll,
            crash_at_time: self.crash_at_time,
            freeze: self.freeze,
            lost_response: self.lost_response,
            skew_ms: *rng.choice(&[0, 0, 1_500, 2_500]).unwrap_or(&0),
        }
    }

    fn mapping(&self, rng: &mut Rng) -> Mapping {
        Mapping {
            shards: rng.u8(1..=2),
            parallelization_factor: rng.u8(1..=3),
            batch_size: *rng.choice(&[1, 2, 5, 10, 100]).unwrap_or(&10),
            window_ms: if rng.bool() { 0 } else { rng.u64(0..500) },
            repeated: self.repeated,
        }
    }

    fn wake_ups(&self, rng: &mut Rng) -> WakeUpFaults {
        WakeUpFaults {
            lost: self.lost_wake_ups,
            doubled: self.doubled_wake_ups,
            late_ms: if rng.bool() { 50 } else { rng.u64(100..20_000) },
            missed_sweeps: self.missed_sweeps,
        }
    }
}

/// Everything that an administrator does, in the order of time.
fn all_acts(rng: &mut Rng, seed: u64, endpoints: &[Receiver], span: Ms) -> Vec<Act> {
    let mut all = acts(rng, u8::try_from(endpoints.len()).unwrap_or(1), span);
    all.extend(replacements(&mut stream(seed, "replacements"), endpoints, span));
    all.extend(timed_pauses(&mut stream(seed, "timed pauses"), endpoints.len(), span));
    all.extend(damages(&mut stream(seed, "damages"), endpoints.len(), span));
    all.extend(damaged_keys(&mut stream(seed, "damaged keys"), endpoints.len(), span));
    all.extend(latest_only(&mut stream(seed, "latest only"), endpoints.len(), span));
    all.sort_by_key(|act| act.at);
    all
}

fn changes(rng: &mut Rng, workspaces: u8, span: Ms) -> Vec<Change> {
    let instances = rng.u8(1..=6);
    let count = if rng.u8(0..5) == 0 { rng.usize(20..=40) } else { rng.usize(5..20) };
    let bursts = rng.bool();
    let mut at: Vec<Ms> = (0..count).map(|_| rng.u64(0..span)).collect();
    if bursts {
        // Several changes come together.
        let starts: Vec<Ms> = (0..rng.usize(1..=4)).map(|_| rng.u64(0..span)).collect();
        at.iter_mut().for_each(|at| *at = rng.choice(&starts).unwrap_or(&0) + rng.u64(0..2_000));
    }
    at.sort_unstable();
    let change =
        |at| Change { at, workspace: rng.u8(0..workspaces), instance: rng.u8(0..instances), kind: rng.u8(0..3) };
    at.into_iter().map(change).collect()
}

fn receiver(rng: &mut Rng, workspaces: u8, span: Ms) -> Receiver {
    let workspace = rng.u8(0..workspaces);
    let mut from: Vec<Ms> = (0..rng.usize(0..=3)).map(|_| if rng.bool() { 0 } else { rng.u64(0..span) }).collect();
    from.sort_unstable();
    Receiver { workspace, phases: from.into_iter().map(|from| Phase { from, behaviour: behaviour(rng) }).collect() }
}

fn behaviour(rng: &mut Rng) -> Behaviour {
    match rng.u8(0..14) {
        0 | 1 => Behaviour::Acknowledge { ms: rng.u64(1..100) },
        2 => Behaviour::Acknowledge { ms: rng.u64(200..4_000) },
        3 | 4 => Behaviour::Flaky { percent: rng.u8(1..=5) },
        5 => Behaviour::Flaky { percent: rng.u8(10..=60) },
        6 => Behaviour::Error,
        7 => Behaviour::Throttle { retry_after_s: *rng.choice(&[0, 1, 10, 120, 3_600]).unwrap_or(&0) },
        8 => Behaviour::Reset,
        9 => Behaviour::Down,
        10 => Behaviour::Hang,
        11 if rng.u8(0..3) == 0 => Behaviour::Gone,
        11 | 12 => Behaviour::Reject { percent: rng.u8(10..=100) },
        _ => Behaviour::LoseAnswers { percent: rng.u8(1..=50) },
    }
}

fn acts(rng: &mut Rng, endpoints: u8, span: Ms) -> Vec<Act> {
    let count = if rng.bool() { 0 } else { rng.usize(1..=6) };
    let mut acts = Vec::new();
    for _ in 0..count {
        let (at, endpoint) = (rng.u64(0..span), rng.u8(0..endpoints));
        let later = at + rng.u64(0..span / 2);
        let mut act = |at, action| acts.push(Act { at, endpoint, action });
        match rng.u8(0..8) {
            0 | 1 => {
                act(at, Action::Pause);
                act(later, Action::Unpause);
            }
            2 => {
                act(at, Action::Remove);
                act(later, Action::Add);
            }
            3 => act(at, Action::Resume),
            4 => act(at, Action::Rate { per_second: rng.u8(0..20) }),
            5 => act(at, Action::ReplayFailed),
            6 => act(at, Action::ReplayDelivered),
            _ => act(at, Action::Remove),
        }
    }
    acts.sort_by_key(|act| act.at);
    acts
}

/// In a third of the runs endpoints are paused for a time: seconds to an hour. A stream of their own, as below.
fn timed_pauses(rng: &mut Rng, endpoints: usize, span: Ms) -> Vec<Act> {
    let count = if rng.u8(0..3) == 0 { rng.usize(1..=3) } else { 0 };
    let act = |_| Act {
        at: rng.u64(0..span),
        endpoint: u8::try_from(rng.usize(0..endpoints)).unwrap_or_default(),
        action: Action::PauseFor { ms: *rng.choice(&[10_000, 60_000, 600_000, 3_600_000]).unwrap_or(&10_000) },
    };
    (0..count).map(act).collect()
}

/// In a sixth of the runs records are damaged, and resumed some time later. A stream of their own, as below.
fn damages(rng: &mut Rng, endpoints: usize, span: Ms) -> Vec<Act> {
    let count = if rng.u8(0..6) == 0 { rng.usize(1..=3) } else { 0 };
    let damage = |_| {
        let (at, endpoint) = (rng.u64(0..span), u8::try_from(rng.usize(0..endpoints)).unwrap_or_default());
        let attribute = u8::try_from(rng.usize(0..ATTRIBUTES.len())).unwrap_or_default();
        let resumed = at + rng.u64(0..60_000);
        [
            Act { at, endpoint, action: Action::Damage { attribute } },
            Act { at: resumed, endpoint, action: Action::Resume },
        ]
    };
    (0..count).flat_map(damage).filter(|act| act.at < span).collect()
}

/// In a sixth of the runs a workspace's key is damaged, and repaired some time later. A stream of their own, as below.
fn damaged_keys(rng: &mut Rng, endpoints: usize, span: Ms) -> Vec<Act> {
    let count = if rng.u8(0..6) == 0 { rng.usize(1..=2) } else { 0 };
    let damage = |_| {
        let (at, endpoint) = (rng.u64(0..span), u8::try_from(rng.usize(0..endpoints)).unwrap_or_default());
        let repaired = at + rng.u64(0..60_000);
        [Act { at, endpoint, action: Action::DamageKey }, Act { at: repaired, endpoint, action: Action::RepairKey }]
    };
    (0..count).flat_map(damage).filter(|act| act.at < span).collect()
}

/// In a third of the runs an endpoint asks for the latest only, mostly from the beginning, and some later for every event again. A
/// stream of their own, as below.
fn latest_only(rng: &mut Rng, endpoints: usize, span: Ms) -> Vec<Act> {
    if rng.u8(0..3) > 0 {
        return Vec::new();
    }
    let endpoint = u8::try_from(rng.usize(0..endpoints)).unwrap_or_default();
    let at = if rng.bool() { 0 } else { rng.u64(0..span) };
    let mut acts = vec![Act { at, endpoint, action: Action::Latest }];
    if rng.u8(0..4) == 0 {
        acts.push(Act { at: rng.u64(at..=span), endpoint, action: Action::Every });
    }
    acts
}

/// In a third of the runs an endpoint is replaced by one that was removed at the beginning, and in some that one by the former.
/// They have a stream of chance of their own: without them every run is as it was before there were any.
fn replacements(rng: &mut Rng, endpoints: &[Receiver], span: Ms) -> Vec<Act> {
    let number = |it: usize| u8::try_from(it).unwrap_or_default();
    let pairs = (0..endpoints.len()).flat_map(|from| (0..endpoints.len()).map(move |by| (from, by)));
    let pairs: Vec<_> = pairs.filter(|(a, b)| a != b && endpoints[*a].workspace == endpoints[*b].workspace).collect();
    let Some((from, by)) = rng.choice(&pairs).copied() else { return Vec::new() };
    if rng.u8(0..3) > 0 {
        return Vec::new();
    }
    let at = rng.u64(span / 10..span);
    let mut acts = vec![
        Act { at: rng.u64(0..span / 10), endpoint: number(by), action: Action::Remove },
        Act { at, endpoint: number(from), action: Action::Replace { by: number(by) } },
    ];
    if rng.u8(0..3) == 0 {
        let back = Action::Replace { by: number(from) };
        acts.push(Act { at: rng.u64(at..=span), endpoint: number(by), action: back });
    }
    acts
}

fn outage(rng: &mut Rng, span: Ms) -> Outage {
    let from = rng.u64(0..span);
    Outage { table: rng.u8(0..2), from, to: from + rng.u64(100..60_000) }
}
