use super::*;
use crate::files::SITE;
use crate::{Origins, TokenKind};
use axum::body::{Body, Bytes};
use axum::http::Request;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use std::io::Read as _;
use tower::ServiceExt as _;

const PAGE: &[u8] = include_bytes!("../../tests/site/index.html");
const SCRIPT: &[u8] = include_bytes!("../../tests/site/assets/index-0a1B2c3D.js");
const FONT: &[u8] = include_bytes!("../../tests/site/assets/font-4e5F6a7B.woff2");
const SCRIPT_PATH: &str = "/assets/index-0a1B2c3D.js";
const FONT_PATH: &str = "/assets/font-4e5F6a7B.woff2";

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

async fn asked(router: Router, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let request = Request::builder().method(method).uri(path);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    let (parts, body) = router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap().into_parts();
    Answer { status: parts.status, headers: parts.headers, body: body.collect().await.unwrap().to_bytes() }
}

async fn got(path: &str, headers: &[(&str, &str)]) -> Answer {
    asked(serving(SITE, ConsoleSettings::default()), "GET", path, headers).await
}

fn signed_in() -> ConsoleSettings {
    let connect = Origins::default();
    connect.add_origin_of("https://id.example/pool").unwrap();
    let sign_in = SignIn {
        issuer: "https://id.example/pool".to_owned(),
        client_id: Some("console".to_owned()),
        scope: "openid".to_owned(),
        token: TokenKind::Id,
        logout_url: None,
    };
    ConsoleSettings { sign_in: Some(sign_in), connect, try_it: false, https_only: true }
}

#[tokio::test]
async fn a_link_into_the_console_leads_to_the_page() {
    for path in ["/", "/workspaces/", "/workspaces/acme/deliveries/01?tab=attempts"] {
        let answer = got(path, &[]).await;
        assert_eq!((answer.status, &*answer.body), (StatusCode::OK, PAGE), "{path}");
        assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"), "{path}");
        assert_eq!(answer.header("cache-control"), Some("no-cache"), "{path}");
    }
}

#[tokio::test]
async fn a_link_to_a_view_leads_to_the_page_of_the_view() {
    const OVERVIEW: &[u8] = include_bytes!("../../tests/site/pages/open/workspace.html");
    const OVERVIEW_WITH_SIGN_IN: &[u8] = include_bytes!("../../tests/site/pages/sign-in/workspace.html");
    let open = got("/workspaces/acme?range=1h", &[]).await;
    assert_eq!((open.status, &*open.body), (StatusCode::OK, OVERVIEW));
    assert_eq!(open.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(open.header("cache-control"), Some("no-cache"));
    let with_sign_in = asked(serving(SITE, signed_in()), "GET", "/workspaces/acme", &[]).await;
    assert_eq!(&*with_sign_in.body, OVERVIEW_WITH_SIGN_IN);
}

#[tokio::test]
async fn files_are_served_as_what_they_are_and_kept_for_ever_if_their_name_tells_their_content() {
    const FOR_EVER: &str = "public, max-age=31536000, immutable";
    for (path, kind, kept) in [
        (SCRIPT_PATH, "text/javascript; charset=utf-8", FOR_EVER),
        (FONT_PATH, "font/woff2", FOR_EVER),
        ("/favicon.svg", "image/svg+xml", "no-cache"),
    ] {
        let answer = got(path, &[]).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert_eq!((answer.header("content-type"), answer.header("cache-control")), (Some(kind), Some(kept)), "{path}");
    }
}

#[tokio::test]
async fn a_file_that_is_missing_is_not_the_page() {
    let of_the_build = "/assets/.build/manifest.json";
    for path in ["/assets/index-00000000.js", of_the_build, "/assets/", "/assets/../index.html", "/assets/index.html"] {
        let answer = got(path, &[]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert_ne!(answer.header("content-type"), Some("text/html; charset=utf-8"), "{path}");
    }
}

#[tokio::test]
async fn other_paths_stay_who_else_serves_them() {
    async fn api() -> &'static str {
        "the API's"
    }
    let merged = || Router::new().fallback(api).merge(serving(SITE, ConsoleSettings::default()));
    for path in ["/index.html", "/v1/workspaces/acme/callbacks", "/health", "/workspace", "/assets", "/robots.txt"] {
        let answer = asked(merged(), "GET", path, &[]).await;
        assert_eq!(&*answer.body, b"the API's", "{path}");
        assert_eq!(answer.header("content-security-policy"), None, "{path}");
    }
}

#[tokio::test]
async fn a_file_comes_in_the_coding_that_the_caller_takes() {
    let compressed = got(SCRIPT_PATH, &[("accept-encoding", "gzip, deflate, br, zstd")]).await;
    assert_eq!(compressed.header("content-encoding"), Some("br"));
    assert!(compressed.body.len() < SCRIPT.len());
    let mut plain = Vec::new();
    brotli::BrotliDecompress(&mut &*compressed.body, &mut plain).unwrap();
    assert_eq!(plain, SCRIPT);

    let compressed = got(SCRIPT_PATH, &[("accept-encoding", "gzip")]).await;
    assert_eq!(compressed.header("content-encoding"), Some("gzip"));
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(&*compressed.body).read_to_end(&mut plain).unwrap();
    assert_eq!(plain, SCRIPT);

    let answer = got(SCRIPT_PATH, &[]).await;
    assert_eq!((answer.header("content-encoding"), &*answer.body), (None, SCRIPT));
    assert_eq!(answer.header("vary"), Some("accept-encoding"));
}

#[tokio::test]
async fn what_only_grows_is_not_compressed() {
    let answer = got(FONT_PATH, &[("accept-encoding", "br, gzip")]).await;
    assert_eq!((answer.header("content-encoding"), &*answer.body), (None, FONT));
}

#[tokio::test]
async fn who_has_a_file_already_is_told_so() {
    let tag = got("/", &[]).await.header("etag").unwrap().to_owned();
    for known in [&*tag, &format!("\"other\", {tag}"), "*"] {
        let answer = got("/workspaces/", &[("if-none-match", known), ("accept-encoding", "br")]).await;
        assert_eq!((answer.status, answer.body.len()), (StatusCode::NOT_MODIFIED, 0), "{known}");
        assert_eq!(answer.header("etag"), Some(&*tag));
        assert_eq!(answer.header("cache-control"), Some("no-cache"));
        assert_eq!(answer.header("vary"), Some("accept-encoding"));
    }
    assert_eq!(got("/", &[("if-none-match", "\"other\"")]).await.status, StatusCode::OK);
    assert_ne!(got("/favicon.svg", &[]).await.header("etag"), Some(&*tag));
}

#[tokio::test]
async fn a_head_request_gets_the_headers_alone() {
    let router = || serving(SITE, ConsoleSettings::default());
    for path in ["/", SCRIPT_PATH, "/console.json"] {
        let (get, head) = (asked(router(), "GET", path, &[]).await, asked(router(), "HEAD", path, &[]).await);
        assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0), "{path}");
        assert_eq!(head.headers, get.headers, "{path}");
        assert_eq!(head.header("content-length"), Some(&*get.body.len().to_string()), "{path}");
    }
    let answer = asked(router(), "POST", "/", &[]).await;
    assert_eq!((answer.status, answer.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, Some("GET,HEAD")));
}

#[tokio::test]
async fn every_answer_tells_the_browser_to_run_and_call_nothing_foreign() {
    let expected = [
        (
            "content-security-policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
             connect-src 'self' https://id.example; manifest-src 'self'; form-action 'none'; frame-ancestors 'none'; \
             base-uri 'none'",
        ),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("strict-transport-security", "max-age=63072000"),
    ];
    for files in [SITE, &[]] {
        for path in ["/", "/workspaces/acme", SCRIPT_PATH, "/assets/missing.js", "/favicon.svg", "/console.json"] {
            for method in ["GET", "DELETE"] {
                let answer = asked(serving(files, signed_in()), method, path, &[]).await;
                for (name, value) in expected {
                    assert_eq!(answer.header(name), Some(value), "{method} {path}");
                }
                assert!(answer.header("permissions-policy").is_some_and(|policy| policy.contains("camera=()")));
            }
        }
    }
    // On this machine there is no https for the browser to require, and no sign-in.
    let answer = got("/", &[]).await;
    assert_eq!(answer.header("strict-transport-security"), None);
    assert!(answer.header("content-security-policy").unwrap().contains("connect-src 'self';"));
}

#[tokio::test]
async fn the_page_may_call_a_token_endpoint_as_soon_as_the_issuer_has_said_where_it_is() {
    let settings = signed_in();
    let connect = settings.connect.clone();
    let router = serving(SITE, settings);
    connect.add_origin_of("https://token.example/oauth2/token").unwrap();
    let answer = asked(router, "GET", "/", &[]).await;
    let policy = answer.header("content-security-policy").unwrap();
    assert!(policy.contains("connect-src 'self' https://id.example https://token.example;"), "{policy}");
}

#[tokio::test]
async fn the_console_is_told_how_people_sign_in() {
    let told = async |settings| -> Value {
        let answer = asked(serving(SITE, settings), "GET", "/console.json", &[]).await;
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        serde_json::from_slice(&answer.body).unwrap()
    };
    let version = env!("CARGO_PKG_VERSION");
    let no_sign_in = ConsoleSettings { try_it: true, ..ConsoleSettings::default() };
    assert_eq!(told(no_sign_in).await, json!({"version": version, "signIn": null, "tryIt": true}));

    let mut settings = signed_in();
    let mut expected = json!({
        "issuer": "https://id.example/pool", "clientId": "console", "scope": "openid", "token": "id", "logoutUrl": null
    });
    assert_eq!(told(settings.clone()).await, json!({"version": version, "signIn": expected, "tryIt": false}));

    // The sign-in has no client id: the console has to say so.
    settings.sign_in.as_mut().unwrap().client_id = None;
    expected["clientId"] = Value::Null;
    assert_eq!(told(settings).await["signIn"], expected);
}

#[tokio::test]
async fn a_build_without_the_console_says_how_to_build_it() {
    for path in ["/", "/workspaces/acme"] {
        let answer = asked(serving(&[], ConsoleSettings::default()), "GET", path, &[]).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
        assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let page = String::from_utf8(answer.body.to_vec()).unwrap();
        assert!(page.contains("make run") && page.contains("make console"), "{page}");
    }
    let answer = asked(serving(&[], ConsoleSettings::default()), "GET", "/console.json", &[]).await;
    assert_eq!(answer.status, StatusCode::OK, "the rest goes on");
}
