//! Requests of a page at both ports, as browsers send them. `tests/console/hostile-page.spec.ts` has a browser.

use reqwest::Method;

use crate::victim::Victim;

#[tokio::test]
async fn no_page_reads_or_writes_the_embedded_dynamodb() {
    let mut victim = Victim::start().await;
    let port = victim.program.dynamodb.rsplit(':').next().expect("a port").to_owned();
    let rebound = format!("rebound.example:{port}");
    let other_port = format!("http://127.0.0.1:{}", victim.program.api.rsplit(':').next().expect("a port"));
    for headers in [
        [("origin", "https://page.example")],
        [("origin", "null")],
        [("origin", "http://localhost:3000")],
        [("origin", &*other_port)],
        [("host", &*rebound)],
        [("sec-fetch-site", "cross-site")],
        [("sec-fetch-site", "same-site")],
    ] {
        let answer = victim.dynamodb("ListTables", &headers).await;
        assert_eq!(answer.status(), 403, "{headers:?}");
        assert!(answer.headers().keys().all(|name| !name.as_str().starts_with("access-control-")), "{headers:?}");
        let body = answer.text().await.expect("a body");
        assert!(body.contains("AccessDeniedException") && !body.contains("Webhooks"), "{body}");
    }
    let preflight = victim.http.request(Method::OPTIONS, &victim.program.dynamodb).header("origin", "http://a.example");
    let preflight = preflight.header("access-control-request-method", "POST").send().await.expect("an answer");
    assert_eq!(preflight.status(), 403);
    assert!(preflight.headers().keys().all(|name| !name.as_str().starts_with("access-control-")));
    for host in ["localhost", "127.0.0.1", "[::1]"] {
        let own = [("host", &*format!("{host}:{port}"))];
        assert_eq!(victim.dynamodb("ListTables", &own).await.status(), 200, "{host}");
    }
    victim.is_served("i1").await;
}
