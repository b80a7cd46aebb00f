//! One workspace and what another learns of it.

use super::*;

/// The decision uses the router's decoding of the workspace, whatever its spelling.
#[tokio::test]
async fn a_workspace_is_the_one_that_the_path_means() {
    let (state, _sent) = state(&support::engine().await);
    let api = of(&state, "acme");
    for same in ["acme", "%61cme", "%61%63%6d%65"] {
        assert!(call(&api, &format!("GET /v1/workspaces/{same}/callbacks")).await.starts_with("200"), "{same}");
    }
    for other in ["Acme", "acme%20", "acme%00", "acme%2f", "acme%2f..%2fglobex", "..%2facme", "acme,globex", "%2561cme"]
    {
        assert!(call(&api, &format!("GET /v1/workspaces/{other}/callbacks")).await.starts_with("403"), "{other}");
    }
    for nowhere in ["acme/../globex", "./acme", "/acme", "acme/"] {
        assert!(call(&api, &format!("GET /v1/workspaces/{nowhere}/callbacks")).await.starts_with("404"), "{nowhere}");
    }
}

#[tokio::test]
async fn another_workspaces_token_does_not_learn_whether_one_exists() {
    let (state, _sent) = state(&support::engine().await);
    let delivery = furnish(&state, "acme").await;
    let elsewhere = callers().split_off(17);
    assert!(elsewhere.iter().all(|(name, _)| name.contains("another") || name.contains("globex")), "{elsewhere:?}");
    for operation in operations().iter().filter(|(_, route)| route.contains("{workspace}")) {
        for (name, claims) in &elsewhere {
            let api = api_of(&state, claims.clone());
            let exists = bytes(answer(&api, request(operation, "acme", &delivery)).await).await;
            let empty = bytes(answer(&api, request(operation, "unused", &delivery)).await).await;
            assert_eq!(exists.0, 403, "{operation:?} {name}: {exists:?}");
            assert_eq!(exists, empty, "{operation:?} {name}");
            for clue in ["acme", "globex", "unused", URL, &delivery] {
                assert!(!exists.2.contains(clue), "{operation:?} {name} tells {clue}: {}", exists.2);
            }
        }
    }
    let kept = call(&of(&state, "acme"), "GET /v1/workspaces/acme/callbacks").await;
    assert!(kept.contains(URL), "and it changes nothing: {kept}");
}

/// A name with a blank or a comma is recognized only in a list: in a text each word is a name.
#[tokio::test]
async fn a_workspace_whose_name_has_a_blank_is_opened_by_a_list_only() {
    let (state, _sent) = state(&support::engine().await);
    let token = |workspaces: Value| {
        let claims = json!({"sub": "5f3c", "cognito:groups": ["Administrator"], "custom:workspace": workspaces});
        Claims::from_verified_token(claims.as_object().unwrap().clone())
    };
    let gateway = |workspaces: &str| {
        let claims = [("sub", "5f3c"), ("cognito:groups", "[Administrator]"), ("custom:workspace", workspaces)];
        Claims::from_authorizer(&claims.map(|(name, value)| (name.to_owned(), value.to_owned())).into(), None)
    };
    let opened = async |claims: &Claims| {
        let api = api_of(&state, Some(claims.clone()));
        let mut opened = Vec::new();
        for workspace in ["Acme%20Corp", "Acme,Corp", "Acme", "Corp"] {
            let answer = call(&api, &format!("GET /v1/workspaces/{workspace}/callbacks")).await;
            match &answer[..3] {
                "200" => opened.push(workspace),
                _ => assert!(answer.starts_with("403"), "{answer}"),
            }
        }
        opened
    };
    for (name, written) in [("Acme Corp", "Acme%20Corp"), ("Acme,Corp", "Acme,Corp")] {
        // As a text, and as a gateway passes on a list, it is two workspaces.
        assert_eq!(opened(&token(json!(name))).await, ["Acme", "Corp"], "{name}");
        assert_eq!(opened(&gateway(name)).await, ["Acme", "Corp"], "{name}");
        assert_eq!(opened(&gateway(&format!("[{name}]"))).await, ["Acme", "Corp"], "{name}");
        // In a list of the token itself, and in a JSON array as text from any source, it is taken literally.
        assert_eq!(opened(&token(json!([name]))).await, [written]);
        assert_eq!(opened(&token(json!(json!([name]).to_string()))).await, [written]);
        assert_eq!(opened(&gateway(&json!([name]).to_string())).await, [written]);
    }
}

#[tokio::test]
async fn what_one_workspace_was_given_opens_nothing_in_another() {
    let (state, _sent) = state(&support::engine().await);
    let delivery = furnish(&state, "acme").await;
    let globex = of(&state, "globex");
    let (endpoint, there) = (id(URL), "/v1/workspaces/globex");
    for missing in [
        format!("GET {there}/deliveries/{delivery}"),
        format!("POST {there}/deliveries/{delivery}/replay"),
        format!("GET {there}/endpoints/{endpoint}"),
        format!("POST {there}/endpoints/{endpoint}/resume"),
    ] {
        let answer = call(&globex, &missing).await;
        assert!(answer.starts_with("404") && !answer.contains(URL), "{missing}: {answer}");
    }
    for query in ["", "?status=failed", &format!("?endpointID={endpoint}"), "?instanceID=i"] {
        let page = call(&globex, &format!("GET {there}/deliveries{query}")).await;
        assert!(page.contains(r#""deliveries": []"#), "{query}: {page}");
    }
    let dry_run = r#"{"status": "failed", "dryRun": true}"#;
    let counted = crate::post(&globex, &format!("{there}/deliveries/replay"), dry_run).await;
    assert!(counted.contains(r#""matched": 0"#), "{counted}");
}

#[tokio::test]
async fn a_cursor_is_good_in_the_workspace_that_gave_it_only() {
    let (state, _sent) = state(&support::engine().await);
    for workspace in ["acme", "globex"] {
        for n in 0..3 {
            let mut event = event(n * 10, EventType::Created, "i");
            event.workspace = workspace.to_owned().try_into().unwrap();
            keep(&state, &event, URL, StorageState::Completed, Status::Failed).await;
        }
    }
    let path = |workspace: &str| format!("/v1/workspaces/{workspace}/deliveries?limit=1");
    let page = crate::json(&of(&state, "acme"), &path("acme")).await;
    let cursor = page["next"].as_str().unwrap();
    let next = call(&of(&state, "acme"), &format!("GET {}&cursor={cursor}", path("acme"))).await;
    assert!(next.starts_with("200") && next.contains(r#""eventID": "event-10""#), "{next}");
    insta::assert_snapshot!(call(&of(&state, "globex"), &format!("GET {}&cursor={cursor}", path("globex"))).await, @r#"
    400 Bad Request
    content-type: application/problem+json
    {
      "detail": "the parameter cursor: this is not the `next` of a page of this workspace; leave it out to begin with the newest delivery",
      "field": "cursor",
      "status": 400,
      "title": "Invalid parameter",
      "type": "urn:instance-webhooks:problem:invalid-parameter"
    }
    "#);
    // Nor is a forged or modified one.
    let forged = [
        cursor.rsplit_once('.').unwrap().0.to_owned(),
        format!("{cursor}0"),
        cursor.replacen('1', "2", 1),
        cursor.to_uppercase(),
        format!("{}.00000000", cursor.rsplit_once('.').unwrap().0),
    ];
    for forged in forged {
        let answer = call(&of(&state, "acme"), &format!("GET {}&cursor={forged}", path("acme"))).await;
        assert!(answer.starts_with("400"), "{forged}: {answer}");
    }
}

#[tokio::test]
async fn so_is_a_cursor_of_the_audit() {
    let (state, _sent) = state(&support::engine().await);
    for workspace in ["acme", "globex"] {
        for urls in [json!([URL]), json!([]), json!([URL])] {
            let path = format!("/v1/workspaces/{workspace}/callbacks/created");
            let body = json!({"enabled": true, "urls": urls}).to_string();
            assert!(crate::put(&of(&state, workspace), &path, body).await.starts_with("200"));
        }
    }
    let path = |workspace: &str| format!("/v1/workspaces/{workspace}/audit?limit=1");
    let page = crate::json(&of(&state, "acme"), &path("acme")).await;
    let cursor = page["next"].as_str().unwrap();
    let next = call(&of(&state, "acme"), &format!("GET {}&cursor={cursor}", path("acme"))).await;
    assert!(next.starts_with("200"), "{next}");
    let elsewhere = call(&of(&state, "globex"), &format!("GET {}&cursor={cursor}", path("globex"))).await;
    assert!(elsewhere.starts_with("400") && elsewhere.contains("page of this workspace"), "{elsewhere}");
}
