//! The program: its parts, in the order in which they start and stop.

use crate::{
    Arguments, console,
    data::DataFolder,
    descriptors::{self, Connections},
    engine::{self, Embedded},
    follow::Follower,
    function::FanoutFunction,
    lifecycle::{Parts, stop_on_signals},
    listen,
    serve::{Places, serve},
    sign_in::SignIn,
    tables,
    template::{FunctionDefinition, MappingDefinition, Template},
    try_it,
    wake_ups::Timer,
};
use anyhow::Context as _;
use aws_config::SdkConfig;
use axum::Router;
use console_assets::Origins;
use event_source_mapping::Checkpoints;
use rustix::{fs::Mode, process::umask};
use std::{io::Write as _, sync::Arc, time::Duration};
use tokio::{
    sync::{mpsc, watch},
    time::timeout,
};
use tokio_util::sync::CancellationToken;
use url::Url;
use webhooks_api::ApiState;
use webhooks_engine::{
    endpoint_events::EndpointEvents,
    fanout::Fanout,
    retry::Retry,
    sender::{Sender, SenderSettings},
    wake_up::WakeUps,
};
use webhooks_model::{address::Networks, event::EventSettings};
use webhooks_runtime::env::FromEnv as _;

/// Longest time for the requests of the engine's clients that are in progress when it stops.
const ENGINE_PATIENCE: Duration = Duration::from_secs(5);

/// Runs until Ctrl-C or SIGTERM.
///
/// The API and the mapping stop first and finish their work in progress; the engine, which they need for that, stops
/// last.
///
/// # Errors
/// If the program cannot start, or a part of it fails. The message is one line with the cause, the place and the next
/// step.
pub async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let stop = stop_on_signals()?;
    let stop_engine = CancellationToken::new();
    let mut engine = Parts::default();
    let mut service = Parts::default();

    // Only the owner may read or write the files that the program creates: tables and failed batches hold secrets and
    // tokens in plain text.
    umask(Mode::RWXG | Mode::RWXO);
    // Dropped last, after the last write to it.
    let folder = match arguments.in_memory {
        true => DataFolder::temporary()?,
        false => DataFolder::open(&arguments.data_dir)?,
    };
    let started = start(&arguments, &folder, &mut engine, &mut service, &stop, &stop_engine);
    let result = match stop.run_until_cancelled(Box::pin(started)).await {
        None => Ok(()),
        Some(Err(error)) => Err(error),
        Some(Ok(ready)) => {
            say(&ready)?;
            tokio::select! {
                biased; // told to stop, a part may end at the very same moment
                () = stop.cancelled() => Ok(()),
                error = service.failure() => Err(error),
                error = engine.failure() => Err(error),
            }
        }
    };
    stop.cancel();
    let result = result.and(service.finish().await);
    stop_engine.cancel();
    match timeout(ENGINE_PATIENCE, engine.finish()).await {
        Ok(stopped) => result.and(stopped),
        Err(_) => {
            tracing::warn!("clients of the embedded DynamoDB were cut off");
            result
        }
    }
}

/// Starts all parts; returns the line that reports them as ready.
async fn start(
    arguments: &Arguments,
    folder: &DataFolder,
    engine: &mut Parts,
    service: &mut Parts,
    stop: &CancellationToken,
    stop_engine: &CancellationToken,
) -> anyhow::Result<String> {
    let connections = Connections::of(descriptors::raise());
    let connect = Origins::default();
    let sign_in = SignIn::of(arguments, &connect)?;
    let listener = listen::on(arguments.bind, arguments.port, "the API", "--port").await?;
    let address = listener.local_addr()?;
    let checkpoints = Arc::new(checkpoints(folder)?);
    let template = Template::deployed()?;

    let (endpoint, config, writes) = match &arguments.dynamodb_endpoint {
        Some(endpoint) => (endpoint.clone(), engine::external(endpoint).await?, None),
        None => {
            let places = Places::new(connections.engine);
            start_engine(arguments.dynamodb_port, folder, places, &checkpoints, engine, stop_engine).await?
        }
    };
    let endpoint = endpoint.as_str().trim_end_matches('/');
    let client = webhooks_runtime::aws::dynamodb(&config);
    tables::prepare(&client, endpoint, &template).await?;

    let (sender, receiver) = mpsc::unbounded_channel();
    let wake_ups = WakeUps::Timer(sender);
    let http = Arc::new(Sender::new(sender_settings(arguments)?)?);
    // Each function on AWS has its own sender, too: a drain of a slow endpoint leaves room for the stream's attempts.
    let drains = Arc::new(Sender::new(sender_settings(arguments)?)?);
    let retry = Retry::from_env(&client, wake_ups.clone(), drains, EndpointEvents::Log)?;
    let timer = Timer { retry: Arc::new(retry), wake_ups: receiver };
    service.start("the timer of wake-ups", timer.run(stop.clone()));

    let table = tables::instances();
    let definition: FunctionDefinition = template.resource("FanoutFunction")?;
    let function =
        FanoutFunction::new(Fanout::from_env(&client, wake_ups.clone(), Arc::clone(&http))?, definition.timeout());
    let follower = Follower {
        table: table.clone(),
        client: client.clone(),
        config,
        writes,
        function: function.clone(),
        settings: template.resource::<MappingDefinition>("InstanceStreamMapping")?.into(),
        checkpoints,
        failures: folder.file("failed-batches.jsonl"),
    };
    let stream = follower.stream().await?;
    let follow = follower.run(stream, stop.clone());
    service.start("the reader of the stream", async move {
        let followed = follow.await;
        function.finished().await;
        followed
    });

    let api = webhooks_api::router(ApiState::from_env(&client, wake_ups, http)?);
    let ready =
        format!("Instance Webhooks is ready: console and API http://{address}, DynamoDB {endpoint} (table {table})");
    let settings = console::settings(arguments, connect);
    let try_it = match settings.try_it {
        true => {
            let instances = try_it::Instances { client, table, names: EventSettings::from_env()? };
            try_it::router(instances, connections.api / 2, stop.clone())
        }
        false => Router::new(),
    };
    let console = console_assets::router(settings).merge(try_it);
    console::warn_if_not_built();
    sign_in.prepare();
    let serving = serve(listener, sign_in.before(api, console), Places::new(connections.api), stop.clone());
    service.start("the API", async move {
        serving.await;
        Ok(())
    });
    Ok(ready)
}

async fn start_engine(
    port: u16,
    folder: &DataFolder,
    places: Arc<Places>,
    checkpoints: &Arc<Checkpoints>,
    parts: &mut Parts,
    stop: &CancellationToken,
) -> anyhow::Result<(Url, SdkConfig, Option<watch::Receiver<()>>)> {
    let engine = Embedded::open(folder, port).await?;
    let (url, writes) = (engine.url().clone(), engine.writes());
    let checkpoints = Arc::clone(checkpoints);
    let housekeeping = engine.housekeeping(Box::new(move || checkpoints.consumed()));
    parts.start("the upkeep of the embedded DynamoDB", housekeeping.run(stop.clone()));
    let config = engine::loopback(engine.own_url()).await;
    parts.start("the embedded DynamoDB", engine.serve(places, stop.clone()));
    Ok((url, config, Some(writes)))
}

/// Returns the sender's settings. Receivers on this machine are allowed, because first tests use them. Other addresses
/// of its network need `--allow-network`.
fn sender_settings(arguments: &Arguments) -> anyhow::Result<SenderSettings> {
    let mut settings = SenderSettings::from_env()?;
    let Networks(loopback) = "127.0.0.0/8,::1/128".parse()?;
    settings.policy.allow(loopback);
    settings.policy.allow(arguments.allow_network.iter().copied());
    settings.policy.https_only |= arguments.https_only;
    Ok(settings)
}

fn checkpoints(folder: &DataFolder) -> anyhow::Result<Checkpoints> {
    match folder.is_kept() {
        true => Ok(Checkpoints::open(&folder.file("checkpoints.json"))?),
        false => Ok(Checkpoints::in_memory()),
    }
}

/// Prints the one line on stdout, for the program that started this one and waits for it.
fn say(ready: &str) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{ready}").and_then(|()| stdout.flush()).context("cannot say on stdout that the program is ready")
}
