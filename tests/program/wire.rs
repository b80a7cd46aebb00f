//! The callback request as it is on the wire.

use std::collections::HashSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::engine::{Engine, on_both_engines};
use crate::receiver::{QUIET, Receiver, Refusing, Request};
use crate::system::System;

on_both_engines!(the_request_is_a_bare_get_with_the_documented_headers, names_of_any_kind_arrive_as_they_are);

async fn the_request_is_a_bare_get_with_the_documented_headers(engine: Engine) {
    let (one, other) = (Receiver::healthy().await, Receiver::healthy().await);
    let system = System::start(engine).await;
    system.call_back("default", &[one.url("/hook?team=a&x=1"), other.url("/")]).await;

    let before = SystemTime::now();
    system.writer().put("i-1", "Order").await;
    let first = one.exactly(1).await.remove(0);
    let beside = other.exactly(1).await.remove(0);
    system.writer().put("i-1", "Order 2").await;
    let second = one.exactly(2).await.remove(1);

    assert_eq!(first.line(), "GET /hook?team=a&x=1&instanceID=i-1&processName=Order&eventType=created HTTP/1.1");
    assert_eq!(first.header("host"), one.address().to_string());
    assert_eq!(first.header("user-agent"), concat!("instance-webhooks/", env!("CARGO_PKG_VERSION")));
    assert_eq!(first.header("webhook-attempt"), "1");
    // RFC 9112 section 6.3: neither header, so no body
    assert!(!first.has_header("content-length") && !first.has_header("transfer-encoding"), "{first:?}");

    let timestamp = UNIX_EPOCH + Duration::from_secs(first.header("webhook-timestamp").parse().expect("Unix seconds"));
    let second_long = Duration::from_secs(1);
    assert!(
        timestamp > before - second_long && timestamp <= first.at_clock + second_long,
        "{timestamp:?}, not {before:?}"
    );

    let changed_at: jiff::Timestamp = first.header("webhook-changed-at").parse().expect("RFC 3339");
    let changed_at = SystemTime::from(changed_at);
    assert!(changed_at > before - second_long && changed_at <= first.at_clock, "{changed_at:?}, not {before:?}");

    assert!(!first.id().is_empty());
    assert_eq!(first.id(), beside.id(), "one event, one id, whatever the URL");
    assert_ne!(first.id(), second.id(), "another event, another id");
}

#[tokio::test]
async fn the_urls_own_query_comes_first_as_it_was_normalised() {
    let receiver = Receiver::healthy().await;
    let system = System::start(Engine::Embedded).await;
    // the configured URL, and the part before the appended parameters
    let urls = [
        ("", "/?"),
        ("?", "/?"),
        ("?q", "/?q&"),
        ("/", "/?"),
        ("/none", "/none?"),
        ("/empty?", "/empty?"),
        ("/fragment#top", "/fragment?"),
        ("/both?x=1#?y=2", "/both?x=1&"),
        ("/q?x='1'", "/q?x=%271%27&"),
        ("/lower?x=%2f%3d", "/lower?x=%2f%3d&"),
        ("/odd?x=%zz&y=100%", "/odd?x=%zz&y=100%&"),
        ("/list?a[]=1&a[]=2", "/list?a[]=1&a[]=2&"),
        ("/plus?q=a+b%20c", "/plus?q=a+b%20c&"),
        ("/values?empty=&flag&&=v&==", "/values?empty=&flag&&=v&==&"),
        ("/rest?x=!$()*,;:@/?-._~", "/rest?x=!$()*,;:@/?-._~&"),
        ("/same?instanceID=mine&eventType=own", "/same?instanceID=mine&eventType=own&"),
        ("/a%2fb/%7Euser;v=1/?x=1", "/a%2fb/%7Euser;v=1/?x=1&"),
    ];
    let configured: Vec<_> = urls.iter().map(|(url, _)| receiver.url(url)).collect();
    system.set_callbacks("default", &configured, &[], &[]).await;

    system.writer().put("i-1", "Order").await;

    // "", "?" and "/" are one address, so a product may call it once or three times.
    let expected = urls.map(|(_, start)| format!("{start}instanceID=i-1&processName=Order&eventType=created"));
    let expected = HashSet::from(expected);
    let targets = |requests: &[Request]| -> HashSet<_> { requests.iter().map(|it| it.target().to_owned()).collect() };
    receiver.until("a call of each", |log| targets(&log.requests).len() >= expected.len()).await;
    tokio::time::sleep(QUIET).await;
    assert_eq!(targets(&receiver.requests()), expected);
}

async fn names_of_any_kind_arrive_as_they_are(engine: Engine) {
    let receiver = Receiver::healthy().await;
    let system = System::start(engine).await;
    system.call_back("default", &[receiver.url("/hook?x=1")]).await;
    let long = "0123456789abcde ".repeat(128);
    let wide = "ü€".repeat(400) + &"𝄞".repeat(12); // 2048 bytes in UTF-8
    assert_eq!((long.len(), wide.len()), (2048, 2048));
    let names = [
        "plain-name_1.0~",
        "with space",
        " at both ends ",
        "a&b=c",
        "a#b?c",
        "1+1",
        "100%",
        "%41%zz",
        "path/like:this@there",
        "\"quoted\" 'single' <tag> \\ back | pipe ^ ` {brace} [bracket]",
        "line\nbreak\ttab\u{0}nul\u{7f}",
        "Prüfung der Bestellung",
        "注文の確認",
        "e\u{301} is not \u{e9}",
        "\u{202e}right to left",
        "🧾",
        "&eventType=deleted",
        &long,
        &wide,
    ];

    let writer = system.writer();
    for name in names {
        writer.put(name, name).await;
    }

    let requests = receiver.exactly(names.len()).await;
    for name in names {
        let request = requests.iter().find(|request| request.instance() == name);
        let request = request.unwrap_or_else(|| panic!("no request about {name:?}: {requests:#?}"));
        assert_eq!(request.process(), name);
        assert_eq!(request.event_type(), "created");
        check_encoding(request, name);
    }
}

/// Checks RFC 3986: unreserved characters are unchanged; characters with a meaning in a query, and all that are not
/// allowed in a URL, are encoded.
fn check_encoding(request: &Request, name: &str) {
    let parameters = request.target().strip_prefix("/hook?x=1&").expect("the own query comes first");
    let [instance, process, event]: [_; 3] =
        parameters.split('&').collect::<Vec<_>>().try_into().expect("three of them");
    assert_eq!(event, "eventType=created");
    let value = instance.strip_prefix("instanceID=").expect("instanceID comes first");
    assert_eq!(process.strip_prefix("processName="), Some(value), "one name, one form");

    let mut decoded = Vec::new();
    let mut rest = value.as_bytes();
    while let [byte, behind @ ..] = rest {
        rest = behind;
        let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        match byte {
            b'%' => {
                let digits = std::str::from_utf8(&rest[..2]).expect("two digits");
                let byte = u8::from_str_radix(digits, 16).expect("two hexadecimal digits");
                assert_eq!(digits, format!("{byte:02X}"), "upper case in {value}");
                assert!(!unreserved(byte), "{:?} needs no encoding in {value}", char::from(byte));
                decoded.push(byte);
                rest = &rest[2..];
            }
            byte => {
                assert!(unreserved(*byte) || b"!$'()*,;:@/?".contains(byte), "{:?} raw in {value}", char::from(*byte));
                decoded.push(*byte);
            }
        }
    }
    assert_eq!(String::from_utf8(decoded).expect("UTF-8"), name);
}

#[tokio::test]
async fn one_connection_serves_many_events() {
    let receiver = Receiver::healthy().await;
    let system = System::start(Engine::Embedded).await;
    system.call_back("default", &[receiver.url("/")]).await;

    let writer = system.writer();
    for number in 1..=50 {
        writer.put(&format!("i-{number}"), "Order").await;
        receiver.arrived(number).await; // one at a time: no need for a second connection
    }

    let connections = receiver.log().connections;
    assert!(connections <= 3, "{connections} connections for 50 events");
}

#[tokio::test]
async fn a_receiver_that_closes_idle_connections_gets_every_event() {
    let receiver =
        Receiver::new(crate::receiver::Behaviour::AnswerThenClose(crate::receiver::answer(200, "", "bye"))).await;
    let url = receiver.url("/");
    let system = System::start(Engine::Embedded).await;
    system.call_back("default", std::slice::from_ref(&url)).await;

    let writer = system.writer();
    for number in 1..=10 {
        writer.put(&format!("i-{number}"), "Order").await;
        // the other side has noticed that the connection is closed
        receiver.until("a closed connection", |log| log.requests.len() == number && log.hangups.len() == number).await;
    }

    receiver.exactly(10).await;
    assert_eq!(system.pending(&url).await.len(), 0);
}

#[tokio::test]
async fn a_proxy_in_the_environment_is_not_used() {
    let receiver = Receiver::healthy().await;
    let dead = Refusing::new();
    let proxy = dead.url("");
    let settings: Vec<_> = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]
        .map(|name| (name, proxy.as_str()))
        .into();
    let system = System::start_with(Engine::Embedded, &settings).await;
    system.call_back("default", &[receiver.url("/")]).await;

    system.writer().put("i-1", "Order").await;

    receiver.exactly(1).await;
}
