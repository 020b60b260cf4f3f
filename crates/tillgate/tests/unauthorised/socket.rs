//! The operator's API: on a socket that nobody else may open, and nowhere else.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::{FileTypeExt, PermissionsExt},
    path::Path,
};

use reqwest::Method;

use crate::{
    house::{Answer, House},
    routes::Route,
    things::Things,
};

/// How /proc/net tells a socket that listens: a state of TCP, a flag of Unix sockets (`__SO_ACCEPTCON`).
const LISTENS: &str = "0A";
const ACCEPTS: &str = "00010000";

#[tokio::test]
async fn what_an_operator_does_is_done_at_the_socket_and_nowhere_else() {
    let house = House::open().await;
    let things = Things::make(&house).await;
    let before = house.state().await;
    let nothing = Answer::to(house.over_tcp(Method::GET, "/nothing/is/here", None)).await;
    assert_eq!(nothing.status, 404);
    let routes = Route::of_the_operator();
    for route in &routes {
        let (path, body) = things.order(&house, route);
        for key in [None, Some(house.ours.key("alpha"))] {
            let request = house.over_tcp(route.method.clone(), &path, body.as_ref());
            let request = key.into_iter().fold(request, |request, key| request.bearer_auth(&key.text));
            let answer = Answer::to(request).await;
            let told = (answer.status, &answer.text);
            assert_eq!(told, (nothing.status, &nothing.text), "{} {path} over TCP", route.method);
        }
    }
    assert_eq!(house.state().await, before);
    // They were the right requests: at the socket each of them is done.
    for route in &routes {
        let (path, body) = things.order(&house, route);
        house.operator(route.method.clone(), &path, body.as_ref()).await;
    }
    assert_ne!(house.state().await, before);
}

#[tokio::test]
async fn the_socket_is_its_owner_s_alone_and_there_is_no_other() {
    let house = House::open().await;
    let folder = fs::canonicalize(house.launch.data_dir()).expect("the data directory");
    let socket = folder.join("operator.sock");
    let found = fs::symlink_metadata(&socket).expect("a socket");
    assert!(found.file_type().is_socket());
    assert_eq!(found.permissions().mode() & 0o777, 0o600);
    // The kernel asks both: who may write to the socket, and who may come into its folder.
    assert_eq!(fs::metadata(&folder).expect("a folder").permissions().mode() & 0o777, 0o700);

    let process = Path::new("/proc").join(house.process.id().as_raw_nonzero().to_string());
    let own = sockets_of(&process);
    let url: reqwest::Url = house.process.url.parse().expect("a URL");
    let port = format!("0100007F:{:04X}", url.port().expect("a port"));
    assert_eq!(listening(&process, "net/tcp", &own), [port]);
    assert_eq!(listening(&process, "net/tcp6", &own), [""; 0]);
    assert_eq!(accepting(&process, &own), [socket.display().to_string()]);
}

/// The numbers of a process's sockets.
fn sockets_of(process: &Path) -> BTreeSet<String> {
    let open = fs::read_dir(process.join("fd")).expect("its files").flatten();
    let links = open.filter_map(|file| fs::read_link(file.path()).ok());
    links
        .filter_map(|link| Some(link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned()))
        .collect()
}

/// The local addresses on which one of these sockets listens.
fn listening(process: &Path, table: &str, own: &BTreeSet<String>) -> Vec<String> {
    let table = fs::read_to_string(process.join(table)).expect("a table of sockets");
    let rows = table.lines().skip(1).map(|row| row.split_whitespace().collect::<Vec<_>>());
    rows.filter(|row| row[3] == LISTENS && own.contains(row[9])).map(|row| row[1].to_owned()).collect()
}

/// The paths at which one of these sockets accepts connections.
fn accepting(process: &Path, own: &BTreeSet<String>) -> Vec<String> {
    let table = fs::read_to_string(process.join("net/unix")).expect("a table of sockets");
    let rows = table.lines().skip(1).map(|row| row.split_whitespace().collect::<Vec<_>>());
    rows.filter(|row| row[3] == ACCEPTS && own.contains(row[6]))
        .map(|row| row.get(7).copied().unwrap_or_default().to_owned())
        .collect()
}
