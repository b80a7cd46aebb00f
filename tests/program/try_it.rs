//! "Try it" of the console: instances created by hand, and the built-in receiver.

use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::{Duration, Instant, sleep};

use crate::engine::Engine;
use crate::patience::PATIENCE;
use crate::system::System;

/// A user of the console.
struct Visitor {
    http: reqwest::Client,
    at: String,
}

impl Visitor {
    fn of(system: &System) -> Self {
        _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().expect("an HTTP client");
        Self { http, at: format!("{}/local", system.program.api) }
    }

    /// Sends a request; returns the status, the content type, and the JSON, which is null if there is none.
    async fn asks(&self, method: Method, path: &str, body: Option<&Value>) -> (u16, String, Value) {
        let request = self.http.request(method, format!("{}{path}", self.at));
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        let answer = request.send().await.expect("an answer");
        let kind = answer.headers().get("content-type").map_or("", |kind| kind.to_str().expect("text")).to_owned();
        let status = answer.status().as_u16();
        let text = answer.text().await.expect("a body");
        (status, kind, serde_json::from_str(&text).unwrap_or_default())
    }

    async fn puts(&self, instance: &str, body: Value) -> Value {
        let (status, _, written) = self.asks(Method::PUT, &format!("/instances/{instance}"), Some(&body)).await;
        assert_eq!(status, 200, "{written}");
        written["eventType"].clone()
    }

    async fn makes_it(&self, behaviour: Value) {
        let (status, _, told) = self.asks(Method::PUT, "/receiver-behaviour", Some(&behaviour)).await;
        assert_eq!((status, told), (200, behaviour));
    }

    fn receiver(&self) -> String {
        format!("{}/receiver/here?token=abc", self.at)
    }

    /// Waits, as the console does, until the log's requests meet the condition.
    async fn until_log(&self, settled: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        let begun = Instant::now();
        loop {
            let (status, _, log) = self.asks(Method::GET, "/receiver-log", None).await;
            assert_eq!(status, 200);
            let requests = log["requests"].as_array().expect("a list").clone();
            if settled(&requests) {
                return requests;
            }
            assert!(begun.elapsed() < PATIENCE, "{log:#}");
            let next = format!("/receiver-log?wait=true&after={}", log["last"]);
            self.asks(Method::GET, &next, None).await;
        }
    }
}

async fn started(settings: &[(&str, &str)]) -> (System, Visitor) {
    let system = System::start_with(Engine::Embedded, settings).await;
    let visitor = Visitor::of(&system);
    (system, visitor)
}

fn is(outcome: &str) -> impl Fn(&[Value]) -> bool {
    move |requests| requests.iter().any(|request| request["outcome"] == outcome)
}

#[tokio::test]
async fn the_built_in_receiver_has_each_change_made_by_hand() {
    let (system, visitor) = started(&[]).await;
    system.call_back("acme", &[visitor.receiver()]).await;
    let order = json!({"processName": "Order intake", "workspaceID": "acme", "attributes": {"step": "1"}});
    assert_eq!(visitor.puts("47%2F11", order.clone()).await, "created");
    assert_eq!(visitor.puts("47%2F11", order).await, "updated", "the same again is a change");
    let (_, _, listed) = visitor.asks(Method::GET, "/instances", None).await;
    let listed = &listed["instances"];
    assert_eq!(listed.as_array().expect("a list").len(), 1, "{listed}");
    for (name, value) in [("instanceID", "47/11"), ("processName", "Order intake"), ("workspaceID", "acme")] {
        assert_eq!(listed[0][name], value);
    }
    assert_eq!(visitor.asks(Method::DELETE, "/instances/47%2F11", None).await.0, 204);

    let requests =
        visitor.until_log(|all| all.len() == 3 && all.iter().all(|request| request["outcome"] == "answered")).await;
    for (request, (number, event_type)) in requests.iter().zip([(1, "created"), (2, "updated"), (3, "deleted")]) {
        let query = format!("token=abc&instanceID=47%2F11&processName=Order%20intake&eventType={event_type}");
        assert_eq!((&request["number"], &request["method"]), (&json!(number), &json!("GET")));
        assert_eq!((&request["path"], &request["query"]), (&json!("/local/receiver/here"), &json!(query)));
        assert_eq!((&request["instanceID"], &request["processName"]), (&json!("47/11"), &json!("Order intake")));
        assert_eq!((&request["eventType"], &request["status"]), (&json!(event_type), &json!(200)));
        assert!(request["headers"]["webhook-signature"].as_str().is_some_and(|it| it.starts_with("v1,")), "{request}");
    }

    assert_eq!(visitor.asks(Method::DELETE, "/receiver-log", None).await.0, 204);
    assert_eq!(visitor.until_log(<[Value]>::is_empty).await, [] as [Value; 0]);
}

#[tokio::test]
async fn the_receiver_fails_dawdles_and_hangs_as_it_is_told() {
    let (system, visitor) = started(&[("CALLBACK_TIMEOUT_MS", "2000")]).await;
    let url = visitor.receiver();
    let delivery = async |instance: &str, behaviour: Value| {
        visitor.makes_it(behaviour).await;
        visitor.asks(Method::DELETE, "/receiver-log", None).await;
        // Each in its own workspace: a failure in one does not affect the next.
        system.call_back(instance, std::slice::from_ref(&url)).await;
        visitor.puts(instance, json!({"processName": "Order", "workspaceID": instance})).await;
    };
    delivery("slow", json!({"answer": "slow", "delayMs": 300})).await;
    let slow = visitor.until_log(is("answered")).await.remove(0);
    assert_eq!(slow["status"], 200);
    assert!(slow["afterMs"].as_u64() >= Some(300), "{slow}");

    delivery("hang", json!({"answer": "hang"})).await;
    // On a busy machine the caller may have disconnected before the log is read.
    let waiting = visitor.until_log(|all| is("waiting")(all) || is("hung-up")(all)).await.remove(0);
    assert_eq!(waiting["status"], Value::Null, "{waiting}");
    let hung_up = visitor.until_log(is("hung-up")).await.remove(0);
    assert_eq!((&hung_up["number"], &hung_up["status"]), (&waiting["number"], &Value::Null));

    delivery("fail", json!({"answer": "fail", "status": 503})).await;
    assert_eq!(visitor.until_log(is("answered")).await.remove(0)["status"], 503);
    let begun = Instant::now();
    loop {
        let waiting = system.pending(&url).await;
        let instances: Vec<_> = waiting.iter().map(|delivery| &*delivery.instance).collect();
        if instances.contains(&"hang") && instances.contains(&"fail") {
            assert!(!instances.contains(&"slow"), "{instances:?}");
            break;
        }
        assert!(begun.elapsed() < PATIENCE, "{instances:?}");
        sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn who_waits_for_news_gets_it_when_there_is_some() {
    let (_system, visitor) = started(&[]).await;
    let (_, _, log) = visitor.asks(Method::GET, "/receiver-log", None).await;
    assert_eq!((&log["behaviour"], &log["requests"]), (&json!({"answer": "ok"}), &json!([])));
    let next = format!("/receiver-log?after={}&wait=true", log["last"]);
    let news = visitor.asks(Method::GET, &next, None);
    let call = async {
        sleep(Duration::from_millis(200)).await;
        visitor.asks(Method::POST, "/receiver", Some(&json!({}))).await
    };
    let ((_, _, news), (status, ..)) = tokio::join!(news, call);
    assert_eq!(
        (&news["requests"][0]["method"], &news["requests"][0]["path"]),
        (&json!("POST"), &json!("/local/receiver"))
    );
    assert_eq!(status, 200);
    // A restarted program counts from the beginning; a reader with another log's state gets everything.
    let (_, _, log) = visitor.asks(Method::GET, "/receiver-log?after=1000000&wait=true", None).await;
    assert_eq!(log["requests"].as_array().map(Vec::len), Some(1), "{log}");
}

#[tokio::test]
async fn requests_that_hang_do_not_keep_the_program_from_ending() {
    let (mut system, visitor) = started(&[]).await;
    visitor.makes_it(json!({"answer": "hang"})).await;
    let (_, _, log) = visitor.asks(Method::GET, "/receiver-log", None).await;
    let hanging = visitor.asks(Method::GET, "/receiver", None);
    let stop = async {
        visitor.until_log(is("waiting")).await;
        system.program.signal("TERM").await;
    };
    let ((status, ..), ()) = tokio::join!(hanging, stop);
    assert_eq!(status, 503, "{log}");
    assert_eq!(system.program.exited().await.code(), Some(0));
}

#[tokio::test]
async fn an_existing_platforms_attribute_names_are_honoured() {
    let names =
        [("INSTANCE_ID_ATTRIBUTE", "pk"), ("PROCESS_NAME_ATTRIBUTE", "process"), ("WORKSPACE_ID_ATTRIBUTE", "tenant")];
    let (system, visitor) = started(&names).await;
    system.call_back("acme", &[visitor.receiver()]).await;
    visitor.puts("i-1", json!({"processName": "Order", "workspaceID": "acme"})).await;
    let requests = visitor.until_log(is("answered")).await;
    assert_eq!((&requests[0]["instanceID"], &requests[0]["processName"]), (&json!("i-1"), &json!("Order")));
    let (_, _, listed) = visitor.asks(Method::GET, "/instances?limit=1", None).await;
    assert_eq!(listed["instances"][0]["workspaceID"], "acme");
}

#[tokio::test]
async fn to_create_an_instance_takes_none_over() {
    let (_system, visitor) = started(&[]).await;
    let order = |workspace: &str| json!({"processName": "Order", "workspaceID": workspace});
    let create = async |workspace: &str, condition: &str| {
        let request = visitor.http.put(format!("{}/instances/order-1", visitor.at)).json(&order(workspace));
        let answer = request.header("if-none-match", condition).send().await.expect("an answer");
        (answer.status().as_u16(), answer.json::<Value>().await.expect("JSON"))
    };
    assert_eq!(create("default", "*").await, (200, json!({"eventType": "created"})));
    for workspace in ["acme", "default"] {
        let (status, problem) = create(workspace, "*").await;
        let detail =
            r#"an instance with the id "order-1" exists already, be it in another workspace; choose another id"#;
        assert_eq!((status, &problem["detail"]), (412, &json!(detail)));
    }
    assert_eq!(create("default", r#""1""#).await.0, 400);
    let (_, _, listed) = visitor.asks(Method::GET, "/instances", None).await;
    assert_eq!(listed["instances"][0]["workspaceID"], "default");
    assert_eq!(visitor.puts("order-1", order("default")).await, "updated");
}

#[tokio::test]
async fn a_workspace_sees_its_own_requests() {
    let (_system, visitor) = started(&[]).await;
    for query in ["", "?workspace=acme", "?workspace=default"] {
        visitor.asks(Method::GET, &format!("/receiver/a{query}"), None).await;
    }
    let numbers = async |query: &str| {
        let (_, _, log) = visitor.asks(Method::GET, &format!("/receiver-log{query}"), None).await;
        let requests = log["requests"].as_array().unwrap().clone();
        requests.iter().map(|request| request["number"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(numbers("?workspace=acme").await, [2]);
    assert_eq!(numbers("?workspace=default").await, [1, 3]);
    assert_eq!(visitor.asks(Method::DELETE, "/receiver-log?workspace=default", None).await.0, 204);
    assert_eq!(numbers("").await, [2]);
}

#[tokio::test]
async fn what_cannot_be_is_refused_with_the_reason() {
    let (_system, visitor) = started(&[]).await;
    let order = json!({"processName": "Order"});
    let long = format!("/instances/{}", "i".repeat(2049));
    for (method, path, body, status, reason) in [
        (Method::PUT, "/instances/i-1", Some(json!({})), 422, "missing field `processName`"),
        (Method::PUT, "/instances/i-1", Some(json!({"processName": 7})), 422, "expected a string"),
        (Method::PUT, "/instances/i-1", Some(json!({"processName": ""})), 422, "1 to 8192 bytes"),
        (Method::PUT, "/instances/i-1", Some(json!({"processName": "a", "name": "b"})), 422, "unknown field `name`"),
        (
            Method::PUT,
            "/instances/i-1",
            Some(json!({"processName": "a", "workspaceID": ""})),
            422,
            "1 to 128 characters",
        ),
        (Method::PUT, "/instances/i-1", None, 415, "application/json"),
        (Method::PUT, &long, Some(order), 422, "more than the 2048 of a key"),
        (Method::DELETE, "/instances/i-1", None, 404, "the table Instances has no instance \"i-1\""),
        (Method::GET, "/instances?limit=0", None, 400, "from 1 to 1000"),
        (Method::GET, "/instances?limit=many", None, 400, "the parameter limit is \"many\""),
        (Method::GET, "/instances?page=2", None, 400, "there is no parameter \"page\""),
        (Method::GET, "/receiver-log?wait=yes", None, 400, "the parameter wait is \"yes\""),
        (Method::PUT, "/receiver-behaviour", Some(json!({"answer": "fail", "status": 200})), 422, "from 300 to 599"),
        (Method::POST, "/instances", None, 405, "the Allow header names what is"),
        (Method::GET, "/nothing", None, 404, "there is nothing at /local/nothing"),
    ] {
        let (answered, kind, problem) = visitor.asks(method.clone(), path, body.as_ref()).await;
        assert_eq!((answered, &*kind), (status, "application/problem+json"), "{method} {path}: {problem}");
        assert!(problem["detail"].as_str().is_some_and(|it| it.contains(reason)), "{method} {path}: {problem}");
    }
}

#[tokio::test]
async fn no_foreign_page_can_use_it() {
    let (_system, visitor) = started(&[]).await;
    for (method, path) in [
        (Method::PUT, "/instances/i-1"),
        (Method::DELETE, "/instances/i-1"),
        (Method::GET, "/instances"),
        (Method::GET, "/receiver"),
        (Method::GET, "/receiver-log"),
        (Method::PUT, "/receiver-behaviour"),
    ] {
        let request = || visitor.http.request(method.clone(), format!("{}{path}", visitor.at));
        for (header, foreign) in [("origin", "https://page.example"), ("host", "rebound.example")] {
            let answer = request().header(header, foreign).send().await.expect("an answer");
            assert_eq!(answer.status().as_u16(), 403, "{method} {path} {header}");
        }
    }
    assert_eq!(visitor.until_log(<[Value]>::is_empty).await, [] as [Value; 0], "not even noted");
}
