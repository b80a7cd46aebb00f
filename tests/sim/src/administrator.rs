//! An administrator, at the real API.

use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use history::record::Callbacks;
use http::{Method, Request};
use serde_json::{Value, json};
use tower::ServiceExt;
use webhooks_model::access::Claims;

use crate::environment::{Environment, Lambda};
use crate::history::{Acted, Kind, Known, workspace_name};
use crate::scenario::{ATTRIBUTES, Act, Action};
use crate::tables::Edit;

/// An administrator.
pub(crate) struct Administrator {
    lambda: Rc<Lambda>,
    environment: Environment<()>,
    api: Router,
    /// Which endpoints they want to be configured.
    wanted: Vec<bool>,
}

impl Administrator {
    pub(crate) fn new(lambda: &Rc<Lambda>) -> Self {
        let (environment, state) = lambda.api();
        let wanted = vec![true; lambda.run.endpoints.len()];
        Self { lambda: Rc::clone(lambda), environment, api: webhooks_api::router(state), wanted }
    }

    /// Configures everything that is wanted, in every workspace.
    pub(crate) async fn configure_all(&mut self, all: bool) {
        if all {
            self.wanted.fill(true);
        }
        let mut workspaces: Vec<u8> = self.lambda.run.endpoints.iter().map(|it| it.workspace).collect();
        workspaces.sort_unstable();
        workspaces.dedup();
        for workspace in workspaces {
            self.edit_key(workspace, Edit::Repair);
            self.configure(workspace, None).await;
        }
    }

    /// Sets the URLs of a workspace; of the pair the second one replaces the first.
    async fn configure(&self, workspace: u8, replaced: Option<(usize, usize)>) -> u16 {
        let run = &self.lambda.run;
        let here: Vec<usize> =
            (0..run.endpoints.len()).filter(|it| run.endpoints[*it].workspace == workspace).collect();
        let is = |wanted: bool| if wanted { Known::Yes } else { Known::No };
        let now = |endpoint: usize| {
            let history = run.history();
            let of = history.configured.iter().rev().find(|(_, it, _)| *it == endpoint);
            of.map_or(Known::No, |it| it.2)
        };
        let changed: Vec<usize> = here.iter().copied().filter(|it| now(*it) != is(self.wanted[*it])).collect();
        changed.iter().for_each(|it| run.configured(*it, Known::Perhaps));
        let urls: Vec<_> =
            here.iter().filter(|it| self.wanted[**it]).map(|it| run.endpoints[*it].endpoint.url.as_str()).collect();
        let callback = json!({"enabled": true, "urls": urls});
        let url = |it: usize| run.endpoints[it].endpoint.url.as_str();
        let replaces: HashMap<_, _> = replaced.into_iter().map(|(from, to)| (url(to), url(from))).collect();
        let body = json!({"created": callback, "updated": callback, "deleted": callback, "replaces": replaces});
        let path = format!("/v1/workspaces/{}/callbacks", workspace_name(workspace));
        let began = run.now();
        let status = self.call(Method::PUT, &path, Some(body)).await;
        let all: Vec<String> = urls.iter().map(ToString::to_string).collect();
        let text = |(new, old): (&str, &str)| (new.to_owned(), old.to_owned());
        run.history().callbacks.push(Callbacks {
            workspace: workspace_name(workspace),
            began: Some(began),
            at: run.now(),
            created: all.clone(),
            updated: all.clone(),
            deleted: all,
            replaces: replaces.into_iter().map(text).collect(),
            acknowledged: status == 200,
        });
        if status == 200 {
            changed.iter().for_each(|it| run.configured(*it, is(self.wanted[*it])));
        }
        status
    }

    /// Does something; returns the status of the API's answer.
    pub(crate) async fn act(&mut self, act: Act) -> u16 {
        let run = self.lambda.run.clone();
        let endpoint = usize::from(act.endpoint);
        let Some(configured) = run.endpoints.get(endpoint) else { return 0 };
        let began = run.ms();
        let number = {
            let acts = &mut run.history().acts;
            acts.push(Acted { act, began, ended: None, status: 0 });
            acts.len() - 1
        };
        let (workspace, id) = (workspace_name(configured.workspace), &configured.endpoint.id);
        let of = format!("/v1/workspaces/{workspace}/endpoints/{id}");
        let replay = format!("/v1/workspaces/{workspace}/deliveries/replay");
        let status = match act.action {
            Action::Pause => self.call(Method::PATCH, &of, Some(json!({"paused": true}))).await,
            Action::PauseFor { ms } => {
                let until = (run.now() + Duration::from_millis(ms)).to_string();
                self.call(Method::PATCH, &of, Some(json!({"paused": true, "pausedUntil": until}))).await
            }
            Action::Unpause => self.call(Method::PATCH, &of, Some(json!({"paused": false}))).await,
            Action::Rate { per_second } => {
                let rate = if per_second == 0 { Value::Null } else { json!(per_second) };
                self.call(Method::PATCH, &of, Some(json!({"maxPerSecond": rate}))).await
            }
            Action::Latest => self.call(Method::PATCH, &of, Some(json!({"onBacklog": "latest"}))).await,
            Action::Every => self.call(Method::PATCH, &of, Some(json!({"onBacklog": "every"}))).await,
            Action::Resume => self.call(Method::POST, &format!("{of}/resume"), None).await,
            Action::Remove | Action::Add => {
                self.wanted[endpoint] = act.action == Action::Add;
                self.configure(configured.workspace, None).await
            }
            Action::Replace { by } => {
                let by = usize::from(by);
                if !self.wanted[endpoint] || self.wanted.get(by).is_none_or(|wanted| *wanted) {
                    return 0;
                }
                (self.wanted[endpoint], self.wanted[by]) = (false, true);
                run.history().replaced.push((endpoint, by));
                self.configure(configured.workspace, Some((endpoint, by))).await
            }
            Action::ReplayFailed | Action::ReplayDelivered => {
                let status = if act.action == Action::ReplayFailed { "failed" } else { "delivered" };
                self.call(Method::POST, &replay, Some(json!({"endpointID": id.as_str(), "status": status}))).await
            }
            Action::Damage { attribute } => {
                let (name, is_number) = ATTRIBUTES[usize::from(attribute)];
                let status = self.lambda.tables.damage(&workspace, id, name, is_number);
                run.trace("hand", format_args!("damages {name} of r{endpoint}: {status}"));
                status
            }
            Action::DamageKey => self.edit_key(configured.workspace, Edit::Damage),
            Action::RepairKey => self.edit_key(configured.workspace, Edit::Repair),
        };
        let ended = run.ms();
        let acted = &mut run.history().acts[number];
        (acted.ended, acted.status) = (Some(ended), status);
        status
    }

    fn edit_key(&self, workspace: u8, edit: Edit) -> u16 {
        let workspace = workspace_name(workspace);
        let status = self.lambda.tables.edit_key(&workspace, edit);
        self.lambda.run.trace("hand", format_args!("{edit:?} of the key of {workspace}: {status}"));
        status
    }

    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> u16 {
        let run = &self.lambda.run;
        let invocation = self.environment.begin(run, Kind::Api);
        let what = format!("{method} {path}");
        let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
        let request = request.extension(Claims::local_administrator());
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let request = request.body(body).expect("a valid request");
        let status = match self.api.clone().oneshot(request).await {
            Ok(answer) => answer.status().as_u16(),
            Err(never) => match never {},
        };
        let ms = run.ms();
        run.history().invocations[invocation].ended = Some(ms);
        run.trace(&self.environment.name, format_args!("{what}: {status}"));
        status
    }
}
