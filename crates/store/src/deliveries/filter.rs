//! Filters of the log, and what DynamoDB checks of them on the items of a partition.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

use super::key::DeliveryId;
use webhooks_model::attempt::Reason;
use webhooks_model::delivery::{GiveUpReason, Status};
use webhooks_model::endpoint::EndpointId;
use webhooks_model::event::EventType;

/// Filter of deliveries. All conditions have to match; one without a value, or with an empty list, matches all, and
/// one with several values matches each of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogFilter {
    /// Statuses of the delivery.
    pub statuses: Vec<Status>,
    /// Types of the event.
    pub event_types: Vec<EventType>,
    /// Target endpoints.
    pub endpoints: Vec<EndpointId>,
    /// Instance that changed.
    pub instance_id: Option<String>,
    /// Process of the instance.
    pub process_name: Option<String>,
    /// Id of the event.
    pub event_id: Option<String>,
    /// Reasons of the last attempt's failure, or of the delivery's.
    pub reasons: Vec<FailureReason>,
    /// Status codes of the last attempt's response.
    pub status_codes: Vec<StatusCodes>,
    /// An id of the event or of the delivery, the beginning of the instance's id, or a part of the process's name.
    pub search: Option<String>,
    /// Earliest time of the change, inclusive.
    pub since: Option<Timestamp>,
    /// Latest time of the change, exclusive.
    pub until: Option<Timestamp>,
}

/// Reason why an attempt, or a delivery for good, has failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureReason {
    /// Reason of the last attempt.
    Attempt(Reason),
    /// Reason of the delivery.
    Delivery(GiveUpReason),
}

/// One HTTP status code, or all with the same first digit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusCodes {
    /// The code.
    One(u16),
    /// The first digit, such as 5 for 500 to 599.
    Class(u8),
}

impl StatusCodes {
    /// Returns the lowest and the highest code.
    fn range(self) -> (u16, u16) {
        match self {
            Self::One(code) => (code, code),
            Self::Class(digit) => (u16::from(digit) * 100, u16::from(digit) * 100 + 99),
        }
    }

    /// Returns whether one of the codes acknowledges a delivery.
    fn may_acknowledge(self) -> bool {
        let (from, to) = self.range();
        from <= 299 && 200 <= to
    }
}

impl LogFilter {
    /// Returns the statuses that can match. A delivery is delivered by an attempt without a failure, and what is superseded
    /// has neither reason nor code.
    pub(super) fn possible_statuses(&self) -> Vec<Status> {
        let acknowledged = self.status_codes.is_empty() || self.status_codes.iter().any(|it| it.may_acknowledge());
        let may_be_delivered = acknowledged && self.reasons.is_empty();
        let asked = |status: &Status| self.statuses.is_empty() || self.statuses.contains(status);
        let may_be_superseded = self.reasons.is_empty() && self.status_codes.is_empty();
        let possible = |status: &Status| match status {
            Status::Pending | Status::Failed => asked(status),
            Status::Delivered => asked(status) && may_be_delivered,
            Status::Superseded => asked(status) && may_be_superseded,
        };
        Status::ALL.into_iter().filter(possible).collect()
    }

    /// Returns the only delivery that can match, if the filter searches for its id.
    pub(super) fn searched_delivery(&self) -> Option<DeliveryId> {
        self.search.as_ref()?.parse().ok()
    }
}

/// Conditions as an expression of DynamoDB, which uses `#status`, and its values.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Conditions {
    pub(super) expression: String,
    pub(super) values: Vec<(String, AttributeValue)>,
}

impl Conditions {
    /// Returns the filter's conditions that no key covers. A repeated check costs nothing.
    pub(super) fn of(filter: &LogFilter) -> Self {
        let mut all = Self::default();
        all.one_of("#status", filter.statuses.iter().map(|it| it.as_str()));
        all.one_of("eventType", filter.event_types.iter());
        all.one_of("endpointID", filter.endpoints.iter());
        all.one_of("instanceID", filter.instance_id.iter());
        all.one_of("processName", filter.process_name.iter());
        all.one_of("eventID", filter.event_id.iter());
        all.reasons(&filter.reasons);
        all.status_codes(&filter.status_codes);
        if let Some(text) = &filter.search {
            let value = all.text(text);
            all.and(&format!(
                "(eventID = {value} OR deliveryID = {value} OR begins_with(instanceID, {value}) \
                 OR contains(processName, {value}))"
            ));
        }
        all
    }

    fn one_of<T: ToString>(&mut self, attribute: &str, values: impl Iterator<Item = T>) {
        let names: Vec<_> = values.map(|value| self.text(value)).collect();
        match &names[..] {
            [] => {}
            [name] => self.and(&format!("{attribute} = {name}")),
            names => self.and(&format!("{attribute} IN ({})", names.join(", "))),
        }
    }

    fn reasons(&mut self, reasons: &[FailureReason]) {
        let of = |reason: &FailureReason| match reason {
            FailureReason::Attempt(reason) => format!("lastReason = {}", self.text(reason.as_str())),
            FailureReason::Delivery(reason) => format!("giveUpReason = {}", self.text(reason.as_str())),
        };
        let any: Vec<_> = reasons.iter().map(of).collect();
        self.and_any(&any);
    }

    fn status_codes(&mut self, codes: &[StatusCodes]) {
        let of = |code: &StatusCodes| {
            let (from, to) = code.range();
            format!("lastStatus BETWEEN {} AND {}", self.number(from), self.number(to))
        };
        let any: Vec<_> = codes.iter().map(of).collect();
        self.and_any(&any);
    }

    /// Returns the name of a new text.
    fn text(&mut self, text: impl ToString) -> String {
        self.value(AttributeValue::S(text.to_string()))
    }

    /// Returns the name of a new number.
    fn number(&mut self, number: u16) -> String {
        self.value(AttributeValue::N(number.to_string()))
    }

    fn value(&mut self, value: AttributeValue) -> String {
        let name = format!(":v{}", self.values.len());
        self.values.push((name.clone(), value));
        name
    }

    fn and_any(&mut self, conditions: &[String]) {
        if !conditions.is_empty() {
            self.and(&format!("({})", conditions.join(" OR ")));
        }
    }

    fn and(&mut self, condition: &str) {
        let and = if self.expression.is_empty() { "" } else { " AND " };
        self.expression.extend([and, condition]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_without_a_value_are_left_out() {
        assert_eq!(Conditions::of(&LogFilter::default()), Conditions::default());
    }

    #[test]
    fn all_conditions_have_to_match_and_one_value_of_each() {
        let filter = LogFilter {
            statuses: vec![Status::Failed],
            event_types: vec![EventType::Created, EventType::Deleted],
            reasons: vec![
                FailureReason::Attempt(Reason::Redirect),
                FailureReason::Attempt(Reason::Timeout),
                FailureReason::Delivery(GiveUpReason::NoLongerConfigured),
            ],
            status_codes: vec![StatusCodes::Class(5), StatusCodes::One(301)],
            search: Some("x".to_owned()),
            ..LogFilter::default()
        };
        let Conditions { mut expression, values } = Conditions::of(&filter);
        for (name, value) in values.iter().rev() {
            let text = value.as_s().or_else(|_| value.as_n()).unwrap();
            expression = expression.replace(name, text);
        }
        assert_eq!(
            expression,
            "#status = failed AND eventType IN (created, deleted) \
             AND (lastReason = redirect OR lastReason = timeout OR giveUpReason = no-longer-configured) \
             AND (lastStatus BETWEEN 500 AND 599 OR lastStatus BETWEEN 301 AND 301) \
             AND (eventID = x OR deliveryID = x OR begins_with(instanceID, x) OR contains(processName, x))"
        );
    }

    #[test]
    fn what_has_not_failed_cannot_match_a_reason() {
        let reasons = vec![FailureReason::Attempt(Reason::Timeout)];
        let filter = LogFilter { reasons, ..LogFilter::default() };
        assert_eq!(filter.possible_statuses(), [Status::Pending, Status::Failed]);
        let filter = LogFilter { statuses: vec![Status::Delivered], ..filter };
        assert_eq!(filter.possible_statuses(), []);
        assert_eq!(LogFilter::default().possible_statuses(), Status::ALL);
    }

    #[test]
    fn only_a_code_that_acknowledges_can_be_of_a_delivered_one() {
        let with = |codes: &[StatusCodes]| {
            LogFilter { status_codes: codes.to_vec(), ..LogFilter::default() }.possible_statuses()
        };
        let failures = [StatusCodes::Class(1), StatusCodes::Class(3), StatusCodes::One(199), StatusCodes::One(300)];
        assert_eq!(with(&failures), [Status::Pending, Status::Failed]);
        for code in [StatusCodes::Class(2), StatusCodes::One(200), StatusCodes::One(299)] {
            let all = [Status::Pending, Status::Delivered, Status::Failed];
            assert_eq!(with(&[code, StatusCodes::Class(5)]), all, "{code:?}");
        }
    }
}
