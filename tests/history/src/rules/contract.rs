//! What a callback request says.

use super::Rule;
use crate::ledger::Ledger;
use crate::record::Arrival;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule {
    id: "contract",
    promise: "A request's target is the configured one and instanceID, processName and eventType, with the values of a \
              change that was written.",
    check,
};

fn check(ledger: &Ledger<'_>) -> Vec<Violation> {
    let mut violations = Vec::new();
    for delivery in &ledger.deliveries {
        for arrival in &delivery.arrivals {
            let unknown = delivery.change.is_none_or(|change| ledger.changes[change].identity() != arrival.identity());
            let expected = target(arrival);
            let message = match &arrival.target {
                Some(seen) if *seen != expected => format!("the target was to be {expected}; it is {seen}"),
                _ if unknown => format!(
                    "the values were to be those of a change; nothing was written as {} of instance {}, process {}",
                    arrival.event_type.as_str(),
                    arrival.instance,
                    arrival.process
                ),
                _ => continue,
            };
            violations.push(delivery.violation(RULE.id, message).records([arrival.source]));
        }
    }
    violations
}

/// Returns path and query that a change is sent to.
fn target(arrival: &Arrival) -> String {
    let without_fragment = arrival.url.split('#').next().unwrap_or_default();
    let behind_scheme = without_fragment.split_once("://").map_or(without_fragment, |(_, rest)| rest);
    let own = behind_scheme.find(['/', '?']).map_or("", |at| &behind_scheme[at..]);
    let path = if own.starts_with('/') { "" } else { "/" };
    let separator = match own.split_once('?') {
        None => "?",
        Some((_, "")) => "",
        Some(_) => "&",
    };
    let values = [("instanceID", &*arrival.instance), ("processName", &arrival.process)];
    let values = values.map(|(name, value)| format!("{name}={}", encoded(value))).join("&");
    format!("{path}{own}{separator}{values}&eventType={}", arrival.event_type.as_str())
}

/// Percent-encodes all but RFC 3986's unreserved characters (section 2.3).
fn encoded(value: &str) -> String {
    let mut encoded = String::with_capacity(value.len());
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(byte.into()),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use crate::scenario::Scenario;

    fn with_target(target: &str) -> Scenario {
        let mut scenario = Scenario::delivered();
        scenario.change(60, "i 9", "ä&b");
        scenario.arrival(60, "i 9", "ä&b").target = Some(target.into());
        scenario.logged(60, "i 9", "ä&b", "delivered");
        scenario
    }

    #[test]
    fn a_target_that_is_not_the_documented_one_is_found() {
        with_target("/hook?x=1&instanceID=i%209&processName=%C3%A4%26b&eventType=created").is_clean();
        for target in [
            "/hook?instanceID=i%209&processName=%C3%A4%26b&eventType=created",
            "/hook?x=1&instanceID=i+9&processName=%C3%A4%26b&eventType=created",
            "/hook?x=1&processName=%C3%A4%26b&instanceID=i%209&eventType=created",
            "/hook?x=1&instanceID=i%209&processName=%C3%A4%26b&eventType=updated",
            "/hook?x=1&instanceID=i%209&processName=%C3%A4%26b&eventType=created&more=1",
        ] {
            assert_eq!(
                with_target(target).sole_violation(super::RULE.id).event.as_deref(),
                Some("i 9/ä&b"),
                "{target}"
            );
        }
    }

    #[test]
    fn values_that_were_not_written_are_found() {
        let mut scenario = Scenario::delivered();
        let arrival = scenario.arrival(60, "i-1", "another");
        (arrival.event, arrival.target) = ("invented".into(), None);
        let found = scenario.sole_violation(super::RULE.id);
        assert!(found.message.contains("nothing was written as updated of instance i-1, process another"), "{found}");
    }

    #[test]
    fn a_urls_own_path_and_query_come_first() {
        let mut scenario = Scenario::delivered();
        let mut arrival = scenario.arrival(60, "i", "p").clone();
        for (url, before) in [
            ("http://h", "/?"),
            ("http://h?x", "/?x&"),
            ("http://h/p", "/p?"),
            ("http://h/p?", "/p?"),
            ("https://h:1/p?a=/?#f", "/p?a=/?&"),
        ] {
            arrival.url = url.into();
            assert_eq!(super::target(&arrival), format!("{before}instanceID=i&processName=p&eventType=updated"));
        }
    }
}
