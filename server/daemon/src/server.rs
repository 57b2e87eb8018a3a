//! A running server, from open doors to the last answered connection.

use crate::config::{HttpSection, PushSection, ServerSection};
use crate::doors::Doors;
use crate::http::FrontEnds;
use crate::served::served;
use activesync_server::ActiveSync;
use actix_web::dev::ServerHandle;
use anyhow::{Context as _, Result};
use autodiscover_server::Autodiscover;
use dav_server::{Dav, Push};
use session::{Certificates, Context, Limits};
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use storage::{Options, Store, Swept};
use tokio::signal::unix::{Signal, SignalKind, signal};
use vocabulary::AccountId;

/// How often what has outlived its time is swept away; accounts that delete much are swept sooner.
const SWEEP_INTERVAL: Duration = Duration::from_secs(3_600);
/// How often the outbox is looked at for scheduling messages that nobody delivers.
const DELIVERY_INTERVAL: Duration = Duration::from_secs(60);
/// How long connections have to end after a signal.
const DRAIN_MAX: Duration = Duration::from_secs(10);

/// Opens the store; its directory is for the server's user only.
pub(crate) async fn open_store(options: Options) -> Result<Store> {
    let directory = options.directory.clone();
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&directory)
        .with_context(|| format!("store.directory: {} cannot be made", directory.display()))?;
    let opened = Box::pin(Store::open(options)).await;
    opened.with_context(|| format!("the store in {} cannot be opened", directory.display()))
}

/// A server whose doors are open.
pub(crate) struct Running {
    context: Context,
    web: ServerHandle,
}

/// Opens all doors on a store.
pub(crate) async fn start(
    store: Store,
    server: &ServerSection,
    http: &HttpSection,
    push: &PushSection,
    limits: Limits,
    doors: Doors,
    certificates: Option<&Arc<Certificates>>,
) -> Result<Running> {
    let tls = certificates.map(Certificates::server_config).transpose().context("tls")?;
    let mut context = Context::new(store, &server.hostname, limits).await?;
    context.postmaster = server.postmaster()?;
    context.trusted_proxies = http.trusted_proxies.as_slice().into();
    let served = served(server, http, &doors)?;
    context.public_host =
        served.base_url.strip_prefix("https://").and_then(|rest| rest.split('/').next()).map(Into::into);
    let web = doors.open(&context, tls.as_ref())?;
    let mut dav = Dav::new(context.clone());
    if let Some(settings) = push.settings(server)? {
        dav = dav.pushing(Push::start(&context, settings).await?);
    }
    let authorities = http.authorities()?;
    let active_sync = http.activesync.then(|| ActiveSync::new(context.clone()).trusting(authorities));
    let autodiscover = Autodiscover::new(context.clone(), served);
    let front_ends = FrontEnds { active_sync, autodiscover, dav };
    let web = crate::http::start(&context, front_ends, web, tls.as_deref())?;
    sweep_now_and_then(&context);
    deliver_now_and_then(&context);
    Ok(Running { context, web })
}

/// What a crash, or a client that went away, left of meetings in the outbox.
fn deliver_now_and_then(context: &Context) {
    let (store, tasks) = (context.store.clone(), context.tasks.clone());
    context.tasks.spawn(async move {
        let mut now_and_then = tokio::time::interval(DELIVERY_INTERVAL);
        loop {
            tokio::select! {
                () = tasks.requested() => return,
                _ = now_and_then.tick() => {}
            }
            if let Err(error) = workflow::meeting::deliver_left(&store).await {
                tracing::error!(%error, "scheduling messages are late");
            }
        }
    });
}

fn sweep_now_and_then(context: &Context) {
    let (store, tasks) = (context.store.clone(), context.tasks.clone());
    context.tasks.spawn(async move {
        // Goes on while accounts are swept: they must not put off the sweep of the house.
        let mut whole_house = tokio::time::interval(SWEEP_INTERVAL);
        // The first one comes at once.
        whole_house.tick().await;
        loop {
            // What a crash left in the outbox.
            if let Err(error) = workflow::send_reports(&store).await {
                tracing::error!(%error, "undeliverable reports are late");
            }
            let accounts = tokio::select! {
                () = tasks.requested() => return,
                _ = whole_house.tick() => None,
                accounts = store.accounts_to_sweep() => Some(accounts),
            };
            let swept = tokio::select! {
                () = tasks.requested() => return,
                swept = sweep(&store, accounts.as_deref()) => swept,
            };
            match swept {
                Ok(swept) => tracing::info!(
                    contents = swept.contents,
                    tombstones = swept.tombstones,
                    rows = swept.rows,
                    blobs = swept.blobs,
                    "swept"
                ),
                Err(error) => tracing::error!(%error, "the sweep failed; the next one will try again"),
            }
        }
    });
}

/// Some accounts, or the whole house.
async fn sweep(store: &Store, accounts: Option<&[AccountId]>) -> storage::Result<Swept> {
    match accounts {
        Some(accounts) => store.sweep_accounts(accounts).await,
        None => store.sweep().await,
    }
}

impl Running {
    /// Serves until SIGTERM or SIGINT; SIGHUP calls `reload`. Then no new connection is taken, open
    /// waits are answered, and what is under way has ten seconds.
    pub(crate) async fn until_ended(self, reload: impl Fn() -> Result<()>) -> Result<ExitCode> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut hang_up = signal(SignalKind::hangup())?;
        loop {
            tokio::select! {
                _ = terminate.recv() => break,
                _ = interrupt.recv() => break,
                _ = hang_up.recv() => match reload() {
                    Ok(()) => tracing::info!("the certificate was read again"),
                    Err(error) => tracing::error!("the certificate stays as it was: {error:#}"),
                },
            }
        }
        tracing::info!("ending");
        tokio::select! {
            () = self.end() => Ok(ExitCode::SUCCESS),
            () = either(&mut terminate, &mut interrupt) => {
                tracing::warn!("ended at once by a second signal");
                Ok(ExitCode::FAILURE)
            }
        }
    }

    async fn end(self) {
        let Self { context, web } = self;
        let Context { store, tasks, .. } = context;
        tasks.begin_shutdown();
        web.stop(true).await;
        if !tasks.drained(DRAIN_MAX).await {
            tracing::warn!(after_s = DRAIN_MAX.as_secs(), "connections were cut");
        }
        store.close();
        tracing::info!("ended");
    }
}

async fn either(one: &mut Signal, other: &mut Signal) {
    tokio::select! {
        _ = one.recv() => {}
        _ = other.recv() => {}
    }
}
