//! `tillgate serve`

use std::{
    fs::{self, Permissions},
    io::IsTerminal,
    net::SocketAddr,
    os::unix::fs::PermissionsExt,
    path::Path,
};

use clap::Args;
use domain::merchant::Environment;
use tokio::net::{TcpListener, UnixListener};

use super::Run;
use crate::{
    banner::{Banner, quoted},
    config::{Config, Flags, Loaded, Origins, Place, Word},
    context::Context,
    data_dir::{self, Locks},
    demo::{self, Whereabouts},
    failure::{CommandError, Done},
    gateway::Gateway,
    http::raise_file_limit,
    logs,
    output::{print, print_json},
    running::Running,
    served,
    signals::StopSignals,
    socket,
};

/// Run the gateway.
#[derive(Debug, Default, PartialEq, Eq, Args)]
pub(crate) struct Serve {
    /// The address that it listens on
    #[arg(long, value_name = "ADDR", value_parser = word::<SocketAddr>)]
    listen: Option<SocketAddr>,
    /// The database: sqlite, sqlite:PATH, or postgres://…
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// test, staging or production
    #[arg(long, value_name = "E", value_parser = word::<Environment>)]
    environment: Option<Environment>,
}

fn word<T: Word>(text: &str) -> Result<T, String> {
    T::read(text).map_err(|form| format!("it has to be {form}"))
}

/// The mode of the operator's socket.
const SOCKET_MODE: u32 = 0o600;

impl Run for Serve {
    fn run(self, context: &Context) -> Done {
        let flags = Flags {
            listen: self.listen,
            database: self.database,
            environment: self.environment,
            ..Flags::default()
        };
        let Loaded { config, origins } = context.load(flags)?;
        logs::start(&config.log, context.variable("NO_COLOR"));
        raise_file_limit();
        let locks = data_dir::prepare(&config)?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        let runtime =
            runtime.map_err(|error| CommandError::new(format!("the gateway cannot run: {error}")))?;
        let options = options(context, &config, &origins);
        let done = runtime.block_on(serve(&config, context, options, &locks));
        // What is still at work here is cut off: the time for it was over.
        runtime.shutdown_background();
        drop(locks);
        done
    }
}

/// The options with which another command finds this gateway, also in a shell without the variable that says where its
/// data is.
fn options(context: &Context, config: &Config, origins: &Origins) -> String {
    match origins.of("data_dir") {
        Place::Variable(_) => {
            context.options() + &format!(" --data {}", quoted(&config.data_dir.to_string_lossy()))
        }
        _ => context.options(),
    }
}

async fn serve(config: &Config, context: &Context, options: String, locks: &Locks) -> Done {
    let mut signals =
        StopSignals::listen().map_err(|error| CommandError::new(format!("no signals: {error}")))?;
    let listener = listen(*config.listen).await?;
    let bound = listener.local_addr().map_err(|error| CommandError::new(format!("no address: {error}")))?;
    let socket = socket::path(&config.data_dir).map_err(|error| no_socket(&error))?;
    let door = operator_door(&socket)?;
    let gateway = Gateway::open(config, bound).await?;
    locks.mark()?;
    let public_url = gateway.public_url.as_str().to_owned();
    // The demo shop is there before the first request can be: whoever sees that the gateway is ready finds its keys.
    let banner = if *config.environment == Environment::Test {
        let at = Whereabouts { data_dir: &config.data_dir, base_url: &public_url, socket: &socket };
        let demo = demo::demo(&gateway.engine, &at, &served::enabled(config)).await?;
        Some(Banner::new(&at, demo, gateway.app.clone(), options).await?)
    } else {
        None
    };
    let running = Running::start(gateway, listener, door);
    tracing::info!(address = %bound, url = public_url, environment = config.environment.code(), "listening");
    let printed = match banner {
        Some(banner) if context.wants_json() => print_json(&banner.facts()),
        Some(banner) => print(&banner.text(std::io::stdout().is_terminal())),
        None => Ok(()),
    };
    if let Err(error) = printed {
        // Nobody reads along: no reason to stop.
        tracing::warn!(%error, "what there is to try could not be printed");
    }
    running.until_stopped(&mut signals).await;
    // Nobody is there any more who could answer on it.
    let _ = fs::remove_file(&socket);
    tracing::info!("stopped");
    Ok(())
}

async fn listen(address: SocketAddr) -> Result<TcpListener, CommandError> {
    TcpListener::bind(address).await.map_err(|error| {
        CommandError::new(format!("cannot listen on {address}: {error}"))
            .cure("Stop whatever listens there, or name another address with --listen.")
    })
}

fn operator_door(path: &Path) -> Result<UnixListener, CommandError> {
    socket::prepare(path).map_err(|error| no_socket(&error))?;
    // The mask of new files closes it to others from the first moment on.
    let door = UnixListener::bind(path).map_err(|error| no_socket(&error))?;
    fs::set_permissions(path, Permissions::from_mode(SOCKET_MODE)).map_err(|error| no_socket(&error))?;
    Ok(door)
}

fn no_socket(error: &std::io::Error) -> CommandError {
    CommandError::new(format!("the operator's socket cannot be made: {error}"))
        .cure("Name another data directory with --data.")
}
